// The text of a configuration file as lines that may be shown to people.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"

namespace bellhop::config {

/// Whether a key looks as if its value were a secret: `secret`, a slip of it, a password. Not
/// `secret_file` and `secret_env`, whose values only say where the secret is.
[[nodiscard]] bool is_secret_key(std::string_view key);

/// Splits a text into lines and finds, without understanding TOML, the parts that may be a secret.
/// It errs towards hiding: the text may be broken in any way.
class SourceText {
 public:
  /// `text` must outlive this object. A byte order mark at its start is left out.
  explicit SourceText(std::string_view text);

  [[nodiscard]] std::string_view text() const { return text_; }

  /// Line `number` (from 1) fit for a terminal, with `(hidden)` from where a secret may begin.
  /// Empty if there is no such line or it has more than 500 bytes.
  [[nodiscard]] std::string shown_line(std::size_t number) const;

  /// Whether something is hidden on the line or the one before it (a syntax error is often seen
  /// only on the next line).
  [[nodiscard]] bool may_quote_secret(std::size_t number) const;

  /// Place of the first key with more than 8 dotted parts. Such a key must not reach the parser:
  /// each part becomes a level of its tree, and the tree is destroyed by recursion.
  [[nodiscard]] std::optional<Position> too_deep_key() const { return too_deep_key_; }

 private:
  struct Line {
    std::string_view text;
    std::size_t hidden_from = std::string_view::npos;  // byte offset
  };

  class Scanner;

  std::string_view text_;
  std::vector<Line> lines_;
  std::optional<Position> too_deep_key_;
};

}  // namespace bellhop::config
