// SessionService.
#pragma once

#include "api/admin/core.hpp"
#include "api/admin/filter.hpp"
#include "api/admin/outlet.hpp"
#include "bellhop/admin/v1/session_service.pb.h"

namespace bellhop::admin {

/// Rows are read from the observer, after every shard has handed over what it has; what changes a
/// session goes to its shard. The admin thread.
class SessionApi {
 public:
  explicit SessionApi(Core& core) : core_(core) {}

  using ListResult = ApiResult<v1::ListSessionsResponse>;
  [[nodiscard]] runtime::Task<ListResult> list(Caller caller, v1::ListSessionsRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::GetSessionResponse>> get(Caller caller,
                                                                     v1::GetSessionRequest request);
  [[nodiscard]] runtime::Task<ApiResult<void>> watch(Caller caller,
                                                     v1::WatchSessionsRequest request,
                                                     Outlet<v1::WatchSessionsResponse>& outlet);
  [[nodiscard]] runtime::Task<ApiResult<v1::UpdateSessionResponse>> update(
      Caller caller, v1::UpdateSessionRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::EndSessionResponse>> end(Caller caller,
                                                                     v1::EndSessionRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::EndSessionsResponse>> end_many(
      Caller caller, v1::EndSessionsRequest request);

 private:
  [[nodiscard]] ListResult page_by_age(const v1::ListSessionsRequest& request, const Filter& filter,
                                       std::size_t size) const;
  [[nodiscard]] ListResult highest(const v1::ListSessionsRequest& request, const Filter& filter,
                                   std::size_t size) const;

  Core& core_;
};

/// The filter of ListSessions and its kin.
[[nodiscard]] base::Result<Filter> parse_session_filter(const std::string& text);
[[nodiscard]] bool matches(const Filter& filter, const observe::SessionRow& row,
                           observe::Second now);

}  // namespace bellhop::admin
