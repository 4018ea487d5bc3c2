// Bytestreams by the hash that names them: half-paired, paired, active.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "component/base/clock.hpp"
#include "component/base/error.hpp"
#include "component/base/ip_address.hpp"
#include "component/base/unique_fd.hpp"
#include "proxy/bytestream/dst_addr.hpp"
#include "proxy/pending_connections.hpp"

namespace bellhop::bytestream {

/// A client connection after its SOCKS5 reply, waiting. Nothing reads from it: early bytes wait in
/// the kernel (ROOM-02). It costs a descriptor and this value; no coroutine, no timer.
struct ParkedConnection {
  base::UniqueFd socket;
  base::IpEndpoint peer;
  proxy::PendingConnections::Ticket ticket;
};

/// What waits and what runs. No I/O, time comes from outside; control shard.
class BytestreamTable {
 public:
  enum class Parked : std::uint8_t { half_paired, paired };
  /// Tells whether a parked connection is known to be dead. Asked only when a third one comes.
  using IsGone = std::function<bool(const ParkedConnection&)>;

  /// In order of connecting; which of them is the requester nobody can tell.
  struct Pair {
    ParkedConnection first;
    ParkedConnection second;
  };
  struct Expired {
    DstAddr dst_addr;
    std::vector<ParkedConnection> connections;  ///< one or two; close them by dropping this
  };

  /// `activation_timeout` runs from the newest connection of a bytestream.
  explicit BytestreamTable(base::Duration activation_timeout) : timeout_(activation_timeout) {}
  /// Also for what waits already.
  void set_timeout(base::Duration activation_timeout) { timeout_ = activation_timeout; }

  /// Whether one more connection may have this hash (XEP-0065 §10.1: two at most); a dead one makes
  /// room. Errors: errors::hash_taken. A following park() with the same hash succeeds.
  [[nodiscard]] base::Result<void> admit(const DstAddr& dst_addr, const IsGone& is_gone);
  /// Takes a connection that admit() has let in.
  Parked park(const DstAddr& dst_addr, ParkedConnection connection, base::TimePoint now);

  /// Both connections, and the bytestream is active from now on. Errors: errors::no_connection,
  /// one_side_only, already_active; nothing changes then.
  [[nodiscard]] base::Result<Pair> activate(const DstAddr& dst_addr);
  /// An active bytestream has ended.
  void finish(const DstAddr& dst_addr);
  /// Gives up what waits under this hash; an active bytestream is left alone.
  [[nodiscard]] std::vector<ParkedConnection> drop(const DstAddr& dst_addr);
  /// All that was not activated in time.
  [[nodiscard]] std::vector<Expired> expire(base::TimePoint now);
  /// All that waits, whatever its age.
  [[nodiscard]] std::vector<Expired> drop_all();

  /// Bytestreams of any state.
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Expiry {
    base::TimePoint since;  // when its newest connection came
    DstAddr dst_addr;
  };
  struct Entry {
    std::optional<ParkedConnection> first;
    std::optional<ParkedConnection> second;  // only beside a first
    std::list<Expiry>::iterator expiry;      // its place in expiries_, unless it is active
    bool is_active = false;
  };
  using Entries = std::unordered_map<DstAddr, Entry>;

  // Takes a waiting bytestream out of both containers.
  [[nodiscard]] std::vector<ParkedConnection> take_out(Entries::iterator row);

  base::Duration timeout_;
  Entries entries_;
  std::list<Expiry> expiries_;  // of what waits; one time-out for all, so the oldest comes first
};

}  // namespace bellhop::bytestream
