#include "relay/nodes/relay_channel.hpp"

#include <algorithm>

namespace bellhop::nodes {
namespace {

bool is_same(const base::IpEndpoint& one, const base::IpEndpoint& other) {
  return one.port == other.port && one.address == other.address;
}

// Whether a port of this side may be given to `address`: it must be that of the side.
constexpr ChannelPort neighbour(ChannelPort port) {
  return {port.side, port.part == Part::rtp ? Part::rtcp : Part::rtp};
}

}  // namespace

RelayChannel::RelayChannel(const relay::PeerPolicy& peers, const Options& options,
                           base::TimePoint now)
    : peers_(peers),
      options_(options),
      last_of_side_{now, now},
      last_packet_(now),
      bucket_(std::max<std::uint64_t>(options.bytes_per_second, 1), now) {}

bool RelayChannel::may_learn(ChannelPort port, const base::IpEndpoint& source,
                             base::TimePoint now) const {
  const base::IpEndpoint* known = owner(port);
  const base::IpEndpoint* beside = owner(neighbour(port));
  if (beside != nullptr && beside->address != source.address) return false;
  if (known == nullptr) return true;
  return known->address == source.address &&
         now - last_of_side_[static_cast<std::size_t>(port.side)] >= kSilence;
}

bool RelayChannel::is_within_rate(std::size_t bytes, base::TimePoint now) {
  if (options_.bytes_per_second == 0) return true;
  // A packet is whole or not at all, so the last one within the allowance may go beyond it; the
  // debt is paid by those that follow.
  if (bucket_.available(now) == 0) return false;
  bucket_.spend(bytes);
  return true;
}

RelayChannel::Fate RelayChannel::receive(ChannelPort port, const base::IpEndpoint& source,
                                         std::size_t bytes, base::TimePoint now) {
  auto& known = learnt_[port.index()];
  if (!known || !is_same(*known, source)) {
    if (!may_learn(port, source, now)) return Fate::foreign;
    if (source.port == 0 || peers_.judge(source.address) == relay::PeerPolicy::Verdict::forbidden) {
      return Fate::forbidden;
    }
    known = source;
  }
  last_of_side_[static_cast<std::size_t>(port.side)] = now;
  last_packet_ = now;
  if (destination(port) == nullptr) return Fate::early;
  return is_within_rate(bytes, now) ? Fate::forward : Fate::limited;
}

}  // namespace bellhop::nodes
