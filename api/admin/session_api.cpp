#include "api/admin/session_api.hpp"

#include <algorithm>
#include <set>

#include "api/admin/convert.hpp"
#include "api/admin/session_watch.hpp"

namespace bellhop::admin {
namespace {

using observe::Second;
using observe::SessionRow;
using runtime::EndReason;
using runtime::Session;
using runtime::Task;

enum class Field : std::size_t {
  name,
  kind,
  requester,
  target,
  domain,
  bytes,
  rate,
  age_seconds,
  idle_seconds
};
constexpr std::array<Filter::Field, 9> kFields{{
    {"name", Filter::Type::text},
    {"kind", Filter::Type::text},
    {"requester", Filter::Type::text},
    {"target", Filter::Type::text},
    {"domain", Filter::Type::text},
    {"bytes", Filter::Type::number},
    {"rate", Filter::Type::number},
    {"age_seconds", Filter::Type::number},
    {"idle_seconds", Filter::Type::number},
}};

constexpr std::uint64_t kRateMin = 1024;
constexpr std::uint64_t kRateMax = std::uint64_t{1} << 40;

std::uint64_t seconds_since(observe::SystemTime time, Second now) {
  return static_cast<std::uint64_t>(std::max<Second>(0, now - observe::second_of(time)));
}

// What the rows of an answer are ordered by, the highest first.
std::optional<std::uint64_t (*)(const SessionRow&, Second)> key_of(std::string_view order) {
  if (order == "rate desc") {
    return [](const SessionRow& row, Second now) { return row.rates(now).ten_seconds; };
  }
  if (order == "bytes desc") {
    return [](const SessionRow& row, Second) { return row.bytes.delivered(); };
  }
  if (order == "create_time desc") {
    return [](const SessionRow& row, Second) {
      return static_cast<std::uint64_t>(row.facts.started.time_since_epoch().count());
    };
  }
  return std::nullopt;
}

ApiError no_such_session(const base::Ulid& id) {
  return ApiError(errors::not_found, "no running session is called sessions/" + id.text(), "name");
}

}  // namespace

base::Result<Filter> parse_session_filter(const std::string& text) {
  return Filter::parse(text, kFields);
}

bool matches(const Filter& filter, const SessionRow& row, Second now) {
  if (filter.is_empty()) return true;
  std::string name;  // made only if asked for
  return filter.matches([&](std::size_t index) -> Filter::Value {
    switch (static_cast<Field>(index)) {
      case Field::name:
        name = "sessions/" + row.facts.id.text();
        return std::string_view(name);
      case Field::kind:
        return row.facts.kind;
      case Field::requester:
        return std::string_view(row.facts.requester);
      case Field::target:
        return std::string_view(row.facts.target);
      case Field::domain:
        return row.domain();
      case Field::bytes:
        return row.bytes.delivered();
      case Field::rate:
        return row.rates(now).ten_seconds;
      case Field::age_seconds:
        return seconds_since(row.facts.started, now);
      case Field::idle_seconds:
        return seconds_since(row.last_progress, now);
    }
    return std::uint64_t{0};
  });
}

Task<SessionApi::ListResult> SessionApi::list(Caller, v1::ListSessionsRequest request) {
  const auto size = page_size(request.page_size());
  if (!size) co_return size.error();
  const auto filter = parse_session_filter(request.filter());
  if (!filter) co_return ApiError(filter.error()).at("filter");
  co_await core_.refresh();
  if (request.order_by().empty()) co_return page_by_age(request, *filter, *size);
  co_return highest(request, *filter, *size);
}

// By id, so a page goes on behind the last row of the one before whatever has come and gone.
SessionApi::ListResult SessionApi::page_by_age(const v1::ListSessionsRequest& request,
                                               const Filter& filter, std::size_t size) const {
  const auto& rows = core_.observer.sessions();
  const std::string query = "sessions\n" + request.filter();
  auto row = rows.begin();
  if (!request.page_token().empty()) {
    const auto key = core_.page_tokens.read(request.page_token(), query);
    if (!key) return ApiError(key.error()).at("page_token");
    row = rows.upper_bound(*base::Ulid::parse(*key));
  }
  const Second now = Core::now();
  v1::ListSessionsResponse response;
  response.set_total_size(rows.size());
  base::Ulid last;
  for (; row != rows.end(); ++row) {
    if (!matches(filter, row->second, now)) continue;
    if (static_cast<std::size_t>(response.sessions_size()) == size) {
      response.set_next_page_token(core_.page_tokens.make(last.text(), query));
      break;
    }
    *response.add_sessions() = to_proto(row->second, now);
    last = row->first;
  }
  return response;
}

SessionApi::ListResult SessionApi::highest(const v1::ListSessionsRequest& request,
                                           const Filter& filter, std::size_t size) const {
  const auto key = key_of(request.order_by());
  if (!key) return bad("order_by", "must be rate desc, bytes desc, create_time desc or empty");
  if (!request.page_token().empty()) return bad("page_token", "this order has one page only");
  const Second now = Core::now();
  std::vector<std::pair<std::uint64_t, const SessionRow*>> found;
  for (const auto& [id, row] : core_.observer.sessions()) {
    if (matches(filter, row, now)) found.emplace_back((*key)(row, now), &row);
  }
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(size, found.size()));
  std::partial_sort(found.begin(), end, found.end(),
                    [](const auto& a, const auto& b) { return a.first > b.first; });
  v1::ListSessionsResponse response;
  response.set_total_size(core_.observer.sessions().size());
  for (auto at = found.begin(); at != end; ++at) {
    *response.add_sessions() = to_proto(*at->second, now);
  }
  return response;
}

