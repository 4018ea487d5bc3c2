// Any stanzas as steps of ad-hoc commands: codec, dialogue and table together, as the handler
// drives them. A session whose id the input cannot know stands in for "ID".
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "component/base/error.hpp"
#include "component/xmpp/command_sessions.hpp"
#include "component/xmpp/xml_reader.hpp"
#include "component/xmpp/xml_writer.hpp"

namespace {

namespace xmpp = bellhop::xmpp;
namespace base = bellhop::base;

constexpr std::string_view kHeader =
    "<p:stream xmlns:p='http://etherx.jabber.org/streams' xmlns='jabber:component:accept'>";
constexpr xmpp::CommandSessions::Limits kLimits{
    .per_user_max = 2, .total_max = 3, .idle_timeout = std::chrono::minutes(1)};

xmpp::CommandStage make_stage(xmpp::CommandStage::Leads leads) {
  xmpp::CommandStage stage{.form = xmpp::DataForm::with_form_type(xmpp::FormType::form, "urn:x"),
                           .leads = leads};
  stage.form.add({.var = "name", .type = xmpp::FieldType::text_single, .is_required = true})
      .add({.var = "secret", .type = xmpp::FieldType::text_private})
      .add({.var = "who", .type = xmpp::FieldType::jid_multi})
      .add({.var = "sure", .type = xmpp::FieldType::boolean});
  return stage;
}

class Driver {
 public:
  void take(const xmpp::Element& stanza) {
    now_ += std::chrono::seconds(20);
    auto iq = xmpp::parse_iq(stanza, "bellhop.example.org");
    if (!iq || !iq->is_request()) return;
    auto request = xmpp::parse_command(*iq);
    if (!request) return tell(request.error());
    BELLHOP_ASSERT(!request->node.empty() && request->lang.size() <= xmpp::kLanguageBytesMax);
    if (request->session_id == "ID") request->session_id = last_id_;
    if (request->session_id.empty()) {
      open(*request, iq->from);
    } else {
      go_on(*request, iq->from);
    }
    BELLHOP_ASSERT(sessions_.size() <= kLimits.total_max);
  }

 private:
  static void tell(const xmpp::Refusal& refusal) {
    static_cast<void>(xmpp::to_xml(xmpp::to_element(refusal, refusal.extras())));
  }

  void open(const xmpp::CommandRequest& request, const xmpp::Jid& from) {
    auto id = sessions_.open(from, {.node = request.node, .lang = "en"}, now_);
    if (!id) return;
    last_id_ = *id;
    auto found = sessions_.find(*id, from, request.node, now_);
    BELLHOP_ASSERT(found);
    (*found)->dialogue.advance(std::nullopt, make_stage(xmpp::CommandStage::Leads::to_either));
  }

  void go_on(const xmpp::CommandRequest& request, const xmpp::Jid& from) {
    auto found = sessions_.find(request.session_id, from, request.node, now_);
    if (!found) return tell(found.error());
    xmpp::CommandDialogue& dialogue = (*found)->dialogue;
    const auto action = dialogue.resolve(request.action);
    if (!action) return tell(action.error());
    BELLHOP_ASSERT(*action != xmpp::CommandAction::execute);
    if (*action == xmpp::CommandAction::cancel) return sessions_.close(request.session_id);
    if (*action == xmpp::CommandAction::prev) return dialogue.go_back();
    const auto filled = dialogue.fill(request.form);
    if (!filled) return tell(filled.error());
    BELLHOP_ASSERT(!filled->field("name")->value().empty());
    dialogue.advance(*filled, make_stage(xmpp::CommandStage::Leads::to_either));
    xmpp::CommandAnswer answer{.node = request.node,
                               .session_id = request.session_id,
                               .lang = request.lang,
                               .status = xmpp::CommandStatus::executing,
                               .actions = dialogue.actions(),
                               .form = *filled};
    static_cast<void>(xmpp::to_xml(xmpp::to_element(answer)));
  }

  base::TimePoint now_{};
  xmpp::CommandSessions sessions_{kLimits};
  std::string last_id_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  xmpp::XmlReader reader{xmpp::XmlLimits{}};
  if (!reader.feed(std::string(kHeader))) return 0;
  static_cast<void>(reader.feed(std::string_view(reinterpret_cast<const char*>(data), size)));
  Driver driver;
  while (const auto event = reader.next()) {
    if (const auto* stanza = std::get_if<xmpp::Element>(&*event)) driver.take(*stanza);
  }
  return 0;
}
