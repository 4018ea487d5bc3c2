// One user's way through an ad-hoc command, by the stanzas of XEP-0050.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "component/xmpp/commands.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp::test {

class CommandUser {
 public:
  /// How a task is run to its end.
  using Run = std::function<Reply(runtime::Task<Reply>)>;

  CommandUser(Commands& commands, Run run, std::string jid = "alice@example.org/phone")
      : commands_(commands), run_(std::move(run)), jid_(std::move(jid)) {}

  /// Begins a command.
  CommandUser& begin(std::string_view node) {
    node_ = node;
    session_.clear();
    return send("execute", "");
  }
  /// Goes on with it; `fields` of a submit as XML.
  CommandUser& step(std::string_view action, std::string_view fields = "") {
    std::string form;
    if (!fields.empty()) {
      form.append("<x xmlns='jabber:x:data' type='submit'>").append(fields).append("</x>");
    }
    return send(action, form);
  }
  static std::string field(std::string_view var, std::string_view value) {
    std::string xml = "<field var='";
    return xml.append(var).append("'><value>").append(value).append("</value></field>");
  }

  /// Of the last answer: `executing` and the like, or the name of the error.
  [[nodiscard]] const std::string& status() const { return status_; }
  /// All of it, as XML.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool has(std::string_view part) const {
    return text_.find(part) != std::string::npos;
  }
  [[nodiscard]] const DataForm& form() const { return form_; }
  /// The sentence of a refusal, and whether its reply repeats the request.
  [[nodiscard]] const ErrorExtras& refusal() const { return refusal_; }

 private:
  CommandUser& send(std::string_view action, std::string_view form) {
    std::string xml = "<iq id='7' type='set' to='bellhop.example.org' from='" + jid_;
    xml.append("'><command xmlns='http://jabber.org/protocol/commands' node='").append(node_);
    xml.append("' action='").append(action);
    if (!session_.empty()) xml.append("' sessionid='").append(session_);
    xml.append("'>").append(form).append("</command></iq>");
    auto iq = parse_iq(parse_element(xml), "bellhop.example.org");
    EXPECT_TRUE(iq);
    note(run_(commands_.handle(std::move(*iq))));
    return *this;
  }
  void note(const Reply& reply) {
    form_ = {};
    refusal_ = {};
    text_.clear();
    if (!reply) {
      status_ = reply.error().kind().name;
      refusal_ = reply.error().extras();
      return;
    }
    const Element& command = **reply;
    status_ = command.attribute("status");
    session_ = command.attribute("sessionid");
    text_ = to_xml(command);
    if (const Element* x = command.child("x", ns::kDataForms)) {
      form_ = parse_data_form(*x).value();
    }
  }

  Commands& commands_;
  Run run_;
  std::string jid_;
  std::string node_;
  std::string session_;
  std::string status_;
  std::string text_;
  DataForm form_;
  ErrorExtras refusal_;
};

}  // namespace bellhop::xmpp::test
