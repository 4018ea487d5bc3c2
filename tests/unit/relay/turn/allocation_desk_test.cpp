// Who gets an allocation, and that whatever was taken comes back.
#include "relay/turn/allocation_desk.hpp"

#include <gtest/gtest.h>

#include <set>

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using stun::AddressFamily;
using stun::ErrorCode;

constexpr base::TimePoint kNow{1000h};
constexpr SystemTime kToday{std::chrono::hours(24 * 365 * 50)};

AllocationDesk::Options options() {
  return {.families = {true, true},
          .port_min = 50000,
          .port_max = 50015,
          .allocations_max = 6,
          .per_user_max = 3,
          .connections_per_user_max = 2,
          .has_alternate = false};
}

policy::PolicyPtr policy() {
  policy::Rules rules;
  rules.access = {{policy::Subject::of_jid("mallory@example.org"), false, {}, {}, {}}};
  rules.quotas = {{policy::Subject::of_jid("bob@example.org"), 0, 0, 1, {}}};
  return std::make_shared<policy::Policy>(std::move(rules), policy::Rules{}, true);
}

class Desk : public testing::Test {
 protected:
  AllocationAnswer ask(const std::string& user, AllocateRequest request = plain(),
                       base::TimePoint now = kNow) {
    return desk_.decide({++ticket_, {user, "example.org"}, request}, now, kToday);
  }
  static AllocateRequest plain() {
    AllocateRequest request;
    request.families = {true, false};
    return request;
  }
  static int code(const AllocationAnswer& answer) {
    const auto* refused = std::get_if<ErrorCode>(&answer.decision);
    return refused == nullptr ? 0 : static_cast<int>(*refused);
  }
  static AllocationGrant granted(const AllocationAnswer& answer) {
    EXPECT_EQ(code(answer), 0);
    return std::get<AllocationGrant>(answer.decision);
  }

  policy::Admission admission_{policy()};
  AllocationDesk desk_{options(), admission_};
  std::uint64_t ticket_ = 0;
};

TEST_F(Desk, GrantsAPortOfTheRangeAndKnowsItsTicket) {
  const AllocationAnswer answer = ask("alice@example.org");
  EXPECT_EQ(answer.ticket, ticket_);
  const AllocationGrant grant = granted(answer);
  EXPECT_TRUE(grant.ports.v4 >= 50000 && grant.ports.v4 <= 50015);
  EXPECT_EQ(grant.ports.v6, 0);
  EXPECT_EQ(admission_.running(), 1U);
}

TEST_F(Desk, RefusesWhoMayNotAndWhatIsNoUser) {
  EXPECT_EQ(code(ask("mallory@example.org")), 403);
  EXPECT_EQ(code(ask("alice@elsewhere.example")), 403);
  EXPECT_EQ(code(ask("@@")), 403);
  EXPECT_EQ(admission_.running(), 0U);
}

// TURN-A21
TEST_F(Desk, HoldsAUserAtHerMaximum) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(code(ask("alice@example.org")), 0);
  EXPECT_EQ(code(ask("alice@example.org")), 486);
  EXPECT_EQ(code(ask("carol@example.org")), 0);
}

TEST_F(Desk, HoldsAllAtTheirMaximum) {
  for (const char* user : {"a@example.org", "c@example.org", "d@example.org"}) {
    EXPECT_EQ(code(ask(user)), 0);
    EXPECT_EQ(code(ask(user)), 0);
  }
  EXPECT_EQ(code(ask("e@example.org")), 508);
  desk_.set_limits(7, 1);
  EXPECT_EQ(code(ask("e@example.org")), 0);
  EXPECT_EQ(code(ask("e@example.org")), 486);
}

// The cap on sessions that the policy has counts beside the desk's own.
TEST_F(Desk, ObeysThePolicyAndGivesThePortBackThen) {
  EXPECT_EQ(code(ask("bob@example.org")), 0);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(code(ask("bob@example.org")), 486);
  EXPECT_EQ(desk_.allocations(), 1U);
  EXPECT_EQ(code(ask("alice@example.org")), 0);
}

TEST_F(Desk, TakesBackWhatItGave) {
  for (int round = 0; round < 50; ++round) {
    const AllocationGrant grant = granted(ask("bob@example.org"));
    desk_.take_back("bob@example.org", grant.ports);
  }
  EXPECT_EQ(desk_.allocations(), 0U);
  EXPECT_EQ(admission_.running(), 0U);
}

