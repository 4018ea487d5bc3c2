// Users are asked whether a request is theirs: by which way, whose answer counts, what is too much.
#include "component/xmpp/http_auth.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

using namespace std::chrono_literals;
using base::Deadline;
using runtime::test::run_until;

struct Asked {
  std::shared_ptr<runtime::test::Ending> ending;
  base::Result<void> outcome;
};

class HttpAuthTest : public ::testing::Test {
 protected:
  static Jid jid(std::string_view text) { return *Jid::parse(text); }

  // Starts a question; it waits if there is no reason not to.
  std::shared_ptr<Asked> ask(std::string_view user, std::string_view address = "192.0.2.1",
                             base::Duration patience = 1h) {
    auto body = [](HttpAuthClient& client, HttpQuestion question, Deadline deadline,
                   std::shared_ptr<Asked> asked) -> runtime::Task<> {
      asked->outcome = co_await client.ask(std::move(question), deadline);
    };
    auto asked = std::make_shared<Asked>();
    HttpQuestion question(jid(user), *make_confirm("a1", "GET", "https://files.example.org/x"),
                          *base::IpAddress::parse(address));
    asked->ending = runtime::test::start(
        context_, body(client_, std::move(question), Deadline::after(patience), asked));
    settle();
    return asked;
  }
  void settle() {
    context_.restart();
    context_.poll();
  }
  // "waits", "yes", or why not.
  std::string outcome(const std::shared_ptr<Asked>& asked) {
    settle();
    if (!asked->ending->is_done) return "waits";
    return asked->outcome ? "yes" : std::string(asked->outcome.error().kind().name);
  }
  // A message with the thread of what was sent last, and that content.
  bool answer(std::string_view from, std::string_view content, std::string_view type = "normal",
              std::string_view thread = "") {
    std::string xml = "<message type='";
    xml.append(type).append("' from='").append(from).append("' to='bellhop.example.org'><thread>");
    xml.append(thread.empty() ? thread_of(sent_.back()) : thread).append("</thread>");
    const Element message = test::parse_element(xml.append(content).append("</message>"));
    return client_.take(message, *parse_addresses(message, "bellhop.example.org"));
  }
  bool answer_iq(std::string_view type, std::string_view from) {
    std::string xml = "<iq id='" + std::string(sent_.back().attribute("id")) + "' type='";
    xml.append(type).append("' from='").append(from).append("' to='bellhop.example.org'/>");
    return iqs_.take(test::parse_element(xml));
  }

  static constexpr std::string_view kConfirm =
      "<confirm xmlns='http://jabber.org/protocol/http-auth' id='a1' method='GET' "
      "url='https://files.example.org/x'/>";

  boost::asio::io_context context_{1};
  std::vector<Element> sent_;
  IqClient iqs_{context_.get_executor(), [this](const Element& e) { sent_.push_back(e); }};
  HttpAuthClient client_{context_.get_executor(),
                         jid("bellhop.example.org"),
                         iqs_,
                         [this](const Element& e) { sent_.push_back(e); },
                         {.per_user = {2, 1h}, .per_address = {70, 1h}}};
};

// HVX-06
TEST_F(HttpAuthTest, IsAnnounced) {
  DiscoInfo info;
  HttpAuthClient::announce(info);
  EXPECT_TRUE(info.has_feature("http://jabber.org/protocol/http-auth"));
}

// HVX-03, HVX-04
TEST_F(HttpAuthTest, AsksAFullJidByIq) {
  const auto asked = ask("romeo@example.net/o");
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].name(), "iq");
  EXPECT_EQ(sent_[0].attribute("type"), "get");
  EXPECT_EQ(sent_[0].attribute("to"), "romeo@example.net/o");
  EXPECT_EQ(sent_[0].first_child()->attribute("id"), "a1");
  EXPECT_FALSE(answer_iq("result", "romeo@example.net/other"));
  EXPECT_FALSE(answer_iq("result", "romeo@example.net"));
  EXPECT_EQ(outcome(asked), "waits");
  EXPECT_TRUE(answer_iq("result", "romeo@example.net/o"));
  EXPECT_EQ(outcome(asked), "yes");
}

// HVX-04
TEST_F(HttpAuthTest, TakesAnIqErrorForNo) {
  const auto asked = ask("romeo@example.net/o");
  EXPECT_TRUE(answer_iq("error", "romeo@example.net/o"));
  EXPECT_EQ(outcome(asked), "undefined-condition");
}

