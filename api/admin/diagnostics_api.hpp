// DiagnosticsService: the checks behind `bellhopctl doctor`.
#pragma once

#include "api/admin/core.hpp"
#include "api/admin/outlet.hpp"
#include "bellhop/admin/v1/diagnostics_service.pb.h"

namespace bellhop::admin {

/// The admin thread; what takes time waits there without holding up other calls.
class DiagnosticsApi {
 public:
  explicit DiagnosticsApi(Core& core) : core_(core) {}

  [[nodiscard]] runtime::Task<ApiResult<void>> run(Caller caller, v1::RunChecksRequest request,
                                                   Outlet<v1::RunChecksResponse>& outlet);

 private:
  Core& core_;
};

}  // namespace bellhop::admin
