#include "component/base/ulid.hpp"

namespace bellhop::base {

std::string Ulid::text() const {
  static constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  // 26 digits of 5 bits hold 130 bits: the first digit has only the top 3 of the 128.
  std::string digits(26, '0');
  unsigned pending = 0;
  int pending_bits = 2;  // two zero bits in front
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes) {
    pending = (pending << 8) | byte;
    pending_bits += 8;
    while (pending_bits >= 5) {
      pending_bits -= 5;
      digits[at++] = kAlphabet[(pending >> pending_bits) & 31];
    }
    pending &= (1U << pending_bits) - 1;
  }
  return digits;
}

UlidSource::UlidSource() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  generator_.seed(seed);
}

Ulid UlidSource::next(std::chrono::system_clock::time_point now) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  const auto milliseconds = static_cast<std::uint64_t>(since.count());
  Ulid id;
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  }
  const std::uint64_t low = generator_();
  const std::uint64_t high = generator_();
  for (std::size_t i = 0; i < 8; ++i) id.bytes[6 + i] = static_cast<std::uint8_t>(low >> (8 * i));
  for (std::size_t i = 0; i < 2; ++i) id.bytes[14 + i] = static_cast<std::uint8_t>(high >> (8 * i));
  return id;
}

}  // namespace bellhop::base
