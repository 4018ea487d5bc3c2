// The ports that relayed addresses may have (TURN-A18, TURN-A19).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "component/base/clock.hpp"

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

  [[nodiscard]] std::size_t free_ports() const;
};

}  // namespace bellhop::turn
