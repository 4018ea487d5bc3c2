// One question for all requests of one download, and by whom it is put.
#include "proxy/webdav/confirmations.hpp"

#include <gtest/gtest.h>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::webdav {
namespace {

using namespace std::chrono_literals;
using base::Result;

// A component, what it has sent, and whether it has a stream.
struct Upstream {
  Upstream(runtime::Executor executor, std::string_view domain)
      : jid(std::string(domain)),
        requests(executor, [this](const xmpp::Element& stanza) { sent.push_back(stanza); }),
        client(executor, xmpp::Jid::parse(domain).value(), requests,
               [this](const xmpp::Element& stanza) { sent.push_back(stanza); },
               {.per_user = {8, 1h}, .per_address = {30, 1h}}) {}

  // From who was asked last.
  void answer(std::string_view type, std::string_view payload = "") {
    std::string xml = "<iq id='" + std::string(sent.back().attribute("id")) + "' type='";
    xml.append(type).append("' from='").append(sent.back().attribute("to")).append("' to='");
    xml.append(jid).append("'>").append(payload).append("</iq>");
    EXPECT_TRUE(requests.take(xmpp::test::parse_element(xml)));
  }

  std::string jid;
  std::vector<xmpp::Element> sent;
  bool is_attached = true;
  xmpp::IqClient requests;
  xmpp::HttpAuthClient client;
};

struct Asked {
  std::shared_ptr<runtime::test::Ending> ending;
  Result<void> outcome;
};

class ConfirmationsTest : public ::testing::Test {
 protected:
  ConfirmationsTest() {
    add(net_, "example.net");
    add(org_, "example.org");
  }
  ~ConfirmationsTest() override {
    net_.client.stop();
    org_.client.stop();
    runtime::test::run(context_, confirmations_.stop());
    settle();
  }

  void add(Upstream& upstream, std::string parent) {
    confirmations_.add({.parent_domain = std::move(parent),
                        .client = upstream.client,
                        .is_attached = [&upstream] { return upstream.is_attached; }});
  }
  static Claim claim(std::string_view user = "bob@example.org/phone",
                     std::string_view transaction = "t1",
                     std::string_view requester = "192.0.2.1") {
    return {xmpp::Jid::parse(user).value(), std::string(transaction),
            "https://files.example.org/dav/alice@example.org/a",
            base::IpAddress::parse(requester).value()};
  }
  std::shared_ptr<Asked> ask(Claim claim, std::string method = "GET") {
    auto body = [](Confirmations& all, Claim asked, std::string how,
                   std::shared_ptr<Asked> result) -> runtime::Task<> {
      result->outcome = co_await all.ask(std::move(asked), std::move(how), "alice@example.org");
    };
    auto asked = std::make_shared<Asked>();
    asked->ending = runtime::test::start(
        context_, body(confirmations_, std::move(claim), std::move(method), asked));
    settle();
    return asked;
  }
  std::string outcome(const std::shared_ptr<Asked>& asked) {
    settle();
    if (!asked->ending->is_done) return "waits";
    return asked->outcome ? "yes" : std::string(asked->outcome.error().kind().name);
  }
  // "known", "unknown", or why not.
  std::string admit(const Claim& claim) {
    const auto known = confirmations_.admit(claim, base::Clock::now());
    if (!known) return std::string(known.error().kind().name);
    return *known ? "known" : "unknown";
  }
  void settle() {
    context_.restart();
    context_.poll();
  }

