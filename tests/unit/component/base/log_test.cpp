// Event lines, their limits, and what they hide.
#include "component/base/log.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace bellhop::base {
namespace {

using namespace std::string_view_literals;

// A log file of this test alone, and what stands in it.
class LogFile : public ::testing::Test {
 protected:
  LogFile() {
    std::string pattern = ::testing::TempDir() + "bellhop_log_XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  ~LogFile() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Log::Options options(Severity level = Severity::info,
                                     LogPrivacy privacy = LogPrivacy::full) const {
    return {level, privacy, (folder_ / "log").string()};
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::ifstream file(folder_ / "log");
    std::vector<std::string> result;
    for (std::string line; std::getline(file, line);) result.push_back(line);
    return result;
  }

  std::filesystem::path folder_;
};

TEST(LogEvent, IsOneLineOfKeysAndValues) {
  EXPECT_EQ(format_event("started", {}), "event=started");
  EXPECT_EQ(format_event("ended", {{"bytes", 12U}, {"code", -3}, {"reason", "idle"}}),
            "event=ended bytes=12 code=-3 reason=idle");
}

TEST(LogEvent, QuotesValuesThatWouldReadAsSomethingElse) {
  EXPECT_EQ(format_event("x", {{"a", ""}, {"b", "two words"}, {"c", "k=v"}}),
            R"(event=x a="" b="two words" c="k=v")");
  EXPECT_EQ(format_event("x", {{"a", R"(say "hi")"}, {"b", R"(c:\d)"}}),
            R"(event=x a="say \"hi\"" b="c:\\d")");
  EXPECT_EQ(format_event("x", {{"a", "jürgen@example.org/☃"}}), "event=x a=jürgen@example.org/☃");
}

// A stranger's text must not begin a line of its own or reach the terminal as a command.
TEST(LogEvent, EscapesEveryControlCharacter) {
  EXPECT_EQ(format_event("x", {{"a", "1\n2\r\t\x1b[31m\x7f\0end"sv}}),
            R"(event=x a="1\x0a2\x0d\x09\x1b[31m\x7f\x00end")");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string line = format_event("x", {{"a", std::string(1, static_cast<char>(byte))}});
    for (const char c : line) {
      EXPECT_TRUE(static_cast<unsigned char>(c) >= ' ' && c != 0x7f) << byte;
    }
  }
}

TEST(LogEvent, CutsValuesAfterAThousandAndTwentyFourBytes) {
  const std::string whole(1024, 'a');
  EXPECT_EQ(format_event("x", {{"a", whole}}), "event=x a=" + whole);
  EXPECT_EQ(format_event("x", {{"a", whole + "b"}}), "event=x a=" + whole + "...");
  EXPECT_EQ(format_event("x", {{"a", " " + whole}}), "event=x a=\" " + whole.substr(1) + "...\"");
}

TEST_F(LogFile, HoldsTimeLevelAndEvent) {
  Log log(options());
  log.write(Severity::warn, "queue_full", {{"bytes", 5}});
  const auto written = lines();
  ASSERT_EQ(written.size(), 1U);
  const std::regex line(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning event=queue_full bytes=5)");
  EXPECT_TRUE(std::regex_match(written[0], line)) << written[0];
}

TEST_F(LogFile, LeavesOutWhatIsBelowTheLevel) {
  Log log(options(Severity::info));
  EXPECT_FALSE(log.is_on(Severity::debug));
  log.write(Severity::debug, "quiet", {});
  log.write_limited(Severity::debug, "quiet_limited", {});
  log.write(Severity::info, "loud", {});
  log.set_level(Severity::error);
  EXPECT_FALSE(log.is_on(Severity::warn));
  log.write(Severity::warn, "quiet_later", {});
  log.set_level(Severity::trace);
  log.write(Severity::trace, "loud_later", {});
  const auto written = lines();
  ASSERT_EQ(written.size(), 2U);
  EXPECT_TRUE(written[0].ends_with("event=loud"));
  EXPECT_TRUE(written[1].ends_with("event=loud_later"));
}

TEST_F(LogFile, TakesBracesInHostileTextAsText) {
  Log log(options());
  log.write(Severity::info, "x", {{"a", "{} {0} {1:d}"}});
  ASSERT_EQ(lines().size(), 1U);
  EXPECT_TRUE(lines()[0].ends_with(R"(event=x a="{} {0} {1:d}")"));
}

TEST_F(LogFile, ThatCannotBeOpenedStopsTheStart) {
  auto wrong = options();
  wrong.file = folder_.string();  // a folder
  EXPECT_THROW(Log log(wrong), std::runtime_error);
}

TEST_F(LogFile, GetsALineThatAStrangerTriggersOnceASecondForEachEvent) {
  Log log(options());
  const TimePoint begin = Clock::now();
  for (int i = 0; i < 1000; ++i) log.write_limited(Severity::info, "knock", {{"n", i}});
  log.write_limited(Severity::info, "other", {});
  if (Clock::now() - begin >= std::chrono::seconds(1)) GTEST_SKIP() << "the machine is too slow";
  const auto written = lines();
  ASSERT_EQ(written.size(), 2U);
  EXPECT_TRUE(written[0].ends_with("event=knock n=0")) << written[0];
  EXPECT_TRUE(written[1].ends_with("event=other")) << written[1];
}

TEST_F(LogFile, SaysHowManyLinesWereLeftOut) {
  Log log(options());
  int sent = 0;
  while (lines().size() < 2 && sent < 100'000'000) {
    for (int i = 0; i < 10'000; ++i, ++sent) log.write_limited(Severity::info, "knock", {});
  }
  const auto written = lines();
  ASSERT_EQ(written.size(), 2U);
  std::smatch found;
  ASSERT_TRUE(std::regex_search(written[1], found, std::regex(R"(event=knock suppressed=(\d+)$)")));
  const int suppressed = std::stoi(found[1]);
  EXPECT_GT(suppressed, 0);
  EXPECT_LT(suppressed, sent);
}

TEST_F(LogFile, CountsWhatSeveralThreadsWrite) {
  Log log(options());
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&log] {
        for (int n = 0; n < 100; ++n) {
          log.write(Severity::info, "all", {});
          log.write_limited(Severity::info, "few", {});
        }
      });
    }
  }
  int all = 0;
  for (const std::string& line : lines()) all += line.ends_with("event=all") ? 1 : 0;
  EXPECT_EQ(all, 400);
}

