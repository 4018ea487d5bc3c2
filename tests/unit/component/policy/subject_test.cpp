// Whom a rule is for, as text and back.
#include "component/policy/subject.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "component/policy/errors.hpp"
#include "component/xmpp/jid.hpp"

namespace bellhop::policy {
namespace {

using namespace std::string_literals;
using Type = Subject::Type;

// What the text is read as, or the error's name.
std::string reread(std::string_view text) {
  const auto subject = Subject::parse(text);
  return subject ? subject->text() : std::string(subject.error().kind().name);
}

TEST(Subject, ReadsBackEveryTextThatItWrites) {
  const std::array subjects{Subject::of_jid("alice@example.org"),
                            Subject::of_jid("example.org"),
                            Subject::of_domain("example.org"),
                            Subject::of_domain("[2001:db8::1]"),
                            Subject{Type::each_jid, {}},
                            Subject{Type::each_domain, {}},
                            Subject{Type::each_session, {}},
                            Subject{Type::total, {}},
                            Subject{}};
  for (const Subject& subject : subjects) {
    const auto read = Subject::parse(subject.text());
    ASSERT_TRUE(read) << subject.text();
    EXPECT_EQ(*read, subject) << subject.text();
  }
}

// Rules are kept by their text.
TEST(Subject, HasATextOfItsOwn) {
  std::set<std::string> texts;
  for (const Subject& subject : {Subject::of_jid("example.org"), Subject::of_domain("example.org"),
                                 Subject::of_jid("total@example.org"), Subject::of_jid("total"),
                                 Subject{}, Subject{Type::each_jid, {}},
                                 Subject{Type::each_domain, {}}, Subject{Type::each_session, {}}}) {
    EXPECT_TRUE(texts.insert(subject.text()).second) << subject.text();
  }
}

TEST(Subject, IsPreparedHoweverItIsSpelled) {
  EXPECT_EQ(reread("jid:Alice@EXAMPLE.Org"), "jid:alice@example.org");
  EXPECT_EQ(reread("domain:B\xC3\x9C"
                   "CHER.Example."),
            "domain:b\xC3\xBC"
            "cher.example");
  EXPECT_EQ(reread("jid:o\\27hara@example.org"), "jid:o\\27hara@example.org");
  EXPECT_EQ(Subject::parse("jid:Alice@EXAMPLE.Org").value(), Subject::of_jid("alice@example.org"));
}

TEST(Subject, RefusesWhatNamesNobody) {
  for (const std::string& text : {""s,
                                  ":"s,
                                  "*"s,
                                  "jid"s,
                                  "jid:"s,
                                  "domain:"s,
                                  "session:"s,
                                  "session:x"s,
                                  "total:"s,
                                  "total "s,
                                  " total"s,
                                  "Total"s,
                                  "JID:*"s,
                                  "each:*"s,
                                  "user:alice@example.org"s,
                                  "alice@example.org"s,
                                  "jid:@example.org"s,
                                  "jid:alice@"s,
                                  "jid:a@b@c"s,
                                  "jid:a b@example.org"s,
                                  "jid: *"s,
                                  "domain: *"s,
                                  "jid:alice@example.org/"s,
                                  "total\0"s,
                                  "jid:a\0b@example.org"s,
                                  "jid:\xFF@example.org"s,
                                  "domain:exam ple.org"s}) {
    EXPECT_EQ(reread(text), "bad-subject") << text;
  }
}

// A rule is for all clients of a user; a rule for one of them would be passed by the next.
TEST(Subject, RefusesAResourceAndADomainWithAUser) {
  EXPECT_EQ(reread("jid:alice@example.org/phone"), "bad-subject");
  EXPECT_EQ(reread("domain:example.org/x"), "bad-subject");
  EXPECT_EQ(reread("domain:alice@example.org"), "bad-subject");
  const auto refused = Subject::parse("domain:alice@example.org");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(errors::bad_subject));
  EXPECT_EQ(refused.error().detail(), "a domain has no user part");
}

TEST(Subject, MayBeAsLongAsAnAddressAndNotLonger) {
  const std::string longest(xmpp::kJidPartBytesMax, 'a');
  EXPECT_EQ(reread("jid:" + longest + "@b"), "jid:" + longest + "@b");
  EXPECT_EQ(reread("jid:" + longest + "a@b"), "bad-subject");
  EXPECT_EQ(reread("jid:" + std::string(1'000'000, 'a')), "bad-subject");
}

TEST(Subject, KnowsTheDomainOfABareJid) {
  EXPECT_EQ(domain_of("alice@example.org"), "example.org");
  EXPECT_EQ(domain_of("example.org"), "example.org");
  EXPECT_EQ(domain_of(""), "");
}

}  // namespace
}  // namespace bellhop::policy
