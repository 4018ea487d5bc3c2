// The Range of a request (RFC 9110 §14.1.2, §14.2) against the size of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "proxy/http/content_range.hpp"

namespace bellhop::http {

/// RFC 9110 §17.15: how many ranges are read; with more the request gets the whole file.
inline constexpr std::size_t kRangesMax = 16;

/// How a request with Range is answered.
enum class RangeOutcome : std::uint8_t {
  whole,          ///< 200, as if there were no Range
  partial,        ///< 206; one range as it is, several as multipart/byteranges
  unsatisfiable,  ///< 416, with unsatisfied_range() as Content-Range
};

/// The part of a file that is asked for.
struct RangeSelection {
  RangeOutcome outcome = RangeOutcome::whole;
  /// Of `partial` only: at least one, ascending, inside the file, no two overlap or touch.
  std::vector<ByteRange> ranges = {};
};

/// Reads the value of Range for a file of `size` bytes, at most kFileBytesMax. Another unit, what
/// does not parse, and more than kRangesMax ranges give the whole file: a server may ignore Range
/// (RFC 9110 §14.2).
[[nodiscard]] RangeSelection select_ranges(std::string_view range, std::uint64_t size);

/// RFC 9110 §14.4: Content-Range of a 206 with one range.
[[nodiscard]] std::string satisfied_range(const ByteRange& range, std::uint64_t size);
/// RFC 9110 §15.5.17: Content-Range of a 416.
[[nodiscard]] std::string unsatisfied_range(std::uint64_t size);

}  // namespace bellhop::http
