// bellhopctl bandwidth against a stand-in for the daemon.
#include "api/ctl/bandwidth_commands.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "api/ctl/text.hpp"
#include "bellhop/admin/v1/bandwidth_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

v1::BandwidthGroup group(const std::string& key, std::uint64_t rate) {
  v1::BandwidthGroup group;
  group.set_key(key);
  group.set_total_bytes(rate * 100);
  group.set_session_count(3);
  group.mutable_rates()->set_last_second_bytes_per_second(rate);
  group.mutable_rates()->set_ten_seconds_bytes_per_second(rate / 2);
  return group;
}

TEST(BandwidthCommands, NowShowsTheTotalAndTheGroups) {
  StandIn daemon;
  v1::GetBandwidthResponse response;
  *response.mutable_total() = group("", 4096);
  *response.add_groups() = group("example.org", 2048);
  daemon.answer("BandwidthService/GetBandwidth", {response});
  const Outcome outcome = run_with(daemon, {"bandwidth", "now", "--by", "domain", "--limit", "5"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "WHAT               1 S       10 S  1 MIN  SESSIONS  SINCE START\n"
            "total        4.0 KiB/s  2.0 KiB/s      -         3    400.0 KiB\n"
            "example.org  2.0 KiB/s  1.0 KiB/s      -         3    200.0 KiB\n");
  const auto request = daemon.request<v1::GetBandwidthRequest>("BandwidthService/GetBandwidth");
  EXPECT_EQ(request.group_by(), v1::GROUP_BY_DOMAIN);
  EXPECT_EQ(request.page_size(), 5);
}

TEST(BandwidthCommands, NowWatchesAndTellsOfGaps) {
  StandIn daemon;
  v1::WatchBandwidthResponse first;
  *first.mutable_total() = group("", 1024);
  v1::WatchBandwidthResponse second = first;
  second.set_lost_count(2);
  daemon.answer("BandwidthService/WatchBandwidth", {first, second, first});
  const Outcome outcome =
      run_with(daemon, {"bandwidth", "now", "--watch", "-o", "json", "--count", "3"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 3);
  EXPECT_NE(outcome.err.find("2 messages were left out"), std::string::npos);
  EXPECT_EQ(run_with(daemon, {"bandwidth", "now", "--watch", "--strict"}).code, 7);
}

v1::QueryHistoryResponse history() {
  v1::QueryHistoryResponse response;
  response.mutable_step()->set_seconds(60);
  auto* series = response.add_series();
  series->set_key("socks5");
  for (int i = 0; i < 3; ++i) {
    auto* point = series->add_points();
    point->mutable_time()->set_seconds(kNowSeconds - 600 + i * 180);
    point->set_bytes(static_cast<std::uint64_t>(i + 1) * 60 * 1024);
    point->set_peak_bytes_per_second(8192);
    point->set_session_count(2);
  }
  return response;
}

TEST(BandwidthCommands, HistoryShowsATable) {
  StandIn daemon;
  daemon.answer("BandwidthService/QueryHistory", {history()});
  const Outcome outcome =
      run_with(daemon, {"bandwidth", "history", "--since", "10m", "--by", "kind", "--step", "1m"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with(
      "TIME                 WHAT        BYTES    AVERAGE       PEAK  SESSIONS\n"
      "2026-03-01 11:50:00  socks5   60.0 KiB  1.0 KiB/s  8.0 KiB/s         2\n"))
      << outcome.out;
  const auto request = daemon.request<v1::QueryHistoryRequest>("BandwidthService/QueryHistory");
  EXPECT_EQ(request.start_time().seconds(), kNowSeconds - 600);
  EXPECT_EQ(request.end_time().seconds(), kNowSeconds);
  EXPECT_EQ(request.step().seconds(), 60);
  EXPECT_EQ(request.group_by(), v1::GROUP_BY_KIND);
}

TEST(BandwidthCommands, HistoryDrawsALineOfBarsWithGapsWhereNothingMoved) {
  StandIn daemon;
  daemon.answer("BandwidthService/QueryHistory", {history()});
  const Outcome outcome =
      run_with(daemon, {"bandwidth", "history", "--since", "10m", "--chart", "--by", "kind"});
  EXPECT_EQ(outcome.out,
            "socks5  ▃  ▅  █     360.0 KiB, at most 8.0 KiB/s\n"
            "2026-03-01 11:50:00 to 2026-03-01 12:00:00, in steps of 1m\n")
      << outcome.out;
}

TEST(BandwidthCommands, HistoryChartIsBoundedWhateverComesBack) {
  StandIn daemon;
  v1::QueryHistoryResponse response = history();
  response.mutable_step()->set_seconds(-5);
  response.mutable_series(0)->mutable_points(0)->mutable_time()->set_seconds(INT64_MAX);
  response.mutable_series(0)->set_key(std::string(5'000, 'x'));
  daemon.answer("BandwidthService/QueryHistory", {response});
  const Outcome outcome = run_with(daemon, {"bandwidth", "history", "--since", "36000d", "--chart"},
                                   {.is_out = true, .columns = 60});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 60U) << line;
}

TEST(BandwidthCommands, HistoryRefusesARangeThatEndsBeforeItBegins) {
  EXPECT_EQ(run_without({"bandwidth", "history", "--since", "1h", "--until", "2h"}).code, 2);
}

TEST(BandwidthCommands, TalkersTellTheErrorOfTheirFigures) {
  StandIn daemon;
  v1::ListTopTalkersResponse response;
  response.set_total_bytes(4096);
  auto* talker = response.add_talkers();
  talker->set_key("alice@example.org");
  talker->set_bytes(1024);
  talker->set_error_bytes(10);
  daemon.answer("BandwidthService/ListTopTalkers", {response});
  const Outcome outcome = run_with(daemon, {"bandwidth", "talkers", "--window", "day"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "WHO                  BYTES  TOO HIGH BY  SHARE\n"
            "alice@example.org  1.0 KiB      <= 10 B    25%\n"
            "everybody in the last day: 4.0 KiB\n");
  const auto request = daemon.request<v1::ListTopTalkersRequest>("BandwidthService/ListTopTalkers");
  EXPECT_EQ(request.window().seconds(), 86'400);
  EXPECT_EQ(request.group_by(), v1::GROUP_BY_JID);
}

}  // namespace
}  // namespace bellhop::ctl
