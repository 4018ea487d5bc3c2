// The head of an answer as one text: the only place that writes status lines and fields of HTTP.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace bellhop::http {

/// What clients and proxies commonly take as a whole head.
inline constexpr std::size_t kHeadBytesMax = 32768;

/// RFC 9110 §15 and its registry, RFC 4918 §11, tus 1.0.0; "" for a status that none of them has,
/// which the grammar of a status line allows (RFC 9112 §4).
[[nodiscard]] std::string_view reason_phrase(unsigned status);

/// Builds a head. A field whose name is no token, or whose value holds anything but visible
/// US-ASCII, blank and tab, is left out, and so is one too many: no text from outside, whatever way
/// it came, can begin another line.
class ResponseHead {
 public:
  /// `status` from 100 to 599 (RFC 9110 §15).
  explicit ResponseHead(unsigned status);

  /// Appends a field; returns this, for chaining. The value is trimmed; a name may stand several
  /// times.
  ResponseHead& add(std::string_view name, std::string_view value);
  /// The same with a number in decimal, such as a length.
  template <std::unsigned_integral Number>
  ResponseHead& add(std::string_view name, Number value) {
    return add(name, std::string_view(std::to_string(value)));
  }

  /// How many fields were left out. More than none is worth a line in the log.
  [[nodiscard]] std::size_t dropped() const { return dropped_; }
  /// The head with the empty line that ends it.
  [[nodiscard]] std::string text() const { return text_ + "\r\n"; }

 private:
  std::string text_;
  std::size_t dropped_ = 0;
};

}  // namespace bellhop::http