// TURN-A16
TEST_F(Desk, GrantsBothFamiliesOrSaysWhichIsMissing) {
  AllocateRequest dual;
  dual.families = {true, true};
  dual.is_dual = true;
  const AllocationGrant both = granted(ask("alice@example.org", dual));
  EXPECT_TRUE(both.ports.v4 != 0 && both.ports.v6 != 0 && !both.missing);
  AllocationDesk::Options only_v4 = options();
  only_v4.families = {true, false};
  AllocationDesk desk(only_v4, admission_);
  dual.families = {true, false};
  const auto half =
      granted(desk.decide({1, {"alice@example.org", "example.org"}, dual}, kNow, kToday));
  ASSERT_TRUE(half.missing);
  EXPECT_EQ(half.missing->first, AddressFamily::ipv6);
  EXPECT_EQ(half.missing->second, ErrorCode::address_family_not_supported);
}

// TURN-A19
TEST_F(Desk, ReservesThePortAboveForWhoeverHasTheToken) {
  AllocateRequest pair = plain();
  pair.wants_even_port = true;
  pair.reserves_next = true;
  const AllocationGrant first = granted(ask("alice@example.org", pair));
  EXPECT_EQ(first.ports.v4 % 2, 0);
  ASSERT_TRUE(first.reservation);
  AllocateRequest second;
  second.token = first.reservation;
  EXPECT_EQ(granted(ask("carol@example.org", second)).ports.v4, first.ports.v4 + 1);
  EXPECT_EQ(code(ask("carol@example.org", second)), 508);
  second.token = ReservationToken{};
  EXPECT_EQ(code(ask("carol@example.org", second)), 508);
}

TEST_F(Desk, SaysWhenPortsHaveRunOut) {
  AllocationDesk::Options few = options();
  few.port_max = 50001;
  AllocationDesk desk(few, admission_);
  const Identity who{"alice@example.org", "example.org"};
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 2; ++i) {
    ports.insert(granted(desk.decide({1, who, plain()}, kNow, kToday)).ports.v4);
  }
  EXPECT_EQ(ports, (std::set<std::uint16_t>{50000, 50001}));
  EXPECT_EQ(code(desk.decide({1, who, plain()}, kNow, kToday)), 508);
  EXPECT_EQ(desk.allocations(), 2U);
}

// TURN-T10
TEST_F(Desk, CountsConnectionsOfAllTcpAllocationsOfAUserTogether) {
  AllocateRequest tcp = plain();
  tcp.is_tcp = true;
  AllocationGrant first = granted(ask("alice@example.org", tcp));
  AllocationGrant second = granted(ask("alice@example.org", tcp));
  AllocationGrant other = granted(ask("carol@example.org", tcp));
  EXPECT_TRUE(first.connections.take() && second.connections.take());
  EXPECT_FALSE(first.connections.take());
  EXPECT_TRUE(other.connections.take());
  EXPECT_FALSE(granted(ask("carol@example.org")).connections.take());  // it relays datagrams
}

// STN-16
TEST_F(Desk, SendsClientsElsewhereWhileClosed) {
  desk_.set_open(false);
  EXPECT_EQ(code(ask("alice@example.org")), 508);
  AllocationDesk::Options with_other = options();
  with_other.has_alternate = true;
  AllocationDesk desk(with_other, admission_);
  desk.set_open(false);
  EXPECT_EQ(code(desk.decide({1, {"alice@example.org", "example.org"}, plain()}, kNow, kToday)),
            300);
  desk.set_open(true);
  EXPECT_EQ(code(desk.decide({1, {"alice@example.org", "example.org"}, plain()}, kNow, kToday)), 0);
}

TEST_F(Desk, AsksNoRuleForWhatAComponentAllocatesItself) {
  EXPECT_EQ(code(ask("bellhop.example.org")), 403) << "no rule lets it in";
  AllocationDesk::Options of_component = options();
  of_component.own = {"bellhop.example.org"};
  AllocationDesk desk(of_component, admission_);
  const auto decide = [&](const std::string& user) {
    return code(desk.decide({++ticket_, {user, "example.org"}, plain()}, kNow, kToday));
  };
  for (std::uint32_t i = 0; i < of_component.per_user_max; ++i) {
    EXPECT_EQ(decide("bellhop.example.org"), 0);
  }
  EXPECT_EQ(desk.allocations_of("bellhop.example.org"), of_component.per_user_max);
  EXPECT_EQ(desk.allocations_of("alice@example.org"), 0U);
  EXPECT_EQ(decide("bellhop.example.org"), 486) << "caps hold for it, too";
  EXPECT_EQ(decide("anybody@bellhop.example.org"), 403);
  desk.set_open(false);
  EXPECT_EQ(decide("bellhop.example.org"), 508);
}

}  // namespace
}  // namespace bellhop::turn
