// The whole flow through a gate that slices, delays and cuts: one read is never one message.
#include <gtest/gtest.h>

#include "tests/scenario/conversation.hpp"
#include "tests/support/gate.hpp"

namespace bellhop::test {
namespace {

// Server and clients each behind a gate of their own.
struct Gated {
  explicit Gated(Slicing slicing)
      : to_server(server.port(), slicing),
        bellhop(scenario_settings(to_server.port())),
        to_proxy(bellhop.port(), slicing) {
    server.attach();
  }
  ~Gated() {
    bellhop.request_stop();
    server.close();
  }
  Gated(const Gated&) = delete;
  Gated& operator=(const Gated&) = delete;

  ScriptedServer server;
  Gate to_server;
  RunningDaemon bellhop;
  Gate to_proxy;
};

class GatedFlow : public ::testing::TestWithParam<Slicing> {};

// S5B-22, S5B-31, S5B-33, CMP-10, CMP-02: both streams in slices, down to single bytes.
TEST_P(GatedFlow, SlicedConversationIsTheSameConversation) {
  Gated gated(GetParam());
  gated.server.send(iq("get", "where", query(kBytestreams)));
  EXPECT_EQ(outcome(gated.server.next()), "result");
  const std::string hash = hash_of("sliced", kRequester, kTarget);
  Socks5Client requester(gated.to_proxy.port(), hash);
  Socks5Client target(gated.to_proxy.port(), hash);
  requester.send("early ");
  gated.server.send(iq("set", "go", activation("sliced")));
  EXPECT_EQ(outcome(gated.server.next()), "result");
  const std::string bytes = pattern(400);
  requester.send(bytes);
  EXPECT_EQ(target.receive(406), "early " + bytes);
  EXPECT_TRUE(passes(target, requester, "and back"));
  requester.shutdown_send();
  EXPECT_EQ(target.receive_all(), "");
  EXPECT_TRUE(passes(target, requester, "after the end"));
  target.shutdown_send();
  EXPECT_EQ(requester.receive_all(), "");
  EXPECT_EQ(number(gated.bellhop.line("session_ended"), "bytes_from_first"), 406);
}

INSTANTIATE_TEST_SUITE_P(Slicings, GatedFlow,
                         ::testing::Values(Slicing{.slice_bytes = 1}, Slicing{.slice_bytes = 7},
                                           Slicing{.slice_bytes = 46},
                                           Slicing{.slice_bytes = 100, .delay = 5ms},
                                           Slicing{.delay = 20ms}));

// S5B-33, S5B-31: cut at any place, both sides end and others go on.
TEST(Gate, CutConnectionsEndTheirBytestreamAndNoOther) {
  Conversation chat;
  Pair bystander = chat.open("bystander");
  for (const std::size_t cut_after : {60U, 1000U, 100'000U}) {
    Gate gate(chat.bellhop.port(), {.cut_after = cut_after});
    const std::string sid = "cut " + std::to_string(cut_after);
    const std::string hash = hash_of(sid, kRequester, kTarget);
    Socks5Client requester(gate.port(), hash);
    Socks5Client target = chat.connect(hash);
    EXPECT_EQ(chat.activate(sid), "result");
    const std::string bytes = pattern(200'000);
    (void)requester.send_until_full(bytes, 1s);
    const std::string received = target.receive_all();
    EXPECT_LT(received.size(), bytes.size());
    EXPECT_EQ(received, bytes.substr(0, received.size()));
    EXPECT_TRUE(passes(bystander.requester, bystander.target, "undisturbed"));
  }
  EXPECT_EQ(chat.bellhop.counter("bellhop_proxy_sessions_active"), 1U);
}

// CMP-08, CMP-10: the component stream cut in the middle of a stanza comes back whole.
TEST(Gate, CutComponentStreamComesBack) {
  ScriptedServer server;
  Gate gate(server.port(), {.slice_bytes = 1, .cut_after = 600});
  RunningDaemon bellhop(scenario_settings(gate.port()));
  for (std::size_t times = 1; times <= 3; ++times) {
    server.attach();
    for (int i = 0; i < 10; ++i) (void)server.try_send(iq("get", "cut", query(kDiscoInfo)));
    (void)bellhop.line("component_lost", times);
  }
  bellhop.request_stop();
  server.close();
}

}  // namespace
}  // namespace bellhop::test
