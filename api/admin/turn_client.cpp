#include "api/admin/turn_client.hpp"

#include <algorithm>
#include <array>

#include "component/base/random.hpp"
#include "component/runtime/timeout.hpp"
#include "relay/stun/stream_frame.hpp"
#include "relay/stun/wire.hpp"

namespace bellhop::admin {

using base::Deadline;
using runtime::Task;
using stun::AttributeType;
using stun::Message;
using stun::MessageClass;
using stun::MessageWriter;
using stun::Method;
namespace asio = runtime::asio;

namespace {

// RFC 8656 §18.7: UDP, in the first byte.
constexpr std::uint32_t kUdpTransport = 17U << 24;
constexpr std::size_t kChannelHeaderBytes = 4;
// RFC 8489 §14.9, §14.10: realms and nonces are shorter; longer ones are not repeated.
constexpr std::size_t kTextBytesMax = 763;

std::optional<runtime::TlsOptions> tls_of(const TurnClient::Server& server) {
  if (server.over != TurnClient::Over::tls) return std::nullopt;
  return runtime::TlsOptions{server.host, ""};
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

asio::ip::udp::endpoint to_asio(const base::IpEndpoint& endpoint) {
  return {asio::ip::make_address(endpoint.address.text()), endpoint.port};
}

// As in RFC 8489 §14.8 and RFC 8656 §19, in words.
std::string text_of(int code) {
  const std::string_view reason = stun::reason_of(static_cast<stun::ErrorCode>(code));
  std::string text = "the answer was " + std::to_string(code);
  if (!reason.empty()) text.append(" (").append(reason).append(")");
  return text;
}

Task<Trouble> in_time(Task<Trouble> step, Deadline deadline) {
  const std::optional<Trouble> trouble = co_await runtime::with_deadline(std::move(step), deadline);
  co_return trouble ? *trouble : Trouble("no answer came in time");
}

}  // namespace

TurnClient::TurnClient(runtime::Executor executor, Server server, User user)
    : server_(std::move(server)),
      user_(std::move(user)),
      udp_(executor),
      stream_(executor, tls_of(server_)) {}

Task<Trouble> TurnClient::allocate(stun::AddressFamily family, Deadline deadline) {
  co_return co_await in_time(allocate_at(family), deadline);
}

Task<Trouble> TurnClient::admit(base::IpEndpoint peer, Deadline deadline) {
  co_return co_await in_time(admit_peer(peer), deadline);
}

Task<Trouble> TurnClient::connect() {
  step_ = TurnStep::connect;
  runtime::error_code ec;
  if (server_.over == Over::udp) {
    udp_.open(to_asio(server_.address).protocol(), ec);
    // Connected: what others send is not heard, and a closed port is told by ICMP.
    if (!ec) udp_.connect(to_asio(server_.address), ec);
  } else {
    ec = co_await stream_.connect(server_.host, server_.port);
  }
  co_return ec ? ec.message() : Trouble();
}

Task<Trouble> TurnClient::allocate_at(stun::AddressFamily family) {
  Trouble trouble = co_await connect();
  if (!trouble.empty()) co_return trouble;
  Question question{Method::allocate, family};
  // RFC 8489 §9.2.3.1: the first request has no credentials. The answer to it tells realm and
  // nonce.
  trouble = co_await ask(question);
  if (step_ == TurnStep::connect) co_return trouble;
  if (error_code_ == static_cast<int>(stun::ErrorCode::unauthenticated) && !nonce_.empty()) {
    trouble = co_await ask(question);
  }
  if (!trouble.empty()) co_return trouble;
  const auto answer = Message::parse(answer_);
  const auto relayed = answer->find_xor_address(AttributeType::xor_relayed_address);
  if (!relayed) co_return Trouble("no relayed address is in the answer");
  relayed_ = *relayed;
  co_return Trouble();
}

Task<Trouble> TurnClient::admit_peer(base::IpEndpoint peer) {
  step_ = TurnStep::permit;
  Question permission{Method::create_permission};
  permission.peer = peer;
  Trouble trouble = co_await ask(permission);
  if (!trouble.empty()) co_return trouble;
  step_ = TurnStep::bind;
  Question channel{Method::channel_bind};
  channel.peer = peer;
  channel.has_channel = true;
  co_return co_await ask(channel);
}

Task<Trouble> TurnClient::send(std::string payload, Deadline deadline) {
  step_ = TurnStep::relay;
  error_code_ = 0;
  // RFC 8656 §12.5: padded in a stream, and needs no padding in a datagram.
  Frame frame(kChannelHeaderBytes + stun::padded(payload.size()));
  stun::store16(frame.data(), kChannel);
  stun::store16(&frame[2], static_cast<std::uint16_t>(payload.size()));
  std::ranges::copy(payload, frame.begin() + kChannelHeaderBytes);
  co_return co_await in_time(write(std::move(frame)), deadline);
}

Task<Trouble> TurnClient::expect(std::string payload, Deadline deadline) {
  step_ = TurnStep::relay;
  error_code_ = 0;
  co_return co_await in_time(await_payload(std::move(payload)), deadline);
}

Task<> TurnClient::release(Deadline deadline) {
  Question question{Method::refresh};
  question.is_last = true;
  Frame request = make(question);
  (void)co_await in_time(write(std::move(request)), deadline);
}

// RFC 8489 §9.2.5: who is told that his nonce is old asks again with the new one, once.
Task<Trouble> TurnClient::ask(Question question) {
  Trouble trouble;
  for (int tries = 0; tries < 2; ++tries) {
    Frame request = make(question);
    trouble = co_await exchange(std::move(request));
    if (error_code_ != static_cast<int>(stun::ErrorCode::stale_nonce)) break;
  }
  co_return trouble;
}

Task<Trouble> TurnClient::exchange(Frame request) {
  error_code_ = 0;
  answer_.clear();
  Trouble trouble = co_await write(request);
  if (!trouble.empty()) co_return trouble;
  if (server_.over != Over::udp) {
    trouble = co_await await_answer();
  } else {
    base::Duration wait = kRetransmission;
    for (;;) {
      const Deadline deadline = Deadline::after(wait);
      const auto ended = co_await runtime::with_deadline(await_answer(), deadline);
      if (ended) {
        trouble = *ended;
        break;
      }
      wait *= 2;
      trouble = co_await write(request);
      if (!trouble.empty()) break;
    }
  }
  if (!trouble.empty()) co_return trouble;
  const auto answer = Message::parse(answer_);
  co_return judge(*answer);
}

// Until the answer to the question asked last is in answer_.
Task<Trouble> TurnClient::await_answer() {
  for (;;) {
    Trouble trouble = co_await read();
    if (!trouble.empty()) co_return trouble;
    const auto message = Message::parse(frame_);
    if (!message || message->id() != id_) continue;
    const auto kind = message->message_class();
    if (kind != MessageClass::success && kind != MessageClass::error) continue;
    answer_ = frame_;
    co_return Trouble();
  }
}

Task<Trouble> TurnClient::await_payload(std::string payload) {
  for (;;) {
    Trouble trouble = co_await read();
    if (!trouble.empty()) co_return trouble;
    if (frame_.size() < kChannelHeaderBytes) continue;
    const std::span<const std::uint8_t> data = std::span(frame_).subspan(kChannelHeaderBytes);
    const std::size_t size = stun::load16(&frame_[2]);
    if (stun::load16(frame_.data()) != kChannel || size > data.size()) continue;
    if (as_text(data.first(size)) == payload) co_return Trouble();
  }
}

Task<Trouble> TurnClient::write(Frame frame) {
  if (server_.over != Over::udp) {
    const std::string_view bytes = as_text(frame);
    const runtime::error_code ec = co_await stream_.write_all(bytes);
    co_return ec ? ec.message() : Trouble();
  }
  const asio::const_buffer bytes = asio::buffer(frame);
  const auto [ec, n] = co_await udp_.async_send(bytes, runtime::kTuple);
  co_return ec ? ec.message() : Trouble();
}

// One message into frame_.
Task<Trouble> TurnClient::read() {
  std::array<std::uint8_t, kMessageBytesMax> piece{};
  const asio::mutable_buffer room = asio::buffer(piece);
  if (server_.over == Over::udp) {
    const auto [ec, n] = co_await udp_.async_receive(room, runtime::kTuple);
    if (ec) co_return ec.message();
    frame_.assign(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(n));
    co_return Trouble();
  }
  for (;;) {
    const auto first = stun::first_frame(input_);
    if (!first) co_return Trouble("what came back is not TURN");
    if (*first) {
      frame_.assign((*first)->bytes.begin(), (*first)->bytes.end());
      input_.erase(input_.begin(),
                   input_.begin() + static_cast<std::ptrdiff_t>((*first)->consumed));
      co_return Trouble();
    }
    if (input_.size() > kMessageBytesMax) co_return Trouble("more came back than is taken");
    const auto [ec, n] = co_await stream_.read_some(room);
    if (ec == asio::error::eof) co_return Trouble("it closed the connection");
    if (ec) co_return ec.message();
    input_.insert(input_.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(n));
  }
}

TurnClient::Frame TurnClient::make(const Question& question) {
  const std::string random = base::random_bytes(id_.size());
  std::ranges::copy(random, id_.begin());
  Frame buffer(kMessageBytesMax);
  MessageWriter writer(buffer, MessageClass::request, question.method, id_);
  if (question.method == Method::allocate) {
    writer.add_u32(AttributeType::requested_transport, kUdpTransport);
  }
  if (question.family) {
    const auto family = static_cast<std::uint32_t>(*question.family);
    writer.add_u32(AttributeType::requested_address_family, family << 24);
  }
  if (question.has_channel) {
    writer.add_u32(AttributeType::channel_number, std::uint32_t{kChannel} << 16);
  }
  if (question.is_last) writer.add_u32(AttributeType::lifetime, 0);
  if (question.peer) writer.add_xor_address(AttributeType::xor_peer_address, *question.peer);
  if (!nonce_.empty()) {
    writer.add_text(AttributeType::username, user_.name);
    writer.add_text(AttributeType::realm, realm_);
    writer.add_text(AttributeType::nonce, nonce_);
    // What nearly all clients send.
    writer.add_integrity(stun::Integrity::sha1, key_.view());
  }
  const stun::Bytes made = writer.finish();
  return {made.begin(), made.end()};
}

void TurnClient::take_challenge(const Message& answer) {
  const auto realm = answer.find(AttributeType::realm);
  const auto nonce = answer.find(AttributeType::nonce);
  if (!realm || !nonce) return;
  if (realm->size() > kTextBytesMax || nonce->size() > kTextBytesMax) return;
  realm_ = stun::to_text(*realm);
  nonce_ = stun::to_text(*nonce);
  key_ = stun::long_term_key(stun::PasswordAlgorithm::md5, user_.name, realm_, user_.password);
}

Trouble TurnClient::judge(const Message& answer) {
  if (step_ == TurnStep::connect) step_ = TurnStep::allocate;
  if (answer.message_class() == MessageClass::error) {
    error_code_ = answer.error_code().value_or(0);
    take_challenge(answer);
    return error_code_ == 0 ? Trouble("what came back is not TURN") : text_of(error_code_);
  }
  if (nonce_.empty()) return "it lends addresses without credentials";
  // RFC 8489 §9.2.5
  const bool is_known = answer.has_integrity_of(key_.view());
  return is_known ? Trouble() : Trouble("the answer was not made with the password");
}

}  // namespace bellhop::admin
