// Heads and bodies of answers over WebDAV.
#pragma once

#include <string>

#include "component/base/error.hpp"
#include "component/base/ip_address.hpp"
#include "proxy/http/response_head.hpp"
#include "proxy/webdav/folder.hpp"

namespace bellhop::webdav {

/// The methods of every resource here (DAV-01).
inline constexpr std::string_view kDavMethods =
    "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, LOCK, UNLOCK";

/// What is sent.
struct Answer {
  http::ResponseHead head;
  std::string body;
};

/// DAV-01: classes 1, 2 and 3, and what is allowed.
[[nodiscard]] http::ResponseHead dav_options_head();
/// The head of a listing: nothing in it may run.
[[nodiscard]] http::ResponseHead dav_page_head();
[[nodiscard]] Answer dav_answer(FolderReply reply);
/// The answer to an error of this or a lower folder, with its condition (DAV-09, DAV-10); of 401
/// with the challenges (DAV-11, HVX-01).
[[nodiscard]] Answer dav_refusal(const base::ErrorKind& kind);

/// Whether it is an address of this machine, which no cable carries.
[[nodiscard]] bool is_loopback(const base::IpAddress& address);

}  // namespace bellhop::webdav
