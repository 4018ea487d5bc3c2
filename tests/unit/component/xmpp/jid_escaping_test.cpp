// Escaping of localparts by the examples of XEP-0106.
#include "component/xmpp/jid_escaping.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/jid.hpp"

namespace bellhop::xmpp {
namespace {

struct Pair {
  std::string_view plain;
  std::string_view escaped;
};

// XEP-0106 §5.1, without the domain; then §4.2 and §5.2.
constexpr Pair kPairs[] = {
    {"space cadet", R"(space\20cadet)"},
    {R"(call me "ishmael")", R"(call\20me\20\22ishmael\22)"},
    {"at&t guy", R"(at\26t\20guy)"},
    {"d'artagnan", R"(d\27artagnan)"},
    {"/.fanboy", R"(\2f.fanboy)"},
    {"::foo::", R"(\3a\3afoo\3a\3a)"},
    {"<foo>", R"(\3cfoo\3e)"},
    {"user@host", R"(user\40host)"},
    {R"(c:\net)", R"(c\3a\net)"},
    {R"(c:\\net)", R"(c\3a\\net)"},
    {R"(c:\cool stuff)", R"(c\3a\cool\20stuff)"},
    {R"(c:\5commas)", R"(c\3a\5c5commas)"},
    {R"(\3and\2is\5cool)", R"(\5c3and\2is\5c5cool)"},
    {"here's_a_wild_&_/cr%zy/_address", R"(here\27s_a_wild_\26_\2fcr%zy\2f_address)"},
};

// ESC-01
TEST(JidEscaping, EscapesTheExamplesOfTheSpecification) {
  for (const Pair& pair : kPairs) {
    EXPECT_EQ(escape_localpart(pair.plain).value(), pair.escaped);
  }
}

// ESC-02
TEST(JidEscaping, UnescapesTheExamplesOfTheSpecification) {
  for (const Pair& pair : kPairs) {
    EXPECT_EQ(unescape_localpart(pair.escaped), pair.plain);
  }
}

// ESC-02
TEST(JidEscaping, LeavesPartialUnknownAndUpperCaseSequencesAlone) {
  for (const std::string_view text :
       {R"(\2plus\2is\4)", R"(foo\bar)", R"(foob\41r)", R"(a\2Fb)", R"(a\5Cb)", R"(a\)", R"(\2)"}) {
    EXPECT_EQ(unescape_localpart(text), text);
    EXPECT_EQ(escape_localpart(text).value(), text);
  }
}

// ESC-02
TEST(JidEscaping, NeverTreatsAnEscapedSpaceAtEitherEndAsOne) {
  EXPECT_EQ(unescape_localpart(R"(\20a\20b\20)"), R"(\20a b\20)");
  EXPECT_EQ(unescape_localpart(R"(\20)"), R"(\20)");
  for (const std::string_view text : {" a", "a ", " ", ""}) {
    const auto escaped = escape_localpart(text);
    ASSERT_FALSE(escaped) << '"' << text << '"';
    EXPECT_TRUE(escaped.error().is(errors::jid_malformed));
  }
}

// ESC-03
TEST(JidEscaping, IsUndoneAsOftenAsItWasApplied) {
  const std::string once = escape_localpart("a b").value();
  const std::string twice = escape_localpart(once).value();
  EXPECT_EQ(once, R"(a\20b)");
  EXPECT_EQ(twice, R"(a\5c20b)");
  EXPECT_EQ(unescape_localpart(twice), once);
  EXPECT_EQ(unescape_localpart(unescape_localpart(twice)), "a b");
}

// ESC-03
TEST(JidEscaping, GivesLocalpartsThatAJidKeepsAndComparesAsTheyAre) {
  const std::string local = escape_localpart("romeo@montague.example").value();
  const auto jid = Jid::parse(local + "@bellhop.example.org").value();
  EXPECT_EQ(jid.local(), R"(romeo\40montague.example)");
  EXPECT_NE(jid, Jid::parse(R"(romeo\5c40montague.example@bellhop.example.org)").value());
}

}  // namespace
}  // namespace bellhop::xmpp
