// Registration on the wire: the form, the fields of old clients, what users submit.
#include "component/xmpp/registration_codec.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

using Kind = RegistrationSubmit::Kind;
using Password = AccountChange::Password;

Jid romeo() {
  return *Jid::parse("romeo@example.net");
}

Account account() {
  return {.settings = {.wants_notices = false, .allowed_peers = {*Jid::parse("juliet@x")}},
          .quota_class = "Standard"};
}

Decision<RegistrationSubmit> parse(std::string_view content) {
  return parse_registration(test::parse_element("<query xmlns='jabber:iq:register'>" +
                                                std::string(content) + "</query>"));
}

std::string field(std::string_view var, std::string_view value) {
  std::string xml = "<field var='";
  xml.append(var).append("'><value>").append(value).append("</value></field>");
  return xml;
}

std::string form(std::string_view fields, std::string_view type = "submit") {
  std::string xml = "<x xmlns='jabber:x:data' type='";
  xml.append(type).append("'>").append(fields).append("</x>");
  return xml;
}

Decision<AccountChange> change(std::string_view content, const Account* known = nullptr) {
  return read_change(parse(content).value(), romeo(), known);
}

// The text of a refusal, which must be of that kind and not be echoed.
std::string text_of(const auto& decision, const base::ErrorKind& kind = errors::not_acceptable) {
  if (decision) return "accepted";
  EXPECT_TRUE(decision.error().is(kind)) << decision.error().kind().name;
  EXPECT_TRUE(decision.error().extras().hides_request);
  return decision.error().extras().text;
}

// REG-01, REG-04, REG-05
TEST(RegistrationForm, IsExplainedToANewUser) {
  const Element query = registration_query(romeo(), nullptr);
  EXPECT_EQ(query.child("registered", ns::kRegister), nullptr);
  EXPECT_EQ(query.child("username", ns::kRegister), nullptr);
  ASSERT_NE(query.child("password", ns::kRegister), nullptr);
  const std::string& text = query.child("instructions", ns::kRegister)->text();
  EXPECT_NE(text.find("Never use the password of your XMPP account"), std::string::npos);
  EXPECT_NE(text.find("romeo@example.net"), std::string::npos);
  EXPECT_NE(text.find("12 characters"), std::string::npos);
  const auto shown = parse_data_form(*query.child("x", ns::kDataForms));
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->form_type(), "jabber:iq:register");
  EXPECT_EQ(shown->instructions, std::vector<std::string>{text});
  EXPECT_EQ(shown->field("password")->type, FieldType::text_private);
  EXPECT_FALSE(shown->field("password")->is_required);
  EXPECT_TRUE(shown->field("x-notices")->is_true());
  EXPECT_EQ(shown->field("x-new-password"), nullptr);
}

// REG-04: fields of our own begin with x-.
TEST(RegistrationForm, MarksItsOwnFields) {
  const Account known = account();
  for (const FormField& shown : registration_form(romeo(), &known).fields) {
    const bool is_registered = shown.var == "FORM_TYPE" || shown.var == "password";
    EXPECT_TRUE(is_registered || shown.type == FieldType::fixed || shown.var.starts_with("x-"))
        << shown.var;
  }
}

// REG-01: what is on file is shown, but for the password.
TEST(RegistrationForm, ShowsARegisteredUserWhatIsOnFile) {
  const Account known = account();
  const Element query = registration_query(romeo(), &known);
  EXPECT_NE(query.child("registered", ns::kRegister), nullptr);
  EXPECT_EQ(query.child("username", ns::kRegister)->text(), "romeo@example.net");
  EXPECT_EQ(query.child("password", ns::kRegister)->text(), "");
  const DataForm shown = *parse_data_form(*query.child("x", ns::kDataForms));
  EXPECT_EQ(shown.field("password")->value(), "");
  EXPECT_FALSE(shown.field("x-notices")->is_true());
  EXPECT_EQ(shown.field("x-allowed-peers")->joined(), "juliet@x");
  EXPECT_NE(to_xml(query).find("Your quota: Standard"), std::string::npos);
}

// REG-02: the form wins.
TEST(RegistrationSet, PrefersTheForm) {
  const auto submit = parse("<password>legacy password</password>" + form(""));
  ASSERT_TRUE(submit);
  EXPECT_EQ(submit->kind, Kind::form);
  EXPECT_FALSE(submit->password);
}

// REG-03
TEST(RegistrationSet, KnowsRemovalWhichStandsAlone) {
  EXPECT_EQ(parse("<remove/>")->kind, Kind::removal);
  for (const std::string more : {"<password>x</password><remove/>", "<remove/><username/>",
                                 "<remove/><x xmlns='urn:x'/>", "<remove/><remove/>"}) {
    EXPECT_EQ(text_of(parse(more), errors::bad_request), "") << more;
  }
  EXPECT_EQ(text_of(parse("<remove xmlns='urn:x'/>")), "Fill in the form or the password.");
}

// REG-02
TEST(RegistrationSet, ThatIsEmptyOrMalformedIsRefused) {
  EXPECT_EQ(text_of(parse("")), "Fill in the form or the password.");
  EXPECT_EQ(text_of(parse("<email>a@b</email>")), "Fill in the form or the password.");
  EXPECT_EQ(text_of(parse(form("", "what")), errors::bad_request), "");
}

