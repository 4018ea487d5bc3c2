// A SOCKS5 client as XEP-0065 wants it, and the hash it asks for, made without Bellhop's code.
#pragma once

#include <string>
#include <string_view>

#include "tests/support/loopback.hpp"

namespace bellhop::test {

/// 40 lower-case digits: SHA1(sid + requester + target), XEP-0065 §6.3.2.
[[nodiscard]] std::string hash_of(std::string_view sid, std::string_view requester,
                                  std::string_view target);

/// The bytes of a CONNECT to `hash` and of the reply that grants it (RFC 1928 §4, §6).
[[nodiscard]] std::string connect_bytes(std::string_view hash);
[[nodiscard]] std::string granted_bytes(std::string_view hash);

/// "no authentication" alone, and the answer to it (RFC 1928 §3).
inline constexpr std::string_view kGreeting{"\x05\x01\x00", 3};
inline constexpr std::string_view kGreeted{"\x05\x00", 2};

/// A connection to the proxy, step by step or at once.
class Socks5Client : public Peer {
 public:
  /// Connected; nothing sent yet.
  explicit Socks5Client(std::uint16_t port) : Peer(port) {}
  /// Greeted and granted. Throws Missed when refused.
  Socks5Client(std::uint16_t port, std::string_view hash);

  /// Sends the greeting and takes the answer; throws Missed for another answer than "go on".
  void greet();
  /// Greets, asks for `hash`, and returns the second byte of the reply: 0 is granted.
  [[nodiscard]] int ask(std::string_view hash);
};

}  // namespace bellhop::test
