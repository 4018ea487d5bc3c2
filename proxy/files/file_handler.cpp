#include "proxy/files/file_handler.hpp"

#include <algorithm>

#include "proxy/files/download.hpp"
#include "proxy/files/errors.hpp"
#include "proxy/files/upload.hpp"
#include "proxy/http/content_disposition.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::files {

namespace {

bool is_known(std::string_view method) {
  const auto methods = http::split(kMethods, ',', kMethods.size());
  return methods && std::ranges::find(*methods, method) != methods->end();
}

}  // namespace

std::string link_name(const FileFacts& facts) {
  std::string name = http::safe_file_name(facts.name);
  // Dot segments are refused behind any number of escapes, so a name like that is none for a link.
  const bool is_readable = http::parse_request_target("/" + http::encode_segment(name)).has_value();
  return is_readable ? name : "file";
}

std::string file_path(const FileFacts& facts) {
  http::Path path;
  path.segments = {std::string(kFilePrefix), facts.id.text(), link_name(facts)};
  return http::make_path(path);
}

runtime::Task<> FileHandler::handle(http::Exchange& exchange) {
  FileWorker& worker = worker_of_(exchange);
  const http::Request& request = exchange.request();
  const http::Path& path = request.target().path;
  if (request.is("OPTIONS")) {
    http::ResponseHead head = options_head();
    head.add("Tus-Max-Size", worker.store.settings().file_bytes_max);
    co_return co_await exchange.respond(std::move(head));
  }
  // RFC 9110 §15.5.6: before anything is said of the file or of who asks.
  if (!is_known(request.method())) {
    http::ResponseHead head(405);
    allow_origins(head);
    head.add("Allow", kMethods);
    co_return co_await exchange.respond_text(std::move(head), "This is not done here.");
  }
  constexpr std::size_t kSegments = 3;
  const auto id =
      path.segments.size() == kSegments ? FileId::parse(path.segments[1]) : std::optional<FileId>();
  if (!id || path.has_trailing_slash) {
    base::Error error(errors::no_such_file);
    co_return co_await refuse(worker, exchange, std::move(error));
  }
  std::string name = path.segments[2];
  if (is_upload(request)) {
    co_return co_await answer_upload(worker, exchange, *id, std::move(name));
  }
  co_await answer_download(worker, exchange, *id, name);
}

}  // namespace bellhop::files
