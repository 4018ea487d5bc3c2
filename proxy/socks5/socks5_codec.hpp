// The SOCKS5 messages of a bytestream proxy (RFC 1928 as XEP-0065 §5.3.2 uses it). No I/O.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "component/base/error.hpp"
#include "proxy/bytestream/dst_addr.hpp"

namespace bellhop::socks5 {

using Bytes = std::span<const std::byte>;

/// The greeting has VER, NMETHODS and at most 255 methods.
inline constexpr std::size_t kGreetingBytesMax = 2 + 255;
/// The longest request: VER, CMD, RSV, ATYP, a length byte, 255 characters, a port.
inline constexpr std::size_t kRequestBytesMax = 5 + 255 + 2;
/// The only request that is granted: `05 01 00 03 28`, 40 digits, `00 00`.
inline constexpr std::size_t kGrantedBytes = 5 + bytestream::DstAddr::kHexDigits + 2;

/// RFC 1928 §6.
enum class Reply : std::uint8_t {
  succeeded = 0,
  not_allowed = 2,
  command_not_supported = 7,
  address_type_not_supported = 8,
};

/// A complete greeting that offers "no authentication".
struct Greeting {
  std::size_t bytes;  ///< how long it was
};

/// A complete request that may be granted.
struct Request {
  bytestream::DstAddr dst_addr;
  std::array<char, bytestream::DstAddr::kHexDigits> digits;  ///< as written: the reply repeats them
};

/// Reads `input`, the stream from its first byte. Empty: more bytes are needed, at least
/// greeting_bytes_missing(). Errors: errors::socks_version (close without an answer),
/// errors::socks_methods (answer kNoMethod, close).
[[nodiscard]] base::Result<std::optional<Greeting>> decode_greeting(Bytes input);

/// How many bytes the greeting lacks at the least; 0: complete or wrong. Reading no more than that
/// leaves everything behind the greeting in the kernel.
[[nodiscard]] std::size_t greeting_bytes_missing(Bytes input);

/// Reads `input`, the stream from behind the greeting. Empty: more bytes are needed. Errors, once
/// the whole request is there so that the refusal can repeat its address: errors::socks_command,
/// socks_address_type, socks_destination (answer with encode_refused(), close); at once:
/// errors::socks_version (close without an answer).
[[nodiscard]] base::Result<std::optional<Request>> decode_request(Bytes input);

/// How many bytes may be read without taking any that follow a request that can be granted (the
/// rest of kGrantedBytes, as long as it may become one); 0: complete or wrong. A request of unknown
/// address type has no known length; it is complete with its fourth byte.
[[nodiscard]] std::size_t request_bytes_missing(Bytes input);

/// RFC 1928 §3: the answers to a greeting.
inline constexpr std::array<std::byte, 2> kNoAuthentication{std::byte{5}, std::byte{0}};
inline constexpr std::array<std::byte, 2> kNoMethod{std::byte{5}, std::byte{0xff}};

/// The reply that grants a request: address type 3, the same 40 characters, port 0 (S5B-24).
[[nodiscard]] std::array<std::byte, kGrantedBytes> encode_granted(const Request& request);

/// The reply that refuses: `code`, then the address and port of `request` as they came (ROOM-36);
/// of an unknown address type 0.0.0.0 and port 0. `request` is what decode_request() refused.
[[nodiscard]] std::vector<std::byte> encode_refused(Reply code, Bytes request);

/// Which code refuses an error of decode_request() or of the table; empty: close without an answer.
[[nodiscard]] std::optional<Reply> reply_to(const base::Error& error);

}  // namespace bellhop::socks5
