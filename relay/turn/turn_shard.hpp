// What the allocations of one shard share.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>

#include "component/base/log.hpp"
#include "component/base/timer_wheel.hpp"
#include "component/runtime/poller.hpp"
#include "component/runtime/shard.hpp"
#include "relay/net/ingress.hpp"
#include "relay/turn/client_path.hpp"
#include "relay/turn/counters.hpp"
#include "relay/turn/relay_places.hpp"

namespace bellhop::turn {

class TcpShard;

/// References outlive it. Datagrams read into `reads` and answers written into `writes` are sent by
/// flush(), at the end of each round of the poller and of whatever else has made some.
struct TurnShard {
  static constexpr std::size_t kReadBytes = 4 * 1024 * 1024;
  static constexpr std::size_t kWriteBytes = 1024 * 1024;
  /// What keep() takes.
  static constexpr std::size_t kRouteBytes = sizeof(net::Route) + alignof(net::Route);
  /// Of the wheel: an hour, which allocations live at most by default.
  static constexpr std::size_t kWheelSlots = 3700;

  TurnShard(runtime::Shard& shard, base::Log& shared_log, TurnCounterBlock& block,
            const relay::PeerPolicy& policy, RelayPlaces& relay_places)
      : home(shard),
        log(shared_log),
        counters(block),
        peers(policy),
        places(relay_places),
        poller(shard.executor()),
        reads(kReadBytes),
        writes(kWriteBytes),
        ingress(reads),
        now(base::Clock::now()),
        wheel(kWheelSlots, now) {}

  void flush() {
    egress.flush();
    reads.reset();
    writes.reset();
  }
  /// Datagrams on `fd`, at most `count`; the memory of those before is given up if need be.
  [[nodiscard]] std::span<const net::Received> read(int fd, std::size_t count) {
    if (reads.room() < count * net::Arena::kWindow) flush();
    return ingress.read(fd, count);
  }
  /// What the kernel told of drops on the socket that was read last, which had told `known` before.
  void note_kernel_drops(std::uint32_t& known) {
    const std::uint32_t told = ingress.kernel_drops();
    if (told == 0 || told == known) return;
    counters.add(TurnCounter::dropped_by_kernel, told - known);
    known = told;
  }
  /// Memory for what is sent by the next flush.
  [[nodiscard]] std::span<std::uint8_t> room(std::size_t bytes) {
    if (writes.room() < bytes) {
      egress.flush();
      writes.reset();
    }
    return {writes.next(), bytes};
  }
  /// A copy of `route` that lives until the next flush.
  [[nodiscard]] const net::Route& keep(const net::Route& route) {
    static_assert(std::is_trivially_destructible_v<net::Route>);
    std::size_t space = kRouteBytes;
    void* place = room(space).data();
    writes.use(space);
    return *new (std::align(alignof(net::Route), sizeof(net::Route), place, space))
        net::Route(route);
  }
  [[nodiscard]] TurnSession* find(const base::IpEndpoint& relayed) const {
    const auto found = by_relayed.find(relayed_key(relayed));
    return found == by_relayed.end() ? nullptr : found->second;
  }
  [[nodiscard]] static std::uint32_t relayed_key(const base::IpEndpoint& relayed) {
    return (relayed.address.is_v4() ? 0U : 0x10000U) | relayed.port;
  }

  runtime::Shard& home;
  base::Log& log;
  TurnCounterBlock& counters;
  const relay::PeerPolicy& peers;
  RelayPlaces& places;
  runtime::Poller poller;
  net::Arena reads;
  net::Arena writes;
  net::Ingress ingress;
  net::Egress egress;
  net::SendCount answers;   ///< of what no allocation is charged for
  TcpShard* tcp = nullptr;  ///< of TCP allocations; set once, by its owner
  base::UlidSource ids;
  base::TimePoint now;  ///< of this round
  boost::unordered_flat_map<std::uint32_t, TurnSession*> by_relayed;
  base::TimerWheel<TurnSession> wheel;
  /// Called once when a session has been asked to end; it is destroyed later.
  std::function<void(TurnSession&)> on_ending;
};

}  // namespace bellhop::turn
