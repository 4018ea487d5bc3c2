// Sizes, rates, durations and moments: as people type them, and as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::ctl {

using Moment = std::chrono::sys_time<std::chrono::nanoseconds>;

/// No duration on the command line is longer: a century, far below what protobuf can hold.
inline constexpr std::chrono::hours kDurationMax{24 * 36'525};

/// Bytes: `1500`, `500k`, `10M`, `1.5G` (powers of 1000), `1Gi`, `512 KiB` (powers of 1024).
/// Anything else, and what does not fit 64 bits, is errors::bad_argument.
[[nodiscard]] base::Result<std::uint64_t> parse_size(std::string_view text);

/// A size, or `none`: the greatest number, which the API takes for no limit. Errors: bad_argument,
/// also for 0, which would say nothing.
[[nodiscard]] base::Result<std::uint64_t> parse_size_limit(std::string_view text);
/// The same of a number.
[[nodiscard]] base::Result<std::uint32_t> parse_count_limit(std::string_view text);

/// Bytes per second: a size, with `/s` after it or without.
[[nodiscard]] base::Result<std::uint64_t> parse_rate(std::string_view text);

/// `500ms`, `90s`, `10m`, `2h`, `1d`, `2w`, `1h30m`; a number alone is seconds. Not negative, at
/// most kDurationMax.
[[nodiscard]] base::Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// `now`; a duration, which means so long before `now`; or RFC 3339 in UTC
/// (`2026-03-01T12:00:00Z`, the time may be left out).
[[nodiscard]] base::Result<Moment> parse_moment(std::string_view text, Moment now);

/// As parse_moment(), except that a duration means so long after `now`.
[[nodiscard]] base::Result<Moment> parse_future(std::string_view text, Moment now);

/// `0 B`, `999 B`, `1.5 KiB`, `12.0 MiB`: at most four digits.
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

/// format_bytes() with `/s`; `-` for zero, so that what moves stands out in a table.
[[nodiscard]] std::string format_rate(std::uint64_t bytes_per_second);

/// The two largest units: `0s`, `12s`, `3m 20s`, `2h 5m`, `3d 4h`. Negative counts as zero.
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration);

/// The largest unit only, for columns: `12s`, `3m`, `2h`, `3d`.
[[nodiscard]] std::string format_age(std::chrono::nanoseconds duration);

/// Local time, `2026-03-01 12:00:00`; `-` for the moment zero.
[[nodiscard]] std::string format_moment(Moment moment);

/// Local time of day, `12:00:00`.
[[nodiscard]] std::string format_time_of_day(Moment moment);

}  // namespace bellhop::ctl
