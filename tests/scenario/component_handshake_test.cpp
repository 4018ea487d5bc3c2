// From the first byte to the acknowledged handshake, and what happens where it fails.
#include <gtest/gtest.h>

#include "tests/scenario/conversation.hpp"

namespace bellhop::test {
namespace {

using Start = Conversation::Start;

constexpr std::string_view kStreamErrors = "urn:ietf:params:xml:ns:xmpp-streams";

std::string stream_error(std::string_view condition) {
  return "<stream:error><" + std::string(condition) + " xmlns='" + std::string(kStreamErrors) +
         "'/></stream:error></stream:stream>";
}

// Up to the point where the server decides.
void expect_handshake(ScriptedServer& server) {
  server.accept();
  (void)server.expect_header();
  server.send_header("3BF96D32");
  (void)server.expect_handshake();
}

// CMP-01
TEST(ComponentHandshake, HeaderNamesTheComponentAndItsNamespace) {
  Conversation chat({}, Start::not_attached);
  chat.server.accept();
  const std::string header = chat.server.expect_header();
  EXPECT_NE(header.find("<stream:stream "), std::string::npos) << header;
  EXPECT_NE(header.find(" xmlns='jabber:component:accept'"), std::string::npos) << header;
  EXPECT_NE(header.find(" xmlns:stream='http://etherx.jabber.org/streams'"), std::string::npos);
  EXPECT_NE(header.find(" to='proxy.example.com'"), std::string::npos) << header;
}

// CMP-02: the vector of XEP-0114, and an id that was escaped on its way.
TEST(ComponentHandshake, DigestIsMadeOfTheUnescapedIdAndTheSecret) {
  Conversation chat({}, Start::not_attached);
  chat.server.accept();
  (void)chat.server.expect_header();
  chat.server.send_header("3BF96D32");
  EXPECT_EQ(chat.server.expect_handshake(), "aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e");
  chat.server.accept();
  (void)chat.server.expect_header();
  chat.server.send_header("a&amp;b&lt;");
  EXPECT_EQ(chat.server.expect_handshake(), hash_of("a&b<", "te", "st"));
}

// CMP-03
TEST(ComponentHandshake, NothingFollowsTheHandshakeBeforeItIsAcknowledged) {
  Conversation chat({}, Start::not_attached);
  expect_handshake(chat.server);
  EXPECT_TRUE(chat.server.received().ends_with("</handshake>")) << chat.server.received();
  EXPECT_FALSE(chat.server.has_input());
  chat.server.send("<handshake/>");
  EXPECT_TRUE(chat.is_silent());
}

// CMP-03: a stanza instead of the acknowledgement.
TEST(ComponentHandshake, StanzaBeforeTheAcknowledgementEndsTheAttempt) {
  Conversation chat({}, Start::not_attached);
  expect_handshake(chat.server);
  chat.server.send(iq("get", "early", query(kDiscoInfo)));
  chat.server.expect_end();
  EXPECT_EQ(chat.server.received().find("early"), std::string::npos);
  EXPECT_EQ(field(chat.bellhop.line("component_lost"), "condition"), "unexpected element");
  chat.server.attach();
  EXPECT_TRUE(chat.is_silent());
}

// What the server says instead of a header that could be answered.
void expect_no_handshake_after(ScriptedServer& server, std::string_view attributes,
                               std::string_view then = {}) {
  server.accept();
  (void)server.expect_header();
  server.send("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' " +
              std::string(attributes) + ">" + std::string(then));
  server.expect_end();
  EXPECT_EQ(server.received().find("handshake"), std::string::npos) << attributes;
}

// CMP-04
TEST(ComponentHandshake, HeaderOfAnotherNamespaceIsAFailure) {
  Conversation chat({}, Start::not_attached);
  expect_no_handshake_after(chat.server, "xmlns='jabber:client' id='3BF96D32'");
  expect_no_handshake_after(chat.server, "xmlns='jabber:server' id='3BF96D32'");
  EXPECT_EQ(field(chat.bellhop.line("component_refused", 2), "condition"), "invalid-namespace");
}

// CMP-04, CMP-06: Prosody opens a stream without an id for a name it does not know, and then says
// why.
TEST(ComponentHandshake, HeaderWithoutIdIsAFailureExplainedByTheErrorBehindIt) {
  Conversation chat([](auto& settings) { settings.stream.connect_timeout = 200ms; },
                    Start::not_attached);
  constexpr std::string_view kAccept = "xmlns='jabber:component:accept'";
  expect_no_handshake_after(chat.server, kAccept, stream_error("host-unknown"));
  EXPECT_EQ(field(chat.bellhop.line("component_refused"), "condition"), "host-unknown");
  expect_no_handshake_after(chat.server, std::string(kAccept) + " id=''", "<handshake/>");
  EXPECT_EQ(field(chat.bellhop.line("component_refused", 2), "condition"), "invalid-namespace");
  expect_no_handshake_after(chat.server, kAccept);
  EXPECT_EQ(field(chat.bellhop.line("component_lost"), "condition"), "timeout");
}

// CMP-06: one line for the operator, and no hurry.
TEST(ComponentHandshake, RefusalIsOneLineAndIsRetriedLate) {
  Conversation chat([](auto& settings) { settings.stream.refused_delay = 150ms; },
                    Start::not_attached);
  std::size_t refusals = 0;
  for (const std::string_view condition :
       {"not-authorized", "conflict", "host-unknown", "invalid-namespace"}) {
    expect_handshake(chat.server);
    const auto refused_at = std::chrono::steady_clock::now();
    chat.server.send(stream_error(condition));
    EXPECT_TRUE(eventually([&] { return chat.server.has_caller(); }));
    EXPECT_GE(std::chrono::steady_clock::now() - refused_at, 150ms) << condition;
    const std::string line = chat.bellhop.line("component_refused", ++refusals);
    EXPECT_EQ(field(line, "condition"), condition);
    EXPECT_GT(field(line, "reason").size(), 20U) << line;
  }
  EXPECT_EQ(chat.bellhop.lines("component_refused").size(), refusals);
  EXPECT_TRUE(chat.bellhop.lines("component_lost").empty());
}

// CMP-06: servers that close without a word are tried again soon, but not without a pause.
TEST(ComponentHandshake, ServerThatClosesInsteadOfAnsweringIsTriedAgain) {
  Conversation chat({}, Start::not_attached);
  expect_handshake(chat.server);
  chat.server.disconnect();
  chat.server.attach();
  EXPECT_TRUE(chat.is_silent());
  EXPECT_GE(chat.bellhop.lines("component_lost").size(), 1U);
}

// CMP-07: the answer to a header can be an error already.
TEST(ComponentHandshake, StreamErrorInsteadOfTheAcknowledgementIsUnderstood) {
  Conversation chat({}, Start::not_attached);
  expect_handshake(chat.server);
  chat.server.send(stream_error("system-shutdown"));
  chat.server.expect_end();
  EXPECT_EQ(field(chat.bellhop.line("component_lost"), "condition"), "system-shutdown");
}

// CMP-08: random within a ceiling that doubles up to its maximum.
TEST(ComponentHandshake, WaitsLongerFromFailureToFailureUpToACeiling) {
  Conversation chat(
      [](auto& settings) {
        settings.stream.reconnect_delay = 2ms;
        settings.stream.reconnect_delay_max = 32ms;
      },
      Start::not_attached);
  constexpr std::size_t kTries = 16;
  for (std::size_t i = 0; i < kTries; ++i) {
    chat.server.accept();
    chat.server.disconnect();
  }
  std::int64_t ceiling = 2;
  std::int64_t longest = 0;
  for (std::size_t i = 1; i <= kTries; ++i) {
    const std::int64_t wait = number(chat.bellhop.line("component_lost", i), "retry_ms");
    EXPECT_LE(wait, ceiling) << "after failure " << i;
    ceiling = std::min<std::int64_t>(32, ceiling * 2);
    longest = std::max(longest, wait);
  }
  EXPECT_GE(longest, 2);  // eleven draws from 0 to 32 ms that are all below 2 ms do not happen
}

// CMP-08: a server that never gets to its handshake is given up after connect_timeout.
TEST(ComponentHandshake, SilentServerIsGivenUpAfterTheConnectTimeout) {
  Conversation chat([](auto& settings) { settings.stream.connect_timeout = 100ms; },
                    Start::not_attached);
  const auto began = std::chrono::steady_clock::now();
  chat.server.accept();
  chat.server.expect_end();
  EXPECT_EQ(field(chat.bellhop.line("component_lost"), "condition"), "timeout");
  EXPECT_GE(number(chat.bellhop.line("component_lost"), "lived_ms"), 100);
  EXPECT_LT(std::chrono::steady_clock::now() - began, kPatience);
}

// CMP-15: another host never gets our handshake without the operator's word.
TEST(ComponentHandshake, RedirectionIsNotFollowed) {
  ScriptedServer elsewhere;
  Conversation chat({}, Start::not_attached);
  expect_handshake(chat.server);
  chat.server.send("<stream:error><see-other-host xmlns='" + std::string(kStreamErrors) +
                   "'>127.0.0.1:" + std::to_string(elsewhere.port()) +
                   "</see-other-host></stream:error></stream:stream>");
  chat.server.expect_end();
  EXPECT_EQ(field(chat.bellhop.line("component_refused"), "condition"), "see-other-host");
  chat.server.attach();
  EXPECT_TRUE(chat.is_silent());
  EXPECT_FALSE(elsewhere.has_caller());
}

// CMP-16: neither secret nor digest, whatever goes wrong, at the most talkative level.
TEST(ComponentHandshake, SecretAndDigestAreInNoLogLine) {
  Conversation chat(
      [](auto& settings) {
        settings.components[0].secret = config::Secret("correct-horse-battery");
        settings.log.level = config::LogLevel::trace;
      },
      Start::not_attached);
  chat.server.accept();
  (void)chat.server.expect_header();
  chat.server.send_header("3BF96D32");
  const std::string digest = chat.server.expect_handshake();
  EXPECT_EQ(digest, hash_of("3BF96D32", "correct-horse", "-battery"));
  chat.server.send(stream_error("not-authorized"));
  chat.server.attach();
  Pair pair = chat.open("logged");
  chat.server.send("<!-- -->");
  chat.server.expect_end();
  (void)chat.bellhop.line("component_lost");
  EXPECT_EQ(chat.bellhop.log().find("correct-horse"), std::string::npos);
  EXPECT_EQ(chat.bellhop.log().find(digest), std::string::npos);
}

}  // namespace
}  // namespace bellhop::test
