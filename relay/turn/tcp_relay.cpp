#include "relay/turn/tcp_relay.hpp"

#include <sys/epoll.h>

#include <array>

#include "component/base/random.hpp"
#include "relay/net/tcp_socket.hpp"
#include "relay/stun/message_writer.hpp"
#include "relay/turn/turn_session.hpp"

namespace bellhop::turn {
namespace {

using stun::AttributeType;
using stun::ErrorCode;
using Kind = RelayPlaces::Kind;

// Peers accepted before others have their turn.
constexpr int kAcceptsInTurn = 16;
// Header, XOR-PEER-ADDRESS of IPv6, CONNECTION-ID.
constexpr std::size_t kAttemptBytes = stun::kHeaderBytes + 24 + 8;

bool is_same(const base::IpEndpoint& a, const base::IpEndpoint& b) {
  return a.port == b.port && a.address == b.address;
}

}  // namespace

TcpRelay::TcpRelay(TcpShard& shard, TurnSession& session)
    : tcp_(shard),
      shard_(shard.shard()),
      session_(session),
      quota_(session.parts().grant.connections),
      v4_(*this),
      v6_(*this) {
  const std::uint64_t rate = session.parts().rate;
  if (rate > 0) own_rate_ = std::make_shared<base::TokenBucket>(rate, shard_.now);
  tcp_.add(*this);
}

TcpRelay::~TcpRelay() {
  close();
  tcp_.remove(*this);
}

bool TcpRelay::open(const base::IpEndpoint& local, const base::IpEndpoint& shown) {
  auto opened = net::listen_tcp(local);
  if (!std::holds_alternative<base::UniqueFd>(opened)) return false;
  Door& door = door_of(local.address);
  door.fd = std::move(std::get<base::UniqueFd>(opened));
  door.local = local;
  door.shown = shown;
  if (!shard_.poller.add(door.fd.value(), door, EPOLLIN | EPOLLET)) {
    door.fd.reset();
    return false;
  }
  shard_.places.set_live(shown, Kind::connections);
  return true;
}

void TcpRelay::close(Door& door) {
  if (!door.fd) return;
  door.fd.reset();
  shard_.poller.forget(door);
  shard_.places.set_live(door.shown, Kind::none);
}

void TcpRelay::close_half(const base::IpAddress& family) {
  close(door_of(family));
  const auto connections = peers_.all();
  for (const TcpPeers::Connection& connection : connections) {
    if (connection.peer.address.is_v4() == family.is_v4()) drop(connection.id);
  }
}

void TcpRelay::close() {
  close(v4_);
  close(v6_);
  while (!links_.empty()) drop(links_.begin()->first);
}

void TcpRelay::connect(const base::IpEndpoint& peer, ConnectAsk ask) {
  const auto refused = begin(peer, ask);
  if (refused) tcp_.on_connect({session_, ask, *refused});
}

// Nothing: it is under way, and has taken `ask`.
std::optional<ErrorCode> TcpRelay::begin(const base::IpEndpoint& peer, ConnectAsk& ask) {
  const Door& door = door_of(peer.address);
  if (is_same(peer, door.shown)) return ErrorCode::forbidden;  // it would talk to itself
  // TURN-T10
  if (peers_.is_full()) return ErrorCode::insufficient_capacity;
  const auto to = way_to(peer);
  if (!to || !door.fd) return ErrorCode::connection_timeout_or_failure;
  // Deployed servers take a Connect for a permission: the peer may call back.
  if (!session_.allocation().permit({&peer.address, 1}, shard_.now)) {
    return ErrorCode::insufficient_capacity;
  }
  if (!quota_.take()) return ErrorCode::allocation_quota_reached;
  auto opened = net::connect_tcp(door.local, *to);
  if (!std::holds_alternative<base::UniqueFd>(opened)) {
    quota_.give_back();
    return ErrorCode::connection_timeout_or_failure;
  }
  const ConnectionId id = tcp_.draw(*this);
  peers_.begin(id, peer, shard_.now);
  Link& link = add(id, std::move(std::get<base::UniqueFd>(opened)));
  const bool is_watched = shard_.poller.add(link.peer.value(), link, EPOLLOUT | EPOLLET);
  if (!is_watched) {
    drop(id);
    return ErrorCode::connection_timeout_or_failure;
  }
  link.ask.emplace(std::move(ask));
  return std::nullopt;
}

// Where the kernel finds a peer. Nothing: it would be one of our own addresses, where only other
// allocations may be reached (TURN-D09), and none is there.
std::optional<base::IpEndpoint> TcpRelay::way_to(const base::IpEndpoint& peer) const {
  if (!shard_.places.is_shown(peer.address)) return peer;
  const bool is_reachable = shard_.places.is_live(peer, Kind::connections) ||
                            shard_.peers.judge(peer.address) == relay::PeerPolicy::Verdict::allowed;
  if (!is_reachable) return std::nullopt;
  return base::IpEndpoint{shard_.places.of(peer.address).local, peer.port};
}

void TcpRelay::decide(Link& link, std::uint32_t events) {
  shard_.now = base::Clock::now();
  if (net::error_of(link.peer.value()) != 0) return fail(link);
  if ((events & EPOLLOUT) == 0) return;
  shard_.poller.remove(link.peer.value(), link);  // until the client's side is there
  if (!peers_.connect(link.id, shard_.now)) return;
  const auto ask = std::exchange(link.ask, std::nullopt);
  tcp_.on_connect({session_, *ask, link.id});
}

void TcpRelay::fail(Link& link) {
  const auto ask = std::exchange(link.ask, std::nullopt);
  drop(link.id);
  if (ask) tcp_.on_connect({session_, *ask, ErrorCode::connection_timeout_or_failure});
}

void TcpRelay::accept(Door& door) {
  shard_.now = base::Clock::now();
  for (int i = 0; i < kAcceptsInTurn; ++i) {
    auto accepted = net::accept_tcp(door.fd.value());
    if (!accepted) return;
    take(std::move(*accepted));
  }
  shard_.poller.call_again(door);
}

// RFC 6062 §5.3: whoever has no permission is closed at once, and the client hears nothing.
void TcpRelay::take(net::AcceptedPeer accepted) {
  const base::IpEndpoint peer = shard_.places.as_shown(accepted.from, Kind::connections);
  if (!session_.allocation().is_permitted(peer.address, shard_.now)) {
    return shard_.counters.add(TurnCounter::dropped_no_permission);
  }
  if (peers_.is_full() || peers_.has(peer) || !quota_.take()) return;
  const ConnectionId id = tcp_.draw(*this);
  peers_.accept(id, peer, shard_.now);
  add(id, std::move(accepted.socket));
  announce(id, peer);
}

void TcpRelay::announce(ConnectionId id, const base::IpEndpoint& peer) {
  std::array<std::uint8_t, kAttemptBytes> buffer{};
  stun::TransactionId transaction{};
  base::fill_random(transaction);
  stun::MessageWriter writer(buffer, stun::MessageClass::indication,
                             stun::Method::connection_attempt, transaction);
  writer.add_xor_address(AttributeType::xor_peer_address, peer);
  writer.add_u32(AttributeType::connection_id, id);
  session_.parts().client.stream->send({}, writer.finish(), 0, shard_.answers);
}

TcpRelay::Link& TcpRelay::add(ConnectionId id, base::UniqueFd peer) {
  auto& link = links_[id];
  link = std::make_unique<Link>(*this, id);
  link->peer = std::move(peer);
  return *link;
}

// Its quota has been taken, whatever state it is in.
void TcpRelay::drop(ConnectionId id) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  Link& link = *found->second;
  if (link.data != nullptr) {
    link.data->abandon();
    finish(*link.data);
    return;
  }
  link.peer.reset();
  shard_.poller.forget(link);
  links_.erase(found);
  peers_.remove(id);
  tcp_.forget(id);
  quota_.give_back();
}

