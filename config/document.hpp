// File syntax -> a tree of values with their places. No meaning here, and the only file that knows
// the TOML library: everything else compiles without its headers.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "config/problem.hpp"
#include "config/source_text.hpp"

namespace bellhop::config {

struct Entry;

/// One value of a TOML document. Which of the fields counts is said by `kind`.
struct Value {
  enum class Kind : std::uint8_t { text, integer, fraction, boolean, date, array, table };

  Kind kind = Kind::table;
  Position at;                 ///< where the value begins; for `[name]` the header
  std::string text;            ///< `text`: the string, escapes resolved
  std::int64_t integer = 0;    ///< `integer`
  bool boolean = false;        ///< `boolean`
  std::vector<Value> items;    ///< `array`
  std::vector<Entry> entries;  ///< `table`, in the order of the file
};

/// A key of a table and its value.
struct Entry {
  std::string key;
  Position at;  ///< of the key
  Value value;
};

/// `a string`, `an integer`, ...: for messages.
[[nodiscard]] std::string kind_text(Value::Kind kind);

/// The first thing that is not TOML. The message quotes nothing that may be a secret.
struct SyntaxError {
  Position at;
  std::string message;
};

/// Parses the whole text. Nesting is bounded: 8 parts in a key, 256 values in one another.
[[nodiscard]] std::variant<Value, SyntaxError> parse_document(const SourceText& source);

}  // namespace bellhop::config
