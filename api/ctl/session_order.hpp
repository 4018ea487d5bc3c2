// In which order sessions are listed.
#pragma once

#include <string>
#include <string_view>

namespace bellhop::ctl {

/// ListSessionsRequest.order_by of the words after --sort: `rate`, `bytes`, `newest`; `age`, the
/// oldest first, is what the API does by itself.
[[nodiscard]] inline std::string order_by_of(std::string_view word) {
  if (word == "rate") return "rate desc";
  if (word == "bytes") return "bytes desc";
  return word == "newest" ? "create_time desc" : "";
}

}  // namespace bellhop::ctl