TEST_F(LogFile, ShowsPeopleAndMachinesAsTheyAreByDefault) {
  const Log log(options());
  EXPECT_EQ(log.shown_jid("romeo@example.net/Orchard"), "romeo@example.net/Orchard");
  EXPECT_EQ(log.shown_address("192.0.2.77:5222"), "192.0.2.77:5222");
}

TEST_F(LogFile, MasksPeopleWhenAskedTo) {
  const Log log(options(Severity::info, LogPrivacy::masked));
  EXPECT_EQ(log.shown_jid("romeo@example.net/Orchard"), "*@example.net");
  EXPECT_EQ(log.shown_jid("romeo@example.net"), "*@example.net");
  EXPECT_EQ(log.shown_jid("example.net/a@b"), "example.net");
  EXPECT_EQ(log.shown_jid("room@conference.example.net/Romeo"), "*@conference.example.net");
}

TEST_F(LogFile, MasksTheLastPartOfAddressesWhenAskedTo) {
  const Log log(options(Severity::info, LogPrivacy::masked));
  EXPECT_EQ(log.shown_address("192.0.2.77"), "192.0.2.*");
  EXPECT_EQ(log.shown_address("192.0.2.77:5222"), "192.0.2.*:5222");
  EXPECT_EQ(log.shown_address("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::*");
  EXPECT_EQ(log.shown_address("[2001:db8:1:2:3:4:5:6]:5222"), "[2001:db8:1:2::*]:5222");
  EXPECT_EQ(log.shown_address("[2001:db8::6]:5222"), "[2001:db8::*]:5222");
  EXPECT_EQ(log.shown_address("no address"), "*");
}

}  // namespace
}  // namespace bellhop::base
