// The three forms of dates, and years of two digits.
#include "proxy/http/http_date.hpp"

#include <gtest/gtest.h>

namespace bellhop::http {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year;
using std::chrono::year_month_day;
using namespace std::string_view_literals;

constexpr sys_seconds kExample =
    sys_days(year(1994) / 11 / 6) + hours(8) + minutes(49) + seconds(37);
constexpr sys_seconds kNow = sys_days(year(2026) / 6 / 15) + hours(12);

TEST(HttpDate, FormatsTheExampleOfTheSpecification) {
  EXPECT_EQ(format_http_date(kExample), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(sys_seconds()), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_http_date(sys_days(year(2024) / 2 / 29) + hours(24) - seconds(1)),
            "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST(HttpDate, FormatsEachDayAndMonthAsItReadsIt) {
  for (int i = 0; i < 400; ++i) {
    const sys_seconds time = kExample + days(i) + seconds(i);
    EXPECT_EQ(parse_http_date(format_http_date(time), kNow), time);
  }
}

TEST(HttpDate, CutsYearsToFourDigits) {
  EXPECT_EQ(format_http_date(sys_days(year(10000) / 1 / 1)), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(format_http_date(sys_days(year(-1) / 1 / 1)), "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST(HttpDate, ReadsAllThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), kExample);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994", kNow), kExample + days(10));
}

TEST(HttpDate, TakesShortYearsFor50YearsAheadAtTheMost) {
  const auto year_of = [](std::string_view text, sys_seconds now) {
    const auto time = parse_http_date(text, now);
    return time ? int(year_month_day(std::chrono::floor<days>(*time)).year()) : -1;
  };
  EXPECT_EQ(year_of("Monday, 15-Jun-76 12:00:00 GMT", kNow), 2076);
  EXPECT_EQ(year_of("Monday, 15-Jun-76 12:00:01 GMT", kNow), 1976);
  EXPECT_EQ(year_of("Monday, 31-Dec-75 23:59:59 GMT", kNow), 2075);
  EXPECT_EQ(year_of("Monday, 01-Jan-77 00:00:00 GMT", kNow), 1977);
  EXPECT_EQ(year_of("Monday, 01-Jan-00 00:00:00 GMT", kNow), 2000);
  EXPECT_EQ(year_of("Monday, 01-Jan-27 00:00:00 GMT", kNow), 2027);
  const sys_seconds late = sys_days(year(2080) / 1 / 1);
  EXPECT_EQ(year_of("Monday, 01-Jan-00 00:00:00 GMT", late), 2100);
  EXPECT_EQ(year_of("Monday, 01-Jan-30 00:00:00 GMT", late), 2130);
  EXPECT_EQ(year_of("Monday, 02-Jan-30 00:00:00 GMT", late), 2030);
  EXPECT_EQ(year_of("Monday, 29-Feb-00 00:00:00 GMT", late), -1);  // 2100 has no such day
}

TEST(HttpDate, CountsALeapSecondAsTheNextOne) {
  EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", kNow),
            sys_seconds(sys_days(year(2017) / 1 / 1)));
}

TEST(HttpDate, RefusesWhatIsNoDate) {
  for (const std::string_view bad :
       {""sv,
        "Sun"sv,
        "Sunday"sv,
        "Sun, 06 Nov 1994 08:49:37"sv,
        "Sun, 06 Nov 1994 08:49:37 UTC"sv,
        "Sun, 06 Nov 1994 08:49:37 GMT "sv,
        " Sun, 06 Nov 1994 08:49:37 GMT"sv,
        "Sun, 6 Nov 1994 08:49:37 GMT"sv,
        "sun, 06 Nov 1994 08:49:37 GMT"sv,
        "Sun, 06 nov 1994 08:49:37 GMT"sv,
        "Sun, 31 Feb 1994 08:49:37 GMT"sv,
        "Sun, 00 Nov 1994 08:49:37 GMT"sv,
        "Sun, 06 Nov 1994 24:00:00 GMT"sv,
        "Sun, 06 Nov 1994 08:60:37 GMT"sv,
        "Sun, 06 Nov 1994 08:49:61 GMT"sv,
        "Sun, 06 Nov 94 08:49:37 GMT"sv,
        "Sunday, 06 Nov 1994 08:49:37 GMT"sv,
        "Sunday 06-Nov-94 08:49:37 GMT"sv,
        "Sun, 06-Nov-94 08:49:37 GMT"sv,
        "Sunday, 06-Nov-1994 08:49:37 GMT"sv,
        "Sun Nov 6 08:49:37 1994"sv,
        "Sun Nov  6 08:49:37 1994 GMT"sv,
        "Sun, 06 Nov +994 08:49:37 GMT"sv,
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT"sv,
        "0"sv,
        "Sun, 06 Nov 1994 08:49:37 GM\0"sv,
        "1994-11-06T08:49:37Z"sv}) {
    EXPECT_FALSE(parse_http_date(bad, kNow)) << bad;
  }
}

TEST(HttpDate, RefusesEveryDateThatIsCutShort) {
  for (const std::string_view whole :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994"}) {
    for (std::size_t i = 0; i < whole.size(); ++i) {
      EXPECT_FALSE(parse_http_date(whole.substr(0, i), kNow)) << whole.substr(0, i);
    }
  }
}

}  // namespace
}  // namespace bellhop::http
