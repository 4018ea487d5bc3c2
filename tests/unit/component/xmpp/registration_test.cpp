// Registration as users see it, through a real router, with accounts in memory.
#include "component/xmpp/registration.hpp"

#include <gtest/gtest.h>

#include <map>

#include "component/xmpp/errors.hpp"
#include "tests/unit/component/xmpp/routed.hpp"

namespace bellhop::xmpp {
namespace {

using test::condition_of;

// Accounts in memory, with their passwords where a test can look.
class MemoryAccounts final : public Accounts {
 public:
  runtime::Task<base::Result<std::optional<Account>>> find(Jid user) override {
    const auto row = rows_.find(user.text());
    if (row == rows_.end()) co_return base::Result<std::optional<Account>>(std::nullopt);
    co_return std::optional<Account>(row->second.account);
  }
  runtime::Task<base::Result<void>> add(Jid user, config::Secret password,
                                        AccountSettings settings) override {
    if (is_taken_) co_return base::Error(errors::conflict);
    Row row;
    row.account.settings = std::move(settings);
    row.password = password.reveal();
    rows_.emplace(user.text(), std::move(row));
    co_return base::Result<void>();
  }
  runtime::Task<base::Result<void>> change(Jid user, NewPassword password,
                                           AccountSettings settings) override {
    Row& row = rows_.at(user.text());
    row.account.settings = std::move(settings);
    if (password) row.password = password->reveal();
    co_return base::Result<void>();
  }
  runtime::Task<base::Result<void>> remove(Jid user) override {
    if (rows_.erase(user.text()) == 0) co_return base::Error(errors::registration_required);
    co_return base::Result<void>();
  }

  struct Row {
    Account account;
    std::string password;
  };
  std::map<std::string, Row> rows_;
  bool is_taken_ = false;  // somebody else has the name
};

class RegistrationTest : public ::testing::Test {
 protected:
  RegistrationTest() { registration_.attach(routed_.router, info_); }
  ~RegistrationTest() override {
    const auto ending = runtime::test::start(routed_.context, routed_.router.stop());
    EXPECT_TRUE(runtime::test::run_until(routed_.context, [&] { return ending->is_done; }));
  }

  static RegistrationPolicy policy() {
    return {.may_register = [](const Jid& jid) -> base::Result<void> {
              if (jid.domain() == "example.net") return {};
              return base::Error(errors::forbidden, "not a user of ours");
            },
            .address = "https://files.example.org/dav/",
            .changes = {.burst = 4, .interval = std::chrono::hours(1)}};
  }
  Element ask(std::string_view type, std::string_view content,
              std::string_view from = "romeo@example.net/Orchard") {
    std::string xml = "<query xmlns='jabber:iq:register'>";
    Element request = test::request(type, xml.append(content).append("</query>"));
    request.set("from", from);
    routed_.sent.clear();
    routed_.router.route(std::move(request));
    routed_.settle();
    EXPECT_EQ(routed_.sent.size(), 1U);
    return routed_.sent.empty() ? Element("none", "") : routed_.sent.back();
  }
  static std::string form(std::string_view var, std::string_view value) {
    std::string xml = "<x xmlns='jabber:x:data' type='submit'><field var='";
    return xml.append(var).append("'><value>").append(value).append("</value></field></x>");
  }
  // The field of the form in an answer.
  static std::string shown(const Element& answer, std::string_view var) {
    const Element* query = answer.first_child();
    if (query == nullptr || query->child("x", ns::kDataForms) == nullptr) return "no form";
    const DataForm read = parse_data_form(*query->child("x", ns::kDataForms)).value();
    return read.field(var) == nullptr ? "no field" : std::string(read.field(var)->value());
  }

