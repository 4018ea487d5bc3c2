// Connections that are not activated yet: how many there are, from where, and for how long.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>

#include "component/base/clock.hpp"
#include "component/base/error.hpp"
#include "component/base/ip_address.hpp"

namespace bellhop::proxy {

/// Caps pending connections per subscriber address and all connections in total, and ends overdue
/// handshakes. Pure (time comes from outside); control shard.
///
/// Where an address has reached its cap, its oldest unfinished handshake makes room for the
/// newcomer: thousands of silent connections cannot lock out whoever else sits behind the same
/// address.
class PendingConnections {
  struct Address;

 public:
  struct Limits {
    std::uint32_t per_address_max;
    std::uint32_t total_max;
    base::Duration handshake_timeout;
  };

  /// One counted connection, from accept until it is activated or closed. Movable.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept
        : table_(std::exchange(other.table_, nullptr)), address_(other.address_) {}
    Ticket& operator=(Ticket&& other) noexcept {
      if (this != &other) {
        reset();
        table_ = std::exchange(other.table_, nullptr);
        address_ = other.address_;
      }
      return *this;
    }
    ~Ticket() { reset(); }
    void reset();

   private:
    friend class PendingConnections;
    Ticket(PendingConnections& table, base::IpAddress address)
        : table_(&table), address_(address) {}
    PendingConnections* table_ = nullptr;
    base::IpAddress address_;
  };

  using ByAge =
      boost::intrusive::list_base_hook<boost::intrusive::tag<struct ByAgeTag>,
                                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
  using ByAddress =
      boost::intrusive::list_base_hook<boost::intrusive::tag<struct ByAddressTag>,
                                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

  /// A handshake under way; leaves the table when it is destroyed. `close` ends it, now or soon,
  /// and may destroy it.
  struct Handshake : ByAge, ByAddress {
    explicit Handshake(std::function<void()> on_close) : close(std::move(on_close)) {}
    std::function<void()> close;
    base::TimePoint began{};
    base::Error reason;  ///< why it was closed from here; base::kNoError: it was not
  };

  explicit PendingConnections(Limits limits) : limits_(limits) {}
  PendingConnections(const PendingConnections&) = delete;
  PendingConnections& operator=(const PendingConnections&) = delete;
  ~PendingConnections();

  /// For what comes from now on; the time-out also for what is under way.
  void set_limits(Limits limits) { limits_ = limits; }

  /// Counts a connection that has just been accepted. `others` are connections counted elsewhere
  /// (those of running sessions). Errors: errors::connections_total, connections_of_address.
  [[nodiscard]] base::Result<Ticket> admit(const base::IpAddress& from, std::uint64_t others);
  /// Enlists a handshake of an admitted connection.
  void begin(Handshake& handshake, const base::IpAddress& from, base::TimePoint now);
  /// Closes handshakes older than the time-out (reason errors::handshake_timeout).
  void expire(base::TimePoint now);
  /// Closes all of them.
  void close_all();

  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }
  [[nodiscard]] std::size_t addresses() const { return addresses_.size(); }

 private:
  using AgeList = boost::intrusive::list<Handshake, boost::intrusive::base_hook<ByAge>,
                                         boost::intrusive::constant_time_size<false>>;
  using AddressList = boost::intrusive::list<Handshake, boost::intrusive::base_hook<ByAddress>,
                                             boost::intrusive::constant_time_size<false>>;
  struct Address {
    std::uint32_t count = 0;
    AddressList handshakes;  // oldest first
  };

  void close(Handshake& handshake, const base::ErrorKind& reason);

  Limits limits_;
  std::uint32_t count_ = 0;
  std::uint64_t evicted_ = 0;
  AgeList by_age_;  // one time-out for all: oldest first is next to expire first
  std::unordered_map<base::IpAddress, Address> addresses_;
};

}  // namespace bellhop::proxy
