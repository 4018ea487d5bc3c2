#include "proxy/http/exchange.hpp"

#include "proxy/http/http_date.hpp"

namespace bellhop::http {

using runtime::Task;

// RFC 9110 §6.6.1: Date stands in every answer of a server that has a clock.
std::string Exchange::begin(const ResponseHead& head) {
  std::string text = head.text();
  if (head.dropped() > 0) {
    log().write_limited(base::Severity::warn, "header_dropped", {{"fields", head.dropped()}});
  }
  std::string fields = "Date: ";
  fields +=
      format_http_date(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  fields += "\r\n";
  if (!keeps_alive()) {
    fields += "Connection: close\r\n";
  } else if (parts_.reader.is_old_version()) {
    fields += "Connection: keep-alive\r\n";
  }
  text.insert(text.find('\n') + 1, fields);
  return text;
}

Task<bool> Exchange::send_head(const ResponseHead& head, bool is_more_to_come) {
  const std::string text = begin(head);
  const bool is_sent = co_await parts_.stream.write(text, is_more_to_come);
  if (!is_sent) is_closing_ = true;
  co_return is_sent;
}

Task<> Exchange::respond(ResponseHead head, std::string body) {
  // A body that nobody will read is not worth waiting for; it is read for the next request's sake.
  if (!is_closing_ && !parts_.reader.is_body_done()) {
    const bool is_dropped = co_await parts_.reader.drop_body(parts_.scratch);
    if (!is_dropped) is_closing_ = true;
  }
  const bool has_body = !request_.is("HEAD");
  head.add("Content-Length", body.size());
  std::string text = begin(head);
  if (has_body) text += body;
  note_progress();
  const bool is_sent = co_await parts_.stream.write(text);
  if (!is_sent) is_closing_ = true;
}

Task<> Exchange::respond_text(ResponseHead head, std::string_view line) {
  head.add("Content-Type", "text/plain; charset=utf-8").add("X-Content-Type-Options", "nosniff");
  std::string body(line);
  body += '\n';
  co_await respond(std::move(head), std::move(body));
}

}  // namespace bellhop::http
