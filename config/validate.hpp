// Rules across fields: what each value alone cannot show.
#pragma once

#include "config/origin.hpp"
#include "config/report.hpp"
#include "config/settings.hpp"

namespace bellhop::config {

/// Moves limits that nobody wrote so that they agree with those that somebody wrote: with
/// `sessions_max = 10` alone, sessions_per_jid_max becomes 10 as well. What was written stays.
/// Each moved value gets an origin that names what it follows from.
void fit_defaults(Settings& settings, Origins& origins);

/// Problems: two components with one jid, equal listeners or streamhosts, limits that contradict
/// each other, a proxy without listener, TLS options without TLS. Warnings: valid but unsafe or
/// useless. Expects fit_defaults() to have run; a value's problem is told at its origin.
void validate(const Settings& settings, const Origins& origins, Report& report);

}  // namespace bellhop::config
