#include "proxy/http/response_head.hpp"

#include <algorithm>
#include <array>

#include "component/base/error.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

struct Reason {
  unsigned status;
  std::string_view phrase;
};

constexpr std::array kReasons{
    Reason{100, "Continue"},
    Reason{101, "Switching Protocols"},
    Reason{102, "Processing"},   // RFC 2518
    Reason{103, "Early Hints"},  // RFC 8297
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{203, "Non-Authoritative Information"},
    Reason{204, "No Content"},
    Reason{205, "Reset Content"},
    Reason{206, "Partial Content"},
    Reason{207, "Multi-Status"},      // RFC 4918 §11.1
    Reason{208, "Already Reported"},  // RFC 5842
    Reason{226, "IM Used"},           // RFC 3229
    Reason{300, "Multiple Choices"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{305, "Use Proxy"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{402, "Payment Required"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{407, "Proxy Authentication Required"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{421, "Misdirected Request"},
    Reason{422, "Unprocessable Content"},
    Reason{423, "Locked"},             // RFC 4918 §11.3
    Reason{424, "Failed Dependency"},  // RFC 4918 §11.4
    Reason{425, "Too Early"},          // RFC 8470
    Reason{426, "Upgrade Required"},
    Reason{428, "Precondition Required"},            // RFC 6585
    Reason{429, "Too Many Requests"},                // RFC 6585
    Reason{431, "Request Header Fields Too Large"},  // RFC 6585
    Reason{451, "Unavailable For Legal Reasons"},    // RFC 7725
    Reason{460, "Checksum Mismatch"},                // tus 1.0.0
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{506, "Variant Also Negotiates"},          // RFC 2295
    Reason{507, "Insufficient Storage"},             // RFC 4918 §11.5
    Reason{508, "Loop Detected"},                    // RFC 5842
    Reason{511, "Network Authentication Required"},  // RFC 6585
};

bool is_field_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return is_visible(c) || c == ' ' || c == '\t'; });
}

}  // namespace

std::string_view reason_phrase(unsigned status) {
  const auto* found = std::ranges::find(kReasons, status, &Reason::status);
  return found == kReasons.end() ? std::string_view() : found->phrase;
}

ResponseHead::ResponseHead(unsigned status) {
  BELLHOP_ASSERT(status >= 100 && status <= 599);
  // RFC 9112 §4: the blank stands there even if no phrase follows.
  text_ = "HTTP/1.1 " + std::to_string(status) + ' ' + std::string(reason_phrase(status)) + "\r\n";
}

ResponseHead& ResponseHead::add(std::string_view name, std::string_view value) {
  constexpr std::size_t kAround = 6;  // colon, blank, its line break, and the one of the head
  value = trim(value);
  const bool fits = text_.size() + name.size() + value.size() + kAround <= kHeadBytesMax;
  if (!fits || !is_token(name) || !is_field_value(value)) {
    ++dropped_;
    return *this;
  }
  text_.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

}  // namespace bellhop::http
