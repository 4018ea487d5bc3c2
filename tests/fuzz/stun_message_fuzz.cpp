// Any bytes as a STUN message: what is read can be written and read again, and libnice, where it is
// at hand, agrees. Each input runs as it is, and with length, cookie, integrity and fingerprint
// made right, so that what lies behind them is reached.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "relay/stun/integrity.hpp"
#include "relay/stun/message.hpp"
#include "relay/stun/message_writer.hpp"
#include "relay/stun/wire.hpp"
#include "tests/fuzz/stun_second_opinion.hpp"

namespace {

namespace stun = bellhop::stun;
using stun::AttributeType;
using stun::Bytes;
using stun::Integrity;
using stun::Message;
using Octets = std::vector<std::uint8_t>;

constexpr std::string_view kKey = "VOkJxbRl1RmTxUk/WvJxBt";  // that of RFC 5769 §2.1

constexpr std::size_t kAddedMax = 4 + 32 + 8;  // an integrity and a fingerprint

// All of registry.hpp but the integrities and FINGERPRINT.
constexpr AttributeType kPlain[] = {
    AttributeType::mapped_address,
    AttributeType::username,
    AttributeType::error_code,
    AttributeType::unknown_attributes,
    AttributeType::channel_number,
    AttributeType::lifetime,
    AttributeType::xor_peer_address,
    AttributeType::data,
    AttributeType::realm,
    AttributeType::nonce,
    AttributeType::xor_relayed_address,
    AttributeType::requested_address_family,
    AttributeType::even_port,
    AttributeType::requested_transport,
    AttributeType::dont_fragment,
    AttributeType::password_algorithm,
    AttributeType::userhash,
    AttributeType::xor_mapped_address,
    AttributeType::reservation_token,
    AttributeType::connection_id,
    AttributeType::additional_address_family,
    AttributeType::address_error_code,
    AttributeType::password_algorithms,
    AttributeType::alternate_domain,
    AttributeType::icmp,
    AttributeType::software,
    AttributeType::alternate_server,
};
constexpr AttributeType kAddresses[] = {AttributeType::xor_peer_address,
                                        AttributeType::xor_relayed_address,
                                        AttributeType::xor_mapped_address};

bool is_inside(Bytes value, Bytes whole) {
  return value.data() >= whole.data() + stun::kHeaderBytes &&
         value.data() + value.size() <= whole.data() + whole.size();
}

bool is_same(const std::optional<Bytes>& one, const std::optional<Bytes>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  return one->data() == other->data() && one->size() == other->size();
}

void check_unknown(const Message& message) {
  const auto unknown = message.unknown();
  BELLHOP_ASSERT(unknown.size() <= Message::kUnknownMax);
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    BELLHOP_ASSERT(unknown[i] < 0x8000 && !message.has(AttributeType(unknown[i])));
    const auto before = unknown.first(i);
    BELLHOP_ASSERT(std::ranges::find(before, unknown[i]) == before.end());
  }
}

void check_visits(const Message& message, AttributeType type) {
  const auto first = message.find(type);
  std::optional<Bytes> last;
  message.for_each(type, [&](Bytes value) {
    BELLHOP_ASSERT(is_inside(value, message.bytes()));
    BELLHOP_ASSERT(last ? value.data() > last->data() : is_same(value, first));
    last = value;
    return true;
  });
  BELLHOP_ASSERT(first.has_value() == last.has_value());
}

// What counts, with the integrities and the fingerprint made anew.
Octets written(const Message& message, Integrity integrity, bool has_fingerprint) {
  Octets memory(message.bytes().size() + kAddedMax, 0xEE);
  stun::MessageWriter writer(memory, message.message_class(), message.method(), message.id());
  for (const AttributeType type : kPlain) {
    message.for_each(type, [&](Bytes value) {
      writer.add(type, value);
      return true;
    });
  }
  writer.add_integrity(integrity, stun::to_bytes(kKey));
  if (has_fingerprint) writer.add_fingerprint();
  const Bytes bytes = writer.finish();
  return {bytes.begin(), bytes.end()};
}

