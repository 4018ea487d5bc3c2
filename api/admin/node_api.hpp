// NodeService, UpstreamService and LogService: the process and its connections.
#pragma once

#include "api/admin/core.hpp"
#include "api/admin/outlet.hpp"
#include "bellhop/admin/v1/log_service.pb.h"
#include "bellhop/admin/v1/node_service.pb.h"
#include "bellhop/admin/v1/upstream_service.pb.h"

namespace bellhop::admin {

/// The admin thread.
class NodeApi {
 public:
  /// `page_url`: where the web page is, empty if nowhere; set once the listener is bound.
  explicit NodeApi(Core& core) : core_(core) {}
  void set_page_url(std::string url) { page_url_ = std::move(url); }

  [[nodiscard]] runtime::Task<ApiResult<v1::GetNodeResponse>> get(Caller caller,
                                                                  v1::GetNodeRequest request);
  [[nodiscard]] runtime::Task<ApiResult<void>> drain(Caller caller, v1::DrainNodeRequest request,
                                                     Outlet<v1::DrainNodeResponse>& outlet);
  [[nodiscard]] runtime::Task<ApiResult<v1::UndrainNodeResponse>> undrain(
      Caller caller, v1::UndrainNodeRequest request);
  [[nodiscard]] runtime::Task<ApiResult<void>> shutdown(Caller caller,
                                                        v1::ShutdownNodeRequest request,
                                                        Outlet<v1::ShutdownNodeResponse>& outlet);
  [[nodiscard]] runtime::Task<ApiResult<v1::GetCallerResponse>> caller(
      Caller caller, v1::GetCallerRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::CreatePageLinkResponse>> page_link(
      Caller caller, v1::CreatePageLinkRequest request);

  [[nodiscard]] runtime::Task<ApiResult<v1::ListUpstreamsResponse>> upstreams(
      Caller caller, v1::ListUpstreamsRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::ReconnectUpstreamResponse>> reconnect(
      Caller caller, v1::ReconnectUpstreamRequest request);

  [[nodiscard]] runtime::Task<ApiResult<v1::GetLogLevelResponse>> log_level(
      Caller caller, v1::GetLogLevelRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::SetLogLevelResponse>> set_log_level(
      Caller caller, v1::SetLogLevelRequest request);

  [[nodiscard]] runtime::Task<v1::Node> node();
  /// The configured level is in force again when its time has come. Once a second.
  void revert_log_level();
  /// The process is on its way to the end, whoever asked for it.
  void note_stopping();

 private:
  void set_state(NodeState state);

  Core& core_;
  std::string page_url_;
  std::optional<observe::SystemTime> revert_at_;
  std::uint64_t drain_number_ = 0;  // of the drain under way; another one, or an end, changes it
};

}  // namespace bellhop::admin
