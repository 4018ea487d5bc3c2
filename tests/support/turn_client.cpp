#include "tests/support/turn_client.hpp"

#include <algorithm>
#include <utility>

#include "component/base/random.hpp"
#include "relay/stun/wire.hpp"

namespace bellhop::test {
namespace {

using stun::AttributeType;
using stun::Integrity;

constexpr std::size_t kMessageMax = stun::kHeaderBytes + 65532;

void add(stun::MessageWriter& writer, const TurnAttribute& attribute) {
  if (attribute.address) {
    writer.add_xor_address(attribute.type, *attribute.address);
  } else {
    writer.add(attribute.type, attribute.value);
  }
}

bool is_channel_data(const Octets& bytes) {
  return !bytes.empty() && (bytes[0] >> 6) == 1;
}

stun::TransactionId new_id() {
  stun::TransactionId id;
  base::fill_random(id);
  return id;
}

TurnData read_channel(const Octets& bytes) {
  if (bytes.size() < 4) throw Missed("ChannelData without a header");
  const std::size_t size = stun::load16(bytes.data() + 2);
  if (size > bytes.size() - 4) throw Missed("ChannelData is cut");
  TurnData data;
  data.channel = stun::load16(bytes.data());
  data.data = stun::to_text(stun::Bytes(bytes).subspan(4, size));
  return data;
}

}  // namespace

TurnAttribute TurnAttribute::bytes(AttributeType type, Octets value) {
  TurnAttribute attribute;
  attribute.type = type;
  attribute.value = std::move(value);
  return attribute;
}

TurnAttribute TurnAttribute::text(AttributeType type, std::string_view text) {
  return bytes(type, Octets(text.begin(), text.end()));
}

TurnAttribute TurnAttribute::number(AttributeType type, std::uint32_t value) {
  Octets four(4);
  stun::store32(four.data(), value);
  return bytes(type, std::move(four));
}

TurnAttribute TurnAttribute::hidden(AttributeType type, const base::IpEndpoint& address) {
  TurnAttribute attribute;
  attribute.type = type;
  attribute.address = address;
  return attribute;
}

TurnAttribute TurnAttribute::transport(std::uint8_t protocol) {
  return number(AttributeType::requested_transport, std::uint32_t{protocol} << 24);
}

TurnAttribute TurnAttribute::lifetime(std::chrono::seconds lifetime) {
  return number(AttributeType::lifetime, static_cast<std::uint32_t>(lifetime.count()));
}

TurnAttribute TurnAttribute::peer(const base::IpEndpoint& address) {
  return hidden(AttributeType::xor_peer_address, address);
}

TurnAttribute TurnAttribute::channel(std::uint16_t number) {
  return TurnAttribute::number(AttributeType::channel_number, std::uint32_t{number} << 16);
}

TurnAttribute TurnAttribute::family(stun::AddressFamily family) {
  return number(AttributeType::requested_address_family, static_cast<std::uint32_t>(family) << 24);
}

TurnMessage::TurnMessage(Octets bytes)
    : bytes_(std::move(bytes)), message_([this] {
        const auto message = stun::Message::parse(bytes_);
        if (!message) throw Missed("what came is not a STUN message");
        return *message;
      }()) {}

int TurnMessage::code() const {
  if (message_.message_class() == stun::MessageClass::success) return 0;
  const auto code = message_.error_code();
  if (!code) throw Missed("an error without ERROR-CODE");
  return *code;
}

std::string TurnMessage::text(AttributeType type) const {
  const auto value = message_.find(type);
  return value ? std::string(stun::to_text(*value)) : std::string();
}

std::optional<std::uint32_t> TurnMessage::number(AttributeType type) const {
  return message_.find_u32(type);
}

base::IpEndpoint TurnMessage::address(AttributeType type) const {
  const auto address = message_.find_xor_address(type);
  if (!address) throw Missed("an address is missing in the answer");
  return *address;
}

std::vector<base::IpEndpoint> TurnMessage::addresses(AttributeType type) const {
  std::vector<base::IpEndpoint> all;
  message_.for_each(type, [&](stun::Bytes value) {
    const auto address = message_.read_xor_address(value);
    if (!address) throw Missed("an address in the answer is none");
    all.push_back(*address);
    return true;
  });
  return all;
}

void TurnClient::learn(const TurnMessage& refusal) {
  realm_ = refusal.text(AttributeType::realm);
  nonce_ = refusal.text(AttributeType::nonce);
  const auto offered = refusal.message().find(AttributeType::password_algorithms);
  algorithms_ = offered ? Octets(offered->begin(), offered->end()) : Octets();
}

bool TurnClient::names_algorithm() const {
  return credentials_->algorithm == stun::PasswordAlgorithm::sha256 || credentials_->names_md5;
}

stun::Key TurnClient::key_for(const TurnRequest& request) const {
  return stun::long_term_key(
      credentials_->algorithm, request.username.value_or(credentials_->username),
      request.realm.value_or(realm_), request.password.value_or(credentials_->password));
}

void TurnClient::add_credentials(stun::MessageWriter& writer, const TurnRequest& request) const {
  const auto is_wanted = [&request](AttributeType type) {
    return std::ranges::find(request.without, type) == request.without.end();
  };
  const std::string username = request.username.value_or(credentials_->username);
  const std::string realm = request.realm.value_or(realm_);
  if (credentials_->has_userhash && is_wanted(AttributeType::userhash)) {
    writer.add(AttributeType::userhash, stun::user_hash(username, realm));
  } else if (!credentials_->has_userhash && is_wanted(AttributeType::username)) {
    writer.add_text(AttributeType::username, username);
  }
  if (is_wanted(AttributeType::realm)) writer.add_text(AttributeType::realm, realm);
  if (is_wanted(AttributeType::nonce)) {
    writer.add_text(AttributeType::nonce, request.nonce.value_or(nonce_));
  }
  // RFC 8489 §9.2.3.2: the list as it was offered, and the choice.
  if (names_algorithm() && is_wanted(AttributeType::password_algorithms)) {
    writer.add(AttributeType::password_algorithms, algorithms_);
  }
  if (names_algorithm() && is_wanted(AttributeType::password_algorithm)) {
    writer.add_u32(AttributeType::password_algorithm,
                   static_cast<std::uint32_t>(credentials_->algorithm) << 16);
  }
  const Integrity usual = names_algorithm() ? Integrity::sha256 : Integrity::sha1;
  const Integrity integrity = request.integrity.value_or(usual);
  const auto type = integrity == Integrity::sha256 ? AttributeType::message_integrity_sha256
                                                   : AttributeType::message_integrity;
  if (is_wanted(type)) writer.add_integrity(integrity, key_for(request).view());
}

Octets TurnClient::write(const TurnRequest& request) {
  Octets memory(kMessageMax, 0xEE);
  stun::MessageWriter writer(memory, request.message_class, request.method,
                             request.id.value_or(new_id()));
  for (const TurnAttribute& attribute : request.attributes) add(writer, attribute);
  const bool knows_realm = !realm_.empty() || request.realm;
  if (request.is_signed && credentials_ && knows_realm) add_credentials(writer, request);
  for (const TurnAttribute& attribute : request.behind) add(writer, attribute);
  if (request.has_fingerprint) writer.add_fingerprint();
  const std::size_t size = writer.finish().size();
  if (size == 0) throw Missed("the request is too long");
  memory.resize(size);
  return memory;
}

stun::TransactionId TurnClient::send_request(const TurnRequest& request) {
  const Octets bytes = write(request);
  socket_.send(bytes);
  stun::TransactionId id;
  std::copy_n(bytes.begin() + 8, id.size(), id.begin());
  return id;
}

TurnMessage TurnClient::answer_to(const stun::TransactionId& id) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    auto bytes = socket_.receive(left);
    if (!bytes) throw Missed("no answer came");
    const auto message = stun::Message::parse(*bytes);
    const bool is_answer = message && message->id() == id &&
                           (message->message_class() == stun::MessageClass::success ||
                            message->message_class() == stun::MessageClass::error);
    if (is_answer) return TurnMessage(std::move(*bytes));
    waiting_.push_back(std::move(*bytes));
  }
}

