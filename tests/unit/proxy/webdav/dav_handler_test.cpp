// WebDAV over HTTP: who is let in, and files as they come and go.
#include "proxy/webdav/dav_handler.hpp"

#include <cstdlib>

#include "tests/unit/proxy/webdav/served_folder.hpp"

namespace bellhop::webdav {
namespace {

using test::ServedFolder;

class DavHandlerTest : public ServedFolder {
 protected:
  DavHandlerTest() { register_alice(); }
};

class DavQuotaTest : public ServedFolder {
 protected:
  DavQuotaTest() : ServedFolder(1'000'000) { register_alice(); }
};

// DAV-01
TEST_F(DavHandlerTest, TellsAnybodyWhatItIs) {
  const auto answer = send("OPTIONS /dav/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.status, 204);
  EXPECT_TRUE(answer.has("DAV: 1, 2, 3"));
}

// DAV-02, DAV-11, ROOM-16
TEST_F(DavHandlerTest, AsksWhoItIsBeforeAnythingElse) {
  const auto answer = send(
      "PUT /dav/alice@example.org/no/f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      "If: nonsense\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answer.status, 401);
  EXPECT_TRUE(answer.has("WWW-Authenticate: Basic realm="));
  password_ = "wrong";
  EXPECT_EQ(ask("GET", "no").status, 401);
}

TEST_F(DavHandlerTest, LetsNobodyIntoAnotherFolder) {
  const std::string basic = xmpp::to_base64("alice@example.org:" + password_);
  const auto answer =
      send("GET /dav/bob@example.org/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
           std::string("Authorization: Basic ") + basic + "\r\n\r\n");
  EXPECT_EQ(answer.status, 403);
}

TEST_F(DavHandlerTest, LeadsFromTheCommonAddressToTheFolder) {
  const std::string basic = xmpp::to_base64("alice@example.org:" + password_);
  const std::string head = "GET /dav/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
  EXPECT_EQ(send(head + "\r\n").status, 401);
  const auto answer = send(head + "Authorization: Basic " + basic + "\r\n\r\n");
  EXPECT_EQ(answer.status, 307);
  EXPECT_TRUE(answer.has("Location: /dav/alice@example.org/\r\n"));
}

// DAV-28, DAV-08, ROOM-32
TEST_F(DavHandlerTest, StoresAndServesAFile) {
  EXPECT_EQ(ask("PUT", "a.txt", "Content-Type: text/plain\r\n", "hello").status, 201);
  const auto first = ask("GET", "a.txt");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "hello");
  EXPECT_TRUE(first.has("ETag: \""));
  EXPECT_TRUE(first.has("Cache-Control: private, no-cache"));
  EXPECT_EQ(ask("PUT", "a.txt", "", "other").status, 204);
  EXPECT_EQ(ask("GET", "a.txt").body, "other");
  EXPECT_EQ(ask("GET", "a.txt", "Range: bytes=1-2\r\n").body, "th");
  EXPECT_EQ(ask("PUT", "a.txt", "Content-Range: bytes 0-1/5\r\n", "xx").status, 400);
  EXPECT_EQ(run(store().use_of(std::string(test::kAlice))).files, 1U);
  EXPECT_EQ(ask("DELETE", "a.txt").status, 204);
  EXPECT_EQ(ask("GET", "a.txt").status, 404);
  EXPECT_EQ(run(store().use_of(std::string(test::kAlice))).files, 0U);
}

TEST_F(DavHandlerTest, StoresAFileWhoseLengthNobodySaid) {
  const std::string chunks = "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
  EXPECT_EQ(ask("PUT", "a", "Transfer-Encoding: chunked\r\n", chunks).status, 201);
  EXPECT_EQ(ask("GET", "a").body, "hello world");
  EXPECT_EQ(run(store().use_of(std::string(test::kAlice))).bytes, 11U);
}

// DAV-09, QTA-02
TEST_F(DavQuotaTest, TakesNoMoreThanTheQuota) {
  const std::string most(600'000, 'x');
  EXPECT_EQ(ask("PUT", "a", "", most).status, 201);
  const auto refused = ask("PUT", "b", "", most);
  EXPECT_EQ(refused.status, 507);
  EXPECT_TRUE(refused.has("quota-not-exceeded"));
  const std::string chunked = "927c0\r\n" + most + "\r\n0\r\n\r\n";
  EXPECT_EQ(ask("PUT", "b", "Transfer-Encoding: chunked\r\n", chunked).status, 507);
  EXPECT_EQ(run(store().use_of(std::string(test::kAlice))).bytes, most.size());
  const auto room = ask("PROPFIND", "", "Depth: 0\r\n",
                        "<propfind xmlns='DAV:'><prop><quota-available-bytes/></prop></propfind>");
  EXPECT_TRUE(room.has(">400000<"));
}

// DAV-06, DAV-26
TEST_F(DavHandlerTest, ListsACollection) {
  EXPECT_EQ(ask("MKCOL", "d").status, 201);
  EXPECT_EQ(ask("PUT", "d/a%20b", "", "x").status, 201);
  EXPECT_TRUE(ask("GET", "d").has("Content-Location: /dav/alice@example.org/d/\r\n"));
  const auto page = ask("GET", "d/");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(page.has("href=\"/dav/alice@example.org/d/a%20b\""));
  EXPECT_TRUE(page.has("Content-Security-Policy: default-src 'none'"));
  EXPECT_EQ(ask("HEAD", "d/").body, "");
}

// DAV-48, DAV-53
TEST_F(DavHandlerTest, LocksANewName) {
  const std::string_view body =
      "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope>"
      "<D:locktype><D:write/></D:locktype></D:lockinfo>";
  const auto answer = ask("LOCK", "new", "", body);
  EXPECT_EQ(answer.status, 201);
  EXPECT_TRUE(answer.has("Lock-Token: <urn:uuid:"));
  const auto empty = ask("GET", "new");
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(empty.body, "");
  EXPECT_EQ(ask("PUT", "new", "", "x").status, 423);
}

TEST_F(DavHandlerTest, RefusesBodiesThatAreTooLarge) {
  EXPECT_EQ(ask("PROPFIND", "", "Depth: 0\r\n", std::string(100'000, ' ')).status, 413);
  EXPECT_EQ(ask("PATCH", "").status, 405);
}

TEST_F(DavHandlerTest, StopsBelievingAPasswordThatWasChanged) {
  EXPECT_EQ(ask("GET", "").status, 200);
  EXPECT_TRUE(run(accounts().change(jid(), config::Secret("a new password"), {})));
  EXPECT_EQ(ask("GET", "").status, 401);
  password_ = "a new password";
  EXPECT_EQ(ask("GET", "").status, 200);
}

// What Debian's litmus says of the whole: five suites.
TEST_F(DavHandlerTest, PassesLitmusWhereItIsInstalled) {
  if (std::system("command -v litmus >/dev/null") != 0) GTEST_SKIP() << "litmus is not installed";
  const std::string url = "http://127.0.0.1:" + std::to_string(port()) + "/dav/alice@example.org/";
  store::TemporaryFolder folder;
  const std::string log = folder.file("litmus.txt").string();
  const std::string command = "cd " + folder.file("").string() + " && litmus -k '" + url + "' " +
                              std::string(test::kAlice) + " '" + password_ + "' > " + log + " 2>&1";
  const int code = std::system(command.c_str());
  EXPECT_EQ(code, 0) << store::text_of(log);
  EXPECT_EQ(store::text_of(log).find("FAIL"), std::string::npos) << store::text_of(log);
}

// A client that people use: there, back, and gone.
TEST_F(DavHandlerTest, ServesRcloneWhereItIsInstalled) {
  if (std::system("command -v rclone >/dev/null") != 0) GTEST_SKIP() << "rclone is not installed";
  store::TemporaryFolder folder;
  const std::string here = folder.file("").string();
  const std::string log = folder.file("log").string();
  const std::string command =
      "cd " + here + " && export RCLONE_CONFIG=" + here +
      "none && mkdir -p out/sub && echo hello > 'out/sub/a b' && "
      "head -c 3000000 /dev/urandom > out/large && : > out/empty && "
      "export RCLONE_WEBDAV_URL=http://127.0.0.1:" +
      std::to_string(port()) + "/dav/alice@example.org/ RCLONE_WEBDAV_USER=alice@example.org " +
      "RCLONE_WEBDAV_PASS=$(rclone obscure '" + password_ + "') && " +
      "rclone copy out :webdav:there && rclone check --download out :webdav:there && "
      "rclone moveto :webdav:there/sub :webdav:there/other && rclone copy :webdav:there back && "
      "cmp out/large back/large && cmp 'out/sub/a b' 'back/other/a b' && "
      "test -f back/empty && rclone purge :webdav:there";
  const int code = std::system(("{ " + command + "; } > " + log + " 2>&1").c_str());
  EXPECT_EQ(code, 0) << store::text_of(log);
  EXPECT_EQ(run(store().use_of(std::string(test::kAlice))).files, 0U);
}

// Two challenges of one scheme: it answers the first of them.
TEST_F(DavHandlerTest, ServesCadaverWhereItIsInstalled) {
  if (std::system("command -v cadaver >/dev/null") != 0) GTEST_SKIP() << "cadaver is not installed";
  store::TemporaryFolder folder;
  const std::string here = folder.file("").string();
  const std::string log = folder.file("log").string();
  const std::string command =
      "cd " + here + " && export HOME=" + here + " && umask 077 && echo 'machine 127.0.0.1 login " +
      std::string(test::kAlice) + " password \"" + password_ + "\"' > .netrc && " +
      "echo hello > there && printf 'mkcol d\\ncd d\\nput there\\nget there back\\nquit\\n' | " +
      "cadaver http://127.0.0.1:" + std::to_string(port()) +
      "/dav/alice@example.org/ && cmp there back";
  const int code = std::system(("{ " + command + "; } > " + log + " 2>&1").c_str());
  EXPECT_EQ(code, 0) << store::text_of(log);
  EXPECT_EQ(ask("GET", "d/there").body, "hello\n");
}

}  // namespace
}  // namespace bellhop::webdav
