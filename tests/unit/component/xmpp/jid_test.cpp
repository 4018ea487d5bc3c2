// Addresses: how they are split, prepared, bounded, compared and refused.
#include "component/xmpp/jid.hpp"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

#include "component/xmpp/errors.hpp"

namespace bellhop::xmpp {
namespace {

std::string prepared(std::string_view text) {
  const auto jid = Jid::parse(text);
  return jid ? jid->text() : "refused: " + jid.error().detail();
}

bool is_malformed(std::string_view text) {
  const auto jid = Jid::parse(text);
  return !jid && jid.error().is(errors::jid_malformed);
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string repeated;
  for (std::size_t i = 0; i < times; ++i) repeated += text;
  return repeated;
}

TEST(Jid, HasItsParts) {
  const auto jid = Jid::parse("romeo@example.net/orchard").value();
  EXPECT_EQ(jid.local(), "romeo");
  EXPECT_EQ(jid.domain(), "example.net");
  EXPECT_EQ(jid.resource(), "orchard");
  EXPECT_EQ(jid.bare(), "romeo@example.net");
  EXPECT_EQ(jid.text(), "romeo@example.net/orchard");
  EXPECT_TRUE(jid.has_local());
  EXPECT_TRUE(jid.has_resource());
  EXPECT_FALSE(jid.is_domain_only());
}

TEST(Jid, MayBeADomainAlone) {
  const auto jid = Jid::parse("bellhop.example.org").value();
  EXPECT_EQ(jid.local(), "");
  EXPECT_EQ(jid.resource(), "");
  EXPECT_EQ(jid.bare(), "bellhop.example.org");
  EXPECT_TRUE(jid.is_domain_only());
}

TEST(Jid, MayLackEitherOfTheOuterParts) {
  const auto service = Jid::parse("proxy.localhost/70306884").value();
  EXPECT_FALSE(service.has_local());
  EXPECT_EQ(service.domain(), "proxy.localhost");
  EXPECT_EQ(service.resource(), "70306884");
  const auto account = Jid::parse("files@bellhop.example.org").value();
  EXPECT_EQ(account.local(), "files");
  EXPECT_FALSE(account.has_resource());
}

TEST(Jid, IsSplitAtTheFirstSlashAndThenAtTheFirstAtSign) {
  const auto jid = Jid::parse("a@b/c@d/e").value();
  EXPECT_EQ(jid.local(), "a");
  EXPECT_EQ(jid.domain(), "b");
  EXPECT_EQ(jid.resource(), "c@d/e");
  const auto room = Jid::parse("conference.example.net/juliet@capulet").value();
  EXPECT_FALSE(room.has_local());
  EXPECT_EQ(room.resource(), "juliet@capulet");
}

TEST(Jid, LosesItsResourceByToBare) {
  const auto bare = Jid::parse("romeo@example.net/orchard").value().to_bare();
  EXPECT_EQ(bare.text(), "romeo@example.net");
  EXPECT_EQ(bare.local(), "romeo");
  EXPECT_FALSE(bare.has_resource());
  EXPECT_EQ(bare, bare.to_bare());
}

// STZ-10
TEST(Jid, RefusesEmptyParts) {
  for (const std::string_view text :
       {"", "@", "/", "@example.net", "romeo@", "example.net/", "/orchard", "romeo@/orchard",
        "romeo@example.net/", ".", "romeo@.", "..", ".example.net", "a..b", "example.net.."}) {
    EXPECT_TRUE(is_malformed(text)) << text;
  }
}

// S5B-18
TEST(Jid, FoldsLocalpartAndDomainButNotTheResource) {
  EXPECT_EQ(prepared("Requester@EXAMPLE.com/Foo"), "requester@example.com/Foo");
  EXPECT_EQ(prepared("room@conference.example.net/Tget"), "room@conference.example.net/Tget");
}

// S5B-18
TEST(Jid, IsComparedInPreparedForm) {
  const auto written = Jid::parse("Romeo@Example.NET/Orchard").value();
  EXPECT_EQ(written, Jid::parse("romeo@example.net/Orchard").value());
  EXPECT_NE(written, Jid::parse("romeo@example.net/orchard").value());
  const std::unordered_set<Jid> set{written};
  EXPECT_TRUE(set.contains(Jid::parse("ROMEO@EXAMPLE.NET/Orchard").value()));
  EXPECT_FALSE(set.contains(Jid::parse("romeo@example.net").value()));
}

TEST(Jid, LosesOneTrailingDotOfItsDomain) {
  EXPECT_EQ(prepared("romeo@example.net./orchard"), "romeo@example.net/orchard");
  EXPECT_EQ(prepared("localhost."), "localhost");
}

TEST(Jid, MayStandAtAnIpAddress) {
  EXPECT_EQ(prepared("a@192.0.2.1/b"), "a@192.0.2.1/b");
  EXPECT_EQ(prepared("a@[2001:DB8::1]/b"), "a@[2001:db8::1]/b");
  EXPECT_EQ(prepared("[::ffff:192.0.2.1]"), "[::ffff:192.0.2.1]");
  for (const std::string_view text : {"[", "[]", "[]x", "[::1", "::1", "[::g]", "[192.0.2.1]",
                                      "[::1]x", "[fe80::1%eth0]", "a@[::1].example"}) {
    EXPECT_TRUE(is_malformed(text)) << text;
  }
  EXPECT_TRUE(is_malformed(std::string_view("[::1\0]", 6)));
}

// STZ-10: RFC 6122 appendix A.5.
TEST(Jid, RefusesInALocalpartWhatHasAMeaningElsewhere) {
  for (const char c : std::string(" \"&':<>\t\n\r\x01\x1F\x7F")) {
    EXPECT_TRUE(is_malformed("a" + std::string(1, c) + "b@example.net")) << static_cast<int>(c);
  }
  EXPECT_TRUE(is_malformed(std::string_view("a\0b@example.net", 15)));
  EXPECT_EQ(prepared("a!#$%*+-.;=?[]^_`{|}~\\z@example.net"),
            "a!#$%*+-.;=?[]^_`{|}~\\z@example.net");
}

TEST(Jid, AllowsAnyPrintableAsciiInAResourceAndNoControl) {
  EXPECT_EQ(prepared("a@b/ !\"#&'()*+,/:;<=>?@[\\]~ "), "a@b/ !\"#&'()*+,/:;<=>?@[\\]~ ");
  for (const char c : std::string("\t\n\r\x01\x1F\x7F")) {
    EXPECT_TRUE(is_malformed("a@b/x" + std::string(1, c))) << static_cast<int>(c);
  }
  EXPECT_TRUE(is_malformed(std::string_view("a@b/x\0y", 7)));
}

TEST(Jid, RefusesInADomainWhatIsNoPartOfAName) {
  for (const char c : std::string(" !\"#$%&'()*+,:;<=>?[\\]^`{|}~\t\n\x7F")) {
    EXPECT_TRUE(is_malformed("exa" + std::string(1, c) + "mple.net")) << c;
  }
  EXPECT_TRUE(is_malformed("a@b@c"));
  EXPECT_EQ(prepared("xmpp_server-1.internal"), "xmpp_server-1.internal");
}

// Stringprep (RFC 3454) by its three profiles.
TEST(Jid, PreparesWhatIsNotAscii) {
  EXPECT_EQ(prepared("J\xC3\x9CRGEN@M\xC3\x9CNCHEN.example/\xC3\x84"),
            "j\xC3\xBCrgen@m\xC3\xBCnchen.example/\xC3\x84");
  // Sharp s is folded to ss in the first two parts, and stays in a resource (table B.2).
  EXPECT_EQ(prepared("stra\xC3\x9F"
                     "e@fu\xC3\x9F.example/\xC3\x9F"),
            "strasse@fuss.example/\xC3\x9F");
  // u and a combining diaeresis become one character (NFKC).
  EXPECT_EQ(prepared("u\xCC\x88@example.net/u\xCC\x88"), "\xC3\xBC@example.net/\xC3\xBC");
  // Roman numeral four, full-width letters, ligature fi: compatibility forms.
  EXPECT_EQ(prepared("\xE2\x85\xA3@example.net"), "iv@example.net");
  EXPECT_EQ(prepared("\xEF\xBC\xA1\xEF\xBC\xA2@example.net"), "ab@example.net");
  EXPECT_EQ(prepared("a@example.net/\xEF\xAC\x81"), "a@example.net/fi");
  // Soft hyphen is mapped to nothing (table B.1).
  EXPECT_EQ(prepared("a\xC2\xAD"
                     "b@example.net/c\xC2\xAD"
                     "d"),
            "ab@example.net/cd");
  // Final and other sigma are the same when folded.
  EXPECT_EQ(prepared("\xCE\xA3@example.net"), prepared("\xCF\x82@example.net"));
}

TEST(Jid, RefusesWhatPreparationTurnsIntoNothingOrIntoASeparator) {
  EXPECT_TRUE(is_malformed("\xC2\xAD@example.net"));
  EXPECT_TRUE(is_malformed("a@example.net/\xC2\xAD"));
  EXPECT_TRUE(is_malformed("a@\xC2\xAD"));
  // Full-width @, / and space in a localpart; full-width @ and / in a domain.
  EXPECT_TRUE(
      is_malformed("a\xEF\xBC\xA0"
                   "b@example.net"));
  EXPECT_TRUE(
      is_malformed("a\xEF\xBC\x8F"
                   "b@example.net"));
  EXPECT_TRUE(
      is_malformed("a\xE3\x80\x80"
                   "b@example.net"));
  EXPECT_TRUE(is_malformed("evil.example\xEF\xBC\x8Fx.example.net"));
  EXPECT_TRUE(
      is_malformed("admin\xEF\xBC\xA0"
                   "example.net"));
  EXPECT_TRUE(is_malformed("a@example.net\xEF\xBC\x8E\xEF\xBC\x8E"));
}

TEST(Jid, RefusesCharactersThatTheProfilesProhibit) {
  for (const std::string_view bad : {"\xC2\x80",         // a C1 control (table C.2.2)
                                     "\xE2\x80\x8E",     // left-to-right mark (C.8)
                                     "\xEE\x80\x80",     // private use (C.3)
                                     "\xEF\xBF\xBE",     // a non-character (C.4)
                                     "\xEF\xBF\xBD"}) {  // the replacement character (C.6)
    EXPECT_TRUE(is_malformed("a" + std::string(bad) + "@example.net"));
    EXPECT_TRUE(is_malformed("a@example.net/x" + std::string(bad)));
    EXPECT_TRUE(is_malformed("exa" + std::string(bad) + "mple.net"));
  }
}

// RFC 3454 §6.
TEST(Jid, RefusesTextThatMixesDirections) {
  EXPECT_EQ(prepared("\xD7\x90\xD7\x91@example.net"), "\xD7\x90\xD7\x91@example.net");
  EXPECT_TRUE(
      is_malformed("\xD7\x90"
                   "a\xD7\x91@example.net"));
  EXPECT_TRUE(
      is_malformed("a@example.net/\xD7\x90"
                   "1"));
}

TEST(Jid, LetsCodePointsPassThatStringprepDoesNotKnow) {
  EXPECT_EQ(prepared("a@example.net/\xF0\x9F\x93\xB1"), "a@example.net/\xF0\x9F\x93\xB1");
  EXPECT_EQ(prepared("\xF0\x9F\x93\xB1@example.net"), "\xF0\x9F\x93\xB1@example.net");
}

TEST(Jid, RefusesWhatIsNotUtf8) {
  for (const std::string_view bad : {"\xFF", "\xC3", "\xED\xA0\x80", "\xC0\xAF", "\xE2\x82"}) {
    EXPECT_TRUE(is_malformed("a" + std::string(bad) + "@example.net"));
    EXPECT_TRUE(is_malformed("a@example.net/x" + std::string(bad)));
    EXPECT_TRUE(is_malformed("exa" + std::string(bad) + "mple.net"));
  }
}

// STZ-10
TEST(Jid, AllowsPartsOf1023BytesAndNoMore) {
  const std::string longest(1023, 'a');
  EXPECT_EQ(prepared(longest + '@' + longest + '/' + longest),
            longest + '@' + longest + '/' + longest);
  EXPECT_TRUE(is_malformed(longest + "a@b/c"));
  EXPECT_TRUE(is_malformed("a@" + longest + "b/c"));
  EXPECT_TRUE(is_malformed("a@b/" + longest + 'c'));
  EXPECT_EQ(prepared(longest + "."), longest);
}

// STZ-10: RFC 7622 §3.1 counts bytes of the prepared form.
TEST(Jid, MeasuresPartsAfterPreparation) {
  const std::string wide = repeat("\xEF\xBC\xA1", 1023);  // three bytes each, one when prepared
  EXPECT_EQ(prepared(wide + "@example.net"), std::string(1023, 'a') + "@example.net");
  EXPECT_TRUE(is_malformed(wide + "a@example.net"));
  // Eighteen characters when prepared, three when written.
  const std::string growing = repeat("\xEF\xB7\xBA", 40);
  EXPECT_TRUE(is_malformed("a@example.net/" + growing));
  EXPECT_TRUE(is_malformed(repeat("\xC2\xAD", 1000000) + "a@example.net"));
}

TEST(Jid, IsTheSameWhenReadAgain) {
  for (const std::string_view text :
       {"Romeo@Example.NET./Orchard",
        "stra\xC3\x9F"
        "e@fu\xC3\x9F.example/\xC3\x9F",
        "\xEF\xBC\xA1@\xEF\xBC\xA2\xEF\xBC\x8E\xEF\xBC\xA3/\xEF\xBC\xA4", "[2001:DB8::1]"}) {
    EXPECT_EQ(prepared(prepared(text)), prepared(text));
  }
}

TEST(Jid, IsSmall) {
  EXPECT_LE(sizeof(Jid), sizeof(std::string) + 8);
}

}  // namespace
}  // namespace bellhop::xmpp
