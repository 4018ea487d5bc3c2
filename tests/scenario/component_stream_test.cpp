// The attached stream: errors, closing, keepalive, limits, reconnecting.
#include <gtest/gtest.h>

#include "tests/scenario/conversation.hpp"

namespace bellhop::test {
namespace {

constexpr std::string_view kPing = "<ping xmlns='urn:xmpp:ping'/>";

// CMP-05: whatever is sent carries both addresses, and ours is of our domain.
TEST(ComponentStream, EveryStanzaIsAddressedFromOurDomain) {
  Conversation chat([](auto& settings) { settings.stream.ping_interval = 50ms; });
  chat.server.send(
      iq("get", "1", kPing) + iq("get", "2", "<x xmlns='u'/>") +
      iq("get", "3", kPing, kRequester, "nobody@proxy.example.com/x") +
      "<presence type='subscribe' from='requester@example.com' to='proxy.example.com'/>"
      "<presence type='probe' from='requester@example.com' to='proxy.example.com'/>");
  bool is_pinged = false;
  for (int stanzas = 0; stanzas < 6 || !is_pinged; ++stanzas) {
    const xmpp::Element stanza = chat.server.next();
    is_pinged = is_pinged || stanza.attribute("id") == "ping-1";
    const std::string_view from = stanza.attribute("from");
    EXPECT_TRUE(from == kProxy || from == "nobody@proxy.example.com/x") << from;
    EXPECT_FALSE(stanza.attribute("to").empty());
  }
}

// CMP-07: the closing tag is answered, after the answers that were due.
TEST(ComponentStream, ClosingTagIsAnsweredAfterWhatIsDue) {
  Conversation chat;
  chat.server.send(iq("get", "last words", kPing) + "</stream:stream>");
  EXPECT_EQ(outcome(chat.answer_to("last words")), "result");
  EXPECT_TRUE(chat.server.sees_orderly_end());
  chat.server.attach();
  EXPECT_TRUE(chat.is_silent());
}

// CMP-07
TEST(ComponentStream, StreamErrorEndsTheStreamAndAnotherFollows) {
  Conversation chat;
  chat.server.send(
      "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
  chat.server.expect_end();
  EXPECT_EQ(field(chat.bellhop.line("component_lost"), "condition"), "reset");
  chat.server.attach();
  EXPECT_TRUE(chat.is_silent());
}

// CMP-06: a second component under our name ends a stream that was attached, too.
TEST(ComponentStream, ConflictOnAnAttachedStreamIsARefusal) {
  Conversation chat([](auto& settings) { settings.stream.refused_delay = 150ms; });
  const auto refused_at = std::chrono::steady_clock::now();
  chat.server.send(
      "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
  EXPECT_TRUE(eventually([&] { return chat.server.has_caller(); }));
  EXPECT_GE(std::chrono::steady_clock::now() - refused_at, 150ms);
  EXPECT_EQ(field(chat.bellhop.line("component_refused"), "condition"), "conflict");
}

// CMP-08
TEST(ComponentStream, LostStreamComesBack) {
  Conversation chat;
  for (int times = 0; times < 5; ++times) {
    chat.server.disconnect();
    chat.server.attach();
    EXPECT_TRUE(chat.is_silent());
  }
  EXPECT_EQ(chat.bellhop.lines("component_attached").size(), 6U);
}

// CMP-09
TEST(ComponentStream, SilentServerIsPingedAndLeft) {
  Conversation chat([](auto& settings) {
    settings.stream.ping_interval = 60ms;
    settings.stream.ping_timeout = 60ms;
  });
  const xmpp::Element ping = chat.server.next();
  EXPECT_EQ(ping.attribute("to"), "example.com");
  EXPECT_NE(ping.child("ping", "urn:xmpp:ping"), nullptr);
  chat.server.expect_end();
  EXPECT_EQ(field(chat.bellhop.line("component_lost"), "condition"), "timeout");
  EXPECT_GE(number(chat.bellhop.line("component_lost"), "lived_ms"), 120);
  chat.server.attach();
}

// CMP-09, STZ-13: any answer will do, an error too.
TEST(ComponentStream, ServerThatAnswersPingsIsKept) {
  Conversation chat([](auto& settings) {
    settings.stream.ping_interval = 40ms;
    settings.stream.ping_timeout = 10s;
  });
  for (int rounds = 1; rounds <= 4; ++rounds) {
    const xmpp::Element ping = chat.server.next();
    EXPECT_EQ(ping.attribute("id"), "ping-" + std::to_string(rounds));
    chat.server.send(
        iq(rounds % 2 == 0 ? "result" : "error", ping.attribute("id"), "", "example.com"));
  }
  EXPECT_TRUE(chat.bellhop.lines("component_lost").empty());
}

// CMP-09: whitespace is a sign of life and nothing else.
TEST(ComponentStream, WhitespaceBetweenStanzasIsIgnored) {
  Conversation chat([](auto& settings) { settings.stream.stanza_bytes_max = 10'000; });
  for (int times = 0; times < 20; ++times) {
    chat.server.send(std::string(1000, ' ') + "\r\n\t");
    EXPECT_TRUE(chat.is_silent());
  }
}

// CMP-10
TEST(ComponentStream, ForbiddenXmlIsAnsweredByAStreamErrorAndTheEnd) {
  Conversation chat;
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"<!-- a comment -->", "restricted-xml"},
      {"<?an instruction?>", "restricted-xml"},
      {"<iq><!-- a comment --></iq>", "restricted-xml"},
      {"<message><body>&laugh;</body></message>", "restricted-xml"},
      {"<!DOCTYPE lolz [<!ENTITY a 'aaaa'>]>", "restricted-xml"},
      {"<iq></message>", "not-well-formed"},
      {"<message>\xc3\x28</message>", "not-well-formed"},
      {"<a:iq/>", "bad-namespace-prefix"},
      {"text", "bad-format"},
  };
  for (const auto& [xml, condition] : cases) {
    chat.server.send(iq("get", "before", kPing) + std::string(xml));
    EXPECT_EQ(outcome(chat.answer_to("before")), "result");
    const xmpp::Element error = chat.server.next();
    EXPECT_TRUE(error.is("error", "http://etherx.jabber.org/streams")) << xml;
    EXPECT_EQ(error.first_child()->name(), condition) << xml;
    EXPECT_TRUE(chat.server.sees_orderly_end()) << xml;
    chat.server.attach();
  }
}

// CMP-10: a document type in front of the header never gets as far as a handshake.
TEST(ComponentStream, DocumentTypeBeforeTheHeaderEndsTheAttempt) {
  Conversation chat({}, Conversation::Start::not_attached);
  chat.server.accept();
  (void)chat.server.expect_header();
  chat.server.send("<!DOCTYPE lolz [<!ENTITY a 'aaaa'>]>");
  chat.server.send_header("&a;");
  chat.server.expect_end();
  EXPECT_EQ(chat.server.received().find("<handshake>"), std::string::npos);
  EXPECT_EQ(field(chat.bellhop.line("component_lost"), "condition"), "restricted-xml");
}

// CMP-10
TEST(ComponentStream, OversizedStanzaEndsTheStream) {
  Conversation chat([](auto& settings) { settings.stream.stanza_bytes_max = 10'000; });
  EXPECT_EQ(outcome(chat.ask("get", "<x xmlns='u'>" + std::string(9'000, 'x') + "</x>")),
            "cancel/service-unavailable");
  chat.server.send(iq("get", "too much", "<x xmlns='u'>" + std::string(20'000, 'x') + "</x>"));
  const xmpp::Element error = chat.server.next();
  EXPECT_EQ(error.first_child()->name(), "policy-violation");
  EXPECT_TRUE(chat.server.sees_orderly_end());
  chat.server.attach();
}

// CMP-10: what a stranger can nest costs a stanza, not the stream of everybody.
TEST(ComponentStream, DeepNestingIsRefusedAndTheStreamGoesOn) {
  Conversation chat;
  std::string nested;
  for (int depth = 0; depth < 500; ++depth) nested += "<x xmlns='u'>";
  for (int depth = 0; depth < 500; ++depth) nested += "</x>";
  EXPECT_EQ(outcome(chat.ask("get", nested)), "modify/bad-request");
  EXPECT_TRUE(chat.is_silent());
}

// CMP-11, ROOM-27: three namespaces in, or none as most servers write it; none out.
TEST(ComponentStream, StanzasOfTheThreeContentNamespacesAreAnsweredAlike) {
  Conversation chat;
  for (const std::string_view xmlns :
       {"jabber:client", "jabber:server", "jabber:component:accept"}) {
    std::string stanza = iq("get", "ns", kPing);
    stanza.insert(3, " xmlns='" + std::string(xmlns) + "'");
    chat.server.send(stanza);
    EXPECT_EQ(outcome(chat.answer_to("ns")), "result") << xmlns;
  }
  EXPECT_TRUE(chat.is_silent());
  EXPECT_EQ(chat.server.received().find("jabber:client"), std::string::npos);
  EXPECT_EQ(chat.server.received().find("jabber:server"), std::string::npos);
  EXPECT_EQ(chat.server.received().find("<iq xmlns"), std::string::npos);
}

// CMP-12
TEST(ComponentStream, RunningBytestreamsSurviveTheLossOfTheStream) {
  Conversation chat;
  Pair pair = chat.open("survivor");
  chat.server.disconnect();
  (void)chat.bellhop.line("component_lost");
  EXPECT_TRUE(passes(pair.requester, pair.target, pattern(100'000)));
  EXPECT_TRUE(passes(pair.target, pair.requester, "still here"));
  chat.server.attach();
  EXPECT_EQ(chat.activate("survivor"), "cancel/conflict");
  EXPECT_TRUE(passes(pair.requester, pair.target, "and after"));
}

// CMP-13: a server that has stopped reading is left, not buffered for.
TEST(ComponentStream, SendQueueIsBoundedWhenTheServerStopsReading) {
  const auto few = [](auto& settings) { settings.stream.send_queue_bytes_max = 64 * 1024; };
  ScriptedServer server(4096);
  RunningDaemon bellhop(scenario_settings(server.port(), few));
  server.attach();
  const std::string request = iq("get", "flood", "<x xmlns='u'>" + std::string(3500, 'x') + "</x>");
  int requests = 0;
  while (requests < 20'000 && server.try_send(request)) ++requests;
  EXPECT_LT(requests, 20'000);
  EXPECT_EQ(field(bellhop.line("component_lost"), "condition"), "queue full");
  server.attach();
  server.send(iq("get", "again", kPing));
  EXPECT_EQ(server.next().attribute("id"), "again");
  server.close();
}

// CMP-13: below the bound each answer is kept for the server that reads late.
TEST(ComponentStream, AnswersWaitForAServerThatReadsLate) {
  ScriptedServer server(4096);
  RunningDaemon bellhop(scenario_settings(server.port()));
  server.attach();
  std::string requests;
  for (int i = 0; i < 300; ++i) {
    requests += iq("get", std::to_string(i), "<x xmlns='u'>" + std::string(3000, 'x') + "</x>");
  }
  server.send(requests);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(server.next().attribute("id"), std::to_string(i));
  server.close();
}

// CMP-14
TEST(ComponentStream, TwoComponentsSideBySideDoNotDisturbEachOther) {
  ScriptedServer other;
  Conversation chat([&](auto& settings) {
    config::ComponentSettings second = settings.components[0];
    second.jid = "proxy.example.org";
    second.parent_domain = "example.org";
    second.server.port = other.port();
    settings.components.push_back(second);
  });
  other.attach();
  EXPECT_EQ(outcome(chat.ask("get", query(kBytestreams))), "result");
  EXPECT_EQ(outcome(chat.ask("get", query(kBytestreams), kTarget)), "auth/forbidden");
  chat.server.disconnect();
  other.send(iq("get", "theirs", query(kBytestreams), kTarget, "proxy.example.org"));
  const xmpp::Element answer = other.next();
  EXPECT_EQ(answer.attribute("from"), "proxy.example.org");
  EXPECT_EQ(answer.first_child()->first_child()->attribute("jid"), "proxy.example.org");
  other.send(iq("get", "lost", kPing, kTarget, kProxy) +
             iq("get", "ours", kPing, kRequester, "proxy.example.org"));
  EXPECT_EQ(other.next().attribute("id"), "ours");
  chat.server.attach();
  EXPECT_TRUE(chat.is_silent());
  other.close();
}

// A client that fails once remembers the proxy as broken.
TEST(ComponentStream, ListenersAcceptBeforeTheStreamOpens) {
  Conversation chat({}, Conversation::Start::not_attached);
  chat.server.accept();
  Socks5Client client(chat.bellhop.port(), hash_of("early", kRequester, kTarget));
  EXPECT_FALSE(client.has_input());
}

}  // namespace
}  // namespace bellhop::test
