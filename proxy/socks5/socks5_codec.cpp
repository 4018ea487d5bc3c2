#include "proxy/socks5/socks5_codec.hpp"

#include <algorithm>
#include <string_view>

#include "proxy/errors.hpp"

namespace bellhop::socks5 {
namespace {

namespace errors = proxy::errors;

constexpr std::byte kVersion{5};
constexpr std::byte kConnect{1};
constexpr std::byte kNoAuthenticationMethod{0};
constexpr std::byte kIpV4{1};
constexpr std::byte kDomainName{3};
constexpr std::byte kIpV6{4};
constexpr std::size_t kDigits = bytestream::DstAddr::kHexDigits;

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr std::size_t kHead = 4;  // VER, CMD, RSV, ATYP

// The whole length of a request as far as it can be told from its beginning.
std::size_t request_bytes(Bytes input) {
  constexpr std::size_t kPort = 2;
  // Until the length is there: what the shortest valid continuation needs.
  if (input.size() < kHead) return kHead;
  if (input[3] == kIpV4) return kHead + 4 + kPort;
  if (input[3] == kIpV6) return kHead + 16 + kPort;
  if (input[3] != kDomainName) return kHead;
  const std::size_t length = input.size() > kHead ? std::to_integer<std::size_t>(input[kHead]) : 0;
  return kHead + 1 + length + kPort;
}

}  // namespace

base::Result<std::optional<Greeting>> decode_greeting(Bytes input) {
  if (input.empty()) return std::optional<Greeting>();
  if (input[0] != kVersion) return base::Error(errors::socks_version);  // S5B-21
  if (input.size() < 2) return std::optional<Greeting>();
  const auto methods = std::to_integer<std::size_t>(input[1]);
  if (methods == 0) return base::Error(errors::socks_methods, "no methods");
  if (input.size() < 2 + methods) return std::optional<Greeting>();
  const Bytes offered = input.subspan(2, methods);
  if (std::find(offered.begin(), offered.end(), kNoAuthenticationMethod) == offered.end()) {
    return base::Error(errors::socks_methods, "no authentication is not among the methods");
  }
  return std::optional<Greeting>(Greeting{2 + methods});
}

std::size_t greeting_bytes_missing(Bytes input) {
  if (!input.empty() && input[0] != kVersion) return 0;
  // The shortest valid greeting has one method.
  const std::size_t methods = input.size() < 2 ? 1 : std::to_integer<std::size_t>(input[1]);
  const std::size_t whole = 2 + methods;
  return input.size() >= whole ? 0 : whole - input.size();
}

std::size_t request_bytes_missing(Bytes input) {
  if (!input.empty() && input[0] != kVersion) return 0;
  const std::size_t whole = request_bytes(input);
  if (input.size() >= whole) return 0;
  // The length byte is not there yet: one read for the usual request instead of three.
  return (input.size() <= kHead ? kGrantedBytes : whole) - input.size();
}

base::Result<std::optional<Request>> decode_request(Bytes input) {
  if (!input.empty() && input[0] != kVersion) return base::Error(errors::socks_version);
  if (input.size() < request_bytes(input)) return std::optional<Request>();
  // RFC 1928 §6 in order of the fields; RSV is ignored (S5B-27).
  if (input[1] != kConnect) return base::Error(errors::socks_command);
  if (input[3] != kDomainName) return base::Error(errors::socks_address_type);
  const std::string_view digits = text_of(input.subspan(5, std::to_integer<std::size_t>(input[4])));
  const auto dst_addr = bytestream::DstAddr::from_hex(digits);
  if (!dst_addr) return base::Error(errors::socks_destination, "not 40 hexadecimal digits");
  if (input[5 + kDigits] != std::byte{0} || input[6 + kDigits] != std::byte{0}) {
    return base::Error(errors::socks_destination, "port is not 0");  // S5B-26
  }
  Request request{*dst_addr, {}};
  std::copy_n(digits.begin(), kDigits, request.digits.begin());
  return std::optional<Request>(request);
}

std::array<std::byte, kGrantedBytes> encode_granted(const Request& request) {
  std::array<std::byte, kGrantedBytes> reply{};  // RSV and port stay 0
  reply[0] = kVersion;
  reply[1] = static_cast<std::byte>(Reply::succeeded);
  reply[3] = kDomainName;
  reply[4] = static_cast<std::byte>(kDigits);
  std::transform(request.digits.begin(), request.digits.end(), reply.begin() + 5,
                 [](char c) { return static_cast<std::byte>(c); });
  return reply;
}

std::vector<std::byte> encode_refused(Reply code, Bytes request) {
  std::vector<std::byte> reply{kVersion, static_cast<std::byte>(code), std::byte{0}};
  const std::size_t whole = request_bytes(request);
  if (whole > 4 && request.size() >= whole) {
    const Bytes address = request.subspan(3, whole - 3);
    reply.insert(reply.end(), address.begin(), address.end());
  } else {
    reply.push_back(kIpV4);
    reply.resize(10);  // 0.0.0.0, port 0
  }
  return reply;
}

std::optional<Reply> reply_to(const base::Error& error) {
  if (error.is(errors::socks_command)) return Reply::command_not_supported;
  if (error.is(errors::socks_address_type)) return Reply::address_type_not_supported;
  if (error.is(errors::socks_version)) return std::nullopt;
  return Reply::not_allowed;
}

}  // namespace bellhop::socks5
