// A client of a web server, as users' clients are, for checks of our own.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "component/base/clock.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::admin {

/// One request.
struct WebRequest {
  std::string method;
  std::string url;  ///< http or https, absolute
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string body = {};
};

/// What came of it.
struct WebAnswer {
  std::string trouble = {};  ///< empty if it was answered, else what happened
  unsigned status = 0;
  std::string body = {};
};

/// Bytes that an answer may have; more is trouble.
inline constexpr std::size_t kWebAnswerMax = std::size_t{4} * 1024 * 1024;

/// Makes one request on a connection of its own. The certificate must be one that this machine
/// trusts, for the URL's host.
[[nodiscard]] runtime::Task<WebAnswer> ask_web(WebRequest request, base::Deadline deadline);

}  // namespace bellhop::admin
