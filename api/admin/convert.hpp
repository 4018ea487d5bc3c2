// Our values as messages of bellhop.admin.v1, and back.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <chrono>

#include "api/admin/call.hpp"
#include "api/control.hpp"
#include "api/observe/observer.hpp"
#include "bellhop/admin/v1/bandwidth_service.pb.h"
#include "bellhop/admin/v1/policy_service.pb.h"
#include "bellhop/admin/v1/session_service.pb.h"
#include "bellhop/admin/v1/upstream_service.pb.h"
#include "component/policy/policy.hpp"

namespace bellhop::admin {

namespace pb = ::bellhop::admin::v1;
using observe::Second;
using observe::SystemTime;

/// No moment of a request is later: the clock's nanoseconds end in 2262.
inline constexpr Second kYear2200 = 7'258'118'400;

[[nodiscard]] google::protobuf::Timestamp to_proto(SystemTime time);
[[nodiscard]] google::protobuf::Timestamp to_proto_time(Second second);
[[nodiscard]] google::protobuf::Duration to_proto(base::Duration duration);
[[nodiscard]] pb::Rates to_proto(const observe::ByteRates& rates);
[[nodiscard]] pb::Session to_proto(const observe::SessionRow& row, Second now);
[[nodiscard]] pb::BandwidthGroup to_proto(const std::string& key, const observe::Group& group,
                                          Second now);
[[nodiscard]] pb::Upstream to_proto(const api::UpstreamStatus& upstream);
[[nodiscard]] pb::Origin to_proto(const policy::Origin& origin);
[[nodiscard]] pb::AccessRule to_proto(const policy::AccessRule& rule);
[[nodiscard]] pb::Quota to_proto(const policy::Quota& quota);
[[nodiscard]] pb::RateLimit to_proto(const policy::RateLimit& limit);

/// Errors name the field: `access_rule.subject`. Origins are left empty.
[[nodiscard]] ApiResult<policy::AccessRule> from_proto(const pb::AccessRule& rule);
[[nodiscard]] ApiResult<policy::Quota> from_proto(const pb::Quota& quota);
[[nodiscard]] ApiResult<policy::RateLimit> from_proto(const pb::RateLimit& limit);

/// The ULID of `sessions/{ulid}`; the prefix may be left out. Errors name `field`.
[[nodiscard]] ApiResult<base::Ulid> session_id(const std::string& name, const std::string& field);
/// What follows `collection/`. Errors name the field `name`.
[[nodiscard]] ApiResult<std::string> id_in(const std::string& name, const std::string& collection);

/// `fallback` for an absent or zero one. Errors name `field`: outside of the range, or malformed.
[[nodiscard]] ApiResult<base::Duration> duration_from(const google::protobuf::Duration& duration,
                                                      base::Duration fallback,
                                                      base::Duration minimum,
                                                      base::Duration maximum,
                                                      const std::string& field);
/// Rows per page: 0 is `fallback`, more than `maximum` is that. Errors: negative ones.
[[nodiscard]] ApiResult<std::size_t> page_size(std::int32_t wanted, std::size_t fallback = 100,
                                               std::size_t maximum = 1000);

}  // namespace bellhop::admin
