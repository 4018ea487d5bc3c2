// The process for people.
#pragma once

#include <string_view>

#include "api/ctl/table.hpp"
#include "api/ctl/units.hpp"
#include "bellhop/admin/v1/node_service.pb.h"

namespace bellhop::ctl {

/// `serving`, `draining`, `stopping`, `unknown`.
[[nodiscard]] std::string_view state_name(bellhop::admin::v1::NodeState state);

/// All that is known of the process.
[[nodiscard]] FieldList node_fields(const bellhop::admin::v1::Node& node, Moment now);

}  // namespace bellhop::ctl
