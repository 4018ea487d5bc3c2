// The SOCKS5 side as a client on the wire sees it.
#include <gtest/gtest.h>

#include "tests/scenario/conversation.hpp"

namespace bellhop::test {
namespace {

const std::string kHash = hash_of("wire", kRequester, kTarget);

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

// What the proxy says to `sent` before it closes.
std::string farewell(const Conversation& chat, std::string_view sent) {
  Peer client(chat.bellhop.port());
  client.send(sent);
  return client.receive_all();
}

// S5B-20, S5B-21, S5B-38: no authentication or nothing.
TEST(Socks5, GreetingsWithoutNoAuthenticationAreRefused) {
  Conversation chat;
  EXPECT_EQ(farewell(chat, bytes({5, 1, 2})), bytes({5, 0xff}));
  EXPECT_EQ(farewell(chat, bytes({5, 3, 1, 2, 3})), bytes({5, 0xff}));
  EXPECT_EQ(farewell(chat, bytes({5, 0})), bytes({5, 0xff}));
  EXPECT_EQ(farewell(chat, bytes({4, 1, 0})), "");
  EXPECT_EQ(farewell(chat, "GET / HTTP/1.1\r\n\r\n"), "");
}

// S5B-20: any list of methods that has it.
TEST(Socks5, NoAuthenticationIsFoundAmongAllMethods) {
  Conversation chat;
  std::string greeting = bytes({5, 255});
  for (int method = 254; method >= 0; --method) greeting += static_cast<char>(method);
  Peer client(chat.bellhop.port());
  client.send(greeting);
  EXPECT_EQ(client.receive(2), kGreeted);
}

// S5B-25, S5B-26, S5B-27, S5B-28, S5B-19: one reply that says why, and the end.
TEST(Socks5, RequestsOfAnotherFormAreRefusedWithTheirReason) {
  Conversation chat;
  std::string udp = connect_bytes(kHash);
  udp[1] = 3;
  std::string bind = udp;
  bind[1] = 2;
  std::string port = connect_bytes(kHash);
  port.back() = 1;
  const std::string v4 = bytes({5, 1, 0, 1, 127, 0, 0, 1, 0, 80});
  const std::string v6 = bytes({5, 1, 0, 4}) + std::string(16, '\0') + bytes({0, 80});
  const std::pair<std::string, char> cases[] = {{udp, 7},
                                                {bind, 7},
                                                {v4, 8},
                                                {v6, 8},
                                                {port, 2},
                                                {connect_bytes(kHash.substr(1)), 2},
                                                {connect_bytes(kHash + "0"), 2},
                                                {connect_bytes("g" + kHash.substr(1)), 2},
                                                {connect_bytes("localhost"), 2},
                                                {connect_bytes(""), 2}};
  for (const auto& [request, code] : cases) {
    const std::string reply = farewell(chat, std::string(kGreeting) + request);
    std::string expected = request;
    expected[1] = code;
    EXPECT_EQ(reply, std::string(kGreeted) + expected);
  }
}

// S5B-27: RSV says nothing.
TEST(Socks5, ReservedByteIsIgnored) {
  Conversation chat;
  std::string request = connect_bytes(kHash);
  request[2] = 7;
  Peer client(chat.bellhop.port());
  client.send(std::string(kGreeting) + request);
  EXPECT_EQ(client.receive(2 + 47), std::string(kGreeted) + granted_bytes(kHash));
}

// S5B-22, S5B-24: byte by byte or in one segment, it is the same request.
TEST(Socks5, RequestsMayComeInAnyPieces) {
  Conversation chat;
  const std::string all = std::string(kGreeting) + connect_bytes(kHash);
  Peer dripping(chat.bellhop.port());
  for (const char c : all) dripping.send({&c, 1});
  EXPECT_EQ(dripping.receive(49), std::string(kGreeted) + granted_bytes(kHash));
  Peer whole(chat.bellhop.port());
  whole.send(all);
  EXPECT_EQ(whole.receive(49), std::string(kGreeted) + granted_bytes(kHash));
  EXPECT_EQ(chat.activate("wire"), "result");
  EXPECT_TRUE(passes(dripping, whole, "the same"));
}

// S5B-22: a client that leaves anywhere in its handshake harms nobody.
TEST(Socks5, LeavingAtAnyByteIsHarmless) {
  Conversation chat;
  const std::string all = std::string(kGreeting) + connect_bytes(kHash);
  for (std::size_t n = 0; n < all.size(); ++n) {
    Peer client(chat.bellhop.port());
    client.send(all.substr(0, n));
    if (n % 2 == 0) client.reset();
  }
  Pair pair = chat.open("unharmed");
  EXPECT_TRUE(passes(pair.requester, pair.target, "unharmed"));
}

// S5B-23: the form clients send when they repeat themselves; each connection is one request.
TEST(Socks5, SecondRequestOnAConnectionIsPayload) {
  Conversation chat;
  Socks5Client requester = chat.connect(kHash);
  Socks5Client target = chat.connect(kHash);
  requester.send(connect_bytes(kHash));
  EXPECT_EQ(chat.activate("wire"), "result");
  EXPECT_EQ(target.receive(47), connect_bytes(kHash));
}

}  // namespace
}  // namespace bellhop::test
