// An XMPP server's component port, played by a test line by line (XEP-0114).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "component/xmpp/element.hpp"
#include "component/xmpp/xml_reader.hpp"
#include "tests/support/loopback.hpp"

namespace bellhop::test {

/// Serves one connection at a time, in the test's own thread. Every wait throws Missed after
/// kPatience.
class ScriptedServer {
 public:
  /// `receive_buffer`: as of Acceptor.
  explicit ScriptedServer(int receive_buffer = 0) : acceptor_(receive_buffer) {}

  [[nodiscard]] std::uint16_t port() const { return acceptor_.port(); }
  /// Whether a component wants to connect now.
  [[nodiscard]] bool has_caller() const { return acceptor_.has_caller(); }

  /// Takes the next connection and forgets the one before.
  void accept();
  /// The component's header, as it came.
  std::string expect_header();
  void send_header(std::string_view id);
  /// The text of the component's `<handshake/>`.
  std::string expect_handshake();
  /// All of the above, and the handshake is acknowledged.
  void attach();

  void send(std::string_view xml) { peer().send(xml); }
  /// For floods: false when the component has left or takes no more.
  [[nodiscard]] bool try_send(std::string_view xml) {
    return peer().send_until_full(xml, kPatience) == xml.size();
  }
  /// The next first-level element; throws Missed when the stream ends instead.
  [[nodiscard]] xmpp::Element next();
  /// Nothing comes any more but what ends the stream: the component's closing tag, which is
  /// answered, and the end of the connection. False if anything else comes.
  [[nodiscard]] bool sees_orderly_end();
  /// The connection ends, with or without a closing tag.
  void expect_end();

  /// All bytes of this connection so far that the calls above had to read.
  [[nodiscard]] const std::string& received() const { return received_; }
  /// Whether bytes of the component, or its end, can be read now.
  [[nodiscard]] bool has_input() { return peer().has_input(); }
  void disconnect() { peer_.reset(); }
  /// Nobody can connect any more.
  void close();

 private:
  Peer& peer();
  [[nodiscard]] std::optional<xmpp::XmlEvent> next_event();

  Acceptor acceptor_;
  std::optional<Peer> peer_;
  std::optional<xmpp::XmlReader> reader_;
  std::string received_;
};

}  // namespace bellhop::test
