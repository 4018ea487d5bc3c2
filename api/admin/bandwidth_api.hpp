// BandwidthService.
#pragma once

#include "api/admin/core.hpp"
#include "api/admin/outlet.hpp"
#include "bellhop/admin/v1/bandwidth_service.pb.h"

namespace bellhop::admin {

/// The admin thread.
class BandwidthApi {
 public:
  explicit BandwidthApi(Core& core) : core_(core) {}

  [[nodiscard]] runtime::Task<ApiResult<v1::GetBandwidthResponse>> get(
      Caller caller, v1::GetBandwidthRequest request);
  [[nodiscard]] runtime::Task<ApiResult<void>> watch(Caller caller,
                                                     v1::WatchBandwidthRequest request,
                                                     Outlet<v1::WatchBandwidthResponse>& outlet);
  [[nodiscard]] runtime::Task<ApiResult<v1::QueryHistoryResponse>> history(
      Caller caller, v1::QueryHistoryRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::ListTopTalkersResponse>> talkers(
      Caller caller, v1::ListTopTalkersRequest request);

 private:
  [[nodiscard]] std::vector<v1::BandwidthGroup> groups(v1::GroupBy by, std::size_t size) const;

  Core& core_;
};

}  // namespace bellhop::admin
