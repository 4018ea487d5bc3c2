// Requests of our own: who may answer them, and every way in which they end.
#include "component/xmpp/iq_client.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

using namespace std::chrono_literals;
using base::Deadline;
using runtime::test::run_until;

class IqClientTest : public ::testing::Test {
 protected:
  static Jid jid(std::string_view text) { return *Jid::parse(text); }

  static IqQuestion question(std::string_view to = "example.org") {
    return {IqType::get, Addresses{jid("bellhop.example.org"), jid(to)},
            Element("query", ns::kDiscoItems)};
  }

  // Asks, and puts the answers where the test finds them.
  void ask(std::vector<IqQuestion> questions, base::Duration patience = 1h) {
    auto body = [](IqClientTest& test, std::vector<IqQuestion> asked,
                   Deadline deadline) -> runtime::Task<> {
      test.answers_ = co_await test.client_.ask_all(std::move(asked), deadline);
    };
    ending_ = runtime::test::start(context_,
                                   body(*this, std::move(questions), Deadline::after(patience)));
    settle();
  }
  void ask_one(base::Duration patience = 1h) {
    std::vector<IqQuestion> questions;
    questions.push_back(question());
    ask(std::move(questions), patience);
  }

  void settle() {
    context_.restart();
    context_.poll();
  }
  [[nodiscard]] bool is_answered() {
    settle();
    return ending_->is_done;
  }

  // An answer to what was sent as number `index`.
  bool answer(std::size_t index, std::string_view type, std::string_view payload = "",
              std::string_view from = "example.org", std::string_view to = "bellhop.example.org") {
    std::string xml = "<iq id='" + std::string(sent_.at(index).attribute("id")) + "' type='";
    xml.append(type).append("' from='").append(from).append("' to='").append(to).append("'>");
    return client_.take(test::parse_element(xml.append(payload).append("</iq>")));
  }

  boost::asio::io_context context_{1};
  std::vector<Element> sent_;
  IqClient client_{context_.get_executor(),
                   [this](const Element& stanza) { sent_.push_back(stanza); }};
  std::shared_ptr<runtime::test::Ending> ending_;
  std::vector<IqAnswer> answers_;
};

TEST_F(IqClientTest, SendsTheQuestionAndBringsThePayload) {
  ask_one();
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].name(), "iq");
  EXPECT_EQ(sent_[0].attribute("type"), "get");
  EXPECT_EQ(sent_[0].attribute("to"), "example.org");
  EXPECT_EQ(sent_[0].attribute("from"), "bellhop.example.org");
  ASSERT_NE(sent_[0].first_child(), nullptr);
  EXPECT_TRUE(sent_[0].first_child()->is("query", ns::kDiscoItems));
  EXPECT_FALSE(is_answered());
  EXPECT_TRUE(answer(0, "result", "<query xmlns='urn:x' node='n'/>"));
  ASSERT_TRUE(is_answered());
  ASSERT_TRUE(answers_.at(0) && *answers_[0]);
  EXPECT_EQ((*answers_[0])->attribute("node"), "n");
  EXPECT_EQ(client_.in_flight(), 0U);
}

TEST_F(IqClientTest, AResultMayBeEmpty) {
  ask_one();
  EXPECT_TRUE(answer(0, "result"));
  ASSERT_TRUE(is_answered());
  ASSERT_TRUE(answers_.at(0));
  EXPECT_FALSE(answers_[0]->has_value());
}