  test::Routed routed_;
  DiscoInfo info_;
  MemoryAccounts accounts_;
  Registration registration_{accounts_, policy()};
};

// REG-06
TEST_F(RegistrationTest, IsAnnouncedWhereItIsOn) {
  EXPECT_TRUE(info_.has_feature("jabber:iq:register"));
}

// REG-01, REG-06: a router without it.
TEST_F(RegistrationTest, IsUnavailableWhereItIsOff) {
  test::Routed other;
  EXPECT_EQ(condition_of(other.get("<query xmlns='jabber:iq:register'/>")),
            "cancel service-unavailable");
}

// REG-01
TEST_F(RegistrationTest, ShowsTheFormAndAfterwardsWhatIsOnFile) {
  const Element fresh = ask("get", "");
  EXPECT_EQ(fresh.first_child()->child("registered", ns::kRegister), nullptr);
  EXPECT_EQ(shown(fresh, "x-notices"), "1");
  ask("set", form("x-notices", "0"));
  const Element known = ask("get", "", "romeo@example.net/elsewhere");
  EXPECT_NE(known.first_child()->child("registered", ns::kRegister), nullptr);
  EXPECT_EQ(shown(known, "x-notices"), "0");
}

// REG-02
TEST_F(RegistrationTest, MakesAPasswordAndShowsItOnce) {
  const Element answer = ask("set", form("password", ""));
  EXPECT_EQ(answer.attribute("type"), "result");
  const std::string password = shown(answer, "password");
  EXPECT_EQ(password.size(), 23U);
  EXPECT_EQ(accounts_.rows_.at("romeo@example.net").password, password);
  EXPECT_EQ(shown(answer, "username"), "romeo@example.net");
  EXPECT_EQ(shown(answer, "url"), "https://files.example.org/dav/");
  EXPECT_EQ(shown(ask("get", ""), "password"), "");
}

// REG-02
TEST_F(RegistrationTest, TakesAChosenPasswordByFormAndByField) {
  const Element by_form = ask("set", form("password", "correct horse"));
  EXPECT_EQ(by_form.attribute("type"), "result");
  EXPECT_EQ(by_form.first_child(), nullptr);
  EXPECT_EQ(accounts_.rows_.at("romeo@example.net").password, "correct horse");
  EXPECT_EQ(
      ask("set", "<username>romeo</username><password>battery staple</password>").attribute("type"),
      "result");
  EXPECT_EQ(accounts_.rows_.at("romeo@example.net").password, "battery staple");
}

// REG-02: XEP-0077 §3.3.
TEST_F(RegistrationTest, SendsNoPasswordBackInErrors) {
  const Element answer = ask("set", "<password>short</password>");
  EXPECT_EQ(condition_of(answer), "modify not-acceptable");
  EXPECT_EQ(test::written(answer).find("short"), std::string::npos);
  accounts_.is_taken_ = true;
  const Element taken = ask("set", "<password>correct horse</password>");
  EXPECT_EQ(condition_of(taken), "cancel conflict");
  EXPECT_EQ(test::written(taken).find("correct horse"), std::string::npos);
}

TEST_F(RegistrationTest, KeepsThePasswordWhenOnlySettingsChange) {
  ask("set", form("password", "correct horse"));
  EXPECT_EQ(ask("set", form("x-notices", "0")).first_child(), nullptr);
  const auto& row = accounts_.rows_.at("romeo@example.net");
  EXPECT_EQ(row.password, "correct horse");
  EXPECT_FALSE(row.account.settings.wants_notices);
}

TEST_F(RegistrationTest, MakesANewPasswordOnRequest) {
  ask("set", form("password", "correct horse"));
  const Element answer = ask("set", form("x-new-password", "1"));
  EXPECT_EQ(accounts_.rows_.at("romeo@example.net").password, shown(answer, "password"));
  EXPECT_NE(shown(answer, "password"), "correct horse");
}

// REG-03: keyed by the bare JID.
TEST_F(RegistrationTest, IsRemovedFromAnyResource) {
  ask("set", form("password", ""));
  const Element removed = ask("set", "<remove/>", "romeo@example.net/elsewhere");
  EXPECT_EQ(removed.attribute("type"), "result");
  EXPECT_EQ(removed.first_child(), nullptr);
  EXPECT_TRUE(accounts_.rows_.empty());
  EXPECT_EQ(condition_of(ask("set", "<remove/>")), "auth registration-required");
  EXPECT_EQ(condition_of(ask("set", "<remove/><password/>")), "modify bad-request");
}

TEST_F(RegistrationTest, DoesNothingWhenTheFormIsCalledOff) {
  EXPECT_EQ(ask("set", "<x xmlns='jabber:x:data' type='cancel'/>").attribute("type"), "result");
  EXPECT_TRUE(accounts_.rows_.empty());
}

TEST_F(RegistrationTest, IsForWhoMayUseTheService) {
  EXPECT_EQ(condition_of(ask("get", "", "mallory@elsewhere.example")), "auth forbidden");
  EXPECT_EQ(condition_of(ask("set", form("password", ""), "mallory@elsewhere.example")),
            "auth forbidden");
  EXPECT_TRUE(accounts_.rows_.empty());
}

// STZ-12
// A command asks for the same.
TEST_F(RegistrationTest, SetsPasswordsForOthersThanStanzas) {
  const Jid romeo = Jid::parse("romeo@example.net/Orchard").value();
  const auto set = [&](std::string_view chosen) {
    Decision<config::Secret> outcome = config::Secret();
    auto keep = [](runtime::Task<Decision<config::Secret>> task,
                   Decision<config::Secret>& to) -> runtime::Task<> {
      to = co_await std::move(task);
    };
    runtime::test::run(
        routed_.context,
        keep(registration_.set_password(romeo, config::Secret(std::string(chosen))), outcome));
    return outcome;
  };
  const auto made = set("");
  ASSERT_TRUE(made);
  EXPECT_EQ(accounts_.rows_.at("romeo@example.net").password, made->reveal());
  EXPECT_TRUE(runtime::test::run(routed_.context, registration_.is_registered(romeo)).value());
  EXPECT_TRUE(set("a password of mine"));
  EXPECT_EQ(accounts_.rows_.at("romeo@example.net").password, "a password of mine");
  const auto refused = set("short");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(errors::not_acceptable));
  EXPECT_TRUE(refused.error().extras().hides_request);
  EXPECT_EQ(accounts_.rows_.at("romeo@example.net").password, "a password of mine");
}

TEST_F(RegistrationTest, IsNotChangedTooOften) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(condition_of(ask("set", form("password", ""))), "none");
  EXPECT_EQ(condition_of(ask("set", form("password", ""))), "wait resource-constraint");
  EXPECT_EQ(condition_of(ask("set", form("password", ""), "romeo@example.net/other")),
            "wait resource-constraint");
  EXPECT_EQ(condition_of(ask("set", form("password", ""), "juliet@example.net/o")), "none");
}

}  // namespace
}  // namespace bellhop::xmpp
