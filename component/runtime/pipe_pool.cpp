#include "component/runtime/pipe_pool.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace bellhop::runtime {

std::optional<Pipe> PipePool::borrow() {
  if (!kept_.empty()) {
    Pipe pipe = std::move(kept_.back());
    kept_.pop_back();
    return pipe;
  }
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return std::nullopt;
  Pipe pipe{base::UniqueFd(ends[0]), base::UniqueFd(ends[1]), 0};
  // Refused when the user's pages are used up; the pipe then stays as small as the kernel made it.
  (void)::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(options_.pipe_bytes));
  const int size = ::fcntl(ends[1], F_GETPIPE_SZ);
  pipe.capacity = size > 0 ? static_cast<std::size_t>(size) : 4096;
  return pipe;
}

void PipePool::give_back(Pipe pipe) {
  // A small pipe is a sign of scarcity: do not keep it once better ones may be had.
  if (kept_.size() < options_.kept_max && pipe.capacity >= options_.pipe_bytes) {
    kept_.push_back(std::move(pipe));
  }
}

}  // namespace bellhop::runtime
