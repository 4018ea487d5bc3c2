#include "api/admin/bandwidth_api.hpp"

#include <algorithm>

#include "api/admin/convert.hpp"
#include "api/observe/history_query.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using observe::HistoryQuery;
using observe::Second;
using observe::Tier;
using runtime::Task;

constexpr Second kDefaultHistory = 15 * 60;

ApiResult<HistoryQuery::Group> group_of(v1::GroupBy by) {
  switch (by) {
    case v1::GROUP_BY_UNSPECIFIED:
      return HistoryQuery::Group::none;
    case v1::GROUP_BY_KIND:
      return HistoryQuery::Group::kind;
    case v1::GROUP_BY_DOMAIN:
      return HistoryQuery::Group::domain;
    case v1::GROUP_BY_JID:
      return HistoryQuery::Group::jid;
    default:
      return bad("group_by", "is not a known group");
  }
}

ApiResult<HistoryQuery> query_of(const v1::QueryHistoryRequest& request, Second now) {
  HistoryQuery query;
  // What is before 1970 counts as that, so that nothing below can overflow.
  query.end = request.has_end_time() ? std::max<Second>(0, request.end_time().seconds()) : now;
  query.start = request.has_start_time() ? std::max<Second>(0, request.start_time().seconds())
                                         : query.end - kDefaultHistory;
  if (query.start > query.end) return bad("start_time", "is behind end_time");
  if (request.step().seconds() < 0) return bad("step", "must not be negative");
  query.step = request.step().seconds();
  const auto group = group_of(request.group_by());
  if (!group) return group.error();
  query.group = *group;
  query.kind = request.kind();
  query.domain = request.domain();
  query.jid = request.jid();
  if (query.is_of_jids() && !(query.kind.empty() && query.domain.empty())) {
    return bad("kind", "history of JIDs is not kept by kind or domain");
  }
  return query;
}

void add_line(v1::QueryHistoryResponse& response, const observe::HistoryLine& line) {
  v1::HistorySeries& series = *response.add_series();
  series.set_key(line.key);
  for (const observe::HistoryPoint& point : line.points) {
    v1::HistoryPoint& row = *series.add_points();
    *row.mutable_time() = to_proto_time(point.time);
    row.set_bytes(point.bytes);
    row.set_peak_bytes_per_second(point.peak);
    row.set_session_count(point.sessions);
    row.set_error_bytes(point.error);
  }
}

}  // namespace

std::vector<v1::BandwidthGroup> BandwidthApi::groups(v1::GroupBy by, std::size_t size) const {
  const observe::Observer& observer = core_.observer;
  if (by == v1::GROUP_BY_UNSPECIFIED) return {};
  const auto& rows = by == v1::GROUP_BY_KIND     ? observer.kinds()
                     : by == v1::GROUP_BY_DOMAIN ? observer.domains()
                                                 : observer.jids();
  const Second now = Core::now();
  std::vector<std::pair<std::uint64_t, const observe::Observer::Groups::value_type*>> found;
  for (const auto& row : rows) {
    const bool is_quiet = row.second.sessions == 0 && !row.second.window;
    if (by == v1::GROUP_BY_JID && is_quiet) continue;
    found.emplace_back(row.second.rates(now).ten_seconds, &row);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(b.first, a.second->first) < std::pair(a.first, b.second->first);
  });
  if (found.size() > size) found.resize(size);
  std::vector<v1::BandwidthGroup> result;
  for (const auto& [rate, row] : found) result.push_back(to_proto(row->first, row->second, now));
  return result;
}

Task<ApiResult<v1::GetBandwidthResponse>> BandwidthApi::get(Caller,
                                                            v1::GetBandwidthRequest request) {
  const auto size = page_size(request.page_size());
  if (!size) co_return size.error();
  if (const auto group = group_of(request.group_by()); !group) co_return group.error();
  co_await core_.refresh();
  v1::GetBandwidthResponse response;
  *response.mutable_time() = to_proto(std::chrono::system_clock::now());
  *response.mutable_total() = to_proto("", core_.observer.total(), Core::now());
  for (auto& group : groups(request.group_by(), *size)) {
    *response.add_groups() = std::move(group);
  }
  co_return response;
}

