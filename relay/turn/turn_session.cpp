#include "relay/turn/turn_session.hpp"

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "component/base/random.hpp"
#include "relay/net/udp_socket.hpp"
#include "relay/stun/message_writer.hpp"
#include "relay/stun/wire.hpp"
#include "relay/turn/tcp_relay.hpp"

namespace bellhop::turn {
namespace {

using stun::AttributeType;
using stun::Bytes;

constexpr std::size_t kChannelHeaderBytes = 4;  // RFC 8656 §12.4
// Header, XOR-PEER-ADDRESS of IPv6, header and padding of DATA.
constexpr std::size_t kIndicationBytes = stun::kHeaderBytes + 24 + 4 + 3;
constexpr int kReceiveBuffer = 512 * 1024;
// Receptions in one call, and calls before others have their turn.
constexpr std::size_t kBatch = 8;
constexpr int kBatchesInTurn = 4;

std::array<std::uint8_t, 4> channel_header(std::uint16_t channel, std::size_t size) {
  std::array<std::uint8_t, 4> header{};
  stun::store16(header.data(), channel);
  stun::store16(header.data() + 2, static_cast<std::uint16_t>(size));
  return header;
}

// TURN-D03: which ICMP errors are told, as RFC 8656 §18.13 writes them.
std::optional<std::array<std::uint8_t, 8>> icmp_attribute(const sock_extended_err& error) {
  const unsigned type = error.ee_type;
  const bool is_v4 = error.ee_origin == SO_EE_ORIGIN_ICMP;
  const bool is_told = is_v4 ? type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED
                             : error.ee_origin == SO_EE_ORIGIN_ICMP6 && type >= ICMP6_DST_UNREACH &&
                                   type <= ICMP6_TIME_EXCEEDED;
  if (!is_told) return std::nullopt;
  const bool has_mtu = is_v4 ? type == ICMP_DEST_UNREACH && error.ee_code == ICMP_FRAG_NEEDED
                             : type == ICMP6_PACKET_TOO_BIG;
  const unsigned kind = type << 9 | error.ee_code;  // 7 and 9 bits
  const std::uint32_t data = has_mtu ? error.ee_info : 0;
  return std::array<std::uint8_t, 8>{0,
                                     0,
                                     static_cast<std::uint8_t>(kind >> 8),
                                     static_cast<std::uint8_t>(kind),
                                     static_cast<std::uint8_t>(data >> 24),
                                     static_cast<std::uint8_t>(data >> 16),
                                     static_cast<std::uint8_t>(data >> 8),
                                     static_cast<std::uint8_t>(data)};
}

}  // namespace

TurnSession::TurnSession(TurnShard& shard, Parts parts)
    : Session(shard.ids.next(std::chrono::system_clock::now())),
      shard_(shard),
      parts_(std::move(parts)),
      allocation_(parts_.limits),
      v4_(*this),
      v6_(*this),
      expires_(shard.now + parts_.request.lifetime),
      last_progress_(shard.now),
      started_(std::chrono::system_clock::now()) {
  if (parts_.rate > 0) own_rate_.emplace(parts_.rate, shard.now);
  is_limited_ = own_rate_.has_value() || parts_.grant.limits.any();
}

TurnSession::~TurnSession() {
  close(v4_);
  close(v6_);
}

bool TurnSession::open() {
  const auto& ports = parts_.grant.ports;
  if (parts_.request.is_tcp) tcp_ = std::make_unique<TcpRelay>(*shard_.tcp, *this);
  const bool is_open = (ports.v4 == 0 || open(v4_, ports.v4, shard_.places.v4()->local)) &&
                       (ports.v6 == 0 || open(v6_, ports.v6, shard_.places.v6()->local));
  if (!is_open) return false;
  shard_.home.sessions().add(*this);
  shard_.counters.add(TurnCounter::allocations_made);
  shard_.counters.add(TurnCounter::allocations);
  return true;
}

bool TurnSession::open(RelayedSocket& socket, std::uint16_t port, const base::IpAddress& family) {
  const RelayPlaces::Address& place = shard_.places.of(family);
  if (tcp_) {
    socket.local = {place.local, port};
    socket.shown = {place.shown, port};
    return tcp_->open(socket.local, socket.shown);
  }
  auto opened = net::open_udp({place.local, port},
                              {.receive_buffer = kReceiveBuffer, .tells_icmp_errors = true});
  if (!std::holds_alternative<base::UniqueFd>(opened)) return false;
  socket.fd = std::move(std::get<base::UniqueFd>(opened));
  socket.local = {place.local, port};
  socket.shown = {place.shown, port};
  if (!shard_.poller.add(socket.fd.value(), socket, EPOLLIN | EPOLLET)) {
    socket.fd.reset();
    return false;
  }
  shard_.by_relayed.emplace(TurnShard::relayed_key(socket.shown), this);
  shard_.places.set_live(socket.shown, RelayPlaces::Kind::datagrams);
  return true;
}

void TurnSession::close(RelayedSocket& socket) {
  if (tcp_ && socket.shown.port != 0) tcp_->close_half(socket.shown.address);
  if (tcp_) socket.shown.port = 0;
  if (!socket.fd) return;
  shard_.egress.flush();  // which may hold datagrams for it
  shard_.by_relayed.erase(TurnShard::relayed_key(socket.shown));
  shard_.places.set_live(socket.shown, RelayPlaces::Kind::none);
  socket.fd.reset();
  shard_.poller.forget(socket);
  socket.shown.port = 0;
}

void TurnSession::close_half(stun::AddressFamily family) {
  close(family == stun::AddressFamily::ipv4 ? v4_ : v6_);
  allocation_.forget_family(family);  // whose channels have the descriptor
}

void TurnSession::end(runtime::EndReason reason) {
  if (end_reason_ != runtime::EndReason::none) return;
  end_reason_ = reason;
  if (tcp_) tcp_->close();
  shard_.on_ending(*this);
}

void TurnSession::set_limits(runtime::SessionLimits limits) {
  parts_.grant.limits = std::move(limits);
  is_limited_ = own_rate_.has_value() || parts_.grant.limits.any();
  if (tcp_) tcp_->renew_limits();
}

base::TimePoint TurnSession::last_progress() const {
  return tcp_ ? std::max(last_progress_, tcp_->last_progress()) : last_progress_;
}

bool TurnSession::may_move(std::size_t bytes) {
  last_progress_ = shard_.now;
  note_progress();
  if (!is_limited_) return true;
  const auto& limits = parts_.grant.limits;
  // TURN-D06: all of it or nothing, and nothing waits. What is left pays for a longer datagram on
  // credit: a burst is 50 ms of a rate, and what is longer than that would never pass.
  const std::size_t needed = std::min<std::size_t>(bytes, 1);
  if (own_rate_ && own_rate_->available(shard_.now) < needed) return false;
  if (limits.any() && limits.allowance(needed, shard_.now) < needed) return false;
  if (own_rate_) own_rate_->spend(bytes);
  limits.spend(bytes);
  return true;
}

void TurnSession::drop(TurnCounter reason, std::size_t bytes) {
  shard_.counters.add(reason);
  dropped_ += bytes;
  note_progress();
}

net::Route TurnSession::route_to(const base::IpEndpoint& peer) {
  net::Route route;
  route.fd = socket_for(peer.address).fd.value();
  base::IpEndpoint to = peer;
  // An allocation of another shard, which the kernel knows by its local address.
  if (shard_.places.is_shown(peer.address)) to.address = shard_.places.of(peer.address).local;
  route.to = net::SocketAddress(to);
  return route;
}

void TurnSession::prepare_channel(std::uint16_t number) {
  Channel* channel = allocation_.find_channel(number, shard_.now);
  channel->route = route_to(channel->peer);
}

// True: the peer is a relayed address of ours, and what becomes of `data` is settled, or `is_done`
// is false and it goes through the kernel.
bool TurnSession::pass_by_hairpin(const base::IpEndpoint& peer, Bytes data, bool& is_done) {
  if (!shard_.places.is_shown(peer.address)) return false;
  is_done = true;
  if (TurnSession* other = shard_.find(peer)) {
    to_peers_.packets += 1;
    to_peers_.bytes += data.size();
    other->receive(socket_for(peer.address).shown, data);
    return true;
  }
  const bool is_allowed = shard_.places.is_live(peer) ||
                          shard_.peers.judge(peer.address) == relay::PeerPolicy::Verdict::allowed;
  if (!is_allowed) {
    drop(TurnCounter::dropped_no_permission, data.size());
  } else {
    is_done = false;
  }
  return true;
}

void TurnSession::relay_channel_data(Bytes datagram) {
  if (datagram.size() < kChannelHeaderBytes) return drop(TurnCounter::dropped_malformed, 0);
  const std::size_t size = stun::load16(datagram.data() + 2);
  // TURN-C03; over UDP there may be padding (TURN-C04).
  if (size > datagram.size() - kChannelHeaderBytes) {
    return drop(TurnCounter::dropped_malformed, 0);
  }
  Channel* channel = allocation_.find_channel(stun::load16(datagram.data()), shard_.now);
  if (channel == nullptr) return drop(TurnCounter::dropped_no_channel, size);
  if (end_reason_ != runtime::EndReason::none) return;
  if (!may_move(size)) return drop(TurnCounter::dropped_rate, size);
  const Bytes data = datagram.subspan(kChannelHeaderBytes, size);
  bool is_done = false;
  if (pass_by_hairpin(channel->peer, data, is_done) && is_done) return;
  shard_.egress.add(channel->route, {}, data, size, to_peers_);
}

void TurnSession::relay(const SendIndication& indication) {
  if (end_reason_ != runtime::EndReason::none) return;
  const std::size_t size = indication.data.size();
  if (!may_move(size)) return drop(TurnCounter::dropped_rate, size);
  bool is_done = false;
  if (pass_by_hairpin(indication.peer, indication.data, is_done) && is_done) return;
  if (indication.dont_fragment) return send_whole(route_to(indication.peer), indication.data);
  const net::Route& route = shard_.keep(route_to(indication.peer));
  shard_.egress.add(route, {}, indication.data, size, to_peers_);
}

// DONT-FRAGMENT (RFC 8656 §11.2): a socket has the bit for all it sends, so it is set for a moment.
void TurnSession::send_whole(const net::Route& route, Bytes data) {
  shard_.egress.flush();
  const bool is_v4 = route.to.raw()->sa_family == AF_INET;
  const int level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
  const int name = is_v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER;
  const int set = is_v4 ? IP_PMTUDISC_DO : IPV6_PMTUDISC_DO;
  const int clear = is_v4 ? IP_PMTUDISC_DONT : IPV6_PMTUDISC_DONT;
  (void)::setsockopt(route.fd, level, name, &set, sizeof set);
  const auto sent =
      ::sendto(route.fd, data.data(), data.size(), MSG_DONTWAIT, route.to.raw(), route.to.size);
  (void)::setsockopt(route.fd, level, name, &clear, sizeof clear);
  (sent >= 0 ? to_peers_.packets : to_peers_.dropped_packets) += 1;
  (sent >= 0 ? to_peers_.bytes : to_peers_.dropped_bytes) += data.size();
}

void TurnSession::RelayedSocket::on_ready(std::uint32_t events) {
  if ((events & EPOLLERR) != 0) session.read_errors(*this);
  if ((events & EPOLLIN) != 0) session.read(*this);
}

void TurnSession::read(RelayedSocket& socket) {
  if (end_reason_ != runtime::EndReason::none) return;
  shard_.now = base::Clock::now();
  for (int i = 0; i < kBatchesInTurn; ++i) {
    for (const net::Received& received : shard_.read(socket.fd.value(), kBatch)) {
      const base::IpEndpoint from = shard_.places.as_shown(received.from->endpoint());
      const Way way = find_way(from);
      received.for_each([&](Bytes data) { deliver(way, from, data); });
    }
    shard_.note_kernel_drops(socket.kernel_drops);
    if (shard_.ingress.is_drained()) return;
  }
  shard_.poller.call_again(socket);
}

void TurnSession::receive(const base::IpEndpoint& from, Bytes data) {
  if (end_reason_ != runtime::EndReason::none) return;
  deliver(find_way(from), from, data);
}

TurnSession::Way TurnSession::find_way(const base::IpEndpoint& from) {
  // TURN-P03; a channel alone is not enough (TURN-C03).
  if (!allocation_.is_permitted(from.address, shard_.now)) return {Way::Kind::none, 0};
  const Channel* channel = allocation_.find_channel(from, shard_.now);
  if (channel == nullptr) return {Way::Kind::indication, 0};
  return {Way::Kind::channel, channel->number};
}

void TurnSession::deliver(Way way, const base::IpEndpoint& from, Bytes data) {
  // What nobody permitted is not the user's traffic: it is not counted as dropped bytes of hers.
  if (way.kind == Way::Kind::none) return drop(TurnCounter::dropped_no_permission, 0);
  if (!may_move(data.size())) return drop(TurnCounter::dropped_rate, data.size());
  if (way.kind == Way::Kind::indication) {
    return indicate(from, AttributeType::data, data, data.size());
  }
  const auto head = channel_header(way.channel, data.size());
  const ClientPath& client = parts_.client;
  if (client.stream != nullptr) {
    client.stream->send(head, data, data.size(), to_client_);
  } else {
    shard_.egress.add(client.route, head, data, data.size(), to_client_);
  }
}

void TurnSession::indicate(const base::IpEndpoint& from, AttributeType type, Bytes value,
                           std::size_t payload) {
  const auto room = shard_.room(kIndicationBytes + value.size());
  stun::TransactionId id{};
  base::fill_random(id);
  stun::MessageWriter writer(room, stun::MessageClass::indication, stun::Method::data, id);
  writer.add_xor_address(AttributeType::xor_peer_address, from);
  writer.add(type, value);
  const Bytes message = writer.finish();
  if (message.empty()) return drop(TurnCounter::dropped_unsent, payload);
  const ClientPath& client = parts_.client;
  if (client.stream != nullptr) return client.stream->send({}, message, payload, to_client_);
  shard_.writes.use(room.size());
  shard_.egress.add(client.route, {}, message, payload, to_client_);
}

void TurnSession::read_errors(RelayedSocket& socket) {
  if (end_reason_ != runtime::EndReason::none) return;
  // A bound on what one round reads; errors that are left do no harm.
  for (int i = 0; i < 16; ++i) {
    std::array<std::uint8_t, 64> original{};
    alignas(cmsghdr) std::array<char, 256> control{};
    net::SocketAddress to;
    iovec buffer{original.data(), original.size()};
    msghdr header{};
    header.msg_name = to.raw();
    header.msg_namelen = sizeof to.v6;
    header.msg_iov = &buffer;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    if (::recvmsg(socket.fd.value(), &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
      const bool is_error = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
                            (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
      if (!is_error || header.msg_namelen == 0) continue;
      sock_extended_err error{};
      std::memcpy(&error, CMSG_DATA(c), sizeof error);
      const auto attribute = icmp_attribute(error);
      const base::IpEndpoint peer = shard_.places.as_shown(to.endpoint());
      if (!attribute || !allocation_.is_permitted(peer.address, shard_.now)) continue;
      indicate(peer, AttributeType::icmp, *attribute, 0);
    }
  }
}

base::IpEndpoint TurnSession::shown() const {
  const bool is_v4 = parts_.grant.ports.v4 != 0;
  const RelayPlaces::Address& place = is_v4 ? *shard_.places.v4() : *shard_.places.v6();
  return {place.shown, is_v4 ? parts_.grant.ports.v4 : parts_.grant.ports.v6};
}

runtime::SessionFacts TurnSession::facts() const {
  return {id(), kind(), parts_.who.user, "", parts_.client.client.text(), shown().text(), started_};
}

void TurnSession::report() const {
  base::Log& log = shard_.log;
  if (!log.is_on(base::Severity::info)) return;
  const runtime::SessionBytes moved = bytes();
  const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now() - started_);
  log.write(base::Severity::info, "session_ended",
            {{"session", id().text()},
             {"kind", kind()},
             {"requester", log.shown_jid(parts_.who.user)},
             {"first", log.shown_address(parts_.client.client.text())},
             {"second", shown().text()},
             {"bytes_from_first", moved.first_to_second},
             {"bytes_from_second", moved.second_to_first},
             {"bytes_dropped", moved.dropped},
             {"duration_ms", duration.count()},
             {"reason", runtime::to_text(end_reason_)}});
}

runtime::SessionBytes TurnSession::bytes() const {
  if (tcp_) return tcp_->bytes();
  return {to_peers_.bytes, to_client_.bytes,
          dropped_ + to_peers_.dropped_bytes + to_client_.dropped_bytes};
}

void TurnSession::count(const runtime::SessionBytes& moved) {
  TurnCounterBlock& counters = shard_.counters;
  counters.add(TurnCounter::bytes_relayed, moved.delivered());
  counters.add(TurnCounter::bytes_dropped, moved.dropped);
  counters.add(TurnCounter::packets_to_peers, to_peers_.packets - counted_.to_peers);
  counters.add(TurnCounter::packets_to_clients, to_client_.packets - counted_.to_client);
  const std::uint64_t unsent = to_peers_.dropped_packets + to_client_.dropped_packets;
  counters.add(TurnCounter::dropped_unsent, unsent - counted_.unsent);
  counted_ = {to_peers_.packets, to_client_.packets, unsent};
}

}  // namespace bellhop::turn