TurnMessage TurnClient::request(const TurnRequest& request) {
  return answer_to(send_request(request));
}

TurnMessage TurnClient::ask(TurnRequest request) {
  bool was_signed = request.is_signed && credentials_ && !realm_.empty();
  TurnMessage answer = this->request(request);
  const bool must_learn = answer.code() == 438 || (answer.code() == 401 && !was_signed);
  if (must_learn && credentials_ && request.is_signed) {
    learn(answer);
    request.id.reset();  // another request
    answer = this->request(request);
    was_signed = true;
  }
  if (was_signed && answer.code() == 0 && !has_signed(answer)) {
    throw Missed("the answer is not signed as the request was");
  }
  return answer;
}

TurnMessage TurnClient::binding() {
  TurnRequest request;
  request.is_signed = false;
  return this->request(request);
}

TurnMessage TurnClient::allocate(std::vector<TurnAttribute> attributes) {
  TurnRequest request;
  request.method = stun::Method::allocate;
  const auto has_transport = std::ranges::any_of(attributes, [](const TurnAttribute& attribute) {
    return attribute.type == AttributeType::requested_transport;
  });
  if (!has_transport) request.attributes.push_back(TurnAttribute::transport());
  for (TurnAttribute& attribute : attributes) request.attributes.push_back(std::move(attribute));
  return ask(std::move(request));
}