void compare(Bytes input, const std::optional<Message>& ours);

void check_round_trip(const Message& message) {
  for (const Integrity integrity : {Integrity::none, Integrity::sha1, Integrity::sha256}) {
    const Octets bytes = written(message, integrity, true);
    if (bytes.empty()) {  // only where what is added does not fit any more
      BELLHOP_ASSERT(message.bytes().size() > 65000);
      continue;
    }
    const auto again = Message::parse(bytes);
    BELLHOP_ASSERT(again && again->unknown().empty() && again->id() == message.id());
    BELLHOP_ASSERT(again->method() == message.method());
    BELLHOP_ASSERT(again->message_class() == message.message_class());
    BELLHOP_ASSERT(again->integrity() == integrity && again->has(AttributeType::fingerprint));
    BELLHOP_ASSERT(again->has_integrity_of(stun::to_bytes(kKey)) == (integrity != Integrity::none));
    for (const AttributeType type : kPlain) {
      const auto before = message.find(type);
      const auto after = again->find(type);
      BELLHOP_ASSERT(before.has_value() == after.has_value());
      if (before) BELLHOP_ASSERT(std::ranges::equal(*before, *after));
    }
    compare(bytes, again);
  }
}

void check_reader(const Message& message) {
  check_unknown(message);
  for (const AttributeType type : kPlain) check_visits(message, type);
  for (const AttributeType type : kAddresses) {
    const auto address = message.find_xor_address(type);
    const auto value = message.find(type);
    BELLHOP_ASSERT(!address || (value && (value->size() == 8 || value->size() == 20)));
  }
  const auto code = message.error_code();
  BELLHOP_ASSERT(!code || (*code >= 300 && *code < 700));
  check_round_trip(message);
}

#ifdef BELLHOP_WITH_LIBNICE

using bellhop::fuzz::SecondOpinion;

bool is_same(const std::optional<bellhop::base::IpEndpoint>& one,
             const std::optional<bellhop::base::IpEndpoint>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  return one->address == other->address && one->port == other->port;
}

// Where libnice differs on purpose: it does not know MESSAGE-INTEGRITY-SHA256, so it does not find
// it behind MESSAGE-INTEGRITY, and goes on to find what we hide behind it (RFC 8489 §14.6).
void compare_attribute(const Message& ours, const SecondOpinion& theirs, AttributeType type) {
  const auto value = theirs.find(static_cast<unsigned>(type));
  const auto sha256 = ours.find(AttributeType::message_integrity_sha256);
  if (type == AttributeType::message_integrity_sha256 &&
      ours.has(AttributeType::message_integrity)) {
    BELLHOP_ASSERT(!value);
    return;
  }
  const bool is_hidden =
      value && sha256 && value->data() > sha256->data() && type != AttributeType::fingerprint;
  const auto expected = is_hidden ? std::nullopt : value;
  BELLHOP_ASSERT(is_same(ours.find(type), expected));
  if (is_hidden) return;
  BELLHOP_ASSERT(ours.find_u32(type) == theirs.find_u32(static_cast<unsigned>(type)));
}

void compare_integrity(const Message& ours, const SecondOpinion& theirs) {
  if (ours.integrity() != Integrity::sha1) return;
  // It reads 20 bytes, however many there are; for us another number is wrong.
  if (ours.find(AttributeType::message_integrity)->size() != 20) return;
  // It believes errors that come before credentials are known, or without a code it refuses them.
  constexpr int kBelieved[] = {300, 400, 401, 438};
  const auto code = ours.error_code();
  const bool is_error = ours.message_class() == stun::MessageClass::error;
  if (is_error && (!code || std::ranges::find(kBelieved, *code) != std::end(kBelieved))) return;
  const Bytes key = stun::to_bytes(kKey);
  BELLHOP_ASSERT(ours.has_integrity_of(key) == theirs.has_integrity_of(key));
}

