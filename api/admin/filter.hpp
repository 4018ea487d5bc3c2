// Filters of the admin API: a subset of AIP-160, compiled once and asked for each row.
//
//   expression   factor {[AND] factor}            two factors side by side: both must hold
//   factor       term {OR term}                   AIP-160: OR binds tighter than AND
//   term         [NOT | -] (comparison | "(" expression ")")
//   comparison   field operator value             operators: = != < <= > >= :
//
// Keywords are upper case. A value is a word, or text in double or single quotes with the escapes
// \\ \" \' and \* (a star that is only a star); a word has no blanks, quotes, parentheses and
// operators, and a backslash in it is a plain character, so that escaped JIDs can be typed.
//
// Text: `=` compares the whole value, byte by byte; a star at the start or the end of the value
// stands for anything. `:` asks whether the value occurs within the text, or, with a star, does as
// `=` does; `field:*` asks for text that is not empty. `<` and its kin compare bytes.
// Numbers: whole, with k, M, G (powers of 1,000) or Ki, Mi, Gi (of 1,024); `:` is `=`, and
// `field:*` always holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "component/base/error.hpp"

namespace bellhop::admin {

namespace filter_detail {

using Value = std::variant<std::string_view, std::uint64_t>;

/// The four questions that all operators are made of.
enum class Relation : std::uint8_t { equal, less, at_most, present };

/// One comparison of a compiled filter, and what to ask next. The operators that are missing here
/// are these with `if_true` and `if_false` changed over.
struct Comparison {
  std::size_t field = 0;
  Relation relation = Relation::equal;
  bool is_number = false;
  bool has_open_start = false;  ///< anything may stand before `text`
  bool has_open_end = false;    ///< anything may stand behind it
  std::string text;
  std::uint64_t number = 0;
  std::uint16_t if_true = 0;  ///< index of a comparison, always a lower one, or an outcome
  std::uint16_t if_false = 0;

  [[nodiscard]] bool holds(const Value& value) const;
};

inline constexpr std::uint16_t kMatched = 0xFFFF;
inline constexpr std::uint16_t kNotMatched = 0xFFFE;

}  // namespace filter_detail

/// A compiled filter: a value, immutable, may be asked by several threads. About 100 bytes for
/// each comparison.
class Filter {
 public:
  enum class Type : std::uint8_t { text, number };
  /// One thing that rows can be told apart by.
  struct Field {
    std::string_view name;  ///< letters, digits, `_` and `.`; begins with a letter
    Type type;
  };
  /// Of the alternative that the field's type says.
  using Value = filter_detail::Value;

  static constexpr std::size_t kTextBytesMax = 4096;
  static constexpr std::size_t kDepthMax = 32;         ///< parentheses within each other
  static constexpr std::size_t kComparisonsMax = 256;  ///< in one filter

  /// Matches everything, as an empty text does.
  Filter() = default;

  /// `text` may come from anybody; `fields` is a closed set of ours. Errors: errors::bad_filter,
  /// with a detail in ASCII that names the column, counted in characters from 1, and is fit to be
  /// shown to whoever wrote the filter.
  [[nodiscard]] static base::Result<Filter> parse(std::string_view text,
                                                  std::span<const Field> fields);

  /// Whether a row matches. `value_of(i)` gives the row's Value for `fields[i]` of parse(); it is
  /// called for what decides only, and a view it returns must live until the next call. Allocates
  /// nothing.
  [[nodiscard]] bool matches(const auto& value_of) const {
    std::uint16_t at = entry_;
    while (at < program_.size()) {
      const filter_detail::Comparison& comparison = program_[at];
      at = comparison.holds(value_of(comparison.field)) ? comparison.if_true : comparison.if_false;
    }
    return at == filter_detail::kMatched;
  }

  /// Whether it was made from a text without any comparison.
  [[nodiscard]] bool is_empty() const { return program_.empty(); }

 private:
  Filter(std::vector<filter_detail::Comparison> program, std::uint16_t entry)
      : program_(std::move(program)), entry_(entry) {}

  std::vector<filter_detail::Comparison> program_;
  std::uint16_t entry_ = filter_detail::kMatched;
};

}  // namespace bellhop::admin
