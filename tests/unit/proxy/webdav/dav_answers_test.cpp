// Heads and bodies of answers.
#include "proxy/webdav/dav_answers.hpp"

#include <gtest/gtest.h>

#include "component/policy/errors.hpp"
#include "proxy/files/errors.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// DAV-01
TEST(DavAnswers, TellComplianceAndMethods) {
  const std::string text = dav_options_head().text();
  EXPECT_TRUE(has(text, "DAV: 1, 2, 3\r\n"));
  EXPECT_TRUE(has(text, "PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, LOCK, UNLOCK\r\n"));
}

// DAV-11, HVX-01
TEST(DavAnswers, ChallengeWhoHasNotSaidWhoTheyAre) {
  for (const base::ErrorKind* kind : {&errors::bad_login, &http::errors::no_credentials}) {
    const Answer answer = dav_refusal(*kind);
    EXPECT_TRUE(has(answer.head.text(), " 401 "));
    // The account's first: some clients look at one challenge alone.
    EXPECT_TRUE(has(answer.head.text(),
                    "WWW-Authenticate: Basic realm=\"Bellhop\", charset=\"UTF-8\"\r\n"
                    "WWW-Authenticate: Basic realm=\"xmpp\"\r\n"));
  }
  for (const base::ErrorKind* kind :
       {&errors::too_many_logins, &errors::too_many_questions, &errors::cannot_ask}) {
    EXPECT_TRUE(has(dav_refusal(*kind).head.text(), "Retry-After: 10\r\n"));
  }
}

// DAV-09, QTA-02
TEST(DavAnswers, TellAFullQuotaFromAFullDisk) {
  EXPECT_TRUE(has(dav_refusal(files::errors::stored_of_jid).body, "<D:quota-not-exceeded/>"));
  EXPECT_TRUE(has(dav_refusal(files::errors::disk_full).body, "<D:sufficient-disk-space/>"));
  EXPECT_TRUE(has(dav_refusal(files::errors::disk_full).head.text(), " 507 "));
}

TEST(DavAnswers, HaveAStatusForErrorsOfOtherFolders) {
  EXPECT_TRUE(has(dav_refusal(policy::errors::user_not_allowed).head.text(), " 403 "));
  EXPECT_TRUE(has(dav_refusal(policy::errors::sessions_of_jid).head.text(), " 503 "));
  EXPECT_TRUE(has(dav_refusal(errors::method_not_allowed).head.text(), "Allow: OPTIONS"));
}

// DAV-11
TEST(DavAnswers, KnowLoopbackAddresses) {
  for (const char* text : {"127.0.0.1", "127.9.8.7", "::1"}) {
    EXPECT_TRUE(is_loopback(*base::IpAddress::parse(text))) << text;
  }
  for (const char* text : {"128.0.0.1", "10.0.0.1", "::2", "fe80::1"}) {
    EXPECT_FALSE(is_loopback(*base::IpAddress::parse(text))) << text;
  }
}

}  // namespace
}  // namespace bellhop::webdav
