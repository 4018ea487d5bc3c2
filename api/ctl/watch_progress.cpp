#include "api/ctl/watch_progress.hpp"

namespace bellhop::ctl {

bool WatchProgress::shown() {
  ++shown_count_;
  return options_.count_max == 0 || shown_count_ < options_.count_max;
}

bool WatchProgress::lost(std::uint64_t count) {
  if (count == 0) return true;
  client_.note(std::to_string(count) + " messages were left out: this reader was too slow");
  is_gapped_ = true;
  return !options_.is_strict;
}

ExitCode WatchProgress::finish(const grpc::Status& status) const {
  if (!status.ok()) return client_.report(status);
  return is_gapped_ && options_.is_strict ? ExitCode::partly : ExitCode::ok;
}

}  // namespace bellhop::ctl
