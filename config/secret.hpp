// A string that wipes itself and has no way to be printed.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace bellhop::config {

/// Holds a secret. No print operator, no formatter, no comparison: whoever needs the text calls
/// reveal() and shows by that name what it does. Wiped on destruction and when moved from.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      text_ = other.text_;
    }
    return *this;
  }
  Secret(Secret&& other) noexcept : text_(other.text_) { other.wipe(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = other.text_;
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  [[nodiscard]] bool empty() const { return text_.empty(); }
  /// The text itself, valid while this object lives. Never log it, never store it.
  [[nodiscard]] std::string_view reveal() const { return text_; }

 private:
  void wipe() {
    // volatile: the compiler may not drop writes to memory that is about to be freed.
    volatile char* bytes = text_.data();
    for (std::size_t i = 0; i < text_.size(); ++i) bytes[i] = 0;
    text_.clear();
  }

  std::string text_;
};

}  // namespace bellhop::config
