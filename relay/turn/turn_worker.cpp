#include "relay/turn/turn_worker.hpp"

#include <sys/epoll.h>

#include <cstring>
#include <stdexcept>

#include "component/runtime/periodic.hpp"
#include "relay/net/udp_socket.hpp"
#include "relay/turn/tcp_relay.hpp"

namespace bellhop::turn {
namespace {

using stun::AttributeType;
using stun::ErrorCode;
using stun::Message;
using stun::MessageClass;
using stun::MessageWriter;
using stun::Method;
namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::size_t kBatch = net::Ingress::kBatchMax;
constexpr int kBatchesInTurn = 4;
constexpr int kListenBuffer = 4 * 1024 * 1024;
// Requests that wait for the control shard; those beyond are not heard, and come again.
constexpr std::size_t kPendingMax = 20000;
// Ports that other processes may have taken before one gives up.
constexpr int kTriesMax = 16;

// The first two bits tell what a datagram is (RFC 8656 §12.4).
bool is_stun(stun::Bytes bytes) {
  return (bytes[0] & 0xC0) == 0x00;
}
bool is_channel_data(stun::Bytes bytes) {
  return (bytes[0] & 0xC0) == 0x40;
}

}  // namespace

// A UDP socket of this shard; the kernel gives it a share of the clients.
class TurnWorker::UdpListener final : public runtime::Poller::Watch {
 public:
  UdpListener(TurnWorker& worker, base::UniqueFd fd, const base::IpEndpoint& local)
      : worker_(worker),
        fd_(std::move(fd)),
        local_(local),
        is_wildcard_(net::is_wildcard(local.address)) {}
  ~UdpListener() override {
    fd_.reset();
    worker_.shard_.poller.forget(*this);
  }

  [[nodiscard]] bool start() {
    return worker_.shard_.poller.add(fd_.value(), *this, EPOLLIN | EPOLLET);
  }
  void on_ready(std::uint32_t) override { on_turn(); }
  void on_turn() override {
    TurnShard& shard = worker_.shard_;
    shard.now = base::Clock::now();
    for (int i = 0; i < kBatchesInTurn; ++i) {
      for (const net::Received& received : shard.read(fd_.value(), kBatch)) take(received);
      shard.note_kernel_drops(kernel_drops_);
      if (shard.ingress.is_drained()) return;
    }
    shard.poller.call_again(*this);
  }

 private:
  void take(const net::Received& received) {
    path_.client = received.from->endpoint();
    path_.server = {is_wildcard_ ? received.to : local_.address, local_.port};
    path_.route.fd = fd_.value();
    path_.route.to = *received.from;
    path_.route.from = received.to;
    path_.route.has_from = is_wildcard_;
    received.for_each([this](stun::Bytes datagram) { worker_.receive_datagram(datagram, path_); });
  }

