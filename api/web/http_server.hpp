// The admin listener for browsers, scrapers and scripts: page, JSON, metrics, health.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/admin/callers.hpp"
#include "api/admin/dispatcher.hpp"
#include "component/runtime/listener.hpp"
#include "component/runtime/task_group.hpp"
#include "config/secret.hpp"

namespace bellhop::web {

using Request = boost::beast::http::request<boost::beast::http::string_body>;
using Response = boost::beast::http::response<boost::beast::http::string_body>;

/// GET / and the page's files; GET /metrics; GET /livez and /readyz; POST /api/v1/Service/Method
/// with the JSON of a request. On loopback looking needs no token; everything else needs one. A
/// browser on this machine may be led by any web page, so the Host header must name this listener
/// and a POST must carry X-Bellhop, which no other origin can send. The admin thread.
class HttpServer {
 public:
  /// All references outlive it. `token`: the operator's own one, empty if there is none.
  HttpServer(admin::Core& core, admin::Dispatcher& dispatcher, const admin::Callers& callers,
             config::Secret token);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds; what cannot be bound is logged as `admin_unavailable` and left out.
  void start();
  [[nodiscard]] runtime::Task<> stop();

  /// Of the first listener, for people: `http://127.0.0.1:7780/`; empty: there is none.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::vector<base::IpEndpoint> bound() const;

 private:
  /// A connection's side of the decision who calls.
  struct Origin {
    bool is_loopback = false;  ///< of the listener
    std::uint16_t port = 0;
    bool is_v4 = true;
  };

  [[nodiscard]] runtime::Task<> serve(base::UniqueFd socket, Origin origin);
  [[nodiscard]] runtime::Task<Response> answer(const Request& request, const Origin& origin);
  [[nodiscard]] runtime::Task<Response> answer_call(const Request& request, const Origin& origin);
  [[nodiscard]] runtime::Task<Response> answer_health(const Request& request);
  [[nodiscard]] std::optional<admin::Caller> caller_of(const Request& request,
                                                       const Origin& origin) const;

  admin::Core& core_;
  admin::Dispatcher& dispatcher_;
  const admin::Callers& callers_;
  config::Secret token_;
  std::vector<std::unique_ptr<runtime::Listener>> listeners_;
  runtime::TaskGroup accepting_;
  runtime::TaskGroup connections_;
};

/// Whether a Host header names a listener on this port by an address or by localhost: other names
/// may have been pointed here by a stranger's DNS.
[[nodiscard]] bool is_own_host(std::string_view host, std::uint16_t port);

}  // namespace bellhop::web
