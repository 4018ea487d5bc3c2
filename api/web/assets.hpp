// The files of the web page, compiled in (made by api/embed_assets.cmake).
#pragma once

#include <span>
#include <string_view>

namespace bellhop::web {

/// One file; its text lives as long as the program.
struct Asset {
  std::string_view path;  ///< `/dashboard.js`
  std::string_view content_type;
  std::string_view body;
};

[[nodiscard]] std::span<const Asset> assets();

}  // namespace bellhop::web
