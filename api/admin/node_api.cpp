#include "api/admin/node_api.hpp"

#include "api/admin/convert.hpp"
#include "api/admin/tokens.hpp"
#include "api/admin/turn_api.hpp"
#include "api/process_stats.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using runtime::Task;

// Of LogLevel without its first, which is none.
base::Severity severity_of(v1::LogLevel level) {
  return static_cast<base::Severity>(static_cast<int>(level) - 1);
}
v1::LogLevel level_of(base::Severity level) {
  return static_cast<v1::LogLevel>(static_cast<int>(level) + 1);
}
v1::LogLevel level_of(config::LogLevel level) {
  return static_cast<v1::LogLevel>(static_cast<int>(level) + 1);
}

v1::NodeState to_proto(NodeState state) {
  switch (state) {
    case NodeState::serving:
      return v1::NODE_STATE_SERVING;
    case NodeState::draining:
      return v1::NODE_STATE_DRAINING;
    case NodeState::stopping:
      break;
  }
  return v1::NODE_STATE_STOPPING;
}

}  // namespace

Task<v1::Node> NodeApi::node() {
  auto ask = [&control = core_.parts.control] { return control.node(); };
  const api::NodeStatus status = co_await core_.on_control(ask);
  const api::ProcessStats process = api::read_process_stats();
  v1::Node node;
  node.set_version(BELLHOP_VERSION);
  node.set_state(to_proto(core_.node_state));
  *node.mutable_start_time() = admin::to_proto(core_.started);
  node.set_shard_count(static_cast<std::uint32_t>(core_.parts.shards.size()));
  node.set_session_count(status.sessions);
  node.set_pending_connection_count(status.pending_connections);
  node.set_descriptor_count(process.open_descriptors);
  node.set_descriptor_limit(process.descriptor_limit);
  node.set_resident_bytes(process.resident_bytes);
  for (const std::string& address : status.listen) node.add_listen_addresses(address);
  for (const std::string& host : status.streamhosts) node.add_streamhosts(host);
  if (status.turn) *node.mutable_turn() = admin::to_proto(*status.turn);
  co_return node;
}

Task<ApiResult<v1::GetNodeResponse>> NodeApi::get(Caller, v1::GetNodeRequest) {
  v1::GetNodeResponse response;
  *response.mutable_node() = co_await node();
  co_return response;
}

void NodeApi::set_state(NodeState state) {
  if (core_.node_state == NodeState::stopping || core_.node_state == state) return;
  core_.node_state = state;
  v1::Event event;
  event.set_type(v1::EVENT_TYPE_NODE);
  event.set_summary(state == NodeState::serving    ? "new sessions are taken"
                    : state == NodeState::draining ? "new sessions are refused"
                                                   : "the process is stopping");
  event.mutable_node()->set_state(to_proto(state));
  core_.parts.log.write(base::Severity::info, "node_state", {{"state", event.summary()}});
  core_.events.publish(std::move(event));
}

void NodeApi::note_stopping() {
  ++drain_number_;
  set_state(NodeState::stopping);
}

Task<ApiResult<void>> NodeApi::drain(Caller, v1::DrainNodeRequest request,
                                     Outlet<v1::DrainNodeResponse>& outlet) {
  const auto timeout = duration_from(request.timeout(), base::Duration::max(), 1ms,
                                     std::chrono::hours(24 * 30), "timeout");
  if (!timeout) co_return timeout.error();
  if (core_.node_state == NodeState::stopping) {
    co_return ApiError(errors::failed_precondition, "the process is stopping");
  }
  set_state(NodeState::draining);
  const std::uint64_t number = ++drain_number_;
  auto close = [&control = core_.parts.control] {
    control.set_open(false);
    return true;
  };
  co_await core_.on_control(close);
  const base::TimePoint began = base::Clock::now();
  std::uint64_t dropped = 0;
  runtime::Timer timer(core_.parts.admin.executor());
  for (;;) {
    auto count = [&control = core_.parts.control] { return control.node().sessions; };
    std::uint32_t running = co_await core_.on_control(count);
    const base::Duration elapsed = base::Clock::now() - began;
    const bool is_due = elapsed >= *timeout && number == drain_number_;
    if (running > 0 && is_due && dropped == 0) {
      dropped = co_await core_.on_control_task(core_.parts.control.end_all());
      co_await core_.refresh();
      running = co_await core_.on_control(count);
    }
    v1::DrainNodeResponse message;
    message.set_session_count(running);
    *message.mutable_elapsed() = admin::to_proto(elapsed);
    message.set_is_done(running == 0);
    message.set_dropped_session_count(dropped);
    outlet.push(std::move(message));
    // It goes on for its time-out when nobody listens any more, but not beyond another order.
    if (running == 0 || number != drain_number_) co_return ApiResult<void>();
    const base::Duration left = *timeout - elapsed;
    timer.expires_after(dropped > 0 ? base::Duration(10ms) : std::min<base::Duration>(left, 1s));
    const auto [ec] = co_await timer.async_wait(runtime::kTuple);
    if (ec) co_return ApiError(errors::unavailable, "the process is stopping");
  }
}

Task<ApiResult<v1::UndrainNodeResponse>> NodeApi::undrain(Caller, v1::UndrainNodeRequest) {
  if (core_.node_state == NodeState::stopping) {
    co_return ApiError(errors::failed_precondition, "the process is stopping");
  }
  ++drain_number_;
  auto open = [&control = core_.parts.control] {
    control.set_open(true);
    return true;
  };
  co_await core_.on_control(open);
  set_state(NodeState::serving);
  v1::UndrainNodeResponse response;
  *response.mutable_node() = co_await node();
  co_return response;
}

