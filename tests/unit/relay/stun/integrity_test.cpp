// The codes against OpenSSL's own HMAC, at key lengths around a block.
#include "relay/stun/integrity.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "relay/stun/wire.hpp"

namespace bellhop::stun {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets octets(std::size_t size) {
  Octets bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 91 + 5);
  return bytes;
}

Octets by_openssl(Integrity kind, Bytes key, Bytes text) {
  Octets code(64);
  unsigned size = 0;
  HMAC(kind == Integrity::sha1 ? EVP_sha1() : EVP_sha256(), key.data(),
       static_cast<int>(key.size()), text.data(), text.size(), code.data(), &size);
  code.resize(size);
  return code;
}

// STN-07: RFC 2104 with keys shorter and longer than a block, over a header whose length counts the
// attribute.
TEST(Integrity, IsAnHmacOverTheMessageWithItsLengthAdjusted) {
  for (const Integrity kind : {Integrity::sha1, Integrity::sha256}) {
    for (const std::size_t key_size : {1U, 16U, 32U, 63U, 64U, 65U, 200U}) {
      for (const std::size_t size : {20U, 24U, 64U, 108U, 1500U, 65000U}) {
        const Octets key = octets(key_size);
        const Octets before = octets(size);
        Octets adjusted = before;
        store16(adjusted.data() + 2,
                static_cast<std::uint16_t>(size - 20 + 4 + integrity_bytes(kind)));
        const SignedPart part{.key = key, .before = before};
        const IntegrityCode code = integrity_code(kind, part);
        EXPECT_TRUE(std::ranges::equal(code.view(), by_openssl(kind, key, adjusted)))
            << key_size << ' ' << size;
      }
    }
  }
}

TEST(Integrity, HasNoCodeForNone) {
  const Octets before = octets(20);
  const SignedPart part{.key = before, .before = before};
  EXPECT_TRUE(integrity_code(Integrity::none, part).view().empty());
}

}  // namespace
}  // namespace bellhop::stun
