#include "api/web/http_server.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "api/admin/health.hpp"
#include "api/admin/json.hpp"
#include "api/admin/tokens.hpp"
#include "api/web/assets.hpp"
#include "api/web/metrics.hpp"
#include "component/runtime/timeout.hpp"
#include "config/host_text.hpp"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bellhop::web {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using admin::ApiError;
using http::status;
using runtime::Task;

constexpr std::size_t kConnectionsMax = 200;
constexpr std::size_t kHeaderBytesMax = 16 * 1024;
constexpr std::size_t kBodyBytesMax = 2 * 1024 * 1024;  // a configuration to be checked
constexpr std::chrono::seconds kIdleTimeout{30};
constexpr std::chrono::seconds kWriteTimeout{30};
constexpr std::string_view kApiPrefix = "/api/v1/";
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

Response make(const Request& request, status code, std::string_view type, std::string body) {
  Response response(code, request.version());
  response.set(http::field::content_type, beast::string_view(type.data(), type.size()));
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
  response.set("Content-Security-Policy", beast::string_view(kPolicy.data(), kPolicy.size()));
  response.keep_alive(request.keep_alive());
  response.body() = std::move(body);
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();  // its length stays
  return response;
}

Response make_text(const Request& request, status code, std::string text) {
  return make(request, code, "text/plain; charset=utf-8", std::move(text) + "\n");
}

// The statuses that google.rpc.Code is mapped to by HTTP gateways.
status status_of(const base::ErrorKind& kind) {
  using base::GrpcCode;
  switch (kind.grpc_code) {
    case GrpcCode::invalid_argument:
    case GrpcCode::failed_precondition:
      return status::bad_request;
    case GrpcCode::deadline_exceeded:
      return status::gateway_timeout;
    case GrpcCode::not_found:
      return status::not_found;
    case GrpcCode::already_exists:
      return status::conflict;
    case GrpcCode::permission_denied:
      return status::forbidden;
    case GrpcCode::resource_exhausted:
      return status::too_many_requests;
    case GrpcCode::unimplemented:
      return status::not_implemented;
    case GrpcCode::internal:
      return status::internal_server_error;
    case GrpcCode::unavailable:
      break;
  }
  return status::service_unavailable;
}

Response make_error(const Request& request, const ApiError& error) {
  google::rpc::Status body;
  body.set_code(static_cast<int>(error.kind().grpc_code));
  body.set_message(error.message());
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(error.kind().name));
  info.set_domain("bellhop");
  body.add_details()->PackFrom(info);
  if (!error.field().empty()) {
    google::rpc::BadRequest fault;
    fault.add_field_violations()->set_field(error.field());
    fault.mutable_field_violations(0)->set_description(error.message());
    body.add_details()->PackFrom(fault);
  }
  return make(request, status_of(error.kind()), "application/json", admin::to_json(body));
}

}  // namespace

bool is_own_host(std::string_view host, std::uint16_t port) {
  const std::string suffix = ":" + std::to_string(port);
  if (!host.ends_with(suffix)) return false;
  host.remove_suffix(suffix.size());
  if (host.starts_with('[') && host.ends_with(']')) {
    return config::is_ipv6_literal(host.substr(1, host.size() - 2));
  }
  return host == "localhost" || config::is_ipv4_literal(host);
}

HttpServer::HttpServer(admin::Core& core, admin::Dispatcher& dispatcher,
                       const admin::Callers& callers, config::Secret token)
    : core_(core),
      dispatcher_(dispatcher),
      callers_(callers),
      token_(std::move(token)),
      accepting_(core.parts.admin.executor(), core.parts.log,
                 core.parts.settings.admin.http_listen.size() + 1),
      connections_(core.parts.admin.executor(), core.parts.log, kConnectionsMax) {}

HttpServer::~HttpServer() = default;

void HttpServer::start() {
  for (const config::HostPort& address : core_.parts.settings.admin.http_listen) {
    try {
      auto listener = std::make_unique<runtime::Listener>(core_.parts.admin.executor(),
                                                          core_.parts.log, address);
      const Origin origin{config::is_loopback_literal(address.host), listener->bound().port};
      core_.parts.log.write(base::Severity::info, "admin_bound",
                            {{"address", "http://" + listener->bound().text()}});
      auto accept = [this, origin](base::UniqueFd socket, const base::IpEndpoint& peer) {
        Origin from = origin;
        from.is_v4 = peer.address.is_v4();
        (void)connections_.spawn(serve(std::move(socket), from));  // one too many is closed
      };
      const bool is_started = accepting_.spawn(listener->accept_all(accept));
      BELLHOP_ASSERT(is_started);
      listeners_.push_back(std::move(listener));
    } catch (const std::exception& failure) {
      core_.parts.log.write(base::Severity::error, "admin_unavailable",
                            {{"address", address.host + ":" + std::to_string(address.port)},
                             {"reason", failure.what()}});
    }
  }
}

Task<> HttpServer::stop() {
  for (const auto& listener : listeners_) listener->close();
  accepting_.cancel();
  co_await accepting_.join();
  connections_.cancel();
  co_await connections_.join();
}

std::string HttpServer::url() const {
  if (listeners_.empty()) return {};
  return "http://" + listeners_.front()->bound().text() + "/";
}

std::vector<base::IpEndpoint> HttpServer::bound() const {
  std::vector<base::IpEndpoint> addresses;
  for (const auto& listener : listeners_) addresses.push_back(listener->bound());
  return addresses;
}

