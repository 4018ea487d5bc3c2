// /metrics: everything that is counted, in Prometheus' formats.
#pragma once

#include <string>

#include "api/admin/core.hpp"
#include "api/web/open_metrics.hpp"

namespace bellhop::web {

/// One scrape, exact as of the call. The admin thread.
[[nodiscard]] runtime::Task<std::string> scrape(admin::Core& core, ExpositionFormat format,
                                                std::size_t admin_connections);

}  // namespace bellhop::web
