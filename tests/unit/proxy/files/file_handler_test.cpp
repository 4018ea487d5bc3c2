// Which URLs there are, and what may be done with them.
#include "proxy/files/file_handler.hpp"

#include <gtest/gtest.h>

#include "tests/unit/proxy/files/served_files.hpp"

namespace bellhop::files::test {
namespace {

// HUP-07, HUP-09
TEST(FilePath, EndsInTheNameAndRevealsNobody) {
  FileFacts facts;
  facts.id = FileId::random();
  facts.owner = "alice@example.org";
  facts.name = "\xC3\xBC b.png";
  EXPECT_EQ(file_path(facts), "/f/" + facts.id.text() + "/%C3%BC%20b.png");
  EXPECT_EQ(file_path(facts).find("alice"), std::string::npos);
}

// HUP-27
TEST(FileHandler, LetsPagesOfOtherOriginsAskWithoutCredentials) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  const HttpAnswer answer = served.ask(http_request("OPTIONS", slot.path));
  EXPECT_EQ(answer.status, 204U);
  EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "*");
  EXPECT_FALSE(answer.has("Access-Control-Allow-Credentials"));
  for (const std::string_view method : {"OPTIONS", "HEAD", "GET", "PUT", "PATCH"}) {
    EXPECT_NE(answer.field("Access-Control-Allow-Methods").find(method), std::string::npos);
  }
  for (const std::string_view field : {"Authorization", "Content-Type", "Upload-Offset"}) {
    EXPECT_NE(answer.field("Access-Control-Allow-Headers").find(field), std::string::npos);
  }
}

// tus 1.0.0, "OPTIONS"
TEST(FileHandler, TellsWhatOfTusIsSpoken) {
  ServedFiles served;
  const HttpAnswer answer = served.ask(http_request("OPTIONS", "/f/"));
  EXPECT_EQ(answer.field("Tus-Version"), "1.0.0");
  EXPECT_EQ(answer.field("Tus-Extension"), "creation,expiration,checksum,termination");
  EXPECT_EQ(answer.field("Tus-Max-Size"), "16777216");
  EXPECT_EQ(answer.field("Tus-Checksum-Algorithm"), "sha1,sha256,md5");
}

// RFC 9110 §15.5.6
TEST(FileHandler, DoesNothingElse) {
  ServedFiles served;
  const Slot slot = served.stored("a.txt", "hello");
  for (const std::string_view method : {"PROPFIND", "MOVE", "TRACE", "BREW", "get"}) {
    const HttpAnswer answer = served.ask(http_request(method, slot.path));
    EXPECT_EQ(answer.status, 405U) << method;
    EXPECT_EQ(answer.field("Allow"), "OPTIONS, HEAD, GET, PUT, PATCH, POST, DELETE");
  }
}

// HUP-29
TEST(FileHandler, FindsNoOtherFiles) {
  ServedFiles served;
  const Slot slot = served.stored("a.txt", "hello");
  const std::string id = slot.facts.id.text();
  const std::string other = FileId::random().text();
  for (const std::string& path :
       {std::string("/"), std::string("/f"), std::string("/f/"), "/f/" + id, "/f/" + id + "/",
        "/f/" + id + "/a.txt/", "/f/" + id + "/a.txt/b", "/f/" + id + "/b.txt",
        "/f/" + other + "/a.txt", "/f/" + id.substr(1) + "/a.txt", "/f/" + id + "A/a.txt",
        "/F/" + id + "/a.txt", "/g/" + id + "/a.txt", std::string("/f/index.db/a.txt")}) {
    EXPECT_EQ(served.ask(http_request("GET", path)).status, 404U) << path;
  }
  EXPECT_EQ(served.ask(http_request("GET", "//f//" + id + "/a.txt?x=y")).body, "hello");
}

// HUP-30
TEST(FileHandler, LeavesTheFolderByNoPath) {
  ServedFiles served;
  const Slot slot = served.stored("a.txt", "hello");
  const std::string id = slot.facts.id.text();
  for (const std::string& tail :
       {std::string("../index.db"), std::string("%2e%2e/index.db"), std::string("..%2findex.db"),
        std::string("%252e%252e%252findex.db"), std::string("..%5cindex.db"),
        std::string("a.txt%00.png"), std::string("....//index.db"), std::string("%c0%ae%c0%ae"),
        id + "/../../index.db", id + "/..%2f..%2findex.db", std::string("stored/") + id}) {
    for (const std::string_view method : {"GET", "HEAD", "PUT", "DELETE"}) {
      const std::string fields =
          method == "PUT" ? slot.authorization + length_line(0) : slot.authorization;
      const unsigned status = served.ask(http_request(method, "/f/" + tail, fields)).status;
      EXPECT_TRUE(status == 400U || status == 404U) << method << " " << tail << ": " << status;
    }
  }
  EXPECT_EQ(served.get(slot).body, "hello");
}

// HUP-30: the file on disk has our own name.
TEST(FileHandler, NamesFilesOnDiskByItself) {
  ServedFiles served;
  const Slot slot = served.stored("../evil.txt", "hello");
  const auto files = served.files_on_disk();
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files.front().find("evil"), std::string::npos);
  EXPECT_TRUE(files.front().ends_with(slot.facts.id.text()) ||
              files.front().starts_with("stored/"));
}

}  // namespace
}  // namespace bellhop::files::test
