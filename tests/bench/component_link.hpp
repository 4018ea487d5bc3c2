// The load program's own XEP-0114 client: enough to send IQs as a domain and read the answers.
#pragma once

#include <netinet/in.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tests/bench/net.hpp"

namespace bellhop::bench {

/// One stanza received, with what a load program looks at; the rest is skipped.
struct Stanza {
  std::string name;  ///< `iq`, `message`, `presence`
  std::string type;  ///< of an IQ: get, set, result, error
  std::string id;
  std::string from;
  std::string to;
  std::string condition;  ///< RFC 6120 §8.3.3, of an error; else empty
};

/// Escapes text for an attribute or an element's content.
[[nodiscard]] std::string escape(std::string_view text);

/// 40 lower-case hexadecimal digits: the form of XEP-0065's DST.ADDR and XEP-0114's handshake.
[[nodiscard]] std::string sha1_hex(std::string_view text);

/// One component stream. The descriptor is non-blocking once the constructor has returned.
class ComponentLink {
 public:
  using Handler = std::function<void(const Stanza&)>;

  /// Connects and does the handshake (XEP-0114 §3). Throws std::runtime_error with the server's
  /// stream error, or when there is no answer within 10 s.
  ComponentLink(const sockaddr_in& server, std::string domain, const std::string& secret);
  /// Ends the stream and waits a moment until the server has, too.
  ~ComponentLink();
  ComponentLink(const ComponentLink&) = delete;
  ComponentLink& operator=(const ComponentLink&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& domain() const { return domain_; }

  /// Appends a stanza to the output; nothing is sent before flush().
  void queue(std::string_view stanza) { output_ += stanza; }
  /// Sends as much of the output as the kernel takes. Throws when the stream has ended.
  void flush();
  /// Reads what has arrived and calls the handler for each complete stanza. Throws when the stream
  /// has ended or is no XML.
  void receive(const Handler& handler);

 private:
  class Reader;
  void await_input();

  std::string domain_;
  UniqueFd fd_;
  std::string output_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace bellhop::bench
