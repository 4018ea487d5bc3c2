// A client of HTTP for tests: blocking calls on a plain socket or on TLS, so that requests can be
// sent byte by byte, cut, and wrong.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/loopback.hpp"

struct ssl_st;

namespace bellhop::test {

/// One answer as it came.
struct HttpAnswer {
  unsigned status = 0;  ///< 0: the connection ended before a head was whole
  std::string head;     ///< status line and fields, without the empty line
  std::string body;     ///< by Content-Length; shorter if the connection ended before

  /// The value of a field; empty if it is not there.
  [[nodiscard]] std::string field(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// All fields but those named, in lower case and in the order they came.
  [[nodiscard]] std::vector<std::string> fields_but(const std::vector<std::string>& left_out) const;
};

/// One connection. Waits end after kPatience, as if the other side had ended.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port) : peer_(port) {}

  /// TLS from here on; false: the handshake failed. `version_max` is one of OpenSSL's numbers; 0:
  /// any.
  [[nodiscard]] bool start_tls(int version_max = 0);
  /// The common name of the server's certificate.
  [[nodiscard]] std::string certificate_name() const;

  void send(std::string_view bytes);
  /// The next answer. Of HEAD there is no body, whatever its length says.
  [[nodiscard]] HttpAnswer read(std::string_view method = "GET");
  /// Sends a request and reads its answer.
  [[nodiscard]] HttpAnswer ask(std::string_view request);
  /// Whether the server ends the connection, without a byte more.
  [[nodiscard]] bool is_ended();
  void shutdown_send() { peer_.shutdown_send(); }
  void reset() { peer_.reset(); }

 private:
  struct FreeTls {
    void operator()(ssl_st* ssl) const;
  };

  [[nodiscard]] bool receive();

  Peer peer_;
  std::unique_ptr<ssl_st, FreeTls> tls_;
  std::string buffer_;
};

/// A request of HTTP/1.1 with Host. `fields` are lines that end in CRLF.
[[nodiscard]] std::string http_request(std::string_view method, std::string_view target,
                                       std::string_view fields = "", std::string_view body = "");
/// The line of a Content-Length.
[[nodiscard]] std::string length_line(std::uint64_t bytes);
/// A body in chunks of so many bytes.
[[nodiscard]] std::string chunked(std::string_view body, std::size_t chunk_bytes);

}  // namespace bellhop::test
