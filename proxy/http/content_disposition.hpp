// Content-Disposition of an answer (RFC 6266), and which file names are fit to stand in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bellhop::http {

/// What the usual file systems take; in UTF-8.
inline constexpr std::size_t kFileNameBytesMax = 255;

/// RFC 6266 §4.2.
enum class Disposition : std::uint8_t {
  in_place,    ///< `inline`
  attachment,  ///< to be saved
};

/// `name` as a name that a receiver can save under without harm: valid UTF-8, at most
/// kFileNameBytesMax (the extension is kept), no control or formatting characters that hide or turn
/// what is read (such as the overrides of writing direction), `_` for `/`, `\` and a leading dot,
/// no blanks or dots at the end; `file` if nothing is left. Applying it twice changes nothing more.
[[nodiscard]] std::string safe_file_name(std::string_view name);

/// The value of Content-Disposition, in visible US-ASCII: the safe form of `name` as `filename`
/// with `_` for what is not ASCII, and whole as `filename*` (RFC 6266 §4.3, RFC 8187 §3.2).
[[nodiscard]] std::string content_disposition(Disposition disposition, std::string_view name);

}  // namespace bellhop::http
