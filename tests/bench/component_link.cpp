#include "tests/bench/component_link.hpp"

#include <expat.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bellhop::bench {
namespace {

constexpr std::chrono::milliseconds handshake_timeout{10'000};
constexpr int farewell_timeout_ms = 2'000;
constexpr std::size_t read_bytes = 64 * 1024;

std::string attribute(const XML_Char** attributes, std::string_view name) {
  for (; *attributes != nullptr; attributes += 2) {
    if (name == attributes[0]) return attributes[1];
  }
  return {};
}

}  // namespace

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '\'':
        escaped += "&apos;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string sha1_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-1");
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : std::span(digest).first(size)) {
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

/// Expat with the depth of a stream: 1 the stream, 2 a stanza, 3 its children, 4 an error's.
class ComponentLink::Reader {
 public:
  Reader() : parser_(XML_ParserCreate(nullptr)) {
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, on_start, on_end);
  }
  ~Reader() { XML_ParserFree(parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Returns the stanzas that these bytes complete. Handlers run outside: they may throw, which
  /// must not happen below a frame of Expat's.
  [[nodiscard]] std::vector<Stanza> feed(std::span<const char> bytes) {
    if (XML_Parse(parser_, bytes.data(), static_cast<int>(bytes.size()), 0) != XML_STATUS_OK) {
      throw std::runtime_error("the server sent no XML");
    }
    return std::exchange(complete_, {});
  }

  [[nodiscard]] const std::string& stream_id() const { return stream_id_; }

 private:
  static void on_start(void* self, const XML_Char* name, const XML_Char** attributes) {
    static_cast<Reader*>(self)->start(name, attributes);
  }
  static void on_end(void* self, const XML_Char*) { static_cast<Reader*>(self)->end(); }

  void start(std::string_view name, const XML_Char** attributes) {
    ++depth_;
    if (depth_ == 1) {
      stream_id_ = attribute(attributes, "id");
    } else if (depth_ == 2) {
      stanza_ = {.name = std::string(name),
                 .type = attribute(attributes, "type"),
                 .id = attribute(attributes, "id"),
                 .from = attribute(attributes, "from"),
                 .to = attribute(attributes, "to"),
                 .condition = {}};
    } else if (depth_ == 3) {
      in_error_ = name == "error";
      // A stream error has its condition one level higher than a stanza error.
      if (stanza_.name == "stream:error" && stanza_.condition.empty()) stanza_.condition = name;
    } else if (depth_ == 4 && in_error_ && stanza_.condition.empty() && name != "text") {
      stanza_.condition = name;
    }
  }

  void end() {
    if (depth_ == 2) complete_.push_back(std::exchange(stanza_, {}));
    --depth_;
  }

  XML_Parser parser_;
  int depth_ = 0;
  bool in_error_ = false;
  std::string stream_id_;
  Stanza stanza_;
  std::vector<Stanza> complete_;
};

ComponentLink::ComponentLink(const sockaddr_in& server, std::string domain,
                             const std::string& secret)
    : domain_(std::move(domain)),
      fd_(Sources(0).connect(server)),
      reader_(std::make_unique<Reader>()) {
  await_connected(fd_.get(), handshake_timeout);
  queue(
      "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
      "xmlns:stream='http://etherx.jabber.org/streams' to='" +
      escape(domain_) + "'>");
  bool accepted = false;
  const Handler on_answer = [&accepted](const Stanza& stanza) {
    if (stanza.name != "handshake") {
      throw std::runtime_error("the server refused the component: " + stanza.condition);
    }
    accepted = true;
  };
  flush();
  while (reader_->stream_id().empty()) {
    await_input();
    receive(on_answer);
  }
  queue("<handshake>" + sha1_hex(reader_->stream_id() + secret) + "</handshake>");
  flush();
  while (!accepted) {
    await_input();
    receive(on_answer);
  }
}

ComponentLink::~ComponentLink() {
  // Two streams of one name share the traffic in ejabberd: whoever comes next wants us gone.
  constexpr std::string_view farewell = "</stream:stream>";
  send(fd_.get(), farewell.data(), farewell.size(), MSG_NOSIGNAL);
  shutdown(fd_.get(), SHUT_WR);
  std::array<char, 1024> ignored;
  pollfd entry{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  while (poll(&entry, 1, farewell_timeout_ms) == 1 &&
         recv(fd_.get(), ignored.data(), ignored.size(), 0) > 0) {
  }
}

void ComponentLink::await_input() {
  pollfd entry{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  if (poll(&entry, 1, static_cast<int>(handshake_timeout.count())) != 1) {
    throw std::runtime_error("the server does not answer the handshake of " + domain_);
  }
}

void ComponentLink::flush() {
  while (!output_.empty()) {
    const ssize_t sent = send(fd_.get(), output_.data(), output_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) throw_errno("component stream");
    output_.erase(0, static_cast<std::size_t>(sent));
  }
}

void ComponentLink::receive(const Handler& handler) {
  std::array<char, read_bytes> buffer;
  const ssize_t got = recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got < 0) throw_errno("component stream");
  if (got == 0) throw std::runtime_error("the server closed the stream of " + domain_);
  const auto bytes = std::span(buffer).first(static_cast<std::size_t>(got));
  for (const Stanza& stanza : reader_->feed(bytes)) handler(stanza);
}

}  // namespace bellhop::bench
