// Ping, version, uptime and time, asked through a real router.
#include "component/xmpp/basic_services.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <string>
#include <string_view>

#include "component/xmpp/date_time.hpp"
#include "tests/unit/component/xmpp/routed.hpp"

namespace bellhop::xmpp {
namespace {

using namespace std::chrono_literals;
using test::condition_of;
using test::request;

constexpr std::string_view kPing = "<ping xmlns='urn:xmpp:ping'/>";
constexpr std::string_view kLast = "<query xmlns='jabber:iq:last'/>";

class BasicServices : public ::testing::Test {
 protected:
  BasicServices() { add_basic_services(routed_.router, info_, base::Clock::now() - 3661s); }

  test::Routed routed_;
  DiscoInfo info_;
};

TEST_F(BasicServices, AreAnnounced) {
  EXPECT_EQ(info_.features, (std::vector<std::string>{"urn:xmpp:ping", "jabber:iq:version",
                                                      "jabber:iq:last", "urn:xmpp:time"}));
}

// BAS-01
TEST_F(BasicServices, AnswerAPingWithNothing) {
  EXPECT_EQ(test::written(routed_.get(kPing)),
            "<iq type='result' from='bellhop.example.org' to='romeo@example.net/Orchard' "
            "id='7'/>");
  EXPECT_EQ(condition_of(routed_.answer(request("set", kPing))), "modify bad-request");
}

// BAS-02
TEST_F(BasicServices, TellNameAndVersionButNoOperatingSystem) {
  const Element answer = routed_.get("<query xmlns='jabber:iq:version'/>");
  const Element* query = answer.child("query", ns::kVersion);
  ASSERT_NE(query, nullptr);
  ASSERT_EQ(query->children().size(), 2U);
  EXPECT_EQ(query->child("name", ns::kVersion)->text(), "Bellhop");
  EXPECT_EQ(query->child("version", ns::kVersion)->text(), BELLHOP_VERSION);
}

// OOB-02
TEST_F(BasicServices, FetchNothingForOthers) {
  const auto answer_to = [this](std::string_view inner) {
    return condition_of(routed_.answer(
        request("set", "<query xmlns='jabber:iq:oob'>" + std::string(inner) + "</query>")));
  };
  EXPECT_EQ(answer_to("<url>https://files.example.org/a.png</url><desc>A</desc>"),
            "modify not-acceptable");
  for (const std::string_view inner : {"", "<url/>", "<url>no address</url>", "<url>\nhttps:</url>",
                                       "<url xmlns='other'>https://example.org/</url>"}) {
    EXPECT_EQ(answer_to(inner), "modify bad-request") << inner;
  }
}

// BAS-03
TEST_F(BasicServices, TellForHowLongTheComponentHasBeenUp) {
  const Element answer = routed_.get(kLast);
  const Element* query = answer.child("query", ns::kLastActivity);
  ASSERT_NE(query, nullptr);
  EXPECT_GE(std::stoi(std::string(query->attribute("seconds"))), 3661);
  EXPECT_LE(std::stoi(std::string(query->attribute("seconds"))), 3661 + 60);
  EXPECT_EQ(query->text(), "");
}

// BAS-03
TEST_F(BasicServices, TellNothingAboutOthersActivity) {
  EXPECT_EQ(condition_of(routed_.get(kLast, "bob@bellhop.example.org")), "auth forbidden");
}

// BAS-04
TEST_F(BasicServices, TellTheTimeInUtc) {
  const Element answer = routed_.get("<time xmlns='urn:xmpp:time'/>");
  const Element* time = answer.child("time", ns::kEntityTime);
  ASSERT_NE(time, nullptr);
  EXPECT_EQ(time->child("tzo", ns::kEntityTime)->text(), "+00:00");
  const std::string& utc = time->child("utc", ns::kEntityTime)->text();
  const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)");
  EXPECT_TRUE(std::regex_match(utc, form)) << utc;
}

// BAS-08
TEST_F(BasicServices, HaveNoVcard) {
  EXPECT_EQ(condition_of(routed_.get("<vCard xmlns='vcard-temp'/>")), "cancel service-unavailable");
}

}  // namespace
}  // namespace bellhop::xmpp
