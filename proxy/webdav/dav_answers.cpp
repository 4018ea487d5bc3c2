#include "proxy/webdav/dav_answers.hpp"

#include <algorithm>
#include <array>

#include "component/base/ip_network.hpp"
#include "proxy/files/errors.hpp"
#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

struct Verdict {
  unsigned status;
  Condition condition;
};

// RFC 4331 §6: a quota that is used up and a disk that is full are told apart (QTA-02).
Condition condition_of(const base::ErrorKind& kind, unsigned status) {
  if (&kind == &files::errors::disk_full) return Condition::sufficient_disk_space;
  return status == 507 ? Condition::quota_not_exceeded : Condition::none;
}

Verdict verdict_of(const base::ErrorKind& kind) {
  if (const auto* row = errors::find_row(kind)) {
    return {static_cast<unsigned>(row->status), row->condition};
  }
  const unsigned status = files::errors::http_status(kind);
  return {status, condition_of(kind, status)};
}

}  // namespace

http::ResponseHead dav_options_head() {
  http::ResponseHead head(204);
  head.add("DAV", "1, 2, 3").add("Allow", kDavMethods).add("MS-Author-Via", "DAV");
  return head;
}

http::ResponseHead dav_page_head() {
  http::ResponseHead head(200);
  head.add("Content-Type", "text/html; charset=utf-8")
      .add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
      .add("X-Content-Type-Options", "nosniff")
      .add("Cache-Control", "private, no-cache");
  return head;
}

Answer dav_answer(FolderReply reply) {
  http::ResponseHead head(static_cast<unsigned>(reply.status));
  for (const auto& [name, value] : reply.fields) head.add(name, value);
  if (!reply.body.empty()) head.add("Content-Type", kXmlContentType);
  head.add("Cache-Control", "no-store");
  return {std::move(head), std::move(reply.body)};
}

Answer dav_refusal(const base::ErrorKind& kind) {
  const Verdict verdict = verdict_of(kind);
  http::ResponseHead head(verdict.status);
  // RFC 9110 §11.6.1, RFC 7617 §2.1
  if (verdict.status == 401) {
    head.add("WWW-Authenticate", "Basic realm=\"Bellhop\", charset=\"UTF-8\"");
    // HVX-01: behind the other one, for clients that know one challenge only take the first.
    head.add("WWW-Authenticate", "Basic realm=\"xmpp\"");
  }
  // RFC 9110 §15.5.6
  if (verdict.status == 405) head.add("Allow", kDavMethods);
  if (verdict.status == 429 || verdict.status == 503) head.add("Retry-After", 10U);
  std::string body = error_body(verdict.condition);
  if (body.empty()) {
    body.assign(kind.text).append("\n");
    head.add("Content-Type", "text/plain; charset=utf-8").add("X-Content-Type-Options", "nosniff");
  } else {
    head.add("Content-Type", kXmlContentType);
  }
  return {std::move(head), std::move(body)};
}

bool is_loopback(const base::IpAddress& address) {
  static constexpr std::array kNetworks{"127.0.0.0/8", "::1/128"};
  return std::ranges::any_of(kNetworks, [&address](const char* text) {
    const auto network = base::IpNetwork::parse(text);
    return network && network->contains(address);
  });
}

}  // namespace bellhop::webdav
