// One relay channel of XEP-0278: which packet goes where, and whose is none. No I/O.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "component/base/clock.hpp"
#include "component/base/ip_address.hpp"
#include "component/base/token_bucket.hpp"
#include "relay/peer_policy.hpp"

namespace bellhop::nodes {

/// The two parties of a channel: who asked for it, and who was offered its other port.
enum class Side : std::uint8_t { requester, other };
/// RTP, and RTCP one port above (JRN-04).
enum class Part : std::uint8_t { rtp, rtcp };

/// One of the four ports of a channel.
struct ChannelPort {
  Side side;
  Part part;

  static constexpr std::size_t kCount = 4;
  [[nodiscard]] constexpr std::size_t index() const {
    return static_cast<std::size_t>(side) * 2 + static_cast<std::size_t>(part);
  }
  /// Where what comes in here goes out: the same part of the other side.
  [[nodiscard]] constexpr ChannelPort opposite() const {
    return {side == Side::requester ? Side::other : Side::requester, part};
  }
  [[nodiscard]] static constexpr ChannelPort at(std::size_t index) {
    return {static_cast<Side>(index / 2), static_cast<Part>(index % 2)};
  }
};

/// Four ports and what each has learnt. There is nothing to authenticate packets by, so a port
/// belongs to whom it hears first, and to nobody else afterwards (JRN-09):
///
/// 1. A port learns the address and port of the first packet whose source the policy does not
///    forbid (JRN-11). The two ports of a side must have one IP address.
/// 2. After that every packet from elsewhere is dropped: it is neither forwarded nor does it keep
///    the channel alive, and nothing is ever sent to where it came from.
/// 3. A port learns anew only from the IP address it knows, and only when its side has been silent
///    for kSilence: a NAT that gave out another port. Another address never takes a port over.
/// 4. Nothing is sent before the destination is known. The first packets of a call are lost rather
///    than kept (JRN-09).
class RelayChannel {
 public:
  /// Longer than RTCP of a party that is on hold leaves between two packets (RFC 3550 §6.2: 5 s,
  /// up to half more), so that nobody on hold is silent.
  static constexpr std::chrono::seconds kSilence{10};

  struct Options {
    base::Duration expire;               ///< without a packet (JRN-05)
    std::uint64_t bytes_per_second = 0;  ///< both directions together; 0: no limit (JRN-06)
  };

  /// What becomes of a packet.
  enum class Fate : std::uint8_t {
    forward,    ///< to destination()
    foreign,    ///< from whom the port does not know
    forbidden,  ///< the policy refuses the address
    early,      ///< taken, but the other side is not known yet
    limited,    ///< over the channel's rate
  };

  /// `peers` outlives the channel.
  RelayChannel(const relay::PeerPolicy& peers, const Options& options, base::TimePoint now);

  /// A packet of `bytes` has come from `source`. At most one comparison of addresses where it is
  /// from whom the port knows.
  [[nodiscard]] Fate receive(ChannelPort port, const base::IpEndpoint& source, std::size_t bytes,
                             base::TimePoint now);
  /// Where packets that came in at `port` go; null: not known yet. They leave from the socket of
  /// the opposite port.
  [[nodiscard]] const base::IpEndpoint* destination(ChannelPort port) const {
    const auto& known = learnt_[port.opposite().index()];
    return known ? &*known : nullptr;
  }
  /// Whom the port belongs to; null: nobody yet.
  [[nodiscard]] const base::IpEndpoint* owner(ChannelPort port) const {
    const auto& known = learnt_[port.index()];
    return known ? &*known : nullptr;
  }

  /// When the last packet was taken, or the channel was made.
  [[nodiscard]] base::TimePoint last_packet() const { return last_packet_; }
  [[nodiscard]] bool has_expired(base::TimePoint now) const {
    return now - last_packet_ >= options_.expire;
  }
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  [[nodiscard]] bool may_learn(ChannelPort port, const base::IpEndpoint& source,
                               base::TimePoint now) const;
  [[nodiscard]] bool is_within_rate(std::size_t bytes, base::TimePoint now);

  const relay::PeerPolicy& peers_;
  Options options_;
  std::array<std::optional<base::IpEndpoint>, ChannelPort::kCount> learnt_;
  std::array<base::TimePoint, 2> last_of_side_;
  base::TimePoint last_packet_;
  base::TokenBucket bucket_;
};

}  // namespace bellhop::nodes
