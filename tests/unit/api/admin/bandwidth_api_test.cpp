// BandwidthService: every view of the same bytes.
#include "api/admin/bandwidth_api.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using test::AdminWorld;
using test::kOperator;
using test::Watching;

class BandwidthApiTest : public ::testing::Test {
 protected:
  BandwidthApiTest() {
    move("alice@example.org/phone", 1000, 0);
    move("alice@example.org/desk", 200, 1);
    move("bob@other.example.org/desk", 30, 1);
  }
  void move(const char* user, std::uint64_t bytes, std::size_t shard) {
    world_.move(world_.start(user, shard), {bytes, bytes, 5});
  }
  v1::GetBandwidthResponse get(v1::GroupBy by, std::int32_t size = 0) {
    v1::GetBandwidthRequest request;
    request.set_group_by(by);
    request.set_page_size(size);
    return world_.expect_call<v1::GetBandwidthResponse>("BandwidthService/GetBandwidth", request);
  }
  ApiResult<v1::QueryHistoryResponse> history(const v1::QueryHistoryRequest& request) {
    return world_.call<v1::QueryHistoryResponse>("BandwidthService/QueryHistory", request);
  }
  ApiResult<v1::ListTopTalkersResponse> talkers(const v1::ListTopTalkersRequest& request) {
    return world_.call<v1::ListTopTalkersResponse>("BandwidthService/ListTopTalkers", request);
  }
  static std::uint64_t bytes_of(const v1::HistorySeries& series) {
    std::uint64_t sum = 0;
    for (const auto& point : series.points()) sum += point.bytes();
    return sum;
  }
  static std::uint64_t sessions_of(const v1::HistorySeries& series) {
    std::uint64_t most = 0;
    for (const auto& point : series.points()) most = std::max(most, point.session_count());
    return most;
  }

  AdminWorld world_{{.config = "", .has_store = true}};
};

TEST_F(BandwidthApiTest, GroupsAddUpToTheTotal) {
  for (const auto by : {v1::GROUP_BY_KIND, v1::GROUP_BY_DOMAIN, v1::GROUP_BY_JID}) {
    const auto response = get(by);
    EXPECT_EQ(response.total().total_bytes(), 2460U);
    EXPECT_EQ(response.total().session_count(), 3U);
    std::uint64_t bytes = 0;
    std::uint64_t sessions = 0;
    for (const auto& group : response.groups()) {
      bytes += group.total_bytes();
      sessions += group.session_count();
    }
    EXPECT_EQ(bytes, 2460U);
    EXPECT_EQ(sessions, 3U);
  }
  EXPECT_EQ(get(v1::GROUP_BY_UNSPECIFIED).groups_size(), 0);
  EXPECT_EQ(get(v1::GROUP_BY_DOMAIN).groups_size(), 2);
  EXPECT_EQ(get(v1::GROUP_BY_JID, 1).groups_size(), 1);
}

TEST_F(BandwidthApiTest, UnknownGroupsAndSizesAreRefused) {
  v1::GetBandwidthRequest request;
  request.set_group_by(static_cast<v1::GroupBy>(99));
  const auto refused =
      world_.call<v1::GetBandwidthResponse>("BandwidthService/GetBandwidth", request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field(), "group_by");
  request.clear_group_by();
  request.set_page_size(-1);
  EXPECT_FALSE(world_.call<v1::GetBandwidthResponse>("BandwidthService/GetBandwidth", request));
}

TEST_F(BandwidthApiTest, HistoryHasTheSameBytesAtEveryStep) {
  for (const std::int64_t step : {0, 1, 10, 60, 3600, 86'400}) {
    v1::QueryHistoryRequest request;
    request.mutable_step()->set_seconds(step);
    request.mutable_end_time()->set_seconds(Core::now() + 1);
    const auto total = history(request);
    ASSERT_TRUE(total) << step;
    ASSERT_EQ(total->series_size(), 1) << step;
    EXPECT_EQ(bytes_of(total->series(0)), 2460U) << step;
    EXPECT_EQ(sessions_of(total->series(0)), 3U) << step;
    request.set_group_by(v1::GROUP_BY_DOMAIN);
    const auto domains = history(request);
    ASSERT_EQ(domains->series_size(), 2) << step;
    EXPECT_EQ(domains->series(0).key(), "example.org");
    EXPECT_EQ(bytes_of(domains->series(0)), 2400U);
    EXPECT_EQ(bytes_of(domains->series(1)), 60U);
    request.set_group_by(v1::GROUP_BY_JID);
    EXPECT_EQ(history(request)->series(0).key(), "alice@example.org");
  }
}

TEST_F(BandwidthApiTest, TimesAndStepsOfAnySizeAreAnswered) {
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t end : {kFirst, std::int64_t{-1}, std::int64_t{0}, kLast}) {
    for (const std::int64_t step : {std::int64_t{0}, std::int64_t{1}, kLast}) {
      v1::QueryHistoryRequest request;
      request.mutable_step()->set_seconds(step);
      request.mutable_end_time()->set_seconds(end);
      const auto without_start = history(request);
      ASSERT_TRUE(without_start) << end << " " << step << without_start.error().message();
      EXPECT_GT(without_start->step().seconds(), 0);
      request.mutable_start_time()->set_seconds(kFirst);
      EXPECT_TRUE(history(request)) << end << " " << step;
    }
  }
}

