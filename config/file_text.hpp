// Reads a small file whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "config/report.hpp"

namespace bellhop::config {

/// Who may read a file, by its mode when it was opened.
enum class Readable : std::uint8_t { by_some, by_everybody };

/// What a file held and who could have read it.
struct FileText {
  std::string text;
  Readable readable = Readable::by_some;
};

/// The whole content of a regular file of at most `bytes_max` bytes, or why not. Never blocks on a
/// FIFO, and everything is asked of the opened file, so nothing can change in between.
[[nodiscard]] std::variant<FileText, Refusal> read_file(const std::string& path,
                                                        std::size_t bytes_max);

}  // namespace bellhop::config
