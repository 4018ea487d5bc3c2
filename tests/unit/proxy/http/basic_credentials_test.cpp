// Credentials as requests carry them.
#include "proxy/http/basic_credentials.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/digest.hpp"
#include "proxy/http/errors.hpp"

namespace bellhop::http {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string basic(std::string_view pair) {
  return "Basic " + xmpp::to_base64(pair);
}

// User and password with a bar between; or the refusal.
std::string show(const base::Result<BasicCredentials>& credentials) {
  if (!credentials) return std::string(credentials.error().kind().name);
  return credentials->user + '|' + std::string(credentials->password.reveal());
}

// The examples of RFC 7617 §2 and §2.1.
TEST(BasicCredentials, AreReadFromBase64) {
  EXPECT_EQ(show(parse_basic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")), "Aladdin|open sesame");
  EXPECT_EQ(show(parse_basic("Basic dGVzdDoxMjPCow==")), "test|123\xC2\xA3");
  EXPECT_EQ(show(parse_basic("bASIC   dGVzdDoxMjPCow== ")), "test|123\xC2\xA3");
}

TEST(BasicCredentials, EndTheUserAtTheFirstColon) {
  EXPECT_EQ(show(parse_basic(basic("a:b:c"))), "a|b:c");
  EXPECT_EQ(show(parse_basic(basic("a:"))), "a|");
}

TEST(BasicCredentials, TellOtherSchemesFromBrokenOnes) {
  for (const std::string_view other :
       {"", " ", "Bearer abc", "Digest username=\"a\"", "Basically x"}) {
    EXPECT_EQ(show(parse_basic(other)), "no-credentials") << other;
  }
  for (const std::string& bad :
       {"Basic"s, "Basic "s, "Basic !"s, "Basic YQ"s, "Basic YTpi YTpi"s, "Basic YTpj,"s,
        basic("a"), basic(":b"), basic("a\n:b"), basic("a:b\0"sv), basic("a:\x7F"), basic("\xFF:b"),
        basic("a:\xC0\xAF")}) {
    EXPECT_EQ(show(parse_basic(bad)), "bad-credentials") << bad;
  }
}

TEST(BasicCredentials, HaveMaxima) {
  const std::string user(kUserBytesMax, 'u');
  const std::string password(kPasswordBytesMax, 'p');
  EXPECT_EQ(show(parse_basic(basic(user + ':' + password))), user + '|' + password);
  EXPECT_EQ(show(parse_basic(basic(user + "u:"))), "bad-credentials");
  EXPECT_EQ(show(parse_basic(basic("u:" + password + 'p'))), "bad-credentials");
  EXPECT_EQ(show(parse_basic(basic(std::string(1 << 20, 'u') + ':'))), "bad-credentials");
}

TEST(BasicCredentials, QuoteNothingInTheirErrors) {
  const auto refused = parse_basic(basic("secret-user\n:secret-password"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail().find("secret"), std::string::npos);
}

TEST(BearerToken, IsReadAsItCame) {
  EXPECT_EQ(parse_bearer("Bearer abc.DEF-1_2~3+4/5==").value(), "abc.DEF-1_2~3+4/5==");
  EXPECT_EQ(parse_bearer("bearer  x ").value(), "x");
}

TEST(BearerToken, TellsOtherSchemesFromBrokenOnes) {
  EXPECT_TRUE(parse_bearer("Basic abc").error().is(errors::no_credentials));
  EXPECT_TRUE(parse_bearer("").error().is(errors::no_credentials));
  for (const std::string_view bad :
       {"Bearer"sv, "Bearer "sv, "Bearer a b"sv, "Bearer a=b"sv, "Bearer ="sv, "Bearer a,b"sv,
        "Bearer \xFF"sv, "Bearer a\0"sv}) {
    EXPECT_TRUE(parse_bearer(bad).error().is(errors::bad_credentials)) << bad;
  }
  EXPECT_TRUE(parse_bearer("Bearer " + std::string(kBearerTokenBytesMax, 'a')));
  EXPECT_FALSE(parse_bearer("Bearer " + std::string(kBearerTokenBytesMax + 1, 'a')));
}

std::string confirm(std::string_view pair) {
  return show(decode_confirmation(parse_basic(basic(pair)).value()));
}

// HVX-02: percent-decoded after base64, and once.
TEST(Confirmation, DecodesJidAndTransactionId) {
  EXPECT_EQ(confirm("j%C3%BCrgen@example.org:%E2%82%AC1"),
            "j\xC3\xBCrgen@example.org|\xE2\x82\xAC"
            "1");
  EXPECT_EQ(confirm("juliet%40example.org:a7374jnjlalasdf82"),
            "juliet@example.org|a7374jnjlalasdf82");
  EXPECT_EQ(confirm("a%2541@b:x"), "a%41@b|x");
}

// HVX-02: a JID of a gateway has a percent sign of its own.
TEST(Confirmation, LetsAPercentSignStandThatBeginsNoEscape) {
  EXPECT_EQ(confirm("user%hotmail.com@msn.example:100%"), "user%hotmail.com@msn.example|100%");
}

// HVX-02.
TEST(Confirmation, RefusesWhatTheDecodingBringsToLight) {
  EXPECT_EQ(confirm("a%00:x"), "bad-credentials");
  EXPECT_EQ(confirm("a:x%0A"), "bad-credentials");
  EXPECT_EQ(confirm("a%FF:x"), "bad-credentials");
  EXPECT_EQ(confirm("a%C0%AF:x"), "bad-credentials");
}

}  // namespace
}  // namespace bellhop::http
