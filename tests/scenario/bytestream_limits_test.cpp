// What is refused: activations that cannot be, users who may not, more than the caps allow.
#include <gtest/gtest.h>

#include "tests/scenario/conversation.hpp"

namespace bellhop::test {
namespace {

constexpr std::string_view kActiveElsewhere = "someone@example.com/else";

bool both_end(Pair& pair) {
  return pair.requester.receive_all().empty() && pair.target.receive_all().empty();
}

std::string bytestreams(std::string_view attributes, std::string_view children) {
  std::string xml = "<query xmlns='" + std::string(kBytestreams) + "' ";
  return xml.append(attributes).append(">").append(children).append("</query>");
}

// S5B-09
TEST(BytestreamLimits, ActivationOfNothingIsItemNotFound) {
  Conversation chat;
  Pair pair = chat.connect_pair("known");
  EXPECT_EQ(chat.activate("unknown"), "cancel/item-not-found");
  EXPECT_EQ(chat.activate("known", kActiveElsewhere), "cancel/item-not-found");
  EXPECT_EQ(chat.activate("known", kRequester, "target@example.org"), "cancel/item-not-found");
  EXPECT_EQ(chat.activate("known"), "result");
}

// S5B-08: not at once, and not for ever.
TEST(BytestreamLimits, OneSideAloneIsNotAllowedAfterTheGrace) {
  Conversation chat([](auto& settings) { settings.proxy.activation_grace = 120ms; });
  Socks5Client alone = chat.connect(hash_of("alone", kRequester, kTarget));
  const auto asked_at = std::chrono::steady_clock::now();
  EXPECT_EQ(chat.activate("alone"), "cancel/not-allowed");
  EXPECT_GE(std::chrono::steady_clock::now() - asked_at, 120ms);
  Socks5Client late = chat.connect(hash_of("alone", kRequester, kTarget));
  EXPECT_EQ(chat.activate("alone"), "result");
  EXPECT_TRUE(passes(alone, late, "after all"));
}

// S5B-08, STZ-09: an activation that overtakes the second connection waits, and holds nobody up.
TEST(BytestreamLimits, ActivationJustBeforeTheSecondConnectionSucceeds) {
  Conversation chat([](auto& settings) { settings.proxy.activation_grace = 20s; });
  Socks5Client requester = chat.connect(hash_of("overtaken", kRequester, kTarget));
  chat.server.send(iq("set", "overtaking", activation("overtaken")));
  EXPECT_TRUE(chat.is_silent());
  Socks5Client target = chat.connect(hash_of("overtaken", kRequester, kTarget));
  EXPECT_EQ(outcome(chat.answer_to("overtaking")), "result");
  EXPECT_TRUE(passes(requester, target, "in time"));
}

// S5B-13
TEST(BytestreamLimits, SecondActivationConflictsAndTheStreamGoesOn) {
  Conversation chat;
  Pair pair = chat.open("twice");
  EXPECT_EQ(chat.activate("twice"), "cancel/conflict");
  EXPECT_TRUE(passes(pair.requester, pair.target, "undisturbed"));
  pair.requester.close();
  EXPECT_EQ(pair.target.receive_all(), "");
  pair.target.close();
  (void)chat.bellhop.line("session_ended");
  Pair again = chat.open("twice");
  EXPECT_TRUE(passes(again.requester, again.target, "a name may be used again"));
}

// S5B-11, STZ-10, STZ-06
TEST(BytestreamLimits, MalformedActivationsAreRefusedAndTouchNothing) {
  Conversation chat;
  Pair pair = chat.connect_pair("good");
  const std::string one = "<activate>" + std::string(kTarget) + "</activate>";
  const std::pair<std::string, std::string_view> cases[] = {
      {bytestreams("", one), "modify/bad-request"},
      {bytestreams("sid=''", one), "modify/bad-request"},
      {bytestreams("sid='good'", ""), "modify/bad-request"},
      {bytestreams("sid='good'", one + one), "modify/bad-request"},
      {bytestreams("sid='good'", "<activate/>"), "modify/jid-malformed"},
      {bytestreams("sid='good'", "<activate>@</activate>"), "modify/jid-malformed"},
      {bytestreams("sid='good'", "<activate>a b@c/d</activate>"), "modify/jid-malformed"},
      {bytestreams("sid='good'", "<activate>" + std::string(1024, 'a') + "@b</activate>"),
       "modify/jid-malformed"}};
  for (const auto& [payload, expected] : cases) {
    EXPECT_EQ(outcome(chat.ask("set", payload)), expected) << payload;
  }
  EXPECT_EQ(chat.activate("good"), "result");
}

// S5B-12: bytes, not characters; one more is too many.
TEST(BytestreamLimits, SidMayBeSoLongAndNotLonger) {
  Conversation chat;
  Pair pair = chat.connect_pair(std::string(128, 's'));
  EXPECT_EQ(chat.activate(std::string(129, 's')), "modify/bad-request");
  EXPECT_EQ(chat.activate(std::string(128, 's')), "result");
}

// S5B-05
TEST(BytestreamLimits, StrangersGetNoAddress) {
  Conversation chat([](auto& settings) {
    settings.access.deny_jids = {"banned@example.com"};
    settings.access.allow_jids = {"friend@example.net"};
  });
  EXPECT_EQ(outcome(chat.ask("get", query(kBytestreams), kStranger)), "auth/forbidden");
  EXPECT_EQ(outcome(chat.ask("get", query(kBytestreams), "banned@example.com/x")),
            "auth/forbidden");
  EXPECT_EQ(outcome(chat.ask("get", query(kBytestreams), "friend@example.net/x")), "result");
  EXPECT_EQ(outcome(chat.ask("get", query(kBytestreams), kRequester)), "result");
}

// S5B-14, STZ-12
TEST(BytestreamLimits, ForbiddenActivationClosesBothConnections) {
  Conversation chat;
  Pair pair = chat.connect_pair("forbidden", kStranger);
  EXPECT_EQ(chat.activate("forbidden", kStranger), "auth/forbidden");
  EXPECT_TRUE(both_end(pair));
  EXPECT_EQ(chat.bellhop.counter("bellhop_proxy_refusals_total", "user-not-allowed"), 1U);
}

// S5B-15: each cap refuses for its own reason, closes both, and gives back what ended.
TEST(BytestreamLimits, CapsOnSessionsRefuseOneMoreAndNoOther) {
  struct Cap {
    std::uint32_t config::ProxySettings::*setting;
    std::string_view reason;
  };
  for (const auto& [setting, reason] :
       {Cap{&config::ProxySettings::sessions_max, "sessions-total"},
        Cap{&config::ProxySettings::sessions_per_jid_max, "sessions-of-jid"},
        Cap{&config::ProxySettings::sessions_per_domain_max, "sessions-of-domain"}}) {
    Conversation chat([&, cap = setting](auto& settings) { settings.proxy.*cap = 1; });
    Pair running = chat.open("one");
    Pair refused = chat.connect_pair("two");
    EXPECT_EQ(chat.activate("two"), "wait/resource-constraint") << reason;
    EXPECT_TRUE(both_end(refused));
    EXPECT_EQ(chat.bellhop.counter("bellhop_proxy_refusals_total", reason), 1U);
    EXPECT_TRUE(passes(running.requester, running.target, "undisturbed"));
    running.requester.reset();
    (void)chat.bellhop.line("session_ended");
    Pair next = chat.connect_pair("three");
    EXPECT_TRUE(eventually([&] { return chat.activate("three") == "result"; })) << reason;
  }
}

// S5B-15: the caps of one user and of one domain are not those of others.
TEST(BytestreamLimits, CapsOfOneUserLeaveOthersAlone) {
  Conversation chat([](auto& settings) {
    settings.proxy.sessions_per_jid_max = 1;
    settings.proxy.sessions_per_domain_max = 2;
    settings.access.allow_domains = {"*"};
  });
  Pair first = chat.open("same sid");
  Pair second = chat.open("same sid", kActiveElsewhere);
  Pair third = chat.connect_pair("same sid", "third@example.com/x");
  EXPECT_EQ(chat.activate("same sid", "third@example.com/x"), "wait/resource-constraint");
  Pair fourth = chat.open("same sid", kStranger);
  EXPECT_TRUE(passes(fourth.requester, fourth.target, "another domain"));
}

// S5B-15, S5B-35: unactivated connections of one address, and all connections together.
TEST(BytestreamLimits, CapsOnConnectionsCloseWhatComesOnTop) {
  struct Cap {
    std::uint32_t config::ProxySettings::*setting;
    std::string_view reason;
  };
  for (const auto& [setting, reason] :
       {Cap{&config::ProxySettings::pending_per_address_max, "connections-of-address"},
        Cap{&config::ProxySettings::connections_max, "connections-total"}}) {
    Conversation chat([&, cap = setting](auto& settings) { settings.proxy.*cap = 2; });
    Pair pair = chat.connect_pair("two");
    Socks5Client third(chat.bellhop.port());
    EXPECT_EQ(third.receive_all(), "");
    EXPECT_EQ(chat.bellhop.counter("bellhop_proxy_refusals_total", reason), 1U);
    EXPECT_EQ(chat.activate("two"), "result");
  }
}

// S5B-35: silent connections from one address make room for one that speaks.
TEST(BytestreamLimits, OldestSilentConnectionMakesRoom) {
  Conversation chat([](auto& settings) { settings.proxy.pending_per_address_max = 2; });
  Socks5Client oldest(chat.bellhop.port());
  oldest.greet();
  Socks5Client older(chat.bellhop.port());
  older.greet();
  Socks5Client newest = chat.connect(hash_of("new", kRequester, kTarget));
  EXPECT_EQ(oldest.receive_all(), "");
  EXPECT_FALSE(older.has_input());
}

// S5B-29
TEST(BytestreamLimits, ThirdConnectionIsRefusedAndDisturbsNobody) {
  Conversation chat;
  Pair pair = chat.connect_pair("crowd");
  const std::string hash = hash_of("crowd", kRequester, kTarget);
  for (int times = 0; times < 2; ++times) {
    Socks5Client third(chat.bellhop.port());
    EXPECT_EQ(third.ask(hash), 2);
    EXPECT_EQ(third.receive_all(), "");
    const std::string expected = times == 0 ? "result" : "cancel/conflict";
    EXPECT_EQ(chat.activate("crowd"), expected);
  }
  EXPECT_TRUE(passes(pair.requester, pair.target, "two is company"));
}

// S5B-29: a connection that died while it waited does not keep its place.
TEST(BytestreamLimits, DeadConnectionGivesItsPlaceToTheNext) {
  Conversation chat;
  Pair pair = chat.connect_pair("retry");
  pair.target.close();
  const std::string hash = hash_of("retry", kRequester, kTarget);
  const bool is_granted = eventually([&] {
    Socks5Client again(chat.bellhop.port());
    if (again.ask(hash) != 0) return false;
    return chat.activate("retry") == "result" && passes(pair.requester, again, "again");
  });
  EXPECT_TRUE(is_granted);
}

// S5B-37: shaped, not cut: every byte comes, and not before its time.
TEST(BytestreamLimits, RatesMoveEverythingAndTakeTheirTime) {
  for (auto rate : {&config::ProxySettings::rate_per_session, &config::ProxySettings::rate_per_jid,
                    &config::ProxySettings::rate_total}) {
    Conversation chat([&](auto& settings) { settings.proxy.*rate = 1'000'000; });
    Pair pair = chat.open("shaped");
    const std::string bytes = pattern(500'000);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(passes(pair.requester, pair.target, bytes));
    // 50 ms worth of the rate are free; the rest takes its 450 ms.
    EXPECT_GE(std::chrono::steady_clock::now() - began, 440ms);
  }
}

}  // namespace
}  // namespace bellhop::test
