#include "tests/support/socks5_client.hpp"

#include <openssl/evp.h>

#include <array>

namespace bellhop::test {

std::string hash_of(std::string_view sid, std::string_view requester, std::string_view target) {
  std::string text(sid);
  text.append(requester).append(target);
  std::array<unsigned char, 20> digest{};
  unsigned size = 0;
  (void)EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += kHex[byte >> 4];
    hex += kHex[byte & 15];
  }
  return hex;
}

std::string connect_bytes(std::string_view hash) {
  std::string bytes("\x05\x01\x00\x03", 4);
  bytes += static_cast<char>(hash.size());
  bytes += hash;
  bytes += std::string(2, '\0');
  return bytes;
}

std::string granted_bytes(std::string_view hash) {
  std::string bytes = connect_bytes(hash);
  bytes[1] = 0;
  return bytes;
}

Socks5Client::Socks5Client(std::uint16_t port, std::string_view hash) : Peer(port) {
  greet();
  send(connect_bytes(hash));
  if (receive(granted_bytes(hash).size()) != granted_bytes(hash)) {
    throw Missed("the proxy's reply does not grant the request");
  }
}

void Socks5Client::greet() {
  send(kGreeting);
  if (receive(kGreeted.size()) != kGreeted) throw Missed("the proxy's greeting is wrong");
}

int Socks5Client::ask(std::string_view hash) {
  greet();
  send(connect_bytes(hash));
  const std::string reply = receive(granted_bytes(hash).size());
  return static_cast<unsigned char>(reply[1]);
}

}  // namespace bellhop::test
