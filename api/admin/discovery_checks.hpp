// What the server's users find when they look for our services (XEP-0030), asked through our own
// stream.
#pragma once

#include "api/admin/checks.hpp"

namespace bellhop::admin {

/// `discovery.listed`: the parent domain names the component among its items.
[[nodiscard]] runtime::Task<CheckOutcome> check_listed(Core& core);
/// `discovery.answers`: the component, asked through the server, says that it is what it offers.
[[nodiscard]] runtime::Task<CheckOutcome> check_answers(Core& core);
/// `discovery.rival`: nothing else of the parent domain offers the same.
[[nodiscard]] runtime::Task<CheckOutcome> check_rival(Core& core);

}  // namespace bellhop::admin
