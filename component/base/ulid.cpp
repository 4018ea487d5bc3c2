#include "component/base/ulid.hpp"

namespace bellhop::base {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

std::string Ulid::text() const {
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

std::optional<Ulid> Ulid::parse(std::string_view text) {
  if (text.size() != 26 || text.front() > '7') return std::nullopt;
  Ulid id;
  unsigned pending = 0;
  int pending_bits = -2;  // the first digit has three bits
  std::size_t at = 0;
  for (const char c : text) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const auto digit = kAlphabet.find(upper);
    if (digit == std::string_view::npos) return std::nullopt;
    pending = (pending << 5) | static_cast<unsigned>(digit);
    pending_bits += 5;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    id.bytes[at++] = static_cast<std::uint8_t>(pending >> pending_bits);
    pending &= (1U << pending_bits) - 1;
  }
  return id;
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