TEST_F(IqClientTest, AnErrorIsTheRowOfItsCondition) {
  ask_one();
  EXPECT_TRUE(answer(0, "error",
                     "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                     "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>go away</text></error>"));
  ASSERT_TRUE(is_answered());
  ASSERT_FALSE(answers_.at(0));
  EXPECT_EQ(answers_[0].error().kind().condition, "forbidden");
  EXPECT_EQ(answers_[0].error().detail(), "go away");
}

TEST_F(IqClientTest, AnErrorWithoutAKnownConditionIsAnErrorToo) {
  ask_one();
  EXPECT_TRUE(answer(0, "error", "<error type='cancel'><pondering xmlns='urn:x'/></error>"));
  ASSERT_TRUE(is_answered());
  ASSERT_FALSE(answers_.at(0));
  EXPECT_EQ(answers_[0].error().kind().condition, "undefined-condition");
}

TEST_F(IqClientTest, OnlyWhoWasAskedMayAnswer) {
  ask_one();
  EXPECT_FALSE(answer(0, "result", "", "mallory@example.org/x"));
  EXPECT_FALSE(answer(0, "result", "", "example.org", "other.example.org"));
  EXPECT_FALSE(answer(0, "get"));
  EXPECT_FALSE(client_.take(test::parse_element(
      "<iq id='never' type='result' from='example.org' to='bellhop.example.org'/>")));
  EXPECT_FALSE(client_.take(test::parse_element(
      "<message id='ask-1' type='error' from='example.org' to='bellhop.example.org'/>")));
  EXPECT_FALSE(is_answered());
  EXPECT_TRUE(answer(0, "result"));
  EXPECT_TRUE(is_answered());
  EXPECT_FALSE(answer(0, "result")) << "an answer counts once";
}

TEST_F(IqClientTest, SilenceEndsAtTheDeadline) {
  ask_one(1ms);
  EXPECT_TRUE(run_until(context_, [&] { return ending_->is_done; }));
  ASSERT_FALSE(answers_.at(0));
  EXPECT_TRUE(answers_[0].error().is(errors::remote_server_timeout));
  EXPECT_EQ(client_.in_flight(), 0U);
  EXPECT_FALSE(answer(0, "result")) << "too late";
}

TEST_F(IqClientTest, AnswersComeInTheOrderOfTheQuestions) {
  std::vector<IqQuestion> questions;
  questions.push_back(question("a.example.org"));
  questions.push_back(question("b.example.org"));
  ask(std::move(questions));
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_NE(sent_[0].attribute("id"), sent_[1].attribute("id"));
  EXPECT_TRUE(answer(1, "result", "<b xmlns='urn:x'/>", "b.example.org"));
  EXPECT_FALSE(is_answered());
  EXPECT_TRUE(answer(0, "result", "<a xmlns='urn:x'/>", "a.example.org"));
  ASSERT_TRUE(is_answered());
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ((*answers_[0])->name(), "a");
  EXPECT_EQ((*answers_[1])->name(), "b");
}

TEST_F(IqClientTest, NoQuestionsNeedNoAnswers) {
  ask({});
  EXPECT_TRUE(is_answered());
  EXPECT_TRUE(answers_.empty());
}

TEST_F(IqClientTest, TooManyAreRefusedAtOnce) {
  std::vector<IqQuestion> questions;
  for (std::size_t i = 0; i <= IqClient::kInFlightMax; ++i) questions.push_back(question());
  ask(std::move(questions));
  EXPECT_EQ(sent_.size(), IqClient::kInFlightMax);
  EXPECT_EQ(client_.in_flight(), IqClient::kInFlightMax);
  for (std::size_t i = 0; i < IqClient::kInFlightMax; ++i) EXPECT_TRUE(answer(i, "result"));
  ASSERT_TRUE(is_answered());
  EXPECT_TRUE(answers_.front());
  ASSERT_FALSE(answers_.back());
  EXPECT_TRUE(answers_.back().error().is(errors::resource_constraint));
}

TEST_F(IqClientTest, StopEndsWhatWaitsAndRefusesMore) {
  ask_one();
  client_.stop();
  ASSERT_TRUE(is_answered());
  EXPECT_TRUE(answers_.at(0).error().is(errors::interrupted));
  ask_one();
  ASSERT_TRUE(is_answered());
  EXPECT_TRUE(answers_.at(0).error().is(errors::interrupted));
  EXPECT_EQ(sent_.size(), 1U);
}

}  // namespace
}  // namespace bellhop::xmpp
