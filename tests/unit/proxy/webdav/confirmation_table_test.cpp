// What was confirmed a moment ago, for whom, and for how long.
#include "proxy/webdav/confirmation_table.hpp"

#include <gtest/gtest.h>

namespace bellhop::webdav {
namespace {

using namespace std::chrono_literals;

Claim claim(std::string_view user = "bob@example.org/phone", std::string_view transaction = "t1",
            std::string_view url = "https://files.example.org/dav/alice@example.org/a",
            std::string_view requester = "192.0.2.1") {
  return {xmpp::Jid::parse(user).value(), std::string(transaction), std::string(url),
          base::IpAddress::parse(requester).value()};
}

class ConfirmationTableTest : public ::testing::Test {
 protected:
  void confirm(const Claim& claim) { table_.add(table_.key_of(claim), now_); }
  bool use(const Claim& claim) { return table_.use(table_.key_of(claim), now_); }

  ConfirmationTable table_;
  base::TimePoint now_ = base::TimePoint{} + 1h;
};

TEST_F(ConfirmationTableTest, HoldsForThisVeryClaimAlone) {
  EXPECT_FALSE(use(claim()));
  confirm(claim());
  EXPECT_TRUE(use(claim()));
  EXPECT_FALSE(use(claim("bob@example.org")));
  EXPECT_FALSE(use(claim("bob@example.org/other")));
  EXPECT_FALSE(use(claim("bob@example.org/phone", "t2")));
  EXPECT_FALSE(use(claim("bob@example.org/phone", "t1", "https://files.example.org/dav/x")));
  EXPECT_FALSE(use(claim("bob@example.org/phone", "t1",
                         "https://files.example.org/dav/alice@example.org/a", "192.0.2.2")));
}

TEST_F(ConfirmationTableTest, ForgetsWhatIsNotUsed) {
  confirm(claim());
  now_ += ConfirmationTable::kKept - 1ns;
  EXPECT_TRUE(use(claim()));
  now_ += ConfirmationTable::kKept - 1ns;
  EXPECT_TRUE(use(claim()));
  now_ += ConfirmationTable::kKept;
  EXPECT_FALSE(use(claim()));
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(ConfirmationTableTest, ForgetsInTheEndWhatIsUsedAllTheTime) {
  confirm(claim());
  const base::TimePoint end = now_ + ConfirmationTable::kKeptAtMost;
  for (now_ += 4min; now_ < end; now_ += 4min) EXPECT_TRUE(use(claim()));
  EXPECT_FALSE(use(claim()));
  confirm(claim());
  EXPECT_TRUE(use(claim()));
}

TEST_F(ConfirmationTableTest, HoldsSoManyAndNoMore) {
  for (std::size_t i = 0; i < ConfirmationTable::kRowsMax; ++i) {
    confirm(claim("bob@example.org", std::to_string(i)));
  }
  EXPECT_TRUE(use(claim("bob@example.org", "0")));
  confirm(claim("bob@example.org", "one more"));
  EXPECT_EQ(table_.size(), ConfirmationTable::kRowsMax);
  EXPECT_TRUE(use(claim("bob@example.org", "0")));
  EXPECT_FALSE(use(claim("bob@example.org", "1")));
  EXPECT_TRUE(use(claim("bob@example.org", "one more")));
}

}  // namespace
}  // namespace bellhop::webdav
