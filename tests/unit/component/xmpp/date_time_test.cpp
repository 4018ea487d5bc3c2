// Dates as XMPP writes them, and the mark of late delivery.
#include "component/xmpp/date_time.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"

namespace bellhop::xmpp {
namespace {

using std::chrono::sys_days;
using std::chrono::year;
using namespace std::chrono_literals;

constexpr Timestamp kMoon = sys_days(year(1969) / 7 / 21) + 2h + 56min + 15s;

// BAS-06
TEST(DateTime, IsWrittenInUtc) {
  EXPECT_EQ(format_date_time(kMoon), "1969-07-21T02:56:15Z");
  EXPECT_EQ(format_date_time(kMoon + 7ms), "1969-07-21T02:56:15.007Z");
  EXPECT_EQ(format_date_time(Timestamp()), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_date_time(Timestamp() - 1ms), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_date_time(sys_days(year(2024) / 2 / 29)), "2024-02-29T00:00:00Z");
}

// BAS-06
TEST(DateTime, IsReadWithAnyOffset) {
  for (const std::string_view text :
       {"1969-07-21T02:56:15Z", "1969-07-20T21:56:15-05:00", "1969-07-21T08:26:15+05:30",
        "1969-07-21T02:56:15+00:00", "1969-07-21T02:56:15-00:00", "1969-07-21T16:56:15+14:00",
        "1969-07-20T12:56:15-14:00"}) {
    const auto time = parse_date_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(*time, kMoon) << text;
  }
}

// BAS-06
TEST(DateTime, IsReadWithAnyFraction) {
  EXPECT_EQ(parse_date_time("1969-07-21T02:56:15.5Z").value(), kMoon + 500ms);
  EXPECT_EQ(parse_date_time("1969-07-21T02:56:15.007Z").value(), kMoon + 7ms);
  EXPECT_EQ(parse_date_time("1969-07-21T02:56:15.999999999Z").value(), kMoon + 999ms);
  EXPECT_EQ(parse_date_time("1969-07-20T21:56:15.25-05:00").value(), kMoon + 250ms);
  EXPECT_EQ(parse_date_time("1969-07-21T02:56:15." + std::string(100000, '0') + "Z").value(),
            kMoon);
}

// BAS-06
TEST(DateTime, IsRefusedInAnyOtherForm) {
  for (const std::string_view text : {"",
                                      "1969-07-21",
                                      "02:56:15Z",
                                      "1969-07-21T02:56:15",
                                      "1969-07-21 02:56:15Z",
                                      "1969-07-21t02:56:15z",
                                      "1969-07-21T02:56Z",
                                      "69-07-21T02:56:15Z",
                                      "19690721T02:56:15",
                                      "-969-07-21T02:56:15Z",
                                      "11969-07-21T02:56:15Z",
                                      "1969-7-21T02:56:15Z",
                                      "1969-00-21T02:56:15Z",
                                      "1969-13-21T02:56:15Z",
                                      "1969-07-00T02:56:15Z",
                                      "1969-07-32T02:56:15Z",
                                      "1969-02-29T02:56:15Z",
                                      "1969-06-31T02:56:15Z",
                                      "1969-07-21T24:00:00Z",
                                      "1969-07-21T02:60:15Z",
                                      "1969-07-21T02:56:60Z",
                                      "1969-07-21T02:56:15.Z",
                                      "1969-07-21T02:56:15,5Z",
                                      "1969-07-21T02:56:15+0000",
                                      "1969-07-21T02:56:15+00",
                                      "1969-07-21T02:56:15+14:01",
                                      "1969-07-21T02:56:15+15:00",
                                      "1969-07-21T02:56:15+01:60",
                                      "1969-07-21T02:56:15+01:00Z",
                                      "1969-07-21T02:56:15ZZ",
                                      " 1969-07-21T02:56:15Z",
                                      "1969-07-21T02:56:15Z ",
                                      "1969-07-21T02:56:1\xC2\xB2Z",
                                      "+969-07-21T02:56:15Z"}) {
    const auto time = parse_date_time(text);
    ASSERT_FALSE(time) << text;
    EXPECT_TRUE(time.error().is(errors::bad_request));
  }
}

TEST(DateTime, IsWhatItWasAfterWritingAndReading) {
  for (const Timestamp time : {kMoon, kMoon + 1ms, Timestamp(sys_days(year(2000) / 2 / 29)),
                               Timestamp(sys_days(year(9999) / 12 / 31)) + 24h - 1ms,
                               Timestamp(sys_days(year(0) / 1 / 1))}) {
    EXPECT_EQ(parse_date_time(format_date_time(time)).value(), time);
  }
}

TEST(DateTime, IsCutToYearsOfFourDigits) {
  EXPECT_EQ(format_date_time(Timestamp::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_date_time(Timestamp::min()), "0000-01-01T00:00:00Z");
}

// BAS-05
TEST(Delay, TellsWhoDelayedTheStanzaAndSinceWhen) {
  const auto from = Jid::parse("bellhop.example.org").value();
  EXPECT_EQ(to_xml(make_delay(from, kMoon)),
            "<delay xmlns='urn:xmpp:delay' from='bellhop.example.org' "
            "stamp='1969-07-21T02:56:15Z'/>");
}

}  // namespace
}  // namespace bellhop::xmpp