TEST(RegistrationSet, CanBeCalledOff) {
  EXPECT_EQ(parse(form("", "cancel"))->kind, Kind::called_off);
}

// REG-02
TEST(RegistrationByForm, TakesAChosenPasswordAndSettings) {
  const auto wanted =
      change(form(field("FORM_TYPE", "jabber:iq:register") + field("password", "correct horse") +
                  field("x-notices", "0") + field("x-allowed-peers", "Juliet@Example.NET")));
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->password, Password::chosen);
  EXPECT_EQ(wanted->chosen.reveal(), "correct horse");
  EXPECT_FALSE(wanted->settings.wants_notices);
  EXPECT_EQ(wanted->settings.allowed_peers, std::vector{*Jid::parse("juliet@example.net")});
}

// REG-02
TEST(RegistrationByForm, LetsBellhopMakeThePasswordOfANewUser) {
  EXPECT_EQ(change(form(""))->password, Password::make);
  EXPECT_EQ(change(form(field("password", "")))->password, Password::make);
}

TEST(RegistrationByForm, KeepsThePasswordOfARegisteredUserUnlessANewOneIsWanted) {
  const Account known = account();
  EXPECT_EQ(change(form(""), &known)->password, Password::keep);
  EXPECT_EQ(change(form(field("x-new-password", "1")), &known)->password, Password::make);
  EXPECT_EQ(change(form(field("x-new-password", "1") + field("password", "correct horse")), &known)
                ->password,
            Password::chosen);
  EXPECT_EQ(change(form(""), &known)->settings, known.settings);
}

// REG-02
TEST(RegistrationByForm, RefusesWhatIsNotAsTheFormSays) {
  EXPECT_EQ(text_of(change(form(field("x-notices", "perhaps")))),
            "\"Tell me about my files by message\" must be true or false.");
  EXPECT_EQ(text_of(change(form(field("FORM_TYPE", "urn:other")))),
            "\"FORM_TYPE\" is not the one of this form.");
  EXPECT_EQ(text_of(change(form("", "result")), errors::bad_request),
            "This is not a submitted form.");
  std::string peers = "<field var='x-allowed-peers'>";
  for (std::size_t i = 0; i < kAllowedPeersMax; ++i) {
    peers += "<value>user" + std::to_string(i) + "@x</value>";
  }
  EXPECT_EQ(text_of(change(form(peers + "</field>"))), "accepted");
  EXPECT_EQ(text_of(change(form(peers + "<value>one@more</value></field>"))),
            "At most 100 addresses can be listed.");
}

// REG-02
TEST(RegistrationPassword, HasAMinimumAndAMaximum) {
  const std::string wrong = "The password must have at least 12 characters and at most 256 bytes.";
  const auto with = [](std::string_view password) {
    return text_of(change(form(field("password", password))));
  };
  EXPECT_EQ(with("12345678901"), wrong);
  EXPECT_EQ(with("123456789012"), "accepted");
  EXPECT_EQ(with("\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"), wrong) << "six characters";
  EXPECT_EQ(with(std::string(kPasswordBytesMax, 'x')), "accepted");
  EXPECT_EQ(with(std::string(kPasswordBytesMax + 1, 'x')), wrong);
  EXPECT_EQ(with("123456789012&#9;"), "The password must not have control characters.");
  EXPECT_EQ(with("romeo@example.net"), "The password must not be your name.");
}

// REG-02
TEST(RegistrationByFields, NeedsAPasswordOfANewUser) {
  const auto wanted = change("<username>romeo</username><password>correct horse</password>");
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->password, Password::chosen);
  EXPECT_EQ(wanted->chosen.reveal(), "correct horse");
  EXPECT_TRUE(wanted->settings.wants_notices);
  for (const std::string missing :
       {"<username>romeo</username>", "<username>romeo</username><password/>", "<password/>"}) {
    EXPECT_EQ(text_of(change(missing)),
              "The password must have at least 12 characters and at most 256 bytes.");
  }
  EXPECT_NE(text_of(change("<password>short</password>")), "accepted");
}

// XEP-0077 §3.3: an empty password changes nothing.
TEST(RegistrationByFields, KeepsSettingsAndAnEmptyPasswordOfARegisteredUser) {
  const Account known = account();
  const auto kept = change("<username>romeo@example.net</username><password/>", &known);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->password, Password::keep);
  EXPECT_EQ(kept->settings, known.settings);
}

// REG-02
TEST(RegistrationByFields, ConflictsWithAnotherName) {
  EXPECT_EQ(text_of(change("<username>juliet</username><password>correct horse</password>"),
                    errors::conflict),
            "Your name here is your XMPP address and cannot be chosen.");
}

TEST(MadePassword, IsShownAsAResult) {
  const Element query =
      made_password_query(romeo(), config::Secret("abcde"), "https://files.example.org/");
  const auto shown = parse_data_form(*query.child("x", ns::kDataForms));
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->type, FormType::result);
  EXPECT_EQ(shown->field("username")->value(), "romeo@example.net");
  EXPECT_EQ(shown->field("password")->value(), "abcde");
  EXPECT_EQ(shown->field("url")->value(), "https://files.example.org/");
  EXPECT_EQ(parse_data_form(*made_password_query(romeo(), config::Secret("x"), "").first_child())
                ->field("url"),
            nullptr);
}

}  // namespace
}  // namespace bellhop::xmpp
