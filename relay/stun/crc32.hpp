// The CRC-32 of FINGERPRINT (RFC 8489 §14.7): the one of RFC 1952 §8.
#pragma once

#include <cstdint>

#include "relay/stun/bytes.hpp"

namespace bellhop::stun {

[[nodiscard]] std::uint32_t crc32(Bytes bytes);

}  // namespace bellhop::stun