  boost::asio::io_context context_{1};
  runtime::test::TempLog log_;
  Upstream net_{context_.get_executor(), "bellhop.example.net"};
  Upstream org_{context_.get_executor(), "bellhop.example.org"};
  Confirmations confirmations_{context_.get_executor(), log_.log(), 1h};
};

// HVX-03, HVX-04
TEST_F(ConfirmationsTest, AskOnceForAllRequestsOfADownload) {
  EXPECT_EQ(admit(claim()), "unknown");
  const auto head = ask(claim(), "HEAD");
  const auto get = ask(claim());
  ASSERT_EQ(org_.sent.size(), 1U);
  EXPECT_EQ(outcome(head), "waits");
  org_.answer("result");
  EXPECT_EQ(outcome(head), "yes");
  EXPECT_EQ(outcome(get), "yes");
  EXPECT_EQ(admit(claim()), "known");
  EXPECT_EQ(admit(claim("bob@example.org/phone", "t2")), "unknown");
  EXPECT_TRUE(log_.has("event=guest_asked guest=bob@example.org/phone owner=alice@example.org"));
  EXPECT_TRUE(log_.has("outcome=confirmed"));
}

// HVX-04
TEST_F(ConfirmationsTest, TakeAnyErrorOfTheUserForANo) {
  for (const char* condition : {"not-authorized", "service-unavailable", "policy-violation"}) {
    const auto asked = ask(claim());
    org_.answer("error", "<error type='cancel'><" + std::string(condition) +
                             " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
    EXPECT_EQ(outcome(asked), "dav-not-confirmed") << condition;
  }
  EXPECT_EQ(admit(claim()), "unknown");
}

TEST_F(ConfirmationsTest, AskByTheComponentOfTheUsersServerElseByTheFirst) {
  const auto own = ask(claim("bob@example.org/phone"));
  EXPECT_EQ(org_.sent.size(), 1U);
  const auto first = ask(claim("bob@elsewhere.example/phone"));
  ASSERT_EQ(net_.sent.size(), 1U);
  EXPECT_EQ(net_.sent.back().attribute("from"), "bellhop.example.net");
  net_.is_attached = false;
  EXPECT_EQ(admit(claim("bob@elsewhere.example/phone")), "dav-cannot-ask");
  EXPECT_EQ(admit(claim("carol@example.org/phone")), "unknown");
}

// HVX-05
TEST_F(ConfirmationsTest, TakeSoManyUnknownClaimsOfAnAddressAndNoMore) {
  for (std::size_t i = 0; i < Confirmations::kClaimsOfAddress.burst; ++i) {
    EXPECT_EQ(admit(claim()), "unknown");
  }
  EXPECT_EQ(admit(claim()), "dav-too-many-questions");
  EXPECT_EQ(admit(claim("bob@example.org/phone", "t1", "192.0.2.2")), "unknown");
}

// HVX-05
TEST_F(ConfirmationsTest, PassOnThatAUserIsAskedTooOften) {
  std::vector<std::shared_ptr<Asked>> asked;
  for (int i = 0; i < 9; ++i) {
    asked.push_back(ask(claim("bob@example.org/phone", std::to_string(i))));
  }
  EXPECT_EQ(outcome(asked[7]), "waits");
  EXPECT_EQ(outcome(asked[8]), "dav-too-many-questions");
}

TEST_F(ConfirmationsTest, LetSoManyWaitForOneAnswer) {
  std::vector<std::shared_ptr<Asked>> asked;
  for (std::size_t i = 0; i <= Confirmations::kWaitingMax; ++i) asked.push_back(ask(claim()));
  EXPECT_EQ(outcome(asked.back()), "dav-too-many-questions");
  org_.answer("result");
  EXPECT_EQ(outcome(asked.front()), "yes");
}

TEST_F(ConfirmationsTest, PutNothingThatCannotBeShown) {
  EXPECT_EQ(outcome(ask(claim("bob@example.org", ""))), "dav-not-confirmed");
  EXPECT_TRUE(org_.sent.empty());
}

TEST_F(ConfirmationsTest, EndWithTheirQuestionsUnanswered) {
  const auto asked = ask(claim());
  runtime::test::run(context_, confirmations_.stop());
  EXPECT_NE(outcome(asked), "waits");
  EXPECT_NE(outcome(asked), "yes");
  EXPECT_EQ(outcome(ask(claim("bob@example.org", "t2"))), "dav-too-many-questions");
}

}  // namespace
}  // namespace bellhop::webdav