void TcpRelay::finish(const DataConnection& connection) {
  const runtime::SessionBytes moved = connection.bytes();
  ended_.first_to_second += moved.first_to_second;
  ended_.second_to_first += moved.second_to_first;
  ended_.dropped += moved.dropped;
  last_ended_ = std::max(last_ended_, connection.last_progress());
  session_.note_progress();
  const ConnectionId id = connection.id();
  links_.at(id)->data = nullptr;
  drop(id);
}

bool TcpRelay::claim(ConnectionId id, std::string_view username) {
  return session_.parts().username == username && peers_.bind(id, base::Clock::now());
}

void TcpRelay::adopt(ConnectionId id, ClientEnd client) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  if (!client.socket || !peers_.start(id)) return drop(id);
  Link& link = *found->second;
  const DataConnection::Context context{shard_.home.executor(), shard_.poller, tcp_.pipes(), *this,
                                        session_};
  auto data = std::make_unique<DataConnection>(context, id, std::move(link.peer), std::move(client),
                                               limits());
  link.data = data.get();
  // It may be over when this returns.
  if (tcp_.run(std::move(data))) return;
  link.data = nullptr;
  drop(id);
}

void TcpRelay::expire(base::TimePoint now) {
  for (const ConnectionId id : peers_.overdue(now)) fail(*links_.at(id));
}

runtime::SessionBytes TcpRelay::bytes() const {
  runtime::SessionBytes sum = ended_;
  for (const auto& [id, link] : links_) {
    if (link->data == nullptr) continue;
    const runtime::SessionBytes moved = link->data->bytes();
    sum.first_to_second += moved.first_to_second;
    sum.second_to_first += moved.second_to_first;
    sum.dropped += moved.dropped;
  }
  return sum;
}

base::TimePoint TcpRelay::last_progress() const {
  base::TimePoint last = last_ended_;
  for (const auto& [id, link] : links_) {
    if (link->data != nullptr) last = std::max(last, link->data->last_progress());
  }
  return last;
}

// Those of the session; of the allocation's own rate and the session's the lower one.
runtime::SessionLimits TcpRelay::limits() const {
  runtime::SessionLimits limits = session_.limits();
  auto& own = limits.of(runtime::LimitScope::session);
  if (own_rate_ && (!own || own_rate_->rate() < own->rate())) own = own_rate_;
  return limits;
}

void TcpRelay::renew_limits() {
  const runtime::SessionLimits renewed = limits();
  for (const auto& [id, link] : links_) {
    if (link->data != nullptr) link->data->set_limits(renewed);
  }
}

}  // namespace bellhop::turn