// One connection: request, answer, and again. Every wait has its deadline.
Task<> HttpServer::serve(base::UniqueFd fd, Origin origin) {
  runtime::TcpSocket socket(core_.parts.admin.executor());
  boost::system::error_code ec;
  socket.assign(origin.is_v4 ? runtime::Tcp::v4() : runtime::Tcp::v6(), fd.release(), ec);
  if (ec) co_return;
  beast::flat_buffer buffer(kHeaderBytesMax + kBodyBytesMax);
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(kHeaderBytesMax);
    parser.body_limit(kBodyBytesMax);
    auto read = [](runtime::TcpSocket& from, beast::flat_buffer& into,
                   http::request_parser<http::string_body>& request) -> Task<bool> {
      const auto [failed, n] = co_await http::async_read(from, into, request, runtime::kTuple);
      co_return !failed;
    };
    const auto is_read = co_await runtime::with_deadline(read(socket, buffer, parser),
                                                         base::Deadline::after(kIdleTimeout));
    if (!is_read || !*is_read) co_return;
    Response response = co_await answer(parser.get(), origin);
    auto write = [](runtime::TcpSocket& to, Response& message) -> Task<bool> {
      http::response_serializer<http::string_body> serializer(message);
      const auto [failed, n] = co_await http::async_write(to, serializer, runtime::kTuple);
      co_return !failed;
    };
    const auto is_written = co_await runtime::with_deadline(write(socket, response),
                                                            base::Deadline::after(kWriteTimeout));
    if (!is_written || !*is_written || !response.keep_alive()) co_return;
  }
}

Task<Response> HttpServer::answer(const Request& request, const Origin& origin) {
  const std::string_view target = view(request.target());
  const std::string_view path = target.substr(0, target.find('?'));
  if (origin.is_loopback && !is_own_host(view(request[http::field::host]), origin.port)) {
    co_return make_text(request, status::misdirected_request, "this is not that host");
  }
  if (path.starts_with(kApiPrefix)) co_return co_await answer_call(request, origin);
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    co_return make_text(request, status::method_not_allowed, "GET or HEAD");
  }
  if (path == "/livez") co_return make_text(request, status::ok, "ok");
  if (path == "/readyz") co_return co_await answer_health(request);
  if (path == "/metrics") {
    if (!caller_of(request, origin)) co_return make_text(request, status::unauthorized, "no token");
    const auto format = choose_format(view(request[http::field::accept]));
    std::string text = co_await scrape(core_, format, callers_.count());
    co_return make(request, status::ok, content_type(format), std::move(text));
  }
  for (const Asset& asset : assets()) {
    if (path != asset.path) continue;
    co_return make(request, status::ok, asset.content_type, std::string(asset.body));
  }
  co_return make_text(request, status::not_found, "nothing is here");
}

Task<Response> HttpServer::answer_health(const Request& request) {
  const bool is_verbose = view(request.target()).ends_with("?verbose");
  std::string text;
  for (const char* part : {"bellhop.xmpp", "bellhop.socks5", "bellhop.storage"}) {
    const auto is_serving = co_await admin::health_of(core_, part);
    text += std::string(part) + (is_serving.value_or(false) ? ": ok\n" : ": not serving\n");
  }
  const bool is_ready = (co_await admin::health_of(core_, "")).value_or(false);
  const std::string word = is_ready ? "ok" : "not ready";
  co_return make_text(request, is_ready ? status::ok : status::service_unavailable,
                      is_verbose ? text + word : word);
}

// A token wins; without one, on loopback, anybody may look.
std::optional<admin::Caller> HttpServer::caller_of(const Request& request,
                                                   const Origin& origin) const {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view header = view(request[http::field::authorization]);
  if (header.empty()) {
    if (!origin.is_loopback) return std::nullopt;
    return admin::Caller{"loopback", config::AdminRole::read};
  }
  if (!header.starts_with(kBearer)) return std::nullopt;
  const std::string_view token = header.substr(kBearer.size());
  if (!token_.reveal().empty() && admin::equal_secrets(token_.reveal(), token)) {
    return admin::Caller{"token", config::AdminRole::full};
  }
  return admin::read_page_token(core_.page_secret, token);
}

Task<Response> HttpServer::answer_call(const Request& request, const Origin& origin) {
  if (request.method() != http::verb::post) {
    co_return make_text(request, status::method_not_allowed, "POST");
  }
  const std::string_view type = view(request[http::field::content_type]);
  if (!type.starts_with("application/json")) {
    co_return make_text(request, status::unsupported_media_type, "application/json");
  }
  auto caller = caller_of(request, origin);
  if (!caller) {
    Response response = make_error(
        request, ApiError(admin::errors::permission_denied,
                          "a valid token is needed; `bellhopctl page` makes a link with one"));
    response.result(status::unauthorized);
    response.set(http::field::www_authenticate, "Bearer");
    co_return response;
  }
  if (request["X-Bellhop"].empty()) {
    co_return make_error(
        request, ApiError(admin::errors::permission_denied, "the header X-Bellhop is missing"));
  }
  std::string name(view(request.target()).substr(kApiPrefix.size()));
  auto message = dispatcher_.new_request(name);
  if (!message) {
    co_return make_error(request, ApiError(admin::errors::not_found, "there is no such method"));
  }
  const std::string_view body = request.body().empty() ? "{}" : std::string_view(request.body());
  if (const auto read = admin::from_json(body, *message); !read) {
    co_return make_error(request, read.error());
  }
  auto reply = co_await dispatcher_.call(std::move(*caller), std::move(name), std::move(message));
  if (!reply) co_return make_error(request, reply.error());
  co_return make(request, status::ok, "application/json", admin::to_json(**reply, true));
}

}  // namespace bellhop::web
