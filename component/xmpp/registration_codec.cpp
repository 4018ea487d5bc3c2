#include "component/xmpp/registration_codec.hpp"

#include <algorithm>
#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {
namespace {

constexpr std::string_view kPassword = "password";
constexpr std::string_view kNewPassword = "x-new-password";
constexpr std::string_view kNotices = "x-notices";
constexpr std::string_view kPeers = "x-allowed-peers";

// XEP-0077 §3.3: what came is not sent back.
Refusal refuse(const base::ErrorKind& kind, const char* detail, std::string text = {}) {
  return {base::Error(kind, detail), ErrorExtras{.text = std::move(text), .hides_request = true}};
}

Element text_element(const char* name, std::string_view text) {
  Element element(name, ns::kRegister);
  element.set_text(text);
  return element;
}

std::string instructions(const Jid& user, const Account* account) {
  const std::string name(user.bare());
  const std::string warning = " Never use the password of your XMPP account here.";
  if (account == nullptr) {
    return "Register to keep files here and to reach them with other programs (WebDAV). Your name "
           "there is " +
           name + ". Choose a password of at least " + std::to_string(kPasswordCharactersMin) +
           " characters." + warning;
  }
  return "You are registered, and your name for other programs (WebDAV) is " + name +
         ". Here you can change your password and your settings." + warning;
}

std::vector<std::string> texts_of(const std::vector<Jid>& jids) {
  std::vector<std::string> texts;
  for (const Jid& jid : jids) texts.push_back(jid.text());
  return texts;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// Of valid UTF-8, which stanzas are.
std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80; }));
}

std::string text_of_bad_length() {
  return "The password must have at least " + std::to_string(kPasswordCharactersMin) +
         " characters and at most " + std::to_string(kPasswordBytesMax) + " bytes.";
}

Decision<config::Secret> check_password(std::string_view password, const Jid& user) {
  if (characters_in(password) < kPasswordCharactersMin || password.size() > kPasswordBytesMax) {
    return refuse(errors::not_acceptable, "length of a password", text_of_bad_length());
  }
  // RFC 7617 §2: HTTP cannot carry them.
  if (std::ranges::any_of(password, is_control)) {
    return refuse(errors::not_acceptable, "control characters in a password",
                  "The password must not have control characters.");
  }
  if (password == user.bare() || password == user.local()) {
    return refuse(errors::not_acceptable, "password is the name",
                  "The password must not be your name.");
  }
  return config::Secret(std::string(password));
}

Decision<std::vector<Jid>> read_peers(const FormField& field) {
  if (field.values.size() > kAllowedPeersMax) {
    return refuse(errors::not_acceptable, "too many peers",
                  "At most " + std::to_string(kAllowedPeersMax) + " addresses can be listed.");
  }
  std::vector<Jid> peers;
  for (const std::string& value : field.values) {
    auto jid = Jid::parse(value);
    if (jid) peers.push_back(std::move(*jid));  // apply_submit() has checked them
  }
  return peers;
}

Decision<AccountChange> read_form(const DataForm& submitted, const Jid& user,
                                  const Account* account) {
  auto filled = apply_submit(registration_form(user, account), submitted);
  if (!filled) {
    return refuse(filled.error().error.kind(), "form", std::move(filled.error().text));
  }
  AccountChange change;
  change.settings.wants_notices = filled->field(kNotices)->is_true();
  auto peers = read_peers(*filled->field(kPeers));
  if (!peers) return peers.error();
  change.settings.allowed_peers = std::move(*peers);

  const std::string_view password = filled->field(kPassword)->value();
  const FormField* wants_new = filled->field(kNewPassword);
  if (!password.empty()) {
    auto chosen = check_password(password, user);
    if (!chosen) return chosen.error();
    change.password = AccountChange::Password::chosen;
    change.chosen = std::move(*chosen);
  } else if (account == nullptr || (wants_new != nullptr && wants_new->is_true())) {
    change.password = AccountChange::Password::make;
  }
  return change;
}

Decision<AccountChange> read_fields(const RegistrationSubmit& submit, const Jid& user,
                                    const Account* account) {
  AccountChange change;
  if (account != nullptr) change.settings = account->settings;
  if (submit.username && *submit.username != user.bare() && *submit.username != user.local()) {
    return refuse(errors::conflict, "another username",
                  "Your name here is your XMPP address and cannot be chosen.");
  }
  const bool has_password = submit.password && !submit.password->empty();
  // XEP-0077 §3.1: an empty password is a missing one; §3.3: a registered user keeps theirs.
  if (!has_password && account == nullptr) {
    return refuse(errors::not_acceptable, "no password", text_of_bad_length());
  }
  if (!has_password) return change;
  auto chosen = check_password(submit.password->reveal(), user);
  if (!chosen) return chosen.error();
  change.password = AccountChange::Password::chosen;
  change.chosen = std::move(*chosen);
  return change;
}

}  // namespace

