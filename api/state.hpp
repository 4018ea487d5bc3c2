// What Bellhop keeps on disk for itself: history, usage, rules, accounting, audit log.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "api/observe/accounting_log.hpp"
#include "api/observe/history_store.hpp"
#include "api/observe/policy_store.hpp"
#include "api/observe/usage_store.hpp"
#include "component/store/database.hpp"
#include "config/settings.hpp"

namespace bellhop::api {

/// The folder `monitoring.state_dir`. Everything here may wait for the disk: the store thread only.
struct State {
  /// Makes the folder if its parent is there. Throws std::runtime_error with one line.
  explicit State(const config::MonitoringSettings& settings);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// One line of JSON, synced before it returns. False: the disk refused.
  [[nodiscard]] bool append_audit(const std::string& line);

  store::Database database;
  observe::HistoryStore history{database};
  observe::UsageStore usage{database};
  observe::PolicyStore policy{database};
  std::optional<observe::AccountingLog> accounting;  ///< empty: not wanted

 private:
  base::UniqueFd audit_;
};

}  // namespace bellhop::api
