// The relay for calls for people.
#pragma once

#include "api/ctl/table.hpp"
#include "bellhop/admin/v1/turn_service.pb.h"

namespace bellhop::ctl {

/// Where TURN is, and how much of it is in use.
void add_turn_fields(FieldList& fields, const bellhop::admin::v1::Turn& turn);

}  // namespace bellhop::ctl