DataForm registration_form(const Jid& user, const Account* account) {
  DataForm form = DataForm::with_form_type(FormType::form, ns::kRegister);
  form.title = account == nullptr ? "Register for files" : "Your account for files";
  form.instructions = {instructions(user, account)};
  if (account != nullptr && !account->quota_class.empty()) {
    form.add({.type = FieldType::fixed, .values = {"Your quota: " + account->quota_class}});
  }
  form.add({.var = std::string(kPassword),
            .type = FieldType::text_private,
            .label = "Password for other programs",
            .description = account == nullptr ? "Leave it empty, and one is made and shown to you."
                                              : "Leave it empty to keep the one you have."});
  if (account != nullptr) {
    form.add({.var = std::string(kNewPassword),
              .type = FieldType::boolean,
              .label = "Make a new password and show it to me",
              .values = {"0"}});
  }
  const AccountSettings settings = account == nullptr ? AccountSettings() : account->settings;
  form.add({.var = std::string(kNotices),
            .type = FieldType::boolean,
            .label = "Tell me about my files by message",
            .values = {settings.wants_notices ? "1" : "0"}});
  form.add({.var = std::string(kPeers),
            .type = FieldType::jid_multi,
            .label = "Who may leave files for me",
            .description = "Leave it empty to allow everybody who may use this service.",
            .values = texts_of(settings.allowed_peers)});
  return form;
}

Element registration_query(const Jid& user, const Account* account) {
  Element query("query", ns::kRegister);
  query.add(text_element("instructions", instructions(user, account)));
  if (account != nullptr) {
    query.add(Element("registered", ns::kRegister));
    query.add(text_element("username", user.bare()));
  }
  query.add(Element("password", ns::kRegister));
  query.add(to_element(registration_form(user, account)));
  return query;
}

Decision<RegistrationSubmit> parse_registration(const Element& query) {
  using Kind = RegistrationSubmit::Kind;
  if (query.child("remove", ns::kRegister) != nullptr) {
    // XEP-0077 §3.2.
    if (query.children().size() == 1) return RegistrationSubmit{.kind = Kind::removal};
    return refuse(errors::bad_request, "<remove/> is not alone");
  }
  if (const Element* x = query.child("x", ns::kDataForms)) {
    auto form = parse_data_form(*x);
    if (!form) return refuse(errors::bad_request, "malformed form");
    if (form->type == FormType::cancel) return RegistrationSubmit{.kind = Kind::called_off};
    return RegistrationSubmit{.kind = Kind::form, .form = std::move(*form)};
  }
  RegistrationSubmit submit{.kind = Kind::fields};
  if (const Element* username = query.child("username", ns::kRegister)) {
    submit.username = trim(username->text());
  }
  if (const Element* password = query.child("password", ns::kRegister)) {
    submit.password = config::Secret(password->text());
  }
  if (!submit.username && !submit.password) {
    return refuse(errors::not_acceptable, "neither form nor fields",
                  "Fill in the form or the password.");
  }
  return submit;
}

Decision<AccountChange> read_change(const RegistrationSubmit& submit, const Jid& user,
                                    const Account* account) {
  if (submit.kind == RegistrationSubmit::Kind::form) return read_form(*submit.form, user, account);
  return read_fields(submit, user, account);
}

DataForm made_password_form(const Jid& user, const config::Secret& password,
                            std::string_view address) {
  DataForm form = DataForm::with_form_type(FormType::result, ns::kRegister);
  form.title = "Your password for other programs";
  form.instructions = {
      "Keep this password now: it is shown this once and cannot be looked up again. If it is lost, "
      "have a new one made."};
  form.add({.var = "username",
            .type = FieldType::text_single,
            .label = "Name",
            .values = {std::string(user.bare())}});
  form.add({.var = std::string(kPassword),
            .type = FieldType::text_single,
            .label = "Password",
            .values = {std::string(password.reveal())}});
  if (!address.empty()) {
    form.add({.var = "url",
              .type = FieldType::text_single,
              .label = "Address",
              .values = {std::string(address)}});
  }
  return form;
}

Element made_password_query(const Jid& user, const config::Secret& password,
                            std::string_view address) {
  Element query("query", ns::kRegister);
  query.add(to_element(made_password_form(user, password, address)));
  return query;
}

}  // namespace bellhop::xmpp
