// Others at the door of alice's folder: whom it opens to, and what those outside can learn.
#include "proxy/webdav/guest_door.hpp"

#include "tests/unit/proxy/webdav/served_folder.hpp"

namespace bellhop::webdav {
namespace {

using files::FileCounter;
using test::AskedUsers;
using test::ServedFolder;

constexpr std::string_view kBob = "bob@example.org/phone:t1";

class GuestDoorTest : public ServedFolder {
 protected:
  GuestDoorTest() {
    register_alice();
    EXPECT_EQ(ask("PUT", "a", "Content-Type: text/plain\r\n", "hello").status, 201);
    EXPECT_EQ(ask("PUT", "alone", "", "hello").status, 201);
    share("a", "bob@example.org");
  }
  void share(std::string_view path, const std::string& jid) {
    const auto answer = ask("PROPPATCH", path, "",
                            "<propertyupdate xmlns='DAV:'><set><prop><jidlist "
                            "xmlns='http://www.xmpp.org/extensions/xep-0129.html#ns'><jid>" +
                                jid + "</jid></jidlist></prop></set></propertyupdate>");
    EXPECT_EQ(answer.status, 207);
    EXPECT_TRUE(answer.has("200 OK"));
  }
};

// HVX-02, HVX-03, HVX-04, WDX-05
TEST_F(GuestDoorTest, OpensToWhoIsOnTheListAndConfirms) {
  const auto answer = ask_as(kBob, "GET", "a");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_TRUE(answer.has("Content-Type: text/plain"));
  EXPECT_EQ(users().questions, 1);
  for (const char* part : {"<iq", "to='bob@example.org/phone'", "id='t1'", "method='GET'",
                           "url='https://files.example.org/dav/alice@example.org/a'"}) {
    EXPECT_NE(users().last.find(part), std::string::npos) << users().last;
  }
  EXPECT_EQ(count(FileCounter::guests_let_in), 1U);
}

// HVX-03
TEST_F(GuestDoorTest, AsksABareJidByMessage) {
  EXPECT_EQ(ask_as("bob@example.org:t1", "GET", "a").body, "hello");
  EXPECT_NE(users().last.find("<message"), std::string::npos);
  EXPECT_NE(users().last.find("to='bob@example.org'"), std::string::npos);
}

// XEP-0070 §5.1
TEST_F(GuestDoorTest, AsksOnceForTheRequestsOfOneDownload) {
  EXPECT_EQ(ask_as(kBob, "HEAD", "a").status, 200);
  EXPECT_NE(users().last.find("method='HEAD'"), std::string::npos);
  EXPECT_EQ(ask_as(kBob, "GET", "a", "Range: bytes=0-1\r\n").body, "he");
  EXPECT_EQ(ask_as(kBob, "GET", "a", "Range: bytes=2-\r\n").body, "llo");
  EXPECT_EQ(users().questions, 1);
  EXPECT_EQ(ask_as("bob@example.org/phone:t2", "GET", "a").status, 200);
  EXPECT_EQ(users().questions, 2);
}

// HVX-02
TEST_F(GuestDoorTest, DecodesWhatIsNotAscii) {
  share("a", "j\xC3\xBCrgen@example.org");
  EXPECT_EQ(ask_as("j%C3%BCrgen@example.org/x:%C3%A4", "GET", "a").status, 200);
  EXPECT_NE(users().last.find("id='\xC3\xA4'"), std::string::npos) << users().last;
}

// HVX-04
TEST_F(GuestDoorTest, StaysShutWhenTheUserRefusesOrDoesNotAnswer) {
  for (const auto answer : {AskedUsers::Answer::no, AskedUsers::Answer::none}) {
    users().answer = answer;
    EXPECT_EQ(ask_as("bob@example.org/phone:t1", "GET", "a").status, 403);
    EXPECT_EQ(ask_as("bob@example.org:t1", "GET", "a").status, 403);
  }
  EXPECT_EQ(users().questions, 4);
  EXPECT_EQ(count(FileCounter::guests_refused), 4U);
}

// WDX-02, WDX-03, WDX-05, HVX-03: of all these nobody is asked, and all look alike.
TEST_F(GuestDoorTest, TellsNobodyWhatIsBehindIt) {
  const std::string refused = ask_as("carol@example.org/x:t", "GET", "a").body;
  const auto expect_same = [&](const test::HttpAnswer& answer, std::string_view what) {
    EXPECT_EQ(answer.status, 403) << what;
    EXPECT_EQ(answer.body, refused) << what;
  };
  EXPECT_EQ(ask("MKCOL", "d").status, 201);
  for (const char* path : {"a/", "a/b", "alone", "no", "no/", "d", "d/", ""}) {
    expect_same(ask_as(kBob, "GET", path), path);
  }
  expect_same(ask_as("carol@example.org:t", "GET", "a"), "not on the list");
  expect_same(ask_as("example.org:t", "GET", "a"), "a domain");
  const auto other = send(
      "GET /dav/nobody@example.org/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      "Authorization: Basic " +
      xmpp::to_base64(kBob) + "\r\n\r\n");
  expect_same(other, "a folder that there is not");
  EXPECT_EQ(users().questions, 0);
}

// WDX-02
TEST_F(GuestDoorTest, LetsOthersReadOnly) {
  for (const char* method : {"PUT", "DELETE", "PROPFIND", "PROPPATCH", "MKCOL", "LOCK", "UNLOCK"}) {
    EXPECT_EQ(ask_as(kBob, method, "a").status, 403) << method;
  }
  for (const char* method : {"MOVE", "COPY"}) {
    EXPECT_EQ(ask_as(kBob, method, "a", "Destination: /dav/alice@example.org/b\r\n").status, 403);
  }
  EXPECT_EQ(users().questions, 0);
  EXPECT_EQ(ask("GET", "a").body, "hello");
}

// The owner's own client needs no password to read; all else takes one.
TEST_F(GuestDoorTest, OpensToTheOwnerByAFullJidToo) {
  EXPECT_EQ(ask_as("alice@example.org/phone:t1", "GET", "alone").body, "hello");
  EXPECT_NE(users().last.find("to='alice@example.org/phone'"), std::string::npos);
  EXPECT_EQ(ask_as("alice@example.org/phone:t1", "PROPFIND", "").status, 401);
  EXPECT_EQ(ask_as("alice@example.org/phone:t1", "GET", "no").status, 403);
  // The bare JID is the name of an account: a wrong password is asked of nobody.
  EXPECT_EQ(ask_as("alice@example.org:t1", "GET", "alone").status, 401);
  EXPECT_EQ(users().questions, 1);
}

// WDX-05: "or by credentials of Bellhop's own"
TEST_F(GuestDoorTest, OpensToAnAccountOfAGuestWithoutAQuestion) {
  const auto bob = xmpp::Jid::parse("bob@example.org").value();
  EXPECT_TRUE(run(accounts().add(bob, config::Secret("a password of bob"), {})));
  EXPECT_EQ(ask_as("bob@example.org:a password of bob", "GET", "a").body, "hello");
  EXPECT_EQ(ask_as("bob@example.org:a password of bob", "GET", "alone").status, 403);
  for (std::size_t i = 0; i < Confirmations::kClaimsOfAddress.burst; ++i) {
    EXPECT_EQ(ask_as("bob@example.org:a password of bob", "HEAD", "a").status, 200);
  }
  EXPECT_EQ(users().questions, 0);
  EXPECT_EQ(ask_as("bob@example.org:t1", "GET", "a").status, 200);
  EXPECT_EQ(users().questions, 1);
}

TEST_F(GuestDoorTest, ObeysTheListAtOnce) {
  EXPECT_EQ(ask_as(kBob, "GET", "a").status, 200);
  share("a", "carol@example.org");
  EXPECT_EQ(ask_as(kBob, "GET", "a").status, 403);
  EXPECT_EQ(ask_as("carol@example.org/x:t", "GET", "a").status, 200);
}

TEST_F(GuestDoorTest, IsClosedForAWhileWithoutAStream) {
  users().is_attached = false;
  for (const char* path : {"a", "no"}) {
    const auto answer = ask_as(kBob, "GET", path);
    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_TRUE(answer.has("Retry-After: "));
  }
  users().is_attached = true;
  EXPECT_EQ(ask_as(kBob, "GET", "a").status, 200);
}

// HVX-05
TEST_F(GuestDoorTest, DoesNotLetUsersBeAskedAllTheTime) {
  int status = 0;
  for (int i = 0; i < 5; ++i) {
    status = ask_as("bob@example.org/phone:t" + std::to_string(i), "GET", "a").status;
  }
  EXPECT_EQ(status, 429);
  EXPECT_EQ(users().questions, 4);
}

TEST_F(GuestDoorTest, TurnsAwayWhatIsNoClaim) {
  for (const char* credentials : {"bob@example.org:", "@:t", "bob@example.org/phone:"}) {
    EXPECT_EQ(ask_as(credentials, "GET", "a").status, 401) << credentials;
  }
  EXPECT_EQ(users().questions, 0);
}

}  // namespace
}  // namespace bellhop::webdav
