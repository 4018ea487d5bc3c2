// Every phase of a connection has its deadline, and all of them together have bounded cost.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>

#include "tests/scenario/conversation.hpp"

namespace bellhop::test {
namespace {

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// S5B-34, S5B-28: from accept to the end of the request, however the time is spent.
TEST(BytestreamDeadlines, HandshakeThatStallsIsClosed) {
  Conversation chat([](auto& settings) { settings.proxy.handshake_timeout = 150ms; });
  const auto began = std::chrono::steady_clock::now();
  Socks5Client silent(chat.bellhop.port());
  Socks5Client greeted(chat.bellhop.port());
  greeted.greet();
  Socks5Client halfway(chat.bellhop.port());
  halfway.greet();
  halfway.send(connect_bytes(hash_of("half", kRequester, kTarget)).substr(0, 20));
  for (Socks5Client* client : {&silent, &greeted, &halfway}) {
    EXPECT_EQ(client->receive_all(), "");
    EXPECT_GE(std::chrono::steady_clock::now() - began, 150ms);
  }
  EXPECT_TRUE(eventually([&] {
    return chat.bellhop.counter("bellhop_proxy_refusals_total", "handshake-timeout") == 3;
  }));
}

// S5B-34: the deadline is that of the whole handshake, so a byte now and then gains nothing.
TEST(BytestreamDeadlines, DrippingClientIsClosedToo) {
  Conversation chat([](auto& settings) { settings.proxy.handshake_timeout = 150ms; });
  Socks5Client client(chat.bellhop.port());
  const std::string bytes = std::string(kGreeting) + connect_bytes(std::string(40, 'a'));
  std::size_t sent = 0;
  const auto drip = [&] {
    if (sent + 1 < bytes.size()) (void)client.send_until_full(bytes.substr(sent++, 1), 1ms);
    return chat.bellhop.counter("bellhop_proxy_refusals_total", "handshake-timeout") == 1;
  };
  EXPECT_TRUE(eventually(drip));
}

// S5B-34: alone or in a pair, whoever is not activated is closed.
TEST(BytestreamDeadlines, ConnectionsThatAreNotActivatedAreClosed) {
  Conversation chat([](auto& settings) { settings.proxy.activation_timeout = 150ms; });
  Pair active = chat.open("active");
  const auto began = std::chrono::steady_clock::now();
  Socks5Client alone = chat.connect(hash_of("alone", kRequester, kTarget));
  Pair pair = chat.connect_pair("pair");
  for (Peer* peer : {static_cast<Peer*>(&alone), static_cast<Peer*>(&pair.requester),
                     static_cast<Peer*>(&pair.target)}) {
    EXPECT_EQ(peer->receive_all(), "");
    EXPECT_GE(std::chrono::steady_clock::now() - began, 150ms);
  }
  EXPECT_EQ(chat.activate("pair"), "cancel/item-not-found");
  EXPECT_TRUE(passes(active.requester, active.target, "not concerned"));
}

// S5B-34
TEST(BytestreamDeadlines, IdleBytestreamEndsAndABusyOneDoesNot) {
  Conversation chat([](auto& settings) { settings.proxy.idle_timeout = 400ms; });
  const auto began = std::chrono::steady_clock::now();
  Pair idle = chat.open("idle");
  Pair busy = chat.open("busy");
  EXPECT_TRUE(passes(idle.requester, idle.target, "one word"));
  const bool has_ended = eventually(
      [&] { return !passes(busy.requester, busy.target, "tick") || idle.target.has_input(); });
  EXPECT_TRUE(has_ended);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 400ms);
  EXPECT_EQ(idle.target.receive_all(), "");
  EXPECT_EQ(idle.requester.receive_all(), "");
  const std::string line = chat.bellhop.line("session_ended");
  EXPECT_EQ(field(line, "reason"), "idle");
  EXPECT_GE(number(line, "duration_ms"), 400);
  EXPECT_TRUE(passes(busy.requester, busy.target, "not idle"));
}

// S5B-34, S5B-35: two thousand silent connections do not keep users out, and leave nothing behind.
TEST(BytestreamDeadlines, ThousandsOfSilentConnectionsGiveTheirDescriptorsBack) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_cur < 5000) GTEST_SKIP() << "needs 5,000 descriptors, may have " << limit.rlim_cur;
  Conversation chat([](auto& settings) {
    settings.proxy.pending_per_address_max = 5000;
    settings.proxy.handshake_timeout = 1500ms;
  });
  EXPECT_TRUE(chat.is_silent());
  const std::size_t before = open_descriptors();
  std::vector<Socks5Client> silent;
  for (int i = 0; i < 2000; ++i) silent.emplace_back(chat.bellhop.port());
  {
    Pair pair = chat.open("among the silent");
    EXPECT_TRUE(passes(pair.requester, pair.target, pattern(100'000)));
  }
  for (Socks5Client& client : silent) EXPECT_EQ(client.receive_all(), "");
  silent.clear();
  (void)chat.bellhop.line("session_ended");
  EXPECT_TRUE(eventually([&] { return open_descriptors() <= before + 4; }))
      << open_descriptors() << " of " << before;  // pipes may be kept for the next stream
}

// S5B-33: a hundred streams one after another leave no descriptor and no entry either.
TEST(BytestreamDeadlines, EndedBytestreamsLeaveNothingBehind) {
  Conversation chat;
  { Pair first = chat.open("warm-up"); }
  (void)chat.bellhop.line("session_ended");
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 100; ++i) {
    Pair pair = chat.open("stream " + std::to_string(i));
    EXPECT_TRUE(passes(pair.requester, pair.target, "bytes"));
    if (i % 2 == 0) pair.target.reset();
  }
  (void)chat.bellhop.line("session_ended", 101);
  EXPECT_TRUE(eventually([&] { return open_descriptors() <= before + 8; }));
  EXPECT_EQ(chat.bellhop.counter("bellhop_proxy_sessions_active"), 0U);
}

}  // namespace
}  // namespace bellhop::test
