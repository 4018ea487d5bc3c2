// Sessions of commands: whose they are, how many, how long.
#include "component/xmpp/command_sessions.hpp"

#include <gtest/gtest.h>

#include <set>

#include "component/xmpp/errors.hpp"

namespace bellhop::xmpp {
namespace {

using namespace std::chrono_literals;

constexpr base::TimePoint kStart = base::TimePoint(1h);

class CommandSessionsTest : public ::testing::Test {
 protected:
  static Jid jid(std::string_view text) { return *Jid::parse(text); }

  base::Result<std::string> open(std::string_view user, base::TimePoint now = kStart) {
    return sessions_.open(jid(user), {.node = "list", .lang = "en"}, now);
  }
  std::string found(std::string_view id, std::string_view user = "romeo@example.net/o",
                    base::TimePoint now = kStart, std::string_view node = "list") {
    const auto session = sessions_.find(id, jid(user), node, now);
    return session ? "found" : std::string(session.error().kind().name);
  }

  CommandSessions sessions_{{.per_user_max = 2, .total_max = 3, .idle_timeout = 10min}};
};

// ADH-03
TEST_F(CommandSessionsTest, BelongToOneFullJidAndOneCommand) {
  const std::string id = *open("romeo@example.net/o");
  EXPECT_EQ(found(id), "found");
  EXPECT_EQ(found(id, "romeo@example.net/other"), "bad-sessionid");
  EXPECT_EQ(found(id, "romeo@example.net"), "bad-sessionid");
  EXPECT_EQ(found(id, "mallory@example.net/o"), "bad-sessionid");
  EXPECT_EQ(found(id, "romeo@example.net/o", kStart, "other"), "bad-sessionid");
}

// ADH-03
TEST_F(CommandSessionsTest, HaveIdsThatCannotBeGuessed) {
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    const std::string id = *open("romeo@example.net/o");
    EXPECT_EQ(id.size(), 64U);
    ids.insert(id);
    sessions_.close(id);
  }
  EXPECT_EQ(ids.size(), 100U);
  std::string forged = *open("romeo@example.net/o");
  for (std::size_t i = 0; i < forged.size(); ++i) {
    std::string other = forged;
    other[i] = other[i] == '0' ? '1' : '0';
    EXPECT_EQ(found(other), "bad-sessionid") << i;
  }
  EXPECT_EQ(found(""), "bad-sessionid");
  EXPECT_EQ(found(forged.substr(1)), "bad-sessionid");
  EXPECT_EQ(found(forged + '0'), "bad-sessionid");
  EXPECT_EQ(found(std::string(64, '\xC3')), "bad-sessionid");
}

// ADH-03
TEST_F(CommandSessionsTest, ThatHaveEndedAreTold) {
  const std::string id = *open("romeo@example.net/o");
  sessions_.close(id);
  sessions_.close(id);
  EXPECT_EQ(found(id), "session-expired");
  EXPECT_EQ(found(id, "mallory@example.net/o"), "bad-sessionid");
  EXPECT_EQ(sessions_.size(), 0U);
  EXPECT_EQ(sessions_.peek(id), nullptr);
}

// ADH-03
TEST_F(CommandSessionsTest, EndWhenTheyAreIdleForTooLong) {
  const std::string id = *open("romeo@example.net/o");
  EXPECT_EQ(found(id, "romeo@example.net/o", kStart + 10min - 1ns), "found");
  EXPECT_EQ(found(id, "romeo@example.net/o", kStart + 20min - 2ns), "found") << "time began anew";
  EXPECT_EQ(found(id, "romeo@example.net/o", kStart + 30min - 2ns), "session-expired");
  EXPECT_EQ(sessions_.size(), 0U);
}

TEST_F(CommandSessionsTest, EndInTheOrderOfTheirLastUse) {
  const std::string first = *open("romeo@example.net/o", kStart);
  const std::string second = *open("juliet@example.net/o", kStart + 1min);
  EXPECT_EQ(found(first, "romeo@example.net/o", kStart + 2min), "found");
  sessions_.expire(kStart + 11min);
  EXPECT_NE(sessions_.peek(first), nullptr);
  EXPECT_EQ(sessions_.peek(second), nullptr);
}

// ADH-11: of one user, whatever the resource.
TEST_F(CommandSessionsTest, OfOneUserAreLimited) {
  const std::string first = *open("romeo@example.net/a");
  ASSERT_TRUE(open("romeo@example.net/b"));
  const auto third = open("romeo@example.net/c");
  ASSERT_FALSE(third);
  EXPECT_TRUE(third.error().is(errors::too_many_commands));
  EXPECT_EQ(third.error().kind().condition, "not-allowed");
  EXPECT_EQ(third.error().kind().type, base::StanzaErrorType::cancel);
  EXPECT_TRUE(open("juliet@example.net/a"));
  sessions_.close(first);
  EXPECT_TRUE(open("romeo@example.net/c"));
}

// ADH-11
TEST_F(CommandSessionsTest, OfAllUsersAreLimited) {
  for (const std::string_view user : {"a@x", "b@x", "c@x"}) EXPECT_TRUE(open(user));
  const auto fourth = open("d@x");
  ASSERT_FALSE(fourth);
  EXPECT_TRUE(fourth.error().is(errors::resource_constraint));
  EXPECT_TRUE(open("d@x", kStart + 10min)) << "the others have run out";
  EXPECT_EQ(sessions_.size(), 1U);
}

TEST_F(CommandSessionsTest, OfAnEarlierRunAreUnknown) {
  const std::string id = *open("romeo@example.net/o");
  CommandSessions other{CommandSessions::Limits()};
  EXPECT_FALSE(other.find(id, jid("romeo@example.net/o"), "list", kStart));
}

}  // namespace
}  // namespace bellhop::xmpp
