// The terminal of `bellhopctl top`: full screen while it lives, as it was afterwards.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "api/ctl/top_model.hpp"

namespace bellhop::ctl {

/// Owns the terminal on standard input and output. At most one at a time. SIGINT, SIGTERM and
/// SIGHUP do not end the process while it lives: is_interrupted() tells of them.
class TopScreen {
 public:
  /// Nothing if the terminal cannot be used ($TERM names none that is known).
  [[nodiscard]] static std::unique_ptr<TopScreen> open(bool is_colored);
  ~TopScreen();
  TopScreen(const TopScreen&) = delete;
  TopScreen& operator=(const TopScreen&) = delete;

  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] std::size_t columns() const;
  void draw(const std::vector<TopLine>& lines);
  /// The next key within `patience`; nothing if none came or the size has changed.
  [[nodiscard]] std::optional<TopKey> wait_key(std::chrono::milliseconds patience);
  /// A signal asked for the end, or the terminal is gone.
  [[nodiscard]] bool is_interrupted() const;

 private:
  struct Terminal;
  explicit TopScreen(std::unique_ptr<Terminal> terminal);
  std::unique_ptr<Terminal> terminal_;
};

}  // namespace bellhop::ctl
