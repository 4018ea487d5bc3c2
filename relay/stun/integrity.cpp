#include "relay/stun/integrity.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

#include "component/base/error.hpp"
#include "relay/stun/crc32.hpp"
#include "relay/stun/digest.hpp"
#include "relay/stun/wire.hpp"

namespace bellhop::stun {
namespace {

constexpr std::size_t kBlockBytes = 64;  // of both (RFC 2104 §2)
using Block = std::array<std::uint8_t, kBlockBytes>;
using Header = std::array<std::uint8_t, kHeaderBytes>;

// RFC 2104 §2: H(key ^ opad, H(key ^ ipad, text)); a key longer than a block is hashed first.
template <typename Hash>
void hmac(Bytes key, const Header& header, Bytes attributes, std::uint8_t* code) {
  Block pad{};
  if (key.size() > kBlockBytes) {
    hash<Hash>({key}, pad.data());
  } else {
    std::ranges::copy(key, pad.begin());
  }
  for (std::uint8_t& byte : pad) byte ^= 0x36;
  hash<Hash>({pad, header, attributes}, code);
  for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5C;
  hash<Hash>({pad, Bytes(code, Hash::kBytes)}, code);
  OPENSSL_cleanse(pad.data(), pad.size());
}

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
  if (kind == Integrity::sha1) hmac<Sha1>(part.key, header, attributes, code.bytes.data());
  if (kind == Integrity::sha256) hmac<Sha256>(part.key, header, attributes, code.bytes.data());
  return code;
}

std::uint32_t fingerprint_of(Bytes before) {
  return crc32(before) ^ kFingerprintMask;
}

}  // namespace bellhop::stun