// HVX-03, HVX-04: any resource of the user may answer, with the same thread and confirm.
TEST_F(HttpAuthTest, AsksABareJidByMessage) {
  const auto asked = ask("romeo@example.net");
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].name(), "message");
  EXPECT_EQ(sent_[0].attribute("type"), "normal");
  EXPECT_EQ(thread_of(sent_[0]).size(), 32U);
  EXPECT_FALSE(answer("romeo@example.net/o", kConfirm, "normal", "another"));
  EXPECT_FALSE(answer("mallory@example.net/o", kConfirm));
  EXPECT_FALSE(answer("example.net", kConfirm));
  EXPECT_FALSE(answer("romeo@example.net/o", ""));
  EXPECT_EQ(outcome(asked), "waits");
  EXPECT_TRUE(answer("romeo@example.net/o", kConfirm));
  EXPECT_EQ(outcome(asked), "yes");
  EXPECT_FALSE(answer("romeo@example.net/o", kConfirm)) << "an answer counts once";
  EXPECT_EQ(client_.waiting(), 0U);
}

// HVX-04
TEST_F(HttpAuthTest, TakesAMessageErrorForNo) {
  const auto asked = ask("romeo@example.net");
  EXPECT_FALSE(answer("mallory@example.net/o", "", "error"));
  EXPECT_TRUE(answer("romeo@example.net/o",
                     "<error type='auth'><not-authorized "
                     "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
                     "error"));
  EXPECT_EQ(outcome(asked), "not-authorized");
}

// HVX-04
TEST_F(HttpAuthTest, EndsWhenNobodyAnswersInTime) {
  const auto by_message = ask("romeo@example.net", "192.0.2.1", 1ms);
  const auto by_iq = ask("juliet@example.net/o", "192.0.2.1", 1ms);
  EXPECT_TRUE(
      run_until(context_, [&] { return by_message->ending->is_done && by_iq->ending->is_done; }));
  EXPECT_EQ(outcome(by_message), "remote-server-timeout");
  EXPECT_EQ(outcome(by_iq), "remote-server-timeout");
  EXPECT_EQ(client_.waiting(), 0U);
}

TEST_F(HttpAuthTest, AsksUsersOnly) {
  EXPECT_EQ(outcome(ask("example.net")), "bad-request");
  EXPECT_EQ(outcome(ask("example.net/o")), "bad-request");
  EXPECT_TRUE(sent_.empty());
}

// HVX-05: whatever the resource.
TEST_F(HttpAuthTest, DoesNotBotherAUserTooOften) {
  ask("romeo@example.net/a");
  ask("romeo@example.net/b");
  EXPECT_EQ(outcome(ask("romeo@example.net")), "asked-too-often");
  EXPECT_EQ(outcome(ask("juliet@example.net")), "waits");
  client_.stop();
  iqs_.stop();
  settle();
}

// HVX-05: of one subscriber, and without using up what others may ask a user.
TEST_F(HttpAuthTest, LetsAnAddressNotAskTooOften) {
  HttpAuthClient client(context_.get_executor(), jid("bellhop.example.org"), iqs_,
                        [](const Element&) {}, {.per_user = {1, 1h}, .per_address = {1, 1h}});
  const auto ask_from = [&](std::string_view user, std::string_view address) {
    HttpQuestion question(jid(user), *make_confirm("a1", "GET", "https://files.example.org/x"),
                          *base::IpAddress::parse(address));
    return runtime::test::run(context_, client.ask(std::move(question), Deadline::after(1ms)))
        .error()
        .kind()
        .name;
  };
  EXPECT_EQ(ask_from("a@x", "2001:db8::1"), "remote-server-timeout");
  EXPECT_EQ(ask_from("b@x", "2001:db8::2"), "asked-too-often");
  EXPECT_EQ(ask_from("b@x", "192.0.2.1"), "remote-server-timeout");
}

TEST_F(HttpAuthTest, LetsOnlySoManyQuestionsWait) {
  std::vector<std::shared_ptr<Asked>> waiting;
  for (std::size_t i = 0; i < HttpAuthClient::kQuestionsMax; ++i) {
    waiting.push_back(ask("user" + std::to_string(i) + (i % 2 == 0 ? "@x" : "@x/o")));
  }
  EXPECT_EQ(client_.waiting(), HttpAuthClient::kQuestionsMax);
  EXPECT_EQ(outcome(ask("romeo@x")), "asked-too-often");
  client_.stop();
  iqs_.stop();
  for (const auto& asked : waiting) EXPECT_EQ(outcome(asked), "interrupted");
  EXPECT_EQ(outcome(ask("romeo@x")), "interrupted");
}

}  // namespace
}  // namespace bellhop::xmpp
