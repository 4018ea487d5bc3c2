// The least a relay can do: one thread, splice(2) through 256 KiB pipes, no protocol, no limits, no
// accounting. `splice_floor FRONT BACK` accepts on FRONT and connects each connection to BACK. It
// is the floor that the stream proxy's CPU per GiB is compared with, and nothing to run in earnest.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <unordered_map>
#include <vector>

#include "tests/bench/net.hpp"

namespace bellhop::bench {
namespace {

constexpr int pipe_bytes = 256 * 1024;
constexpr int rounds_per_turn = 16;  // so that one fast pair does not starve the others

/// One way of a pair: source -> pipe -> sink.
class Direction {
 public:
  Direction(int source, int sink) : source_(source), sink_(sink) {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) throw_errno("pipe2");
    out_ = UniqueFd(ends[0]);
    in_ = UniqueFd(ends[1]);
    if (fcntl(in_.get(), F_SETPIPE_SZ, pipe_bytes) < 0) throw_errno("F_SETPIPE_SZ");
  }

  /// Moves what can be moved now; true if there may be more.
  bool turn() {
    for (int round = 0; round < rounds_per_turn; ++round) {
      const bool filled = fill();
      const bool drained = drain();
      if (!filled && !drained) return false;
    }
    return true;
  }

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  bool fill() {
    if (ended_ || broken_) return false;
    const ssize_t moved = move(source_, in_.get(), pipe_bytes);
    if (moved == 0) ended_ = true;
    if (moved > 0) held_ += static_cast<std::size_t>(moved);
    return moved >= 0;
  }

  bool drain() {
    if (ended_ && held_ == 0 && !done_) {
      done_ = true;
      shutdown(sink_, SHUT_WR);
    }
    if (held_ == 0 || broken_) return false;
    const ssize_t moved = move(out_.get(), sink_, held_);
    if (moved > 0) held_ -= static_cast<std::size_t>(moved);
    return moved > 0;
  }

  ssize_t move(int from, int to, std::size_t bytes) {
    const ssize_t moved =
        splice(from, nullptr, to, nullptr, bytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (moved < 0 && errno != EAGAIN) broken_ = true;
    return moved;
  }

  int source_;
  int sink_;
  UniqueFd in_;
  UniqueFd out_;
  std::size_t held_ = 0;  // bytes in the pipe
  bool ended_ = false;
  bool done_ = false;
  bool broken_ = false;
};

struct Pair {
  Pair(UniqueFd front_fd, UniqueFd back_fd)
      : front(std::move(front_fd)),
        back(std::move(back_fd)),
        up(front.get(), back.get()),
        down(back.get(), front.get()) {}

  bool turn() {
    const bool more_up = up.turn();
    const bool more_down = down.turn();
    return more_up || more_down;
  }
  [[nodiscard]] bool over() const {
    return (up.done() && down.done()) || up.broken() || down.broken();
  }

  UniqueFd front;
  UniqueFd back;
  Direction up;
  Direction down;
};

class Floor {
 public:
  Floor(const sockaddr_in& front, const sockaddr_in& back)
      : listener_(listen_on(front)), back_(back) {
    epoll_.add(listener_.get(), EPOLLIN, 0);
  }

  [[noreturn]] void run() {
    std::puts("listening");
    std::fflush(stdout);
    std::vector<std::uint64_t> busy;
    for (;;) {
      std::vector<std::uint64_t> ready = std::move(busy);
      busy.clear();
      for (const epoll_event& event : epoll_.wait(ready.empty() ? -1 : 0)) {
        if (event.data.u64 == 0) {
          accept_all();
        } else {
          ready.push_back(event.data.u64);
        }
      }
      for (const std::uint64_t id : ready) {
        if (turn(id)) busy.push_back(id);
      }
    }
  }

 private:
  void accept_all() {
    for (;;) {
      UniqueFd front(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!front) return;
      auto pair = std::make_unique<Pair>(std::move(front), sources_.connect(back_));
      const std::uint64_t id = ++last_id_;
      epoll_.add(pair->front.get(), EPOLLIN | EPOLLOUT | EPOLLET, id);
      epoll_.add(pair->back.get(), EPOLLIN | EPOLLOUT | EPOLLET, id);
      pairs_.emplace(id, std::move(pair));
    }
  }

  bool turn(std::uint64_t id) {
    const auto found = pairs_.find(id);
    if (found == pairs_.end()) return false;
    const bool more = found->second->turn();
    if (!found->second->over()) return more;
    pairs_.erase(found);
    return false;
  }

  Epoll epoll_;
  UniqueFd listener_;
  sockaddr_in back_;
  Sources sources_{0};
  std::uint64_t last_id_ = 0;  // 0 is the listener
  std::unordered_map<std::uint64_t, std::unique_ptr<Pair>> pairs_;
};

}  // namespace
}  // namespace bellhop::bench

int main(int argc, char** argv) {
  namespace bench = bellhop::bench;
  if (argc != 3) {
    std::fputs("usage: splice_floor FRONT BACK   (each like 127.0.0.1:7777)\n", stderr);
    return 2;
  }
  try {
    std::signal(SIGPIPE, SIG_IGN);  // splice(2) has no MSG_NOSIGNAL
    bench::raise_file_limit();
    bench::Floor(bench::parse_address(argv[1]), bench::parse_address(argv[2])).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "splice_floor: %s\n", error.what());
    return 1;
  }
}
