#include "tests/support/http_client.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace bellhop::test {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

std::vector<std::string> lines_of(std::string_view head) {
  std::vector<std::string> lines;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    lines.emplace_back(head.substr(0, end));
    head.remove_prefix(std::min(end + 2, head.size()));
  }
  return lines;
}

// Name in lower case, value; of a line that has no colon, nothing.
std::pair<std::string, std::string> field_of(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  return {lower(line.substr(0, colon)), std::string(value)};
}

std::size_t body_bytes(const HttpAnswer& answer, std::string_view method) {
  const bool has_none =
      method == "HEAD" || answer.status < 200 || answer.status == 204 || answer.status == 304;
  if (has_none || !answer.has("Content-Length")) return 0;
  return std::stoul(answer.field("Content-Length"));
}

}  // namespace

std::string HttpAnswer::field(std::string_view name) const {
  for (const std::string& line : lines_of(head)) {
    const auto [key, value] = field_of(line);
    if (key == lower(name)) return value;
  }
  return {};
}

bool HttpAnswer::has(std::string_view name) const {
  const auto lines = lines_of(head);
  return std::ranges::any_of(
      lines, [&](const std::string& line) { return field_of(line).first == lower(name); });
}

std::vector<std::string> HttpAnswer::fields_but(const std::vector<std::string>& left_out) const {
  std::vector<std::string> result;
  for (const std::string& line : lines_of(head)) {
    const std::string name = field_of(line).first;
    if (std::ranges::find(left_out, name) == left_out.end()) result.push_back(lower(line));
  }
  return result;
}

void HttpClient::FreeTls::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

bool HttpClient::start_tls(int version_max) {
  const timeval patience{.tv_sec = kPatience / 1s, .tv_usec = 0};
  (void)::setsockopt(peer_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);  // so that old versions are offered at all
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  if (version_max != 0) SSL_CTX_set_max_proto_version(context.get(), version_max);
  tls_.reset(SSL_new(context.get()));
  SSL_set_fd(tls_.get(), peer_.fd());
  return SSL_connect(tls_.get()) == 1;
}

std::string HttpClient::certificate_name() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      SSL_get1_peer_certificate(tls_.get()), &X509_free);
  std::array<char, 128> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

void HttpClient::send(std::string_view bytes) {
  if (!tls_) return peer_.send(bytes);
  if (!bytes.empty()) (void)SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
}

bool HttpClient::receive() {
  if (!tls_) {
    const std::string piece = peer_.receive_some();
    buffer_ += piece;
    return !piece.empty();
  }
  std::array<char, 16 * 1024> piece{};
  const int n = SSL_read(tls_.get(), piece.data(), static_cast<int>(piece.size()));
  if (n > 0) buffer_.append(piece.data(), static_cast<std::size_t>(n));
  return n > 0;
}

HttpAnswer HttpClient::read(std::string_view method) {
  HttpAnswer answer;
  std::size_t end = buffer_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!receive()) return answer;
    end = buffer_.find("\r\n\r\n");
  }
  answer.head = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9, 3)));
  const std::size_t wanted = body_bytes(answer, method);
  while (buffer_.size() < wanted && receive()) {
  }
  answer.body = buffer_.substr(0, wanted);
  buffer_.erase(0, answer.body.size());
  return answer;
}

HttpAnswer HttpClient::ask(std::string_view request) {
  send(request);
  return read(request.substr(0, request.find(' ')));
}

bool HttpClient::is_ended() {
  return buffer_.empty() && !receive();
}

std::string http_request(std::string_view method, std::string_view target, std::string_view fields,
                         std::string_view body) {
  std::string text(method);
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: files.example.org\r\n");
  return text.append(fields).append("\r\n").append(body);
}

std::string length_line(std::uint64_t bytes) {
  return "Content-Length: " + std::to_string(bytes) + "\r\n";
}

std::string chunked(std::string_view body, std::size_t chunk_bytes) {
  std::string text;
  while (!body.empty()) {
    const std::string_view piece = body.substr(0, chunk_bytes);
    std::array<char, 16> size{};
    const auto end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16).ptr;
    text.append(size.data(), end).append("\r\n").append(piece).append("\r\n");
    body.remove_prefix(piece.size());
  }
  return text + "0\r\n\r\n";
}

}  // namespace bellhop::test
