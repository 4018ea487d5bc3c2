// SipHash-2-4: a hash of addresses that nobody can aim with who does not know its key.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bellhop::relay {

/// The key of one table, drawn at random (component/base/random.hpp).
using SipKey = std::array<std::uint8_t, 16>;

namespace sip_detail {

[[nodiscard]] constexpr std::uint64_t load(const std::array<std::uint8_t, 16>& bytes,
                                           std::size_t at) {
  std::uint64_t word = 0;
  for (std::size_t i = 8; i > 0; --i) word = (word << 8) | bytes[at + i - 1];
  return word;
}

/// The four words, and what is done to them.
struct State {
  std::uint64_t v0, v1, v2, v3;

  constexpr void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  constexpr void take(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace sip_detail

/// The hash of exactly 16 bytes, such as those of an IpAddress. No allocation, some 10 ns.
[[nodiscard]] constexpr std::uint64_t sip_hash(const SipKey& key,
                                               const std::array<std::uint8_t, 16>& bytes) {
  // The four constants spell "somepseudorandomlygeneratedbytes".
  const std::uint64_t k0 = sip_detail::load(key, 0);
  const std::uint64_t k1 = sip_detail::load(key, 8);
  sip_detail::State state{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                          k1 ^ 0x7465646279746573};
  state.take(sip_detail::load(bytes, 0));
  state.take(sip_detail::load(bytes, 8));
  state.take(std::uint64_t{bytes.size()} << 56);  // no bytes are left over; the length ends it
  state.v2 ^= 0xFF;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace bellhop::relay