void compare(Bytes input, const std::optional<Message>& ours) {
  if (input.size() > SecondOpinion::kBytesMax) return;
  const SecondOpinion theirs(input);
  if (!theirs.is_message()) {
    BELLHOP_ASSERT(!ours);
    return;
  }
  // It takes a FINGERPRINT for the last attribute without a look: that one alone is refused by us
  // and perhaps not by it.
  const bool has_fingerprint = theirs.find(0x8028).has_value();
  if (!ours) {
    BELLHOP_ASSERT(has_fingerprint);
    return;
  }
  if (has_fingerprint) BELLHOP_ASSERT(theirs.has_right_fingerprint());
  // It takes this error response of no method for the Data indication that MSN once sent.
  if (stun::load16(input.data()) != 0x0115) {
    BELLHOP_ASSERT(static_cast<unsigned>(ours->message_class()) == theirs.message_class());
    BELLHOP_ASSERT(static_cast<unsigned>(ours->method()) == theirs.method());
  }
  BELLHOP_ASSERT(ours->id() == theirs.id());
  for (const AttributeType type : kPlain) compare_attribute(*ours, theirs, type);
  for (const AttributeType type :
       {AttributeType::message_integrity, AttributeType::message_integrity_sha256,
        AttributeType::fingerprint}) {
    compare_attribute(*ours, theirs, type);
  }
  for (const AttributeType type : kAddresses) {
    if (!ours->has(type)) continue;
    BELLHOP_ASSERT(is_same(ours->find_xor_address(type),
                           theirs.find_xor_address(static_cast<unsigned>(type))));
  }
  if (ours->has(AttributeType::error_code)) {
    BELLHOP_ASSERT(ours->error_code() == theirs.error_code());
  }
  compare_integrity(*ours, theirs);
}

#else

void compare(Bytes, const std::optional<Message>&) {
  static const bool is_told = [] {
    std::fputs("stun_message: built without libnice, so there is no second opinion\n", stderr);
    return true;
  }();
  static_cast<void>(is_told);
}

#endif

void check(Bytes input) {
  const auto message = Message::parse(input);
  if (message) check_reader(*message);
  compare(input, message);
}

// Puts the right code into an integrity at `at`, if it has the size of one.
void sign(Octets& bytes, std::size_t at, Integrity integrity) {
  const std::size_t size = stun::integrity_bytes(integrity);
  if (stun::load16(bytes.data() + at + 2) != size) return;
  const stun::SignedPart part{.key = stun::to_bytes(kKey), .before = Bytes(bytes).first(at)};
  const stun::IntegrityCode code = stun::integrity_code(integrity, part);
  std::ranges::copy(code.view(), bytes.begin() + static_cast<std::ptrdiff_t>(at + 4));
}

// The same bytes as somebody with the key would send them; cut to the last whole attribute.
Octets mended(Bytes input) {
  Octets bytes(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                                  input.size(), stun::kHeaderBytes + 65532)));
  bytes.resize(std::max<std::size_t>(bytes.size() / 4 * 4, stun::kHeaderBytes));
  bytes[0] &= 0x3F;
  stun::store16(bytes.data() + 2, static_cast<std::uint16_t>(bytes.size() - stun::kHeaderBytes));
  stun::store32(bytes.data() + 4, stun::kMagicCookie);
  for (std::size_t at = stun::kHeaderBytes; at < bytes.size();) {
    const auto type = AttributeType(stun::load16(bytes.data() + at));
    const std::size_t end = at + 4 + stun::padded(stun::load16(bytes.data() + at + 2));
    if (end > bytes.size()) {
      bytes.resize(at);
      stun::store16(bytes.data() + 2, static_cast<std::uint16_t>(at - stun::kHeaderBytes));
      return mended(bytes);  // codes are made over the length that it has now
    }
    if (type == AttributeType::message_integrity) sign(bytes, at, Integrity::sha1);
    if (type == AttributeType::message_integrity_sha256) sign(bytes, at, Integrity::sha256);
    if (type == AttributeType::fingerprint && end == bytes.size() && end == at + 8) {
      stun::store32(bytes.data() + at + 4, stun::fingerprint_of(Bytes(bytes).first(at)));
    }
    at = end;
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(data, size);
  check(input);
  check(mended(input));
  return 0;
}
