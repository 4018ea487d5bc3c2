// Gaps in a watch: told on standard error; with --strict they end it.
#pragma once

#include <cstdint>

#include "api/ctl/client.hpp"

namespace bellhop::ctl {

/// What every watch has.
struct WatchOptions {
  bool is_strict = false;       ///< a gap ends the watch, exit code 7
  std::uint64_t count_max = 0;  ///< messages that are shown; 0: without end
};

/// Counts what a watch shows and misses. One per watch.
class WatchProgress {
 public:
  WatchProgress(const Client& client, const WatchOptions& options)
      : client_(client), options_(options) {}

  /// A message was shown. Whether the watch goes on.
  [[nodiscard]] bool shown();
  /// So many were left out. Whether the watch goes on.
  [[nodiscard]] bool lost(std::uint64_t count);
  /// How the command ends, after the call did with `status`.
  [[nodiscard]] ExitCode finish(const grpc::Status& status) const;

 private:
  const Client& client_;  // outlives the watch
  WatchOptions options_;
  std::uint64_t shown_count_ = 0;
  bool is_gapped_ = false;
};

}  // namespace bellhop::ctl