Task<ApiResult<v1::GetSessionResponse>> SessionApi::get(Caller, v1::GetSessionRequest request) {
  const auto id = session_id(request.name(), "name");
  if (!id) co_return id.error();
  co_await core_.refresh();
  const SessionRow* row = core_.observer.find(*id);
  if (row == nullptr) co_return no_such_session(*id);
  v1::GetSessionResponse response;
  *response.mutable_session() = to_proto(*row, Core::now());
  co_return response;
}

Task<ApiResult<v1::UpdateSessionResponse>> SessionApi::update(Caller,
                                                              v1::UpdateSessionRequest request) {
  const auto id = session_id(request.session().name(), "session.name");
  if (!id) co_return id.error();
  for (const std::string& path : request.update_mask().paths()) {
    if (path != "limit_bytes_per_second") {
      co_return bad("update_mask", "only limit_bytes_per_second can be changed");
    }
  }
  const std::uint64_t rate = request.session().limit_bytes_per_second();
  if (rate != 0 && (rate < kRateMin || rate > kRateMax)) {
    co_return bad("session.limit_bytes_per_second", "must be 0 or between 1024 and 2^40");
  }
  co_await core_.refresh();
  const SessionRow* row = core_.observer.find(*id);
  if (row == nullptr) co_return no_such_session(*id);
  auto limit = [rate](Session* session) {
    if (session != nullptr) session->limit_alone(rate, base::Clock::now());
    return session != nullptr;
  };
  const bool is_running = co_await core_.on_session(row->shard, *id, limit);
  co_await core_.refresh();
  row = core_.observer.find(*id);
  if (!is_running || row == nullptr) co_return no_such_session(*id);
  v1::Event event;
  event.set_type(v1::EVENT_TYPE_SESSION);
  event.set_summary("the limit of a session was changed");
  *event.mutable_session() = to_proto(*row, Core::now());
  core_.events.publish(std::move(event));
  v1::UpdateSessionResponse response;
  *response.mutable_session() = to_proto(*row, Core::now());
  co_return response;
}

Task<ApiResult<v1::EndSessionResponse>> SessionApi::end(Caller, v1::EndSessionRequest request) {
  const auto id = session_id(request.name(), "name");
  if (!id) co_return id.error();
  co_await core_.refresh();
  const SessionRow* row = core_.observer.find(*id);
  if (row == nullptr) co_return no_such_session(*id);
  auto end_it = [](Session* session) {
    if (session != nullptr) session->end(EndReason::ended);
    return session != nullptr;
  };
  LastState last(core_.observer, *id);
  const bool was_running = co_await core_.on_session(row->shard, *id, end_it);
  if (!was_running) co_return no_such_session(*id);
  // Its sockets are closed; the session itself goes with the next turn of its shard.
  co_await core_.refresh();
  v1::EndSessionResponse response;
  *response.mutable_session() = last.take();
  co_return response;
}

Task<ApiResult<v1::EndSessionsResponse>> SessionApi::end_many(Caller,
                                                              v1::EndSessionsRequest request) {
  const auto filter = parse_session_filter(request.filter());
  if (!filter) co_return ApiError(filter.error()).at("filter");
  if (filter->is_empty()) co_return bad("filter", "must be given; name:* matches all");
  co_await core_.refresh();
  const Second now = Core::now();
  std::vector<std::vector<base::Ulid>> chosen(core_.parts.shards.size());
  std::uint64_t count = 0;
  for (const auto& [id, row] : core_.observer.sessions()) {
    if (!matches(*filter, row, now)) continue;
    chosen[row.shard].push_back(id);
    ++count;
  }
  if (request.expected_count() != 0 && request.expected_count() != count) {
    co_return ApiError(errors::count_mismatch, std::to_string(count) + " sessions match",
                       "expected_count");
  }
  v1::EndSessionsResponse response;
  response.set_session_count(count);
  if (request.validate_only()) co_return response;
  count = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    auto end_them = [&shard = core_.parts.shards.at(i), ids = std::move(chosen[i])] {
      std::uint64_t ended = 0;
      for (const base::Ulid& id : ids) {
        Session* session = shard.sessions().find(id);
        if (session == nullptr) continue;
        session->end(EndReason::ended);
        ++ended;
      }
      return ended;
    };
    count += co_await runtime::hop(core_.parts.shards.at(i), std::move(end_them));
  }
  response.set_session_count(count);
  co_await core_.refresh();
  co_return response;
}

Task<ApiResult<void>> SessionApi::watch(Caller, v1::WatchSessionsRequest request,
                                        Outlet<v1::WatchSessionsResponse>& outlet) {
  using namespace std::chrono_literals;
  const auto interval = duration_from(request.interval(), 1s, 200ms, 1h, "interval");
  if (!interval) co_return interval.error();
  auto filter = parse_session_filter(request.filter());
  if (!filter) co_return ApiError(filter.error()).at("filter");
  co_await core_.refresh();
  SessionWatch watch(core_, std::move(*filter), outlet);
  co_await watch.run(*interval);
  co_return ApiResult<void>();
}

}  // namespace bellhop::admin
