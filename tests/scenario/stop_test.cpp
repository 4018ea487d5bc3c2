// An orderly stop: nothing new, what runs may finish, and the log says what did not.
#include <gtest/gtest.h>

#include "tests/scenario/conversation.hpp"

namespace bellhop::test {
namespace {

// S5B-05, CMP-07: while the last stream drains, newcomers are told so.
TEST(Stop, RunningStreamFinishesWhileNewOnesAreRefused) {
  Conversation chat;
  Pair running = chat.open("running");
  Pair waiting = chat.connect_pair("waiting");
  chat.bellhop.request_stop();
  EXPECT_EQ(waiting.requester.receive_all(), "");
  EXPECT_EQ(waiting.target.receive_all(), "");
  EXPECT_THROW(Peer late(chat.bellhop.port()), Missed);
  EXPECT_EQ(outcome(chat.ask("get", query(kBytestreams))), "cancel/not-allowed");
  EXPECT_EQ(chat.activate("waiting"), "cancel/not-allowed");
  EXPECT_TRUE(passes(running.requester, running.target, pattern(500'000)));
  running.requester.close();
  EXPECT_EQ(running.target.receive_all(), "");
  running.target.close();
  EXPECT_TRUE(chat.server.sees_orderly_end());
  chat.bellhop.expect_end();
  EXPECT_EQ(number(chat.bellhop.line("stopped"), "dropped"), 0);
}

// S5B-34: the drain has an end.
TEST(Stop, DrainTimeoutEndsTheRestAndCountsIt) {
  Conversation chat([](auto& settings) { settings.runtime.drain_timeout = 150ms; });
  std::vector<Pair> pairs;
  for (int i = 0; i < 3; ++i) pairs.push_back(chat.open("stream " + std::to_string(i)));
  const auto began = std::chrono::steady_clock::now();
  chat.bellhop.request_stop();
  EXPECT_TRUE(passes(pairs[0].requester, pairs[0].target, "still moving"));
  for (Pair& pair : pairs) {
    EXPECT_EQ(pair.requester.receive_all(), "");
    EXPECT_EQ(pair.target.receive_all(), "");
  }
  EXPECT_GE(std::chrono::steady_clock::now() - began, 150ms);
  EXPECT_TRUE(chat.server.sees_orderly_end());
  chat.bellhop.expect_end();
  EXPECT_EQ(number(chat.bellhop.line("stopped"), "dropped"), 3);
  EXPECT_EQ(field(chat.bellhop.line("session_ended", 3), "reason"), "shutdown");
}

TEST(Stop, SecondRequestCutsTheDrainShort) {
  Conversation chat([](auto& settings) { settings.runtime.drain_timeout = 60s; });
  Pair pair = chat.open("hurried");
  chat.bellhop.request_stop();
  (void)chat.bellhop.line("stopping");
  EXPECT_TRUE(passes(pair.requester, pair.target, "still moving"));
  chat.bellhop.request_stop();
  EXPECT_EQ(pair.target.receive_all(), "");
  EXPECT_TRUE(chat.server.sees_orderly_end());
  chat.bellhop.expect_end();
  EXPECT_EQ(number(chat.bellhop.line("stopped"), "dropped"), 1);
}

// STZ-01, CMP-13: a request that waits when we stop still has its one answer, before the end.
TEST(Stop, WaitingActivationIsAnsweredBeforeTheStreamCloses) {
  Conversation chat([](auto& settings) { settings.proxy.activation_grace = 60s; });
  Socks5Client alone = chat.connect(hash_of("waiting", kRequester, kTarget));
  chat.server.send(iq("set", "interrupted", activation("waiting")));
  EXPECT_TRUE(chat.is_silent());
  chat.bellhop.request_stop();
  EXPECT_EQ(chat.answer_to("interrupted").attribute("type"), "error");
  EXPECT_TRUE(chat.server.sees_orderly_end());
  chat.bellhop.expect_end();
}

TEST(Stop, WithoutAServerItEndsAtOnce) {
  Conversation chat({}, Conversation::Start::not_attached);
  chat.server.close();
  chat.bellhop.request_stop();
  chat.bellhop.expect_end();
  EXPECT_EQ(number(chat.bellhop.line("stopped"), "dropped"), 0);
}

// CMP-07: a server that does not answer our closing tag is not waited for long.
TEST(Stop, ServerThatNeverClosesIsLeft) {
  Conversation chat;
  chat.bellhop.request_stop();
  chat.bellhop.expect_end();
}

}  // namespace
}  // namespace bellhop::test