TurnMessage TurnClient::refresh(std::chrono::seconds lifetime) {
  TurnRequest request;
  request.method = stun::Method::refresh;
  request.attributes.push_back(TurnAttribute::lifetime(lifetime));
  return ask(std::move(request));
}

TurnMessage TurnClient::create_permission(const std::vector<base::IpEndpoint>& peers) {
  TurnRequest request;
  request.method = stun::Method::create_permission;
  for (const auto& peer : peers) request.attributes.push_back(TurnAttribute::peer(peer));
  return ask(std::move(request));
}

TurnMessage TurnClient::channel_bind(std::uint16_t number, const base::IpEndpoint& peer) {
  TurnRequest request;
  request.method = stun::Method::channel_bind;
  request.attributes.push_back(TurnAttribute::channel(number));
  request.attributes.push_back(TurnAttribute::peer(peer));
  return ask(std::move(request));
}

void TurnClient::send(const base::IpEndpoint& peer, std::string_view data) {
  TurnRequest indication;
  indication.method = stun::Method::send;
  indication.message_class = stun::MessageClass::indication;
  indication.is_signed = false;
  indication.attributes.push_back(TurnAttribute::peer(peer));
  indication.attributes.push_back(TurnAttribute::text(AttributeType::data, data));
  (void)send_request(indication);
}

void TurnClient::send_channel(std::uint16_t number, std::string_view data) {
  Octets bytes(4);
  stun::store16(bytes.data(), number);
  stun::store16(bytes.data() + 2, static_cast<std::uint16_t>(data.size()));
  bytes.insert(bytes.end(), data.begin(), data.end());
  if (socket_.transport() != TurnTransport::udp) bytes.resize(stun::padded(bytes.size()));
  socket_.send(bytes);
}

std::optional<Octets> TurnClient::next(std::chrono::milliseconds wait) {
  if (waiting_.empty()) return socket_.receive(wait);
  Octets bytes = std::move(waiting_.front());
  waiting_.pop_front();
  return bytes;
}

TurnData TurnClient::receive() {
  auto bytes = next();
  if (!bytes) throw Missed("no data came");
  if (is_channel_data(*bytes)) return read_channel(*bytes);
  const TurnMessage message(std::move(*bytes));
  const bool is_data = message.message().method() == stun::Method::data &&
                       message.message().message_class() == stun::MessageClass::indication;
  if (!is_data) throw Missed("what came is not a Data indication");
  TurnData data;
  data.peer = message.address(AttributeType::xor_peer_address);
  if (message.has(AttributeType::data)) data.data = message.text(AttributeType::data);
  if (message.has(AttributeType::icmp)) data.icmp = message.text(AttributeType::icmp);
  return data;
}

bool TurnClient::is_ignored(stun::Bytes bytes) {
  const std::size_t before = waiting_.size();
  socket_.send(bytes);
  (void)binding();
  return waiting_.size() == before;
}

bool TurnClient::has_signed(const TurnMessage& answer) const {
  if (!credentials_) return false;
  const Integrity expected = names_algorithm() ? Integrity::sha256 : Integrity::sha1;
  return answer.message().integrity() == expected &&
         answer.message().has_integrity_of(key_for(TurnRequest()).view());
}

}  // namespace bellhop::test