Task<ApiResult<void>> BandwidthApi::watch(Caller, v1::WatchBandwidthRequest request,
                                          Outlet<v1::WatchBandwidthResponse>& outlet) {
  const auto interval = duration_from(request.interval(), 1s, 200ms, 1h, "interval");
  if (!interval) co_return interval.error();
  const auto size = page_size(request.page_size());
  if (!size) co_return size.error();
  if (const auto group = group_of(request.group_by()); !group) co_return group.error();
  // Later messages take what the feeds have brought, so that watching asks nothing of the shards.
  co_await core_.refresh();
  bool is_read = true;
  while (is_read) {
    v1::WatchBandwidthResponse response;
    *response.mutable_time() = to_proto(std::chrono::system_clock::now());
    *response.mutable_total() = to_proto("", core_.observer.total(), Core::now());
    for (auto& group : groups(request.group_by(), *size)) {
      *response.add_groups() = std::move(group);
    }
    const std::uint64_t lost = outlet.take_lost();
    core_.watch_messages_lost += lost;
    response.set_lost_count(lost);
    outlet.push(std::move(response));
    is_read = co_await outlet.wait_for_beat(*interval);
  }
  co_return ApiResult<void>();
}

Task<ApiResult<v1::QueryHistoryResponse>> BandwidthApi::history(Caller,
                                                                v1::QueryHistoryRequest request) {
  auto asked = query_of(request, Core::now());
  if (!asked) co_return asked.error();
  co_await core_.refresh();
  const HistoryQuery query = observe::fit(std::move(*asked), Core::now(), core_.memory_start);
  const Tier tier = observe::tier_for(query.step);
  auto slots = core_.observer.history().slots(tier, query.start, query.end);
  if (tier == Tier::minute || tier == Tier::hour) {
    auto read = [tier, query](api::State& state) { return state.history.read(tier, query); };
    auto stored = co_await core_.on_store(std::move(read));
    if (!stored) co_return ApiError(stored.error());
    std::move(stored->begin(), stored->end(), std::back_inserter(slots));
  }
  v1::QueryHistoryResponse response;
  response.mutable_step()->set_seconds(query.step);
  for (const auto& line : observe::summarise(slots, query)) add_line(response, line);
  co_return response;
}

Task<ApiResult<v1::ListTopTalkersResponse>> BandwidthApi::talkers(
    Caller, v1::ListTopTalkersRequest request) {
  const auto size = page_size(request.page_size(), 10);
  if (!size) co_return size.error();
  const auto by = request.group_by();
  if (by != v1::GROUP_BY_UNSPECIFIED && by != v1::GROUP_BY_JID && by != v1::GROUP_BY_DOMAIN) {
    co_return bad("group_by", "must be GROUP_BY_JID or GROUP_BY_DOMAIN");
  }
  const auto window = duration_from(request.window(), 1h, 1min, 24h, "window");
  if (!window) co_return window.error();
  auto chosen = observe::TalkerWindow::hour;
  if (*window == 1min) {
    chosen = observe::TalkerWindow::minute;
  } else if (*window == 24h) {
    chosen = observe::TalkerWindow::day;
  } else if (*window != 1h) {
    co_return bad("window", "must be 60, 3600 or 86400 seconds");
  }
  co_await core_.refresh();
  const auto answer =
      core_.observer.talkers(by == v1::GROUP_BY_DOMAIN).top(chosen, Core::now(), *size);
  v1::ListTopTalkersResponse response;
  response.set_total_bytes(answer.total);
  response.set_error_bytes_max(answer.error_max);
  for (const observe::HeavyHitter& talker : answer.talkers) {
    v1::TopTalker& row = *response.add_talkers();
    row.set_key(talker.key);
    row.set_bytes(talker.count);
    row.set_error_bytes(talker.error);
  }
  co_return response;
}

}  // namespace bellhop::admin
