// Durations, byte counts, addresses and strings <-> the text they have in a configuration file.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

namespace bellhop::config {

/// `500ms`, `15s`, `10min`, `1h`, `2d`; a bare number is seconds. Blanks between number and unit
/// are allowed; signs, fractions and sums are not. None if it is not that or does not fit.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest text that parse_duration() reads back to the same value, e.g. `10min`.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

/// `512 KiB`, `4MiB`, `1 GiB`, `2 TiB`, `100 B`; a bare number is bytes. Only powers of 1024.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// As parse_bytes(), with an optional `/s` at the end.
[[nodiscard]] std::optional<std::uint64_t> parse_rate(std::string_view text);

/// The text with the largest unit that leaves a whole number, e.g. `4 MiB`.
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

/// A decimal number without sign; none if it is not one or exceeds 2^63 - 1.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

/// `host:port`, `127.0.0.1:80` or `[::1]:80`. Port 0 to 65535; the host is split off, not checked.
/// None if there is no port, or an IPv6 address without brackets.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);

/// What parse_host_port() reads back; brackets around a host that contains a colon.
[[nodiscard]] std::string host_port_text(const HostPort& address);

/// The wildcard address of the same family and port, if it is another one that `listen` has.
[[nodiscard]] std::optional<HostPort> covering(const HostPort& address,
                                               const std::vector<HostPort>& listen);

/// Text made fit for a terminal: control characters, bidirectional overrides and broken UTF-8
/// become
/// `?`, tabs stay; one code point in, one out.
[[nodiscard]] std::string printable(std::string_view text);

/// In double quotes for a message: printable, at most about 80 bytes.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// A TOML basic string with quotes and escapes; reads back to the same bytes.
[[nodiscard]] std::string toml_string(std::string_view text);

}  // namespace bellhop::config
