// PolicyService.
#pragma once

#include "api/admin/core.hpp"
#include "api/admin/explain.hpp"
#include "bellhop/admin/v1/policy_service.pb.h"

namespace bellhop::admin {

/// A change is checked, stored, and then in force everywhere before its call returns. The admin
/// thread.
class PolicyApi {
 public:
  explicit PolicyApi(Core& core) : core_(core) {}

  [[nodiscard]] runtime::Task<ApiResult<v1::ListAccessRulesResponse>> list_access(
      Caller caller, v1::ListAccessRulesRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::SetAccessRuleResponse>> set_access(
      Caller caller, v1::SetAccessRuleRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::DeleteAccessRuleResponse>> delete_access(
      Caller caller, v1::DeleteAccessRuleRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::ListQuotasResponse>> list_quotas(
      Caller caller, v1::ListQuotasRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::SetQuotaResponse>> set_quota(
      Caller caller, v1::SetQuotaRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::DeleteQuotaResponse>> delete_quota(
      Caller caller, v1::DeleteQuotaRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::GetUsageResponse>> usage(Caller caller,
                                                                     v1::GetUsageRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::ListRateLimitsResponse>> list_rates(
      Caller caller, v1::ListRateLimitsRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::SetRateLimitResponse>> set_rate(
      Caller caller, v1::SetRateLimitRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::DeleteRateLimitResponse>> delete_rate(
      Caller caller, v1::DeleteRateLimitRequest request);
  [[nodiscard]] runtime::Task<ApiResult<v1::ExplainAccessResponse>> explain(
      Caller caller, v1::ExplainAccessRequest request);

  /// Access rules whose time is over leave the book and the store. Once a second.
  [[nodiscard]] runtime::Task<> remove_expired();

 private:
  /// Stores a row and puts it in force; how many sessions that ended.
  [[nodiscard]] runtime::Task<ApiResult<std::uint64_t>> put(observe::PolicyRow row);
  [[nodiscard]] runtime::Task<ApiResult<void>> remove(std::string_view sort, std::string name,
                                                      std::string collection);
  /// Of each subject in turn, none with `*`, with what is in the file store.
  [[nodiscard]] runtime::Task<std::vector<v1::Usage>> usages_of(
      std::vector<policy::Subject> subjects) const;
  [[nodiscard]] v1::Usage moved_by(const policy::Subject& subject) const;
  [[nodiscard]] runtime::Task<std::vector<v1::Quota>> with_usage(
      std::vector<policy::Quota> quotas) const;
  [[nodiscard]] std::uint64_t denied_sessions(const policy::Policy& policy) const;
  /// What a relay for calls has to say of the user.
  [[nodiscard]] runtime::Task<> add_relay(ExplainInput& input, bool is_channel);

  Core& core_;
};

}  // namespace bellhop::admin
