#include "relay/turn/allocation.hpp"

#include <algorithm>

namespace bellhop::turn {
namespace {

template <typename Entries>
std::size_t count_live(const Entries& entries, base::TimePoint now) {
  return static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(),
                                                [now](const auto& e) { return e.expires > now; }));
}

template <typename Entries>
void drop_expired(Entries& entries, base::TimePoint now) {
  std::erase_if(entries, [now](const auto& entry) { return entry.expires <= now; });
}

}  // namespace

Allocation::Permission* Allocation::find(const base::IpAddress& peer) {
  const auto found = std::find_if(permissions_.begin(), permissions_.end(),
                                  [&](const Permission& p) { return p.peer == peer; });
  return found == permissions_.end() ? nullptr : &*found;
}

bool Allocation::permit(std::span<const base::IpAddress> peers, base::TimePoint now) {
  drop_expired(permissions_, now);
  const auto is_new = [this, &peers](const base::IpAddress& peer) {
    const auto first = std::find(peers.begin(), peers.end(), peer);
    return &*first == &peer && find(peer) == nullptr;  // one that stands there twice counts once
  };
  const auto added = static_cast<std::size_t>(std::count_if(peers.begin(), peers.end(), is_new));
  if (permissions_.size() + added > limits_.permissions_max) return false;
  for (const base::IpAddress& peer : peers) {
    if (Permission* known = find(peer)) {
      known->expires = now + kPermissionLifetime;
    } else {
      permissions_.push_back({peer, now + kPermissionLifetime});
    }
  }
  return true;
}

bool Allocation::is_permitted(const base::IpAddress& peer, base::TimePoint now) const {
  return std::any_of(permissions_.begin(), permissions_.end(),
                     [&](const Permission& p) { return p.peer == peer && p.expires > now; });
}

Allocation::Bound Allocation::bind(std::uint16_t number, const base::IpEndpoint& peer,
                                   base::TimePoint now) {
  drop_expired(channels_, now);
  Channel* by_number = find_channel(number, now);
  if (by_number != find_channel(peer, now)) return Bound::conflict;
  if (by_number == nullptr && channels_.size() >= limits_.channels_max) return Bound::full;
  if (!permit({&peer.address, 1}, now)) return Bound::full;
  if (by_number == nullptr) {
    channels_.push_back({number, peer, {}, {}});
    by_number = &channels_.back();
  }
  by_number->expires = now + kChannelLifetime;
  return Bound::done;
}

Channel* Allocation::find_channel(std::uint16_t number, base::TimePoint now) {
  for (Channel& channel : channels_) {
    if (channel.number == number && channel.expires > now) return &channel;
  }
  return nullptr;
}

Channel* Allocation::find_channel(const base::IpEndpoint& peer, base::TimePoint now) {
  for (Channel& channel : channels_) {
    if (channel.peer.port == peer.port && channel.peer.address == peer.address &&
        channel.expires > now) {
      return &channel;
    }
  }
  return nullptr;
}

void Allocation::forget_family(stun::AddressFamily family) {
  const bool is_v4 = family == stun::AddressFamily::ipv4;
  std::erase_if(permissions_, [&](const Permission& p) { return p.peer.is_v4() == is_v4; });
  std::erase_if(channels_, [&](const Channel& c) { return c.peer.address.is_v4() == is_v4; });
}

std::size_t Allocation::permissions(base::TimePoint now) const {
  return count_live(permissions_, now);
}

std::size_t Allocation::channels(base::TimePoint now) const {
  return count_live(channels_, now);
}

}  // namespace bellhop::turn
