// ConfigService.
#pragma once

#include "api/admin/core.hpp"
#include "bellhop/admin/v1/config_service.pb.h"

namespace bellhop::admin {

/// The admin thread, which may read the file: nothing that relays waits for it.
class ConfigApi {
 public:
  explicit ConfigApi(Core& core) : core_(core) {}

  [[nodiscard]] runtime::Task<ApiResult<v1::GetConfigResponse>> get(Caller caller,
                                                                    v1::GetConfigRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::CheckConfigResponse>> check(
      Caller caller, v1::CheckConfigRequest request);
  /// Also what SIGHUP does.
  [[nodiscard]] runtime::Task<ApiResult<v1::ReloadConfigResponse>> reload(
      Caller caller, v1::ReloadConfigRequest request);

 private:
  [[nodiscard]] runtime::Task<> apply(config::LoadOutcome loaded);
  void report(const v1::ReloadConfigResponse& response) const;

  Core& core_;
};

}  // namespace bellhop::admin
