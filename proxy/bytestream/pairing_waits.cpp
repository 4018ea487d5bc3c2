#include "proxy/bytestream/pairing_waits.hpp"

namespace bellhop::bytestream {

runtime::Task<> PairingWaits::wait_for_pair(DstAddr dst_addr, base::Duration wait) {
  runtime::Timer timer(executor_, wait);
  const auto row = waits_.emplace(dst_addr, &timer);
  // Also taken out when the coroutine is destroyed while it waits.
  const auto take_out = [this](auto* at) { waits_.erase(*at); };
  const std::unique_ptr<const decltype(row), decltype(take_out)> guard(&row, take_out);
  co_await timer.async_wait(runtime::kTuple);
}

void PairingWaits::notify(const DstAddr& dst_addr) {
  const auto [begin, end] = waits_.equal_range(dst_addr);
  for (auto row = begin; row != end; ++row) row->second->cancel();
}

}  // namespace bellhop::bytestream
