// Messages find the feature that waits for them, and nothing else happens.
#include "component/xmpp/message_router.hpp"

#include <gtest/gtest.h>

#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

class MessageRouterTest : public ::testing::Test {
 protected:
  void route(std::string_view to, std::string_view from = "romeo@example.net/o") {
    std::string xml = "<message from='";
    xml.append(from).append("' to='").append(to).append("'><body>hi</body></message>");
    router_.route(test::parse_element(xml));
  }
  // A feature that writes down its name, and takes what is for it.
  void add(std::string name, bool takes) {
    router_.add([this, name, takes](const Element&, const Addresses& addresses) {
      seen_.push_back(name + ' ' + addresses.from.text());
      return takes;
    });
  }

  XmppCounters counters_{};
  MessageRouter router_{counters_, "bellhop.example.org"};
  std::vector<std::string> seen_;
};

TEST_F(MessageRouterTest, OffersAMessageUntilItIsTaken) {
  add("first", false);
  add("second", true);
  add("third", true);
  route("bellhop.example.org");
  EXPECT_EQ(seen_,
            (std::vector<std::string>{"first romeo@example.net/o", "second romeo@example.net/o"}));
}

// STZ-11
TEST_F(MessageRouterTest, IgnoresWhatNobodyTakes) {
  route("bellhop.example.org");
  add("first", false);
  route("bellhop.example.org");
  EXPECT_EQ(seen_.size(), 1U);
  EXPECT_EQ(counters_.read(XmppCounter::stanzas_dropped_addresses), 0U);
}

// STZ-08
TEST_F(MessageRouterTest, DropsAndCountsWhatIsMisaddressed) {
  add("first", true);
  route("elsewhere.example.org");
  route("bellhop.example.org", "@");
  route("bellhop.example.org", "");
  EXPECT_TRUE(seen_.empty());
  EXPECT_EQ(counters_.read(XmppCounter::stanzas_dropped_addresses), 3U);
}

}  // namespace
}  // namespace bellhop::xmpp
