// Text on a terminal: how wide it is, and what must not reach it. JIDs are chosen by strangers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bellhop::ctl {

/// UTF-8 that a terminal shows and does not obey: control characters (C0, C1), marks that turn the
/// direction of writing, line separators and broken UTF-8 become U+FFFD.
[[nodiscard]] std::string clean(std::string_view text);

/// Columns that clean UTF-8 takes: 0 for combining marks, 2 for wide characters.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// `text` if it is no wider than `columns`, else its beginning and `mark`, at most so wide.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns, std::string_view mark);

/// How a piece of text is to look where there are colours.
enum class Tone : unsigned char { plain, title, good, warning, bad, faint };

/// `text` with the terminal's codes around it; `text` alone for Tone::plain.
[[nodiscard]] std::string paint(std::string_view text, Tone tone);

}  // namespace bellhop::ctl
