// Stream errors: what they mean for the next attempt, and how ours are written.
#include "component/xmpp/stream_error.hpp"

#include <gtest/gtest.h>

#include <set>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

using enum StreamErrorAction;

StreamError received(std::string_view content) {
  const Element error =
      test::parse_element("<stream:error>" + std::string(content) + "</stream:error>");
  EXPECT_TRUE(error.is("error", ns::kStreams));
  return read_stream_error(error);
}

std::string condition(std::string_view name, std::string_view text = {}) {
  Element element(std::string(name), ns::kStreamErrors);
  element.set_text(text);
  return to_xml(element, ns::kComponentAccept);
}

// CMP-06, CMP-07
TEST(StreamErrors, AreJudgedByTheirCondition) {
  struct Row {
    std::string_view condition;
    StreamErrorAction action;
  };
  std::set<std::string_view> sentences;
  for (const auto& [name, action] : {Row{"bad-format", retry},
                                     Row{"bad-namespace-prefix", retry},
                                     Row{"conflict", retry_late},
                                     Row{"connection-timeout", retry},
                                     Row{"host-gone", retry_late},
                                     Row{"host-unknown", retry_late},
                                     Row{"improper-addressing", retry},
                                     Row{"internal-server-error", retry},
                                     Row{"invalid-from", retry},
                                     Row{"invalid-namespace", retry_late},
                                     Row{"invalid-xml", retry},
                                     Row{"not-authorized", retry_late},
                                     Row{"not-well-formed", retry},
                                     Row{"policy-violation", retry},
                                     Row{"remote-connection-failed", retry},
                                     Row{"reset", retry_at_once},
                                     Row{"resource-constraint", retry},
                                     Row{"restricted-xml", retry},
                                     Row{"see-other-host", follow},
                                     Row{"system-shutdown", retry},
                                     Row{"undefined-condition", retry},
                                     Row{"unsupported-encoding", retry_late},
                                     Row{"unsupported-feature", retry_late},
                                     Row{"unsupported-stanza-type", retry},
                                     Row{"unsupported-version", retry_late}}) {
    const StreamError error = received(condition(name));
    EXPECT_EQ(error.condition, name);
    EXPECT_EQ(action_for(error), action) << name;
    EXPECT_TRUE(explain(error).ends_with('.')) << name;
    EXPECT_TRUE(sentences.insert(explain(error)).second) << name;
  }
}

TEST(StreamErrors, HaveTextWhereverItStands) {
  const std::string text = condition("text", "Replaced by new connection");
  EXPECT_EQ(received(text + condition("conflict")).text, "Replaced by new connection");
  EXPECT_EQ(received(condition("conflict") + text).text, "Replaced by new connection");
  EXPECT_EQ(received(condition("conflict") + text).condition, "conflict");
}

TEST(StreamErrors, AreUndefinedIfUnknownOrEmpty) {
  for (const std::string& content :
       {std::string(), condition("made-up"), std::string("<conflict xmlns='urn:x'/>"),
        condition("text", "only words")}) {
    EXPECT_EQ(received(content).condition, "undefined-condition") << content;
  }
}

// Names of RFC 3920.
TEST(StreamErrors, AreReadUnderTheirOldNames) {
  EXPECT_EQ(received(condition("xml-not-well-formed")).condition, "not-well-formed");
  EXPECT_EQ(received(condition("invalid-id")).condition, "undefined-condition");
}

// CMP-15
TEST(StreamErrors, NameTheOtherHost) {
  EXPECT_EQ(received(condition("see-other-host", " [2001:db8::1]:5347 ")).text,
            "[2001:db8::1]:5347");
}

// CMP-10: what the reader refuses is told to the server in its own words.
TEST(StreamErrors, SayWhatTheReaderRefused) {
  for (const base::ErrorKind* kind : errors::kReaderErrors) {
    const StreamError error = to_stream_error(*kind);
    EXPECT_EQ(error.condition, kind->name);
    EXPECT_EQ(read_stream_error(test::parse_element(to_xml(error))).condition, kind->name);
  }
  EXPECT_EQ(to_stream_error(errors::forbidden).condition, "internal-server-error");
}

TEST(StreamErrors, AreWrittenWithThePrefixOfOurHeader) {
  EXPECT_EQ(to_xml(StreamError{.condition = "restricted-xml", .text = "No <comments>."}),
            "<stream:error><restricted-xml xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>No "
            "&lt;comments&gt;.</text></stream:error>");
  EXPECT_EQ(to_xml(StreamError{.condition = "reset", .text = {}}),
            "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
}

}  // namespace
}  // namespace bellhop::xmpp
