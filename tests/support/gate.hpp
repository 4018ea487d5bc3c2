// A gate between two parties of a test: slices, delays and cuts what passes.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/loopback.hpp"

namespace bellhop::test {

/// What the gate does to every connection, in both directions alike.
struct Slicing {
  std::size_t slice_bytes = 64 * 1024;  ///< at most so many bytes in one segment
  std::chrono::milliseconds delay{0};   ///< between two segments of one direction
  std::size_t cut_after = 0;  ///< bytes of one direction after which both ends are reset; 0: never
};

/// Listens on a port of its own and connects each caller to `target`, on a thread of its own.
/// What it passes must be read by the other side: it waits for nobody.
class Gate {
 public:
  Gate(std::uint16_t target, Slicing slicing);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  [[nodiscard]] std::uint16_t port() const { return acceptor_.port(); }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Direction {
    std::shared_ptr<Peer> from;
    std::shared_ptr<Peer> to;
    TimePoint next{};
    std::size_t passed = 0;
    bool is_done = false;
  };

  void run();
  void admit();
  void pass(Direction& direction, TimePoint now);

  std::uint16_t target_;
  Slicing slicing_;
  Acceptor acceptor_;
  std::vector<Direction> directions_;  // of the gate's thread only
  std::atomic<bool> is_stopping_ = false;
  std::thread thread_;
};

}  // namespace bellhop::test
