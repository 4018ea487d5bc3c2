// A file on its way: address query, two connections, activation, bytes, the end.
#include <gtest/gtest.h>

#include <thread>

#include "tests/scenario/conversation.hpp"

namespace bellhop::test {
namespace {

using xmpp::Element;

// The vectors of XEP-0065 §6.3.2 and of a target in a room.
constexpr std::string_view kVector = "98b8d688d0f5d895fd41c5e7309a2e9e33ba32ff";
constexpr std::string_view kRoomVector = "416781edf1ae50bad01cb8509ba35b43952bc345";

// S5B-02, S5B-06, S5B-07, S5B-17, S5B-23, S5B-24, S5B-31, S5B-33
TEST(Bytestream, WholeFlowFromTheQuestionToTheLogLine) {
  Conversation chat;
  const Element answer = chat.ask("get", query(kBytestreams));
  const Element& streamhost = *answer.first_child()->first_child();
  EXPECT_EQ(streamhost.attribute("jid"), kProxy);
  EXPECT_EQ(streamhost.attribute("host"), "127.0.0.1");
  const int port = std::stoi(std::string(streamhost.attribute("port")));
  Socks5Client requester(static_cast<std::uint16_t>(port), kVector);
  Socks5Client target(static_cast<std::uint16_t>(port), kVector);
  const Element activated = chat.ask("set", activation("vxf9n471bn46"));
  EXPECT_EQ(outcome(activated), "result");
  EXPECT_TRUE(activated.children().empty());
  EXPECT_TRUE(passes(requester, target, pattern(300'000)));
  EXPECT_TRUE(passes(target, requester, "thank you"));
  requester.shutdown_send();
  EXPECT_EQ(target.receive_all(), "");
  EXPECT_TRUE(passes(target, requester, "and good bye"));
  target.close();
  EXPECT_EQ(requester.receive_all(), "");
  const std::string line = chat.bellhop.line("session_ended");
  EXPECT_EQ(field(line, "reason"), "completed");
  EXPECT_EQ(number(line, "bytes_from_first"), 300'000);
  EXPECT_EQ(number(line, "bytes_from_second"), 21);
}

// S5B-02: exactly one streamhost, because clients disagree about which of several they take.
// S5B-04: a sid in the question is given back and reserves nothing.
TEST(Bytestream, AddressQueryNamesOneStreamhostAndMirrorsTheSid) {
  Conversation chat;
  const std::string with_sid = "<query xmlns='" + std::string(kBytestreams) + "' sid='abc'/>";
  const Element answer = chat.ask("get", with_sid);
  EXPECT_EQ(answer.first_child()->attribute("sid"), "abc");
  EXPECT_EQ(answer.first_child()->children().size(), 1U);
  EXPECT_EQ(chat.activate("abc"), "cancel/item-not-found");
}

// S5B-03: an IPv6 literal as RFC 5952 writes it, without brackets.
TEST(Bytestream, StreamhostsOfTheOperatorAreShownAsWritten) {
  Conversation chat([](auto& settings) {
    settings.proxy.streamhosts = {{"files.example.com", 7777}, {"2001:db8::1", 7777}};
  });
  const Element answer = chat.ask("get", query(kBytestreams));
  const auto& hosts = answer.first_child()->children();
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_EQ(hosts[0].attribute("host"), "files.example.com");
  EXPECT_EQ(hosts[1].attribute("host"), "2001:db8::1");
  EXPECT_EQ(hosts[1].attribute("port"), "7777");
}

// S5B-16: in a room both are known by their occupant JIDs, and the hash is over what is named.
TEST(Bytestream, OccupantJidsAreHashedAsNamed) {
  Conversation chat;
  Socks5Client requester(chat.bellhop.port(), kRoomVector);
  Socks5Client target(chat.bellhop.port(), kRoomVector);
  EXPECT_EQ(chat.activate("yia72g3v49j7", kRequester, "room@conference.example.net/Tget"),
            "result");
  EXPECT_TRUE(passes(requester, target, "to the room"));
}

// S5B-18, S5B-25: JIDs are prepared, and digits may be capitals.
TEST(Bytestream, JidsArePreparedAndDigitsOfEitherCaseMeet) {
  Conversation chat;
  std::string capitals(kVector);
  for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  Socks5Client requester(chat.bellhop.port(), capitals);
  Socks5Client target(chat.bellhop.port(), kVector);
  EXPECT_EQ(chat.activate("vxf9n471bn46", kRequester, "  TARGET@Example.ORG/bar\n"), "result");
  EXPECT_TRUE(passes(requester, target, "found each other"));
}

// S5B-06: whoever activates comes first in the hash, be it Jingle's initiator or its responder
// (XEP-0260 §2.2).
TEST(Bytestream, EitherPartyOfAJingleSessionMayActivate) {
  Conversation chat([](auto& settings) { settings.access.allow_domains = {"*"}; });
  Pair pair = chat.connect_pair("jingle");
  const std::string other_order = hash_of("jingle", kTarget, kRequester);
  Socks5Client offerer(chat.bellhop.port(), other_order);
  Socks5Client peer(chat.bellhop.port(), other_order);
  EXPECT_EQ(chat.activate("jingle", kTarget, kRequester), "result");
  EXPECT_TRUE(passes(offerer, peer, "by the responder"));
  EXPECT_FALSE(pair.target.has_input());
  EXPECT_EQ(chat.activate("jingle", kRequester, kTarget), "result");
  EXPECT_TRUE(passes(pair.requester, pair.target, "by the initiator"));
}

// S5B-32: nobody can tell who connected first.
TEST(Bytestream, TargetMayConnectFirst) {
  Conversation chat;
  const std::string hash = hash_of("backwards", kRequester, kTarget);
  Socks5Client target = chat.connect(hash);
  Socks5Client requester = chat.connect(hash);
  EXPECT_EQ(chat.activate("backwards"), "result");
  EXPECT_TRUE(passes(requester, target, "there"));
  EXPECT_TRUE(passes(target, requester, "and back"));
}

// S5B-22, S5B-30, ROOM-02: nothing passes before the activation, and nothing is lost.
TEST(Bytestream, EarlyBytesWaitForTheActivation) {
  Conversation chat;
  const std::string hash = hash_of("early", kRequester, kTarget);
  Socks5Client target = chat.connect(hash);
  Socks5Client requester(chat.bellhop.port());
  requester.send(std::string(kGreeting) + connect_bytes(hash) + "too early");
  EXPECT_EQ(requester.receive(2 + 47), std::string(kGreeted) + granted_bytes(hash));
  target.send("me too");
  EXPECT_TRUE(chat.is_silent());
  EXPECT_FALSE(target.has_input() || requester.has_input());
  EXPECT_EQ(chat.activate("early"), "result");
  EXPECT_EQ(target.receive(9), "too early");
  EXPECT_EQ(requester.receive(6), "me too");
}

// S5B-31: the last bytes come although the sender keeps its side open.
TEST(Bytestream, LastBytesPassWhileTheSenderStaysOpen) {
  Conversation chat;
  Pair pair = chat.open("open end");
  for (const std::size_t n : {1U, 1447U, 65'537U, 3U, 1U}) {
    EXPECT_TRUE(passes(pair.requester, pair.target, pattern(n))) << n;
  }
}

// S5B-31: a slow reader holds the writer up, within bounds, and then gets everything in order.
TEST(Bytestream, SlowReaderStopsTheWriterAndLosesNothing) {
  Conversation chat;
  Pair pair = chat.open("slow");
  const std::string bytes = pattern(96 * 1024 * 1024);
  const std::size_t sent = pair.requester.send_until_full(bytes, 300ms);
  EXPECT_LT(sent, bytes.size());  // the buffers of the kernel, and one pipe
  EXPECT_TRUE(pair.target.receive(sent) == bytes.substr(0, sent));
  EXPECT_TRUE(passes(pair.requester, pair.target, "on it goes"));
}

// S5B-31: both directions at once, neither waits for the other.
TEST(Bytestream, BothDirectionsFlowAtOnce) {
  Conversation chat;
  Pair pair = chat.open("duplex");
  const std::string up = pattern(4'000'000);
  const std::string down(3'000'000, 'd');
  std::thread up_sender([&] { pair.requester.send(up); });
  std::thread down_sender([&] { pair.target.send(down); });
  std::string down_received;
  std::thread down_reader([&] { down_received = pair.requester.receive(down.size()); });
  const std::string up_received = pair.target.receive(up.size());
  for (std::thread* thread : {&up_sender, &down_sender, &down_reader}) thread->join();
  EXPECT_TRUE(up_received == up);
  EXPECT_TRUE(down_received == down);
}

// S5B-33, ROOM-37
TEST(Bytestream, HalfCloseOfEitherSideLeavesTheOtherDirectionAlone) {
  Conversation chat;
  for (const bool is_requester_first : {true, false}) {
    Pair pair = chat.open(is_requester_first ? "ends first" : "ends last");
    Peer& first = is_requester_first ? pair.requester : pair.target;
    Peer& last = is_requester_first ? pair.target : pair.requester;
    first.send("the end");
    first.shutdown_send();
    EXPECT_EQ(last.receive_all(), "the end");
    EXPECT_TRUE(passes(last, first, pattern(200'000)));
    last.shutdown_send();
    EXPECT_EQ(first.receive_all(), "");
  }
  EXPECT_EQ(field(chat.bellhop.line("session_ended", 2), "reason"), "completed");
}

// S5B-33
TEST(Bytestream, ResetOfOneSideEndsTheOther) {
  Conversation chat;
  Pair pair = chat.open("reset");
  EXPECT_TRUE(passes(pair.requester, pair.target, "a beginning"));
  pair.target.reset();
  (void)pair.requester.receive_all();
  EXPECT_EQ(field(chat.bellhop.line("session_ended"), "reason"), "reset");
}

// S5B-33: writing to a side that closed everything is an error, and no signal that kills us.
TEST(Bytestream, SenderToAReaderThatHasLeftIsEndedAndNobodyElse) {
  Conversation chat;
  Pair bystander = chat.open("bystander");
  Pair pair = chat.open("left alone");
  pair.target.shutdown_send();
  EXPECT_EQ(pair.requester.receive_all(), "");
  pair.target.close();
  while (pair.requester.send_until_full(std::string(100, 'x'), 1s) == 100) {
  }
  EXPECT_NE(field(chat.bellhop.line("session_ended"), "reason"), "");
  EXPECT_TRUE(passes(bystander.requester, bystander.target, "still here"));
}

// S5B-36
TEST(Bytestream, OneRequesterHasSeveralStreamsAtOnce) {
  Conversation chat;
  std::vector<Pair> pairs;
  for (int i = 0; i < 8; ++i) pairs.push_back(chat.open("stream " + std::to_string(i)));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_TRUE(passes(pairs[i].requester, pairs[i].target, "number " + std::to_string(i)));
  }
  EXPECT_EQ(chat.bellhop.counter("bellhop_proxy_sessions_active"), 8U);
}

// S5B-07: the requester sends the moment it has the result, and the target has it all.
TEST(Bytestream, BytesSentAtTheResultArrive) {
  Conversation chat;
  for (int i = 0; i < 30; ++i) {
    Pair pair = chat.open("race " + std::to_string(i));
    EXPECT_TRUE(passes(pair.requester, pair.target, "at once"));
  }
}

// S5B-39: no more of a hash than tells streams apart, even for who debugs.
TEST(Bytestream, HashesAreNotInTheLog) {
  Conversation chat;
  const std::string hash = hash_of("hidden", kRequester, kTarget);
  Pair pair = chat.open("hidden");
  pair.requester.close();
  pair.target.close();
  (void)chat.bellhop.line("session_ended");
  EXPECT_EQ(chat.bellhop.log().find(hash), std::string::npos);
  EXPECT_NE(chat.bellhop.log().find(hash.substr(0, 8)), std::string::npos);
}

}  // namespace
}  // namespace bellhop::test
