// Activations that wait for the second connection of their bytestream.
#pragma once

#include <memory>
#include <unordered_map>

#include "component/base/clock.hpp"
#include "component/runtime/event.hpp"
#include "component/runtime/types.hpp"
#include "proxy/bytestream/dst_addr.hpp"

namespace bellhop::bytestream {

/// An activation may overtake the second CONNECT on its way: it waits here for a moment rather than
/// fail. Control shard.
class PairingWaits {
 public:
  explicit PairingWaits(runtime::Executor executor) : executor_(executor) {}

  /// Returns when notify() is called for `dst_addr`, or after `wait`.
  [[nodiscard]] runtime::Task<> wait_for_pair(DstAddr dst_addr, base::Duration wait);
  /// The bytestream is paired now.
  void notify(const DstAddr& dst_addr);

  [[nodiscard]] std::size_t size() const { return waits_.size(); }

 private:
  runtime::Executor executor_;
  // The timers stand in the frames of their waiting coroutines, which take them out again.
  std::unordered_multimap<DstAddr, runtime::Timer*> waits_;
};

}  // namespace bellhop::bytestream
