#include "tests/support/scripted_server.hpp"

namespace bellhop::test {

void ScriptedServer::accept() {
  peer_.reset();
  peer_.emplace(acceptor_.accept());
  reader_.emplace(xmpp::XmlLimits{.stanza_bytes_max = 8 * 1024 * 1024});
  received_.clear();
}

Peer& ScriptedServer::peer() {
  if (!peer_) throw Missed("no component is connected");
  return *peer_;
}

// Empty: the connection has ended.
std::optional<xmpp::XmlEvent> ScriptedServer::next_event() {
  for (;;) {
    if (auto event = reader_->next()) return event;
    const std::string bytes = peer().receive_some();
    if (bytes.empty()) return std::nullopt;
    received_ += bytes;
    if (const auto fed = reader_->feed(bytes); !fed) {
      throw Missed("the component sent what is not XMPP: " + fed.error().detail());
    }
  }
}

std::string ScriptedServer::expect_header() {
  const auto event = next_event();
  if (!event || !std::holds_alternative<xmpp::StreamOpened>(*event)) throw Missed("no header");
  return received_;
}

void ScriptedServer::send_header(std::string_view id) {
  send(
      "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
      "xmlns:stream='http://etherx.jabber.org/streams' from='proxy.example.com' id='" +
      std::string(id) + "'>");
}

std::string ScriptedServer::expect_handshake() {
  const xmpp::Element handshake = next();
  if (handshake.name() != "handshake") throw Missed("not a handshake: " + handshake.name());
  return handshake.text();
}

void ScriptedServer::attach() {
  accept();
  (void)expect_header();
  send_header("3BF96D32");
  (void)expect_handshake();
  send("<handshake/>");
}

xmpp::Element ScriptedServer::next() {
  auto event = next_event();
  if (!event) throw Missed("the component left");
  auto* element = std::get_if<xmpp::Element>(&*event);
  if (element == nullptr) throw Missed("the component closed its stream");
  return std::move(*element);
}

bool ScriptedServer::sees_orderly_end() {
  const auto event = next_event();
  if (!event || !std::holds_alternative<xmpp::StreamClosed>(*event)) return false;
  (void)try_send("</stream:stream>");  // too late if it was the server that began
  return peer().receive_all().empty();
}

void ScriptedServer::expect_end() {
  received_ += peer().receive_all();
}

void ScriptedServer::close() {
  acceptor_.close();
  disconnect();
}

}  // namespace bellhop::test
