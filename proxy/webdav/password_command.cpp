#include "proxy/webdav/password_command.hpp"

#include "component/xmpp/errors.hpp"
#include "proxy/webdav/folder.hpp"

namespace bellhop::webdav {
namespace {

using runtime::Task;
using xmpp::CommandDone;
using xmpp::CommandResult;
using xmpp::CommandStage;
using xmpp::DataForm;
using xmpp::FieldType;

using Either = std::variant<CommandStage, CommandDone>;

constexpr std::string_view kPassword = "password";

// The form holds a password: no reply repeats it.
xmpp::Refusal hidden(const xmpp::Refusal& refusal) {
  xmpp::ErrorExtras extras = refusal.extras();
  extras.hides_request = true;
  return {refusal, std::move(extras)};
}

// ADH-07: a password that cannot be taken may be typed again.
xmpp::Refusal refusal_of(const xmpp::Refusal& refusal) {
  if (!refusal.is(xmpp::errors::not_acceptable)) return hidden(refusal);
  return hidden(
      xmpp::command_refusal(xmpp::errors::bad_payload, refusal.detail(), refusal.extras().text));
}

void add_line(DataForm& form, const char* var, const char* label, std::string value) {
  form.add(
      {.var = var, .type = FieldType::text_single, .label = label, .values = {std::move(value)}});
}

}  // namespace

std::string PasswordCommand::address_of(const xmpp::Jid& user) const {
  return public_url_ + folder_href(user.bare(), {}, true);
}

Task<CommandResult> PasswordCommand::show_form(xmpp::Jid user) {
  const auto is_registered = co_await registration_.is_registered(user);
  if (!is_registered) co_return is_registered.error();
  CommandStage stage;
  DataForm& form = stage.form;
  form.title = *is_registered ? "A new password for your folder" : "A folder for your files";
  form.instructions = {"Other programs reach your folder (WebDAV) at " + address_of(user) +
                       " by the name " + std::string(user.bare()) +
                       " and this password. Never use the password of your XMPP account here."};
  if (*is_registered) form.instructions.emplace_back("The present password ends to be valid.");
  form.add({.var = std::string(kPassword),
            .type = FieldType::text_private,
            .label = "Password",
            .description = "Leave it empty, and one is made and shown to you."});
  stage.state = kPassword;
  stage.leads = CommandStage::Leads::to_end;
  co_return Either(std::move(stage));
}

Task<CommandResult> PasswordCommand::run(xmpp::CommandInput input) {
  const xmpp::Jid user = input.requester.to_bare();
  if (!input.form) co_return co_await show_form(user);
  const xmpp::FormField* field = input.form->field(kPassword);
  const std::string chosen(field == nullptr ? "" : field->value());
  auto password = co_await registration_.set_password(input.requester, config::Secret(chosen));
  if (!password) co_return refusal_of(password.error());
  CommandDone done;
  if (chosen.empty()) {
    done.form = xmpp::made_password_form(user, *password, address_of(user));
  } else {
    DataForm form{.type = xmpp::FormType::result, .title = "Your password was set"};
    add_line(form, "username", "Name", std::string(user.bare()));
    add_line(form, "url", "Address", address_of(user));
    done.form = std::move(form);
  }
  co_return Either(std::move(done));
}

}  // namespace bellhop::webdav
