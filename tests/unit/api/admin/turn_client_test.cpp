// doctor's TURN client against our own server, and against peers that are none.
#include "api/admin/turn_client.hpp"

#include <gtest/gtest.h>

#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using base::Deadline;
using test::AdminWorld;
using Over = TurnClient::Over;

constexpr auto kV4 = stun::AddressFamily::ipv4;

// A port that was free a moment ago.
std::uint16_t closed_port() {
  return runtime::test::listening().port;
}

class TurnClientTest : public ::testing::Test {
 protected:
  TurnClientTest() { runtime::test::ignore_broken_pipes(); }

  turn::TurnServer& server() { return *world_.core.parts.control.parts().turn; }
  base::IpEndpoint listener() { return server().bound().plain.front(); }
  TurnClient::User user(const std::string& jid) {
    auto issued =
        server().credentials().issue(jid, "example.org", std::chrono::system_clock::now() + 1h);
    return {std::move(issued.username), std::move(issued.password)};
  }
  std::unique_ptr<TurnClient> client(Over over, TurnClient::User who, std::uint16_t port = 0) {
    if (port == 0) port = listener().port;
    TurnClient::Server where{over, "127.0.0.1", {listener().address, port}, port};
    return std::make_unique<TurnClient>(world_.admin_shard().executor(), std::move(where),
                                        std::move(who));
  }
  Trouble allocate(TurnClient& of, base::Duration patience = 10s) {
    return world_.run(of.allocate(kV4, Deadline::after(patience)));
  }
  Trouble admit(TurnClient& of, const base::IpEndpoint& peer) {
    return world_.run(of.admit(peer, Deadline::after(10s)));
  }
  std::uint32_t allocations_of(const std::string& jid) {
    auto ask = [this, jid] { return server().allocations_of(jid); };
    return world_.run(runtime::hop(world_.core.parts.shards.control(), ask));
  }

  AdminWorld world_{{.config = "", .has_turn = true}};
};

class EachTransport : public TurnClientTest, public ::testing::WithParamInterface<Over> {};

// TURN-A01, TURN-C01
TEST_P(EachTransport, TwoClientsReachEachOther) {
  const auto caller = client(GetParam(), user("alice@example.org"));
  const auto callee = client(GetParam(), user("bob@example.org"));
  ASSERT_EQ(allocate(*caller), "");
  ASSERT_EQ(allocate(*callee), "");
  EXPECT_EQ(allocations_of("alice@example.org"), 1U);
  ASSERT_EQ(admit(*caller, callee->relayed()), "");
  ASSERT_EQ(admit(*callee, caller->relayed()), "");
  // A length that a stream pads.
  ASSERT_EQ(world_.run(caller->send("hello", Deadline::after(10s))), "");
  EXPECT_EQ(world_.run(callee->expect("hello", Deadline::after(10s))), "");
  ASSERT_EQ(world_.run(callee->send("and back", Deadline::after(10s))), "");
  EXPECT_EQ(world_.run(caller->expect("and back", Deadline::after(10s))), "");
  world_.run(caller->release(Deadline::after(10s)));
  world_.expect([&] { return allocations_of("alice@example.org") == 0; });
  EXPECT_EQ(allocations_of("bob@example.org"), 1U);
}

INSTANTIATE_TEST_SUITE_P(TurnClientTest, EachTransport, ::testing::Values(Over::udp, Over::tcp),
                         [](const auto& over) {
                           return std::string(over.param == Over::udp ? "Udp" : "Tcp");
                         });

TEST_F(TurnClientTest, AWrongPasswordIsToldFromAPortThatIsClosed) {
  TurnClient::User wrong = user("alice@example.org");
  wrong.password += "x";
  const auto stranger = client(Over::udp, wrong);
  EXPECT_NE(allocate(*stranger).find("401"), std::string::npos);
  EXPECT_EQ(stranger->step(), TurnStep::allocate);
  EXPECT_EQ(stranger->error_code(), 401);

  const std::uint16_t closed = closed_port();
  for (const Over over : {Over::udp, Over::tcp}) {
    const auto nobody = client(over, user("alice@example.org"), closed);
    EXPECT_NE(allocate(*nobody), "");
    EXPECT_EQ(nobody->step(), TurnStep::connect);
    EXPECT_EQ(nobody->error_code(), 0);
  }
}

TEST_F(TurnClientTest, WhoMayNotIsToldSo) {
  const auto eve = client(Over::udp, user("eve@stranger.example"));
  EXPECT_NE(allocate(*eve).find("403"), std::string::npos);
  EXPECT_EQ(eve->error_code(), 403);
}

TEST_F(TurnClientTest, APeerThatIsRefusedIsToldWithTheStep) {
  const auto alice = client(Over::udp, user("alice@example.org"));
  ASSERT_EQ(allocate(*alice), "");
  EXPECT_NE(admit(*alice, {base::IpAddress::parse("10.0.0.1").value(), 4711}).find("403"),
            std::string::npos);
  EXPECT_EQ(alice->step(), TurnStep::permit);
}

TEST_F(TurnClientTest, SilenceEndsWithTheDeadline) {
  const auto alice = client(Over::udp, user("alice@example.org"));
  ASSERT_EQ(allocate(*alice), "");
  EXPECT_EQ(world_.run(alice->expect("nobody sends this", Deadline(base::Clock::now()))),
            "no answer came in time");
  EXPECT_EQ(alice->step(), TurnStep::relay);
}

TEST_F(TurnClientTest, WhatIsNoTurnIsSaid) {
  // The proxy's port speaks SOCKS5, which ends with whoever sends it STUN.
  auto ask = [this] { return world_.core.parts.control.parts().socks5.bound().front().port; };
  const std::uint16_t proxy = world_.run(runtime::hop(world_.core.parts.shards.control(), ask));
  const auto lost = client(Over::tcp, user("alice@example.org"), proxy);
  EXPECT_NE(allocate(*lost, 1s), "");
  EXPECT_EQ(lost->step(), TurnStep::connect);
}

}  // namespace
}  // namespace bellhop::admin
