#include "relay/stun/integrity.hpp"

#include <cstring>

#include "component/base/error.hpp"
#include "relay/digest.hpp"
#include "relay/stun/crc32.hpp"
#include "relay/stun/wire.hpp"

namespace bellhop::stun {
namespace {

using Header = std::array<std::uint8_t, kHeaderBytes>;

constexpr std::uint32_t kFingerprintMask = 0x5354554E;  // RFC 8489 §14.7

}  // namespace

IntegrityCode integrity_code(Integrity kind, const SignedPart& part) {
  BELLHOP_ASSERT(part.before.size() >= kHeaderBytes);
  IntegrityCode code;
  code.size = integrity_bytes(kind);
  Header header;
  std::memcpy(header.data(), part.before.data(), header.size());
  // RFC 8489 §14.5: the length is adjusted to point to the end of the attribute.
  const std::size_t length = part.before.size() - kHeaderBytes + 4 + code.size;
  store16(header.data() + 2, static_cast<std::uint16_t>(length));
  const Bytes attributes = part.before.subspan(kHeaderBytes);
  if (kind == Integrity::sha1) {
    relay::hmac<relay::Sha1>(part.key, {header, attributes}, code.bytes.data());
  }
  if (kind == Integrity::sha256) {
    relay::hmac<relay::Sha256>(part.key, {header, attributes}, code.bytes.data());
  }
  return code;
}

std::uint32_t fingerprint_of(Bytes before) {
  return crc32(before) ^ kFingerprintMask;
}

}  // namespace bellhop::stun
