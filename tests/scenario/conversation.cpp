#include "tests/scenario/conversation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace bellhop::test {
namespace {

constexpr std::string_view kStanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas";

void expect_error_form(const xmpp::Element& error) {
  const auto& children = error.children();
  EXPECT_EQ(std::ranges::count_if(children,
                                  [](const auto& child) {
                                    return child.xmlns() == kStanzaErrors && child.name() != "text";
                                  }),
            1);
  const xmpp::Element* text = error.child("text", kStanzaErrors);
  EXPECT_TRUE(text == nullptr || text->attribute("xml:lang") == "en");
  EXPECT_FALSE(error.has_attribute("code"));
}

}  // namespace

config::Settings scenario_settings(std::uint16_t server_port, const Change& change) {
  config::Settings settings;
  config::ComponentSettings component;
  component.jid = kProxy;
  component.server = {"127.0.0.1", server_port};
  component.secret = config::Secret("test");
  component.parent_domain = "example.com";
  settings.components.push_back(component);
  settings.stream.reconnect_delay = 5ms;
  settings.stream.reconnect_delay_max = 20ms;
  settings.stream.refused_delay = 50ms;
  settings.public_address.ipv4 = "127.0.0.1";
  settings.proxy.listen = {{"127.0.0.1", 0}};
  settings.proxy.activation_grace = 50ms;
  settings.log.level = config::LogLevel::debug;
  settings.runtime.shards = 2;
  if (change) change(settings);
  return settings;
}

std::string iq(std::string_view type, std::string_view id, std::string_view payload,
               std::string_view from, std::string_view to) {
  std::string xml = "<iq type='";
  xml.append(type).append("' id='").append(id).append("' from='").append(from);
  xml.append("' to='").append(to).append("'>").append(payload).append("</iq>");
  return xml;
}

std::string query(std::string_view xmlns) {
  return "<query xmlns='" + std::string(xmlns) + "'/>";
}

std::string activation(std::string_view sid, std::string_view target) {
  std::string xml = "<query xmlns='";
  xml.append(kBytestreams).append("' sid='").append(sid).append("'><activate>");
  return xml.append(target).append("</activate></query>");
}

std::string outcome(const xmpp::Element& answer) {
  const std::string type(answer.attribute("type"));
  if (type != "error") return type;
  for (const xmpp::Element& child : answer.children()) {
    if (!child.is("error", "jabber:component:accept")) continue;
    expect_error_form(child);
    return std::string(child.attribute("type")) + "/" + child.first_child()->name();
  }
  return "an error without <error/>";
}

Conversation::Conversation(const Change& change, Start start)
    : bellhop(scenario_settings(server.port(), change)) {
  if (start == Start::attached) server.attach();
}

Conversation::~Conversation() {
  bellhop.request_stop();
  server.close();
}

xmpp::Element Conversation::ask(std::string_view type, std::string_view payload,
                                std::string_view from, std::string_view to) {
  const std::string id = "ask-" + std::to_string(++last_id_);
  server.send(iq(type, id, payload, from, to));
  xmpp::Element answer = answer_to(id);
  EXPECT_EQ(answer.attribute("from"), to);
  EXPECT_EQ(answer.attribute("to"), from);
  return answer;
}

xmpp::Element Conversation::answer_to(std::string_view id) {
  xmpp::Element answer = server.next();
  if (answer.name() != "iq" || answer.attribute("id") != id) {
    throw Missed("not the answer to " + std::string(id) + " but " + answer.name() + " " +
                 std::string(answer.attribute("id")));
  }
  return answer;
}

bool Conversation::is_silent() {
  server.send(iq("get", "silent?", "<ping xmlns='urn:xmpp:ping'/>"));
  return server.next().attribute("id") == "silent?";
}

std::string Conversation::activate(std::string_view sid, std::string_view from,
                                   std::string_view target) {
  return outcome(ask("set", activation(sid, target), from));
}

Pair Conversation::connect_pair(std::string_view sid, std::string_view requester) {
  const std::string hash = hash_of(sid, requester, kTarget);
  return {connect(hash), connect(hash)};
}

Pair Conversation::open(std::string_view sid, std::string_view requester) {
  Pair pair = connect_pair(sid, requester);
  if (activate(sid, requester) != "result") throw Missed("the activation is refused");
  return pair;
}

bool passes(Peer& from, Peer& to, std::string_view bytes) {
  from.send(bytes);
  return to.receive(bytes.size()) == bytes;
}

std::string pattern(std::size_t n) {
  constexpr std::size_t kPeriod = 65'521;  // a prime: no buffer of anybody is as long
  std::minstd_rand generator(20);          // always the same
  std::string bytes(std::min(n, kPeriod), '\0');
  std::ranges::generate(bytes, [&] { return static_cast<char>(generator() >> 8); });
  bytes.reserve(n);
  while (bytes.size() < n) bytes.append(bytes, 0, std::min(n - bytes.size(), kPeriod));
  return bytes;
}

}  // namespace bellhop::test
