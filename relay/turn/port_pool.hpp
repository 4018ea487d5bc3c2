// The ports that relayed addresses may have (TURN-A18, TURN-A19).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "component/base/clock.hpp"
#include "relay/turn/port_set.hpp"

namespace bellhop::turn {

/// Eight unguessable bytes that stand for a reserved port (RFC 8656 §18.9).
using ReservationToken = std::array<std::uint8_t, 8>;

/// The free ports of one relayed address. Chosen at random, and not again soon after they were
/// given back, so that packets for the one before do not reach the next. Control shard; no I/O.
class PortPool {
 public:
  /// RFC 8656 §7.2: a reservation lasts 30 seconds at least.
  static constexpr std::chrono::seconds kReservation{30};

  struct Pair {
    std::uint16_t port;  ///< even; the next one is reserved
    ReservationToken token;
  };

  /// Ports `first` to `last`, both included, 1024 at least.
  PortPool(std::uint16_t first, std::uint16_t last);

  /// A free port; nothing: there is none.
  [[nodiscard]] std::optional<std::uint16_t> take();
  [[nodiscard]] std::optional<std::uint16_t> take_even();
  /// An even port, and the one above it under a token.
  [[nodiscard]] std::optional<Pair> take_pair(base::TimePoint now);
  /// The port that was reserved; nothing: the token is unknown, used up or too old.
  [[nodiscard]] std::optional<std::uint16_t> take_reserved(const ReservationToken& token,
                                                           base::TimePoint now);
  /// Takes a port back, also one that could not be bound. Once for each that was taken.
  void give_back(std::uint16_t port);
  /// Frees ports whose reservation has passed; every second or so.
  void expire(base::TimePoint now);

  /// Without those that are reserved.
  [[nodiscard]] std::size_t free_ports() const;

 private:
  // Ports are numbered from the even one at or below `first`, so that a pair is 2n and 2n + 1.
  enum class State : std::uint8_t { absent, taken, rested, resting };
  struct Reservation {
    ReservationToken token;
    std::uint16_t number;
    base::TimePoint until;
  };
  struct HashToken {
    // Tokens are random, so any eight bytes of one are a hash.
    std::size_t operator()(const ReservationToken& token) const {
      std::size_t hash = 0;
      std::memcpy(&hash, token.data(), sizeof hash);
      return hash;
    }
  };

  [[nodiscard]] bool is_free(std::size_t number) const;
  [[nodiscard]] std::uint16_t port_of(std::uint16_t number) const;
  void occupy(std::uint16_t number);
  void rest(std::uint16_t number);
  void wake_oldest();
  void wake_enough();

  std::uint16_t base_;
  std::vector<State> states_;
  PortSet even_;  // numbers that have rested
  PortSet odd_;
  PortSet pairs_;                      // even numbers of which the next has rested, too
  std::deque<std::uint16_t> resting_;  // the one given back first in front
  std::size_t free_even_ = 0;          // rested and resting
  std::size_t free_pairs_ = 0;
  std::list<Reservation> reservations_;  // in the order of `until`
  std::unordered_map<ReservationToken, std::list<Reservation>::iterator, HashToken> by_token_;
};

}  // namespace bellhop::turn