TEST_F(BandwidthApiTest, AHistoryThatCannotBeIsRefused) {
  v1::QueryHistoryRequest request;
  const auto expect_field = [&](const std::string& field) {
    const auto refused = history(request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field(), field);
  };
  request.mutable_start_time()->set_seconds(2000);
  request.mutable_end_time()->set_seconds(1999);
  expect_field("start_time");
  request.Clear();
  request.mutable_step()->set_seconds(-1);
  expect_field("step");
  request.Clear();
  request.set_group_by(v1::GROUP_BY_JID);
  request.set_kind("socks5");
  expect_field("kind");
  request.Clear();
  request.set_group_by(static_cast<v1::GroupBy>(-1));
  expect_field("group_by");
}

TEST_F(BandwidthApiTest, TopTalkersAreTheHeaviestOfTheirWindow) {
  for (const std::int64_t window : {0, 60, 3600, 86'400}) {
    v1::ListTopTalkersRequest request;
    request.mutable_window()->set_seconds(window);
    auto response = talkers(request);
    ASSERT_TRUE(response) << window;
    ASSERT_EQ(response->talkers_size(), 2);
    EXPECT_EQ(response->talkers(0).key(), "alice@example.org");
    EXPECT_EQ(response->talkers(0).bytes(), 2400U);
    EXPECT_EQ(response->total_bytes(), 2460U);
    request.set_group_by(v1::GROUP_BY_DOMAIN);
    request.set_page_size(1);
    response = talkers(request);
    ASSERT_EQ(response->talkers_size(), 1);
    EXPECT_EQ(response->talkers(0).key(), "example.org");
  }
  v1::ListTopTalkersRequest request;
  request.set_group_by(v1::GROUP_BY_KIND);
  EXPECT_EQ(talkers(request).error().field(), "group_by");
  request.clear_group_by();
  for (const std::int64_t window : {-1, 59, 61, 86'399, 86'401}) {
    request.mutable_window()->set_seconds(window);
    EXPECT_EQ(talkers(request).error().field(), "window") << window;
  }
}

TEST_F(BandwidthApiTest, AWatchSamplesAndSaysWhatItsReaderMissed) {
  v1::WatchBandwidthRequest request;
  request.mutable_interval()->set_nanos(200'000'000);
  request.set_group_by(v1::GROUP_BY_KIND);
  using Messages = Watching<v1::WatchBandwidthResponse>;
  Messages watching(world_, [&](Outlet<v1::WatchBandwidthResponse>& outlet) {
    return world_.services.bandwidth.watch(kOperator, request, outlet);
  });
  auto sample = watching.next();
  EXPECT_EQ(sample.total().total_bytes(), 2460U);
  EXPECT_EQ(sample.groups(0).key(), "socks5");
  move("carol@example.org/r", 10, 0);
  sample = watching.next();
  EXPECT_EQ(sample.total().total_bytes(), 2480U);
  while (watching.outlet.room() > 0) watching.outlet.push({});
  watching.outlet.push({});
  watching.outlet.push({});
  for (std::size_t i = 0; i < kOutletMax; ++i) EXPECT_EQ(watching.next().lost_count(), 0U);
  EXPECT_EQ(watching.next().lost_count(), 2U);
}

TEST_F(BandwidthApiTest, AWatchThatCannotBeIsRefused) {
  v1::WatchBandwidthRequest request;
  request.mutable_interval()->set_nanos(199'999'999);
  Watching<v1::WatchBandwidthResponse> watching(
      world_, [&](Outlet<v1::WatchBandwidthResponse>& outlet) {
        return world_.services.bandwidth.watch(kOperator, request, outlet);
      });
  watching.finish();
  ASSERT_FALSE(watching.result);
  EXPECT_EQ(watching.result.error().field(), "interval");
}

}  // namespace
}  // namespace bellhop::admin
