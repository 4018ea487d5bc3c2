// The rules across the fields of `[turn]`.
#pragma once

#include "config/origin.hpp"
#include "config/report.hpp"
#include "config/settings.hpp"

namespace bellhop::config {

/// Reports what contradicts itself in `[turn]`, what opens a way into this machine or its network
/// (TURN-D07), and as warnings what is allowed but hardly meant. Part of validate().
void validate_turn(const Settings& settings, const Origins& origins, Report& report);

}  // namespace bellhop::config
