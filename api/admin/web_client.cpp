#include "api/admin/web_client.hpp"

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "component/runtime/connection.hpp"
#include "component/runtime/timeout.hpp"
#include "proxy/http/request_target.hpp"

namespace bellhop::admin {
namespace {

using runtime::Task;
namespace asio = runtime::asio;
namespace http = boost::beast::http;

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

WebAnswer trouble(std::string what) {
  WebAnswer answer;
  answer.trouble = std::move(what);
  return answer;
}

// Where a request goes.
struct Address {
  bool is_tls = false;
  std::string authority;  // as in the URL
  std::string host;
  std::uint16_t port = 0;
  std::string target;
};

std::optional<Address> read_url(std::string_view url) {
  const auto parsed = bellhop::http::parse_request_target(url);
  if (!parsed || parsed->form != bellhop::http::TargetForm::absolute) return std::nullopt;
  Address address;
  address.is_tls = parsed->scheme == "https";
  const std::size_t begin = url.find("://") + 3;
  const std::size_t path = std::min(url.find_first_of("/?", begin), url.size());
  address.authority = url.substr(begin, path - begin);
  address.target = url.substr(path);
  // RFC 9112 §3.2.1: an empty path is sent as "/".
  if (!address.target.starts_with('/')) address.target.insert(0, 1, '/');
  address.host = parsed->authority.host;
  address.port = parsed->authority.port;
  return address;
}

std::string head_of(const WebRequest& request, const Address& address) {
  std::string head = request.method + " " + address.target +
                     " HTTP/1.1\r\nHost: " + address.authority + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : request.fields) head += name + ": " + value + "\r\n";
  if (!request.body.empty()) {
    head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return head + "\r\n";
}

Task<WebAnswer> read_answer(runtime::Connection& connection, bool is_head) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(kWebAnswerMax);
  parser.skip(is_head);
  parser.eager(true);
  std::string buffer;
  while (!parser.is_done()) {
    std::array<char, kReadBytes> piece{};
    const auto [ec, n] = co_await connection.read_some(asio::buffer(piece));
    boost::system::error_code parsed;
    if (ec) {
      if (!parser.got_some()) co_return trouble(ec.message());  // put_eof() is not for that
      parser.put_eof(parsed);
      if (parsed || !parser.is_done()) co_return trouble(ec.message());
      break;
    }
    buffer.append(piece.data(), n);
    buffer.erase(0, parser.put(asio::buffer(buffer), parsed));
    if (parsed == http::error::body_limit) co_return trouble("more came back than is taken");
    if (parsed && parsed != http::error::need_more) co_return trouble("no HTTP came back");
  }
  WebAnswer answer;
  answer.status = parser.get().result_int();
  answer.body = std::move(parser.get().body());
  co_return answer;
}

Task<WebAnswer> ask(WebRequest request, Address address) {
  const auto executor = co_await asio::this_coro::executor;
  std::optional<runtime::TlsOptions> tls;
  if (address.is_tls) {
    tls.emplace();
    tls->name = address.host;
  }
  runtime::Connection connection(executor, tls);
  const runtime::error_code refused = co_await connection.connect(address.host, address.port);
  if (refused) co_return trouble(refused.message());
  const std::string bytes = head_of(request, address) + request.body;
  // A server that refuses may answer before it has read everything.
  const runtime::error_code unsent = co_await connection.write_all(bytes);
  WebAnswer answer = co_await read_answer(connection, request.method == "HEAD");
  if (unsent && answer.status == 0) answer.trouble = unsent.message();
  co_return answer;
}

}  // namespace

Task<WebAnswer> ask_web(WebRequest request, base::Deadline deadline) {
  auto address = read_url(request.url);
  if (!address) co_return trouble("it is no address of a web server");
  auto answer =
      co_await runtime::with_deadline(ask(std::move(request), std::move(*address)), deadline);
  if (!answer) co_return trouble("no answer came in time");
  co_return std::move(*answer);
}

}  // namespace bellhop::admin
