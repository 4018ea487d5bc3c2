#include "proxy/files/file_worker.hpp"

#include "proxy/files/errors.hpp"
#include "proxy/http/tus.hpp"

namespace bellhop::files {
namespace {

constexpr std::string_view kExposed =
    "Content-Length, Content-Range, ETag, Location, Upload-Offset, Upload-Length, Upload-Expires, "
    "Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm";

}  // namespace

http::ResponseHead head_of(const base::ErrorKind& kind) {
  const unsigned status = errors::http_status(kind);
  http::ResponseHead head(status);
  // RFC 9110 §11.6.1: 401 says how.
  if (status == 401) head.add("WWW-Authenticate", "Bearer realm=\"bellhop\"");
  if (status == 503) head.add("Retry-After", 10U);
  allow_origins(head);
  return head;
}

runtime::Task<> refuse(FileWorker& worker, http::Exchange& exchange, base::Error error) {
  worker.counters.count_refusal(worker.index + 1, error.kind());
  http::ResponseHead head = head_of(error.kind());
  co_await exchange.respond_text(std::move(head), error.kind().text);
}

void allow_origins(http::ResponseHead& head) {
  head.add("Access-Control-Allow-Origin", "*").add("Access-Control-Expose-Headers", kExposed);
}

http::ResponseHead options_head() {
  http::ResponseHead head(204);
  allow_origins(head);
  head.add("Allow", kMethods)
      .add("Access-Control-Allow-Methods", kMethods)
      .add("Access-Control-Allow-Headers",
           "Authorization, Content-Type, Content-Range, Range, If-Range, If-None-Match, "
           "If-Modified-Since, Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, "
           "Upload-Checksum")
      .add("Access-Control-Max-Age", 86400U)
      .add("Tus-Resumable", http::kTusVersion)
      .add("Tus-Version", http::kTusVersion)
      .add("Tus-Extension", "creation,expiration,checksum,termination")
      .add("Tus-Checksum-Algorithm", http::kTusChecksumAlgorithms);
  return head;
}

}  // namespace bellhop::files
