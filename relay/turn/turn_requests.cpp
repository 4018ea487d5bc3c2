// What clients ask and are answered; turn_worker.cpp has where requests come from and answers go.
#include <chrono>

#include "relay/turn/tcp_relay.hpp"
#include "relay/turn/turn_worker.hpp"

namespace bellhop::turn {
namespace {

using stun::AttributeType;
using stun::ErrorCode;
using stun::Message;
using stun::MessageClass;
using stun::MessageWriter;
using stun::Method;

// The longest answer: dual allocation, SHA-256, software, with room to spare.
constexpr std::size_t kAnswerBytesMax = 512;

}  // namespace

void TurnWorker::handle(const Request& request) {
  const Message& message = request.message;
  if (message.message_class() == MessageClass::indication) return handle_indication(request);
  if (message.message_class() != MessageClass::request) return;  // we have asked nobody
  switch (message.method()) {
    case Method::binding:
      return answer_binding(request);
    case Method::allocate:
    case Method::refresh:
    case Method::create_permission:
    case Method::channel_bind:
      break;
    case Method::connect:
    case Method::connection_bind:
      if (context_.rules.has_tcp_relay()) break;
      [[fallthrough]];
    default:
      // RFC 8489 §6.3: a method that is not supported here.
      return shard_.counters.add(TurnCounter::dropped_malformed);
  }
  std::optional<Remembered> known;
  if (request.session != nullptr) {
    known.emplace(Remembered{request.session->parts().username, request.session->parts().key});
  }
  const auto checked = access_->authenticator.check(message, request.path.client, shard_.now,
                                                    known ? &*known : nullptr);
  if (const auto* code = std::get_if<ErrorCode>(&checked)) return refuse_unproven(request, *code);
  handle_verified(request, std::get<Verified>(checked));
}

// TURN-A01 to TURN-A04: without integrity, 401 and 438 with what the next one is to be signed with.
void TurnWorker::refuse_unproven(const Request& request, ErrorCode code) {
  const Message& message = request.message;
  MessageWriter writer = begin_answer(message.id(), message.method(), MessageClass::error);
  access_->authenticator.write_refusal(writer, code, request.path.client, shard_.now);
  if (message.has(AttributeType::fingerprint)) writer.add_fingerprint();
  if (!may_answer(request, writer.finish().size())) return;
  count_refusal(code);
  send(request.path, writer);
}

// RFC 8489 §12.
void TurnWorker::answer_binding(const Request& request) {
  const Message& message = request.message;
  const bool is_known = message.unknown().empty();
  MessageWriter writer = begin_answer(message.id(), Method::binding,
                                      is_known ? MessageClass::success : MessageClass::error);
  if (is_known) {
    writer.add_xor_address(AttributeType::xor_mapped_address, request.path.client);
  } else {
    writer.add_error(ErrorCode::unknown_attribute);
    writer.add_unknown(message.unknown());
  }
  if (message.has(AttributeType::fingerprint)) writer.add_fingerprint();
  if (!may_answer(request, writer.finish().size())) return;
  shard_.counters.add(TurnCounter::bindings);
  send(request.path, writer);
}

void TurnWorker::handle_indication(const Request& request) {
  if (request.message.method() != Method::send) return;  // STN-05
  if (request.session == nullptr) return shard_.counters.add(TurnCounter::dropped_no_allocation);
  TurnSession& session = *request.session;
  // TURN-T12
  if (session.tcp() != nullptr) return shard_.counters.add(TurnCounter::dropped_no_permission);
  const auto indication =
      context_.rules.send(request.message, session.families(), session.allocation(), shard_.now);
  if (!indication) return shard_.counters.add(TurnCounter::dropped_no_permission);
  session.relay(*indication);
}

void TurnWorker::handle_verified(const Request& request, const Verified& verified) {
  const Message& message = request.message;
  // RFC 8489 §6.3.1: unknown attributes are looked at once it is known who asks.
  if (!message.unknown().empty()) {
    MessageWriter writer = begin_answer(message.id(), message.method(), MessageClass::error);
    writer.add_error(ErrorCode::unknown_attribute);
    writer.add_unknown(message.unknown());
    count_refusal(ErrorCode::unknown_attribute);
    return finish(request.path, writer, verified, message.has(AttributeType::fingerprint));
  }
  if (message.method() == Method::allocate) return allocate(request, verified);
  if (message.method() == Method::connection_bind) return connection_bind(request, verified);
  if (request.session == nullptr) {
    return refuse(request, verified, ErrorCode::allocation_mismatch);  // TURN-A09
  }
  if (request.session->parts().username != verified.username) {
    return refuse(request, verified, ErrorCode::wrong_credentials);  // TURN-A08
  }
  switch (message.method()) {
    case Method::refresh:
      return refresh(request, verified);
    case Method::create_permission:
      return create_permission(request, verified);
    case Method::connect:
      return connect(request, verified);
    default:
      return channel_bind(request, verified);
  }
}

// TURN-A15
void TurnWorker::answer_allocate(const ClientPath& path, const TurnSession& session,
                                 const Verified& verified, bool has_fingerprint) {
  const TurnSession::Parts& parts = session.parts();
  MessageWriter writer = begin_answer(parts.made_by, Method::allocate, MessageClass::success);
  for (const base::IpEndpoint& relayed : {session.relayed_v4(), session.relayed_v6()}) {
    if (relayed.port != 0) writer.add_xor_address(AttributeType::xor_relayed_address, relayed);
  }
  writer.add_u32(AttributeType::lifetime,
                 static_cast<std::uint32_t>(parts.request.lifetime.count()));
  writer.add_xor_address(AttributeType::xor_mapped_address, path.client);
  if (parts.grant.reservation) {
    writer.add(AttributeType::reservation_token, *parts.grant.reservation);
  }
  if (const auto& missing = parts.grant.missing) {
    writer.add_address_error(missing->first, missing->second);
  }
  finish(path, writer, verified, has_fingerprint);
}

void TurnWorker::refresh(const Request& request, const Verified& verified) {
  TurnSession& session = *request.session;
  const auto wanted = context_.rules.refresh(request.message, session.families());
  if (const auto* code = std::get_if<ErrorCode>(&wanted)) return refuse(request, verified, *code);
  const auto& change = std::get<TurnRules::Refresh>(wanted);
  // TURN-A13: what has expired may end its allocation, not prolong it.
  const bool is_expired = verified.expires && *verified.expires <= std::chrono::system_clock::now();
  if (is_expired && change.lifetime.count() > 0) {
    return refuse_unproven(request, ErrorCode::unauthenticated);
  }
  const PerFamily<bool> has = session.families();
  const bool is_half = change.family && has.v4 && has.v6;
  if (change.lifetime.count() > 0) {
    session.set_lifetime(change.lifetime);
    shard_.wheel.set(session, session.expires());  // it may be sooner than before
  } else if (is_half) {
    session.close_half(*change.family);
  }
  MessageWriter writer = begin_answer(request.message.id(), Method::refresh, MessageClass::success);
  writer.add_u32(AttributeType::lifetime, static_cast<std::uint32_t>(change.lifetime.count()));
  finish(request.path, writer, verified, request.message.has(AttributeType::fingerprint));
  if (change.lifetime.count() == 0 && !is_half) {  // TURN-R01: at once
    session.end(runtime::EndReason::completed);
    reap();
  }
}

void TurnWorker::create_permission(const Request& request, const Verified& verified) {
  TurnSession& session = *request.session;
  const auto code = context_.rules.create_permission(request.message, session.families(),
                                                     session.allocation(), shard_.now);
  if (code) return refuse(request, verified, *code);
  succeed(request, verified);
}

void TurnWorker::channel_bind(const Request& request, const Verified& verified) {
  TurnSession& session = *request.session;
  if (session.tcp() != nullptr) return refuse(request, verified, ErrorCode::forbidden);  // TURN-T12
  shard_.egress.flush();  // which refers to channels, and binding one may move them
  const auto bound = context_.rules.channel_bind(request.message, session.families(),
                                                 session.allocation(), shard_.now);
  if (const auto* code = std::get_if<ErrorCode>(&bound)) return refuse(request, verified, *code);
  session.prepare_channel(std::get<std::uint16_t>(bound));
  succeed(request, verified);
}

MessageWriter TurnWorker::begin_answer(const stun::TransactionId& id, Method method,
                                       MessageClass message_class) {
  // Room for the route, too, so that taking it does not flush what is written here.
  const auto room = shard_.room(kAnswerBytesMax + TurnShard::kRouteBytes);
  MessageWriter writer(room.first(kAnswerBytesMax), message_class, method, id);
  if (context_.has_software) writer.add_text(AttributeType::software, "Bellhop");
  return writer;
}

void TurnWorker::succeed(const Request& request, const Verified& verified) {
  MessageWriter writer =
      begin_answer(request.message.id(), request.message.method(), MessageClass::success);
  finish(request.path, writer, verified, request.message.has(AttributeType::fingerprint));
}

void TurnWorker::refuse(const Request& request, const Verified& verified, ErrorCode code) {
  const Message& message = request.message;
  MessageWriter writer = begin_answer(message.id(), message.method(), MessageClass::error);
  writer.add_error(code);
  count_refusal(code);
  finish(request.path, writer, verified, message.has(AttributeType::fingerprint));
}

void TurnWorker::finish(const ClientPath& path, MessageWriter& writer, const Verified& verified,
                        bool has_fingerprint) {
  writer.add_integrity(verified.integrity, verified.key.view());
  if (has_fingerprint) writer.add_fingerprint();  // STN-06
  send(path, writer);
}

void TurnWorker::send(const ClientPath& path, MessageWriter& writer) {
  const stun::Bytes message = writer.finish();
  BELLHOP_ASSERT(!message.empty());
  if (path.stream != nullptr) {
    path.stream->send({}, message, 0, shard_.answers);
    return;
  }
  // The route of a datagram lives as long as the listener's reception, which is not long enough.
  shard_.writes.use(kAnswerBytesMax);
  const net::Route& route = shard_.keep(path.route);
  shard_.egress.add(route, {}, message, 0, shard_.answers);
}

bool TurnWorker::may_answer(const Request& request, std::size_t bytes) {
  // Streams have shown that they are where they say; so have owners of allocations.
  if (request.path.stream != nullptr || request.session != nullptr) return true;
  const bool may = budget_.may_answer(request.path.client.address, request.message.bytes().size(),
                                      bytes, shard_.now);
  if (!may) shard_.counters.add(TurnCounter::silent);
  return may;
}

const base::IpEndpoint* TurnWorker::alternate_for(const ClientPath& path) const {
  for (const base::IpEndpoint& alternate : context_.alternates) {
    if (alternate.address.is_v4() == path.client.address.is_v4()) return &alternate;
  }
  return nullptr;
}

void TurnWorker::count_refusal(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_request:
      return shard_.counters.add(TurnCounter::refused_bad_request);
    case ErrorCode::unauthenticated:
      return shard_.counters.add(TurnCounter::refused_unauthenticated);
    case ErrorCode::forbidden:
      return shard_.counters.add(TurnCounter::refused_forbidden);
    case ErrorCode::allocation_mismatch:
      return shard_.counters.add(TurnCounter::refused_mismatch);
    case ErrorCode::stale_nonce:
      return shard_.counters.add(TurnCounter::refused_stale_nonce);
    case ErrorCode::allocation_quota_reached:
      return shard_.counters.add(TurnCounter::refused_quota);
    case ErrorCode::insufficient_capacity:
      return shard_.counters.add(TurnCounter::refused_capacity);
    default:
      return shard_.counters.add(TurnCounter::refused_other);
  }
}

}  // namespace bellhop::turn
