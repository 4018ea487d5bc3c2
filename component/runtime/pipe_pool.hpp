// Pipes for splice(2), lent to a pump only while bytes are in flight.
#pragma once

#include <optional>
#include <vector>

#include "component/base/unique_fd.hpp"

namespace bellhop::runtime {

/// Both ends of a pipe, non-blocking, and how many bytes it holds at most.
struct Pipe {
  base::UniqueFd read_end;
  base::UniqueFd write_end;
  std::size_t capacity = 0;  ///< bytes
};

/// The pipes of one shard. An unprivileged user may own only 16,384 pages of pipe
/// (fs.pipe-user-pages-soft, pipe(7)), so idle sessions hold none. Past that the kernel still makes
/// pipes, but small ones: streams get slower, none is refused.
class PipePool {
 public:
  struct Options {
    /// 256 KiB: large enough that the system calls vanish beside the copying, small enough for the
    /// second-level cache.
    std::size_t pipe_bytes = 256 * 1024;
    std::size_t kept_max = 64;  ///< pipes kept for the next loan
  };

  explicit PipePool(Options options) : options_(options) {}

  /// Empty only when the process is out of descriptors.
  [[nodiscard]] std::optional<Pipe> borrow();
  /// `pipe` must be empty: bytes left in it would turn up in another stream.
  void give_back(Pipe pipe);

  [[nodiscard]] std::size_t kept() const { return kept_.size(); }

 private:
  Options options_;
  std::vector<Pipe> kept_;
};

}  // namespace bellhop::runtime
