#include "api/admin/diagnostics_api.hpp"

#include <algorithm>

#include "api/admin/checks.hpp"
#include "api/admin/convert.hpp"

namespace bellhop::admin {

using runtime::Task;

Task<ApiResult<void>> DiagnosticsApi::run(Caller, v1::RunChecksRequest request,
                                          Outlet<v1::RunChecksResponse>& outlet) {
  const auto& ids = request.ids();
  for (const std::string& id : ids) {
    const bool is_known = std::any_of(all_checks().begin(), all_checks().end(),
                                      [&id](const Check& check) { return check.id == id; });
    if (!is_known) co_return bad("ids", "there is no check " + id);
  }
  for (const Check& check : all_checks()) {
    if (!ids.empty() && std::find(ids.begin(), ids.end(), check.id) == ids.end()) continue;
    const base::TimePoint began = base::Clock::now();
    CheckOutcome outcome = co_await check.run(core_);
    v1::RunChecksResponse message;
    message.set_id(std::string(check.id));
    message.set_status(outcome.status);
    message.set_summary(std::move(outcome.summary));
    message.set_fix(std::move(outcome.fix));
    *message.mutable_duration() = to_proto(base::Clock::now() - began);
    outlet.push(std::move(message));
    if (outlet.is_closed()) break;
  }
  co_return ApiResult<void>();
}

}  // namespace bellhop::admin
