// Any bytes as a SOCKS5 client: reading no more than is asked for leads to the same decision as
// having everything at once, and every answer is well-formed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "proxy/errors.hpp"
#include "proxy/socks5/socks5_codec.hpp"

namespace {

namespace socks5 = bellhop::socks5;
using bellhop::base::Result;
using socks5::Bytes;

// What a decoder says: "more", an error's name, or "done".
template <typename T>
std::string_view verdict(const Result<std::optional<T>>& decoded) {
  if (!decoded) return decoded.error().kind().name;
  return *decoded ? "done" : "more";
}

// Reads as the session does: asks how much is missing, takes no more, decides after each read.
template <typename Decode, typename Missing>
std::size_t read_as_told(Bytes input, std::size_t bytes_max, Decode decode, Missing missing) {
  std::size_t have = 0;
  for (;;) {
    const Bytes seen = input.first(have);
    if (verdict(decode(seen)) != "more") {
      // What comes behind does not change the decision.
      BELLHOP_ASSERT(verdict(decode(input)) == verdict(decode(seen)));
      return have;
    }
    const std::size_t wanted = missing(seen);
    BELLHOP_ASSERT(wanted > 0 && have + wanted <= bytes_max);
    if (have == input.size()) return input.size() + 1;  // the client never sends the rest
    have += std::min(wanted, input.size() - have);
  }
}

// RFC 1928 §6: VER, REP, RSV, ATYP, an address as long as its type says, a port.
void check_reply(Bytes reply) {
  BELLHOP_ASSERT(reply.size() >= 7 && reply[0] == std::byte{5} && reply[2] == std::byte{0});
  std::size_t address = 0;
  switch (std::to_integer<int>(reply[3])) {
    case 1:
      address = 4;
      break;
    case 3:
      address = 1 + std::to_integer<std::size_t>(reply[4]);
      break;
    case 4:
      address = 16;
      break;
    default:
      BELLHOP_ASSERT(false);
  }
  BELLHOP_ASSERT(reply.size() == 4 + address + 2);
}

void check_request(Bytes input) {
  const auto decoded = socks5::decode_request(input);
  if (decoded) {
    BELLHOP_ASSERT(*decoded);
    const auto granted = socks5::encode_granted(**decoded);
    check_reply(granted);
    BELLHOP_ASSERT(std::equal(granted.begin() + 3, granted.end(), input.begin() + 3));
    return;
  }
  const auto code = socks5::reply_to(decoded.error());
  if (!code) {
    BELLHOP_ASSERT(decoded.error().is(bellhop::proxy::errors::socks_version));
    return;
  }
  const auto refused = socks5::encode_refused(*code, input);
  BELLHOP_ASSERT(refused[1] != std::byte{0});
  check_reply(refused);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span(data, size));
  const std::size_t greeting = read_as_told(
      input, socks5::kGreetingBytesMax, socks5::decode_greeting, socks5::greeting_bytes_missing);
  if (greeting > size) return 0;
  const auto greeted = socks5::decode_greeting(input.first(greeting));
  if (greeted) BELLHOP_ASSERT((*greeted)->bytes == greeting);
  // A wrong greeting ends the session; the rest is read all the same, to reach more.
  const Bytes rest = input.subspan(greeting);
  const std::size_t request = read_as_told(rest, socks5::kRequestBytesMax, socks5::decode_request,
                                           socks5::request_bytes_missing);
  if (request <= rest.size()) check_request(rest.first(request));
  return 0;
}