Task<ApiResult<void>> NodeApi::shutdown(Caller, v1::ShutdownNodeRequest request,
                                        Outlet<v1::ShutdownNodeResponse>& outlet) {
  std::optional<base::Duration> timeout;
  if (request.has_timeout()) {
    const auto wanted =
        duration_from(request.timeout(), 0ms, 0ms, std::chrono::hours(24), "timeout");
    if (!wanted) co_return wanted.error();
    timeout = *wanted;
  }
  auto stop = [&control = core_.parts.control, timeout] {
    control.stop(timeout);
    return true;
  };
  co_await core_.on_control(stop);
  const base::TimePoint began = base::Clock::now();
  bool goes_on = true;
  while (goes_on) {
    auto count = [&control = core_.parts.control] { return control.node().sessions; };
    const std::uint32_t running = co_await core_.on_control(count);
    v1::ShutdownNodeResponse message;
    message.set_session_count(running);
    *message.mutable_elapsed() = admin::to_proto(base::Clock::now() - began);
    outlet.push(std::move(message));
    if (running == 0) break;
    goes_on = co_await outlet.wait(1s);
  }
  co_return ApiResult<void>();
}

Task<ApiResult<v1::GetCallerResponse>> NodeApi::caller(Caller caller, v1::GetCallerRequest) {
  v1::GetCallerResponse response;
  response.set_identity(caller.identity);
  response.set_access(caller.role == config::AdminRole::full ? v1::ACCESS_FULL : v1::ACCESS_READ);
  co_return response;
}

Task<ApiResult<v1::CreatePageLinkResponse>> NodeApi::page_link(Caller caller,
                                                               v1::CreatePageLinkRequest) {
  if (page_url_.empty()) {
    co_return ApiError(errors::failed_precondition, "there is no page: admin.http_listen is empty");
  }
  v1::CreatePageLinkResponse response;
  response.set_url(page_url_ + "#token=" + make_page_token(core_.page_secret, caller));
  co_return response;
}

Task<ApiResult<v1::ListUpstreamsResponse>> NodeApi::upstreams(Caller, v1::ListUpstreamsRequest) {
  auto ask = [&control = core_.parts.control] { return control.upstreams(); };
  v1::ListUpstreamsResponse response;
  for (const api::UpstreamStatus& upstream : co_await core_.on_control(ask)) {
    *response.add_upstreams() = admin::to_proto(upstream);
  }
  co_return response;
}

Task<ApiResult<v1::ReconnectUpstreamResponse>> NodeApi::reconnect(
    Caller, v1::ReconnectUpstreamRequest request) {
  const auto jid = id_in(request.name(), "upstreams");
  if (!jid) co_return jid.error();
  auto ask = [&control = core_.parts.control, jid = *jid]() -> std::optional<api::UpstreamStatus> {
    if (!control.reconnect(jid)) return std::nullopt;
    for (api::UpstreamStatus& row : control.upstreams()) {
      if (row.jid == jid) return std::move(row);
    }
    return std::nullopt;
  };
  const auto upstream = co_await core_.on_control(std::move(ask));
  if (!upstream) {
    co_return ApiError(errors::not_found, "no component has the JID " + *jid, "name");
  }
  v1::ReconnectUpstreamResponse response;
  *response.mutable_upstream() = admin::to_proto(*upstream);
  co_return response;
}

Task<ApiResult<v1::GetLogLevelResponse>> NodeApi::log_level(Caller, v1::GetLogLevelRequest) {
  v1::GetLogLevelResponse response;
  response.set_configured_level(level_of(core_.parts.settings.log.level));
  response.set_level(core_.log_level ? level_of(*core_.log_level) : response.configured_level());
  if (revert_at_) *response.mutable_revert_time() = admin::to_proto(*revert_at_);
  co_return response;
}

Task<ApiResult<v1::SetLogLevelResponse>> NodeApi::set_log_level(Caller,
                                                                v1::SetLogLevelRequest request) {
  if (request.level() < v1::LOG_LEVEL_TRACE || request.level() > v1::LOG_LEVEL_ERROR) {
    co_return bad("level", "must be one of the levels");
  }
  const auto ttl = duration_from(request.ttl(), 0ms, 1ms, std::chrono::hours(24 * 7), "ttl");
  if (!ttl) co_return ttl.error();
  core_.log_level = severity_of(request.level());
  revert_at_.reset();
  if (*ttl > 0ms) revert_at_ = std::chrono::system_clock::now() + *ttl;
  core_.parts.log.set_level(*core_.log_level);
  v1::Event event;
  event.set_type(v1::EVENT_TYPE_NODE);
  event.set_summary("the log level was changed to " + v1::LogLevel_Name(request.level()));
  core_.events.publish(std::move(event));
  v1::SetLogLevelResponse response;
  response.set_level(request.level());
  if (revert_at_) *response.mutable_revert_time() = admin::to_proto(*revert_at_);
  co_return response;
}

void NodeApi::revert_log_level() {
  if (!revert_at_ || std::chrono::system_clock::now() < *revert_at_) return;
  revert_at_.reset();
  core_.log_level.reset();
  core_.parts.log.set_level(severity_of(level_of(core_.parts.settings.log.level)));
}

}  // namespace bellhop::admin
