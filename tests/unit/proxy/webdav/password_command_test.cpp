// A password for a folder, by a command.
#include "proxy/webdav/password_command.hpp"

#include "component/xmpp/errors.hpp"
#include "tests/unit/component/xmpp/command_user.hpp"
#include "tests/unit/proxy/webdav/served_folder.hpp"

namespace bellhop::webdav {
namespace {

using test::ServedFolder;
using xmpp::test::CommandUser;

class PasswordCommandTest : public ServedFolder {
 protected:
  PasswordCommandTest() {
    commands_.add(
        {.node = "password", .name = "", .may_run = [](const xmpp::Jid&) { return true; }},
        command_);
  }
  static base::Result<void> may_register(const xmpp::Jid& user) {
    if (user.domain() == "example.org") return {};
    return base::Error(xmpp::errors::forbidden);
  }
  CommandUser user(std::string jid = "alice@example.org/phone") {
    return CommandUser(
        commands_, [this](runtime::Task<xmpp::Reply> task) { return run(std::move(task)); },
        std::move(jid));
  }
  static std::string password(std::string_view chosen) {
    return CommandUser::field("password", chosen);
  }

  xmpp::Registration registration_{
      accounts(),
      {.may_register = may_register, .changes = {.burst = 3, .interval = std::chrono::hours(1)}}};
  PasswordCommand command_{registration_, "https://files.example.org"};
  xmpp::Commands commands_{"bellhop.example.org", {"en"}, {}};
};

TEST_F(PasswordCommandTest, MakesAnAccountWithAPasswordThatIsShown) {
  CommandUser alice = user();
  EXPECT_EQ(alice.begin("password").status(), "executing");
  EXPECT_TRUE(alice.has("https://files.example.org/dav/alice@example.org/"));
  EXPECT_FALSE(alice.has("ends to be valid"));
  EXPECT_EQ(ask("GET", "").status, 401);
  EXPECT_EQ(alice.step("complete", password("")).status(), "completed");
  EXPECT_EQ(alice.form().field("username")->value(), "alice@example.org");
  EXPECT_EQ(alice.form().field("url")->value(), "https://files.example.org/dav/alice@example.org/");
  password_ = alice.form().field("password")->value();
  EXPECT_EQ(ask("GET", "").status, 200);
}

TEST_F(PasswordCommandTest, ChangesThePasswordAndNothingElse) {
  xmpp::AccountSettings settings;
  settings.wants_notices = false;
  EXPECT_TRUE(run(accounts().add(jid(), config::Secret(std::string(test::kPassword)), settings)));
  CommandUser alice = user();
  alice.begin("password");
  EXPECT_TRUE(alice.has("The present password ends to be valid."));
  EXPECT_EQ(alice.step("complete", password("another password")).status(), "completed");
  EXPECT_FALSE(alice.has("another password"));
  EXPECT_EQ(ask("GET", "").status, 401);
  password_ = "another password";
  EXPECT_EQ(ask("GET", "").status, 200);
  EXPECT_EQ(run(accounts().find(jid())).value()->settings, settings);
}

// ADH-07
TEST_F(PasswordCommandTest, LetsABadPasswordBeTypedAgainAndRepeatsItNowhere) {
  CommandUser alice = user();
  alice.begin("password");
  for (const char* bad : {"short", "alice@example.org"}) {
    EXPECT_EQ(alice.step("complete", password(bad)).status(), "bad-payload") << bad;
    EXPECT_TRUE(alice.refusal().hides_request);
    EXPECT_TRUE(alice.refusal().text.starts_with("The password must"));
  }
  EXPECT_FALSE(run(accounts().find(jid())).value().has_value());
  EXPECT_EQ(alice.step("complete", password("long enough for all")).status(), "completed");
}

TEST_F(PasswordCommandTest, ObeysTheRulesOfRegistration) {
  CommandUser eve = user("eve@elsewhere.example/x");
  eve.begin("password");
  EXPECT_EQ(eve.step("complete", password("")).status(), "forbidden");
  CommandUser alice = user();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(alice.begin("password").step("complete", password("")).status(), "completed");
  }
  EXPECT_EQ(alice.begin("password").step("complete", password("")).status(), "resource-constraint");
  EXPECT_TRUE(alice.refusal().hides_request);
}

}  // namespace
}  // namespace bellhop::webdav