  TurnWorker& worker_;
  base::UniqueFd fd_;
  base::IpEndpoint local_;
  bool is_wildcard_;
  std::uint32_t kernel_drops_ = 0;
  ClientPath path_;
};

TurnWorker::TurnWorker(TcpShard::Place place, runtime::Shard& shard, base::Log& log,
                       TurnCounterBlock& counters, const TurnContext& context,
                       const TurnAccess& access)
    : index_(place.index),
      context_(context),
      access_(&access),
      shard_(shard, log, counters, context.peers, context.places),
      tcp_(shard_, place),
      last_key_(ClientPath{}),
      round_end_(*this),
      upkeep_(shard.executor(), log, 2) {
  shard_.poller.call_after_rounds(round_end_);
  shard_.tcp = &tcp_;
  tcp_.on_connect = [this](const ConnectAnswer& answer) { answer_connect(answer); };
  shard_.on_ending = [this](TurnSession& session) {
    if (ending_.empty()) asio::post(shard_.home.executor(), [this] { reap(); });
    ending_.push_back(&session);
  };
}

TurnWorker::~TurnWorker() = default;

base::IpEndpoint TurnWorker::bind(const base::IpEndpoint& address) {
  auto opened = net::open_udp(address, {.receive_buffer = kListenBuffer,
                                        .is_port_shared = true,
                                        .tells_local_address = net::is_wildcard(address.address)});
  if (const int* error = std::get_if<int>(&opened)) {
    throw std::runtime_error("cannot listen on " + address.text() +
                             "/udp: " + std::strerror(*error));
  }
  auto& fd = std::get<base::UniqueFd>(opened);
  const base::IpEndpoint bound = net::bound_to(fd.value());
  listeners_.push_back(std::make_unique<UdpListener>(*this, std::move(fd), bound));
  return bound;
}

void TurnWorker::start() {
  bool is_started = upkeep_.spawn(shard_.poller.run(runtime::Poller::Patience::packets));
  is_started =
      is_started && upkeep_.spawn(runtime::run_every(shard_.home.executor(), 1s,
                                                     [this](base::TimePoint now) { tick(now); }));
  for (const auto& listener : listeners_) is_started = is_started && listener->start();
  BELLHOP_ASSERT(is_started);
}

runtime::Task<> TurnWorker::stop() {
  listeners_.clear();
  for (auto& [ticket, pending] : pending_) pending.is_gone = true;
  for (const auto& [key, session] : sessions_) session->end(runtime::EndReason::shutdown);
  reap();
  co_await tcp_.join();
  upkeep_.cancel();
  co_await upkeep_.join();
}

void TurnWorker::end_round() {
  shard_.flush();
  if (!wishes_.empty()) context_.ask(index_, std::exchange(wishes_, {}));
}

void TurnWorker::tick(base::TimePoint now) {
  shard_.now = now;
  shard_.wheel.advance(now, [this, now](TurnSession& session) {
    if (session.expires() > now) {
      shard_.wheel.set(session, session.expires());
    } else {
      session.end(runtime::EndReason::idle);  // TURN-R03
    }
  });
  tcp_.expire(now);
}

void TurnWorker::receive_datagram(stun::Bytes datagram, const ClientPath& path) {
  if (datagram.empty()) return;
  if (is_channel_data(datagram)) {
    TurnSession* session = session_of(path);
    if (session != nullptr) return session->relay_channel_data(datagram);
    return shard_.counters.add(TurnCounter::dropped_no_allocation);
  }
  const auto message = is_stun(datagram) ? Message::parse(datagram) : std::nullopt;
  if (!message) return shard_.counters.add(TurnCounter::dropped_malformed);
  handle({*message, path, session_of(path)});
}

void TurnWorker::receive(stun::Bytes frame, const ClientPath& path) {
  TurnSession* session = path.stream->session;
  if (is_channel_data(frame)) {
    if (session != nullptr) return session->relay_channel_data(frame);
    return shard_.counters.add(TurnCounter::dropped_no_allocation);
  }
  const auto message = Message::parse(frame);
  if (!message) return shard_.counters.add(TurnCounter::dropped_malformed);
  handle({*message, path, session});
}

TurnSession* TurnWorker::session_of(const ClientPath& path) {
  const ClientKey key(path);
  if (last_session_ != nullptr && key == last_key_) return last_session_;
  const auto found = by_client_.find(key);
  if (found == by_client_.end()) return nullptr;
  last_key_ = key;
  last_session_ = found->second;
  return last_session_;
}

void TurnWorker::allocate(const Request& request, const Verified& verified) {
  const Message& message = request.message;
  if (request.session != nullptr) {
    // TURN-A20: an answer that was lost is sent again.
    if (request.session->parts().made_by == message.id()) {
      return answer_allocate(request.path, *request.session, verified,
                             message.has(AttributeType::fingerprint));
    }
    return refuse(request, verified, ErrorCode::allocation_mismatch);
  }
  // Nothing is sent twice over a stream, so this is another request, which comes too soon.
  StreamClient* stream = request.path.stream;
  if (stream != nullptr && stream->is_asking) {
    return refuse(request, verified, ErrorCode::allocation_mismatch);
  }
  // TURN-A12
  if (verified.expires && *verified.expires <= std::chrono::system_clock::now()) {
    return refuse_unproven(request, ErrorCode::unauthenticated);
  }
  const auto wanted = context_.rules.allocate(message, request.path.transport);
  if (const auto* code = std::get_if<ErrorCode>(&wanted)) return refuse(request, verified, *code);
  if (pending_.size() >= kPendingMax) return;
  const std::uint64_t ticket = next_ticket_++;
  if (stream != nullptr) {
    stream->is_asking = true;
  } else if (!pending_clients_.emplace(ClientKey(request.path), ticket).second) {
    return;
  }
  Pending pending{request.path,
                  verified,
                  access_->credentials.identify(verified.username, {verified.secret, verified.key},
                                                request.path.client.address),
                  std::get<AllocateRequest>(wanted),
                  message.id(),
                  message.has(AttributeType::fingerprint)};
  wishes_.push_back({ticket, pending.who, pending.request});
  pending_.emplace(ticket, std::move(pending));
}

void TurnWorker::decide(std::vector<AllocationAnswer> answers) {
  shard_.now = base::Clock::now();
  for (AllocationAnswer& answer : answers) {
    auto found = pending_.extract(answer.ticket);
    BELLHOP_ASSERT(!found.empty());
    Pending& pending = found.mapped();
    auto* granted = std::get_if<AllocationGrant>(&answer.decision);
    if (pending.is_gone) {
      if (granted != nullptr) context_.give_back(pending.who.user, granted->ports);
      continue;
    }
    if (granted != nullptr) {
      grant(answer.ticket, std::move(pending), std::move(*granted));
    } else {
      refuse_pending(pending, std::get<ErrorCode>(answer.decision));
    }
  }
  end_round();
}

void TurnWorker::end_asking(const ClientPath& path) {
  if (path.stream != nullptr) {
    path.stream->is_asking = false;
  } else {
    pending_clients_.erase(ClientKey(path));
  }
}

void TurnWorker::refuse_pending(const Pending& pending, ErrorCode code) {
  end_asking(pending.path);
  // RFC 8489 §14.15: of the client's family; without one there is nowhere to send it.
  const base::IpEndpoint* alternate = alternate_for(pending.path);
  if (code == ErrorCode::try_alternate && alternate == nullptr) {
    code = ErrorCode::insufficient_capacity;
  }
  MessageWriter writer = begin_answer(pending.id, Method::allocate, MessageClass::error);
  writer.add_error(code);
  if (code == ErrorCode::try_alternate) {
    writer.add_address(AttributeType::alternate_server, *alternate);
  }
  count_refusal(code);
  finish(pending.path, writer, pending.verified, pending.has_fingerprint);
}

void TurnWorker::grant(std::uint64_t ticket, Pending pending, AllocationGrant grant) {
  const PerFamily<std::uint16_t> ports = grant.ports;
  auto session = std::make_unique<TurnSession>(
      shard_, TurnSession::Parts{pending.who, pending.verified.username, pending.verified.key,
                                 pending.request, std::move(grant), pending.path, pending.id,
                                 context_.limits, context_.rate_per_allocation});
  if (!session->open()) {
    session.reset();
    context_.give_back(pending.who.user, ports);
    if (++pending.tries == kTriesMax) {
      return refuse_pending(pending, ErrorCode::insufficient_capacity);
    }
    wishes_.push_back({ticket, pending.who, pending.request});
    pending_.emplace(ticket, std::move(pending));
    return;
  }
  TurnSession& opened = *session;
  sessions_.emplace(&opened, std::move(session));
  shard_.wheel.set(opened, opened.expires());
  end_asking(pending.path);
  if (pending.path.stream != nullptr) {
    pending.path.stream->session = &opened;
  } else {
    by_client_.emplace(ClientKey(pending.path), &opened);
  }
  answer_allocate(pending.path, opened, pending.verified, pending.has_fingerprint);
}

void TurnWorker::connect(const Request& request, const Verified& verified) {
  TurnSession& session = *request.session;
  TcpRelay* tcp = session.tcp();
  if (tcp == nullptr) return refuse(request, verified, ErrorCode::allocation_mismatch);
  const auto peer = context_.rules.connect(request.message, session.families(), tcp->peers());
  if (const auto* code = std::get_if<ErrorCode>(&peer)) return refuse(request, verified, *code);
  tcp->connect(std::get<base::IpEndpoint>(peer),
               {request.message.id(), verified, request.message.has(AttributeType::fingerprint)});
}

void TurnWorker::answer_connect(const ConnectAnswer& answer) {
  const auto* id = std::get_if<ConnectionId>(&answer.decision);
  MessageWriter writer = begin_answer(answer.ask.id, Method::connect,
                                      id != nullptr ? MessageClass::success : MessageClass::error);
  if (id != nullptr) {
    writer.add_u32(AttributeType::connection_id, *id);
  } else {
    const ErrorCode code = std::get<ErrorCode>(answer.decision);
    writer.add_error(code);
    count_refusal(code);
  }
  finish(answer.session.parts().client, writer, answer.ask.verified, answer.ask.has_fingerprint);
}

// RFC 6062 §5.4. A control connection does not become a data connection: its allocation would be
// left without one.
void TurnWorker::connection_bind(const Request& request, const Verified& verified) {
  const Message& message = request.message;
  const auto id = TurnRules::connection_bind(message, request.path.transport);
  if (const auto* code = std::get_if<ErrorCode>(&id)) return refuse(request, verified, *code);
  if (request.session != nullptr) return refuse(request, verified, ErrorCode::bad_request);
  request.path.stream->begin_bind({std::get<ConnectionId>(id), verified, message.id(),
                                   message.has(AttributeType::fingerprint)});
}

runtime::Task<bool> TurnWorker::claim(const BindWish& wish) {
  TcpShard& home = *context_.tcp_shards[wish.connection % context_.tcp_shards.size()];
  auto ask = [&home, connection = wish.connection, username = wish.verified.username] {
    return home.claim(connection, username);
  };
  co_return co_await runtime::hop(home.shard().home, std::move(ask));
}

void TurnWorker::answer_bind(const BindWish& wish, const ClientPath& path, bool is_bound) {
  MessageWriter writer = begin_answer(wish.id, Method::connection_bind,
                                      is_bound ? MessageClass::success : MessageClass::error);
  if (!is_bound) {
    writer.add_error(ErrorCode::bad_request);
    count_refusal(ErrorCode::bad_request);
  }
  finish(path, writer, wish.verified, wish.has_fingerprint);
}

void TurnWorker::hand_over(ConnectionId connection, ClientEnd client) {
  TcpShard& home = *context_.tcp_shards[connection % context_.tcp_shards.size()];
  asio::post(home.shard().home.executor(),
             [&home, connection, client = std::move(client)]() mutable {
               home.adopt(connection, std::move(client));
             });
}

void TurnWorker::forget(StreamClient& client) {
  for (auto& [ticket, pending] : pending_) {
    if (pending.path.stream == &client) pending.is_gone = true;
  }
  if (client.session == nullptr) return;
  client.session->end(runtime::EndReason::completed);
  reap();
}

void TurnWorker::reap() {
  shard_.egress.flush();  // which may count for one of them
  for (TurnSession* session : std::exchange(ending_, {})) retire(*session);
}

void TurnWorker::retire(TurnSession& session) {
  const TurnSession::Parts& parts = session.parts();
  if (last_session_ == &session) last_session_ = nullptr;
  if (parts.client.stream != nullptr) {
    parts.client.stream->session = nullptr;
  } else {
    by_client_.erase(ClientKey(parts.client));
  }
  shard_.home.sessions().finish(session, session.end_reason());
  session.report();
  shard_.counters.subtract(TurnCounter::allocations);
  context_.give_back(parts.who.user, parts.grant.ports);
  sessions_.erase(&session);
}

}  // namespace bellhop::turn
