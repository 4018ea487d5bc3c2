// Messages as JSON, the way protobuf maps them.
#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "api/admin/call.hpp"

namespace bellhop::admin {

/// One line. Fields that have their default are left out, as gRPC's own tools do; `is_complete`
/// writes them too.
[[nodiscard]] std::string to_json(const google::protobuf::Message& message,
                                  bool is_complete = false);

/// Errors: errors::bad_argument, for what is no JSON, unknown fields and wrong types.
[[nodiscard]] ApiResult<void> from_json(std::string_view text, google::protobuf::Message& message);

}  // namespace bellhop::admin
