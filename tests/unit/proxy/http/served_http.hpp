// A server of HTTP on loopback with a few paths of its own; its shard runs on a thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/http_client.hpp"

namespace bellhop::http::test {

using bellhop::test::chunked;
using bellhop::test::http_request;
using bellhop::test::HttpAnswer;
using bellhop::test::HttpClient;
using bellhop::test::length_line;

/// What a test may choose of a server.
struct ServerChoice {
  std::string certificate = {};  ///< empty: no TLS
  std::string key = {};
  std::vector<std::string> trusted_proxies = {};
  std::uint32_t connections_max = 100;
  std::uint32_t connections_per_address_max = 100;
  std::uint32_t requests_per_address_max = 0;
  std::chrono::milliseconds header_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds certificate_interval = std::chrono::seconds(60);
};

/// How often things happened.
struct ServerCounts {
  unsigned accepted = 0;
  unsigned refused = 0;
  unsigned timed_out = 0;
  unsigned open = 0;
  unsigned answered = 0;
};

/// Bytes of /file, each made of its position.
inline constexpr std::size_t kFileBytes = 3 * 1024 * 1024;
[[nodiscard]] std::string file_content();

/// Paths: /echo sends the body back, /ignore answers without reading it, /show tells what the
/// request was (method, path, client, scheme, field X-Test), /file sends a file of kFileBytes.
class ServedHttp {
 public:
  explicit ServedHttp(const ServerChoice& choice = {});
  ~ServedHttp();
  ServedHttp(const ServedHttp&) = delete;
  ServedHttp& operator=(const ServedHttp&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t tls_port() const;
  [[nodiscard]] HttpClient connect() const { return HttpClient(port()); }
  [[nodiscard]] HttpAnswer ask(std::string_view request) const { return connect().ask(request); }
  [[nodiscard]] ServerCounts counts() const;
  [[nodiscard]] bool has_logged(std::string_view words) const;
  /// As it stops when the process does; the time it took.
  std::chrono::milliseconds stop(std::chrono::milliseconds timeout);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace bellhop::http::test
