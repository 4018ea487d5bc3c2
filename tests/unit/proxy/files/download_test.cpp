// GET and HEAD: whole files, parts, conditions, and the fields that keep browsers from harm.
#include <gtest/gtest.h>

#include <tuple>

#include "tests/unit/proxy/files/served_files.hpp"

namespace bellhop::files::test {
namespace {

const std::string kContent = content_of(1000);

std::string range(std::string_view ranges) {
  return "Range: " + std::string(ranges) + "\r\n";
}

// HUP-28
TEST(Download, AnswersHeadLikeGet) {
  ServedFiles served;
  const Slot slot = served.stored("a.png", kContent, "image/png");
  HttpClient client = served.connect();
  for (const std::string& fields :
       {std::string(), range("bytes=0-9"), range("bytes=5000-"), range("bytes=0-9,20-29"),
        std::string("If-None-Match: *\r\n"), std::string("If-Match: \"x\"\r\n")}) {
    const HttpAnswer whole = client.ask(http_request("GET", slot.path, fields));
    const HttpAnswer head = client.ask(http_request("HEAD", slot.path, fields));
    EXPECT_EQ(head.status, whole.status) << fields;
    const std::vector<std::string> differ = {"date", "content-type"};  // a boundary is random
    EXPECT_EQ(head.fields_but(differ), whole.fields_but(differ)) << fields;
  }
  EXPECT_EQ(client.ask(http_request("HEAD", slot.path)).field("Content-Length"), "1000");
}

// HUP-26
TEST(Download, CarriesTheFieldsThatKeepBrowsersFromHarm) {
  ServedFiles served;
  const Slot slot = served.stored("a.png", kContent, "image/png");
  for (const std::string& fields : {std::string(), range("bytes=0-9"), range("bytes=0-9,20-29")}) {
    const HttpAnswer answer = served.get(slot, fields);
    EXPECT_TRUE(answer.field("Content-Security-Policy")
                    .starts_with("default-src 'none'; frame-ancestors 'none'"));
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "*");
    EXPECT_FALSE(answer.has("Access-Control-Allow-Credentials"));
  }
}

// HUP-26
TEST(Download, ShowsInPlaceOnlyWhatCannotRun) {
  ServedFiles served;
  for (const std::string_view type :
       {"image/png", "image/jpeg", "audio/ogg", "video/mp4", "text/plain"}) {
    const HttpAnswer answer = served.get(served.stored("a", kContent, type));
    EXPECT_TRUE(answer.field("Content-Disposition").starts_with("inline;")) << type;
    EXPECT_EQ(answer.field("Content-Type"), type);
  }
  for (const std::string_view type :
       {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/javascript",
        "text/css", "application/pdf", "", "x/y"}) {
    const HttpAnswer answer = served.get(served.stored("a", kContent, type));
    EXPECT_TRUE(answer.field("Content-Disposition").starts_with("attachment;")) << type;
  }
}

// HUP-26, HUP-07
TEST(Download, CarriesNamesOfEveryKindWithoutHarm) {
  ServedFiles served;
  for (const std::string_view name :
       {"..", ".htaccess", "../../etc/passwd", "a/b\\c", "<script>.html", "\xE2\x80\xAEgnp.exe",
        "a\"b;c.png", "\xC3\xBC \xE6\x97\xA5.png", "%2e%2e", "100%2Foff.txt", "a\r\nX-Evil: 1",
        "a?b#c&d=e+f.txt", "\xFF\xFE", " a . ", "con"}) {
    const Slot slot = served.stored(name, "hello", "text/html");
    const HttpAnswer answer = served.get(slot);
    EXPECT_EQ(answer.body, "hello") << name << " " << slot.path;
    const std::string disposition = answer.field("Content-Disposition");
    EXPECT_TRUE(disposition.starts_with("attachment; filename=\"")) << name;
    EXPECT_EQ(disposition.find('/'), std::string::npos) << disposition;
    EXPECT_FALSE(answer.has("X-Evil"));
  }
}

// HUP-28
TEST(Download, SendsTheRangeThatIsAskedFor) {
  ServedFiles served;
  const Slot slot = served.stored("a.txt", kContent);
  const HttpAnswer answer = served.get(slot, range("bytes=10-19"));
  EXPECT_EQ(answer.status, 206U);
  EXPECT_EQ(answer.field("Content-Range"), "bytes 10-19/1000");
  EXPECT_EQ(answer.body, kContent.substr(10, 10));
  EXPECT_EQ(served.get(slot, range("bytes=-7")).body, kContent.substr(993));
  EXPECT_EQ(served.get(slot, range("bytes=990-")).body, kContent.substr(990));
  EXPECT_EQ(served.get(slot, range("bytes=990-5000")).field("Content-Range"), "bytes 990-999/1000");
  EXPECT_EQ(served.get(slot, range("bytes=0-0")).body, kContent.substr(0, 1));
  EXPECT_EQ(served.get(slot, range("lines=1-2")).status, 200U);
  EXPECT_EQ(served.get(slot, range("bytes=9-1")).status, 200U);
}

// HUP-28
TEST(Download, SaysThatARangeIsBehindTheEnd) {
  ServedFiles served;
  const HttpAnswer answer = served.get(served.stored("a.txt", kContent), range("bytes=1000-"));
  EXPECT_EQ(answer.status, 416U);
  EXPECT_EQ(answer.field("Content-Range"), "bytes */1000");
}

TEST(Download, SendsSeveralRangesAsParts) {
  ServedFiles served;
  const Slot slot = served.stored("a.txt", kContent, "text/plain");
  const HttpAnswer answer = served.get(slot, range("bytes=0-4,500-509,-3"));
  EXPECT_EQ(answer.status, 206U);
  const std::string type = answer.field("Content-Type");
  ASSERT_TRUE(type.starts_with("multipart/byteranges; boundary="));
  const std::string boundary = "--" + type.substr(type.find('=') + 1);
  EXPECT_EQ(answer.body.size(), std::stoul(answer.field("Content-Length")));
  for (const auto& [field, first, bytes] :
       {std::tuple("bytes 0-4/1000", 0U, 5U), std::tuple("bytes 500-509/1000", 500U, 10U),
        std::tuple("bytes 997-999/1000", 997U, 3U)}) {
    const std::size_t at = answer.body.find(field);
    ASSERT_NE(at, std::string::npos) << field;
    const std::size_t begin = answer.body.find("\r\n\r\n", at) + 4;
    EXPECT_EQ(answer.body.substr(begin, bytes), kContent.substr(first, bytes));
    EXPECT_EQ(answer.body.substr(begin + bytes, 2 + boundary.size()), "\r\n" + boundary);
  }
  EXPECT_TRUE(answer.body.ends_with(boundary + "--\r\n"));
}

// RFC 9110 §13.1.5
TEST(Download, SendsARangeOnlyOfTheFileThatIsMeant) {
  ServedFiles served;
  const Slot slot = served.stored("a.txt", kContent);
  const std::string tag = served.get(slot).field("ETag");
  const std::string part = range("bytes=0-9");
  EXPECT_EQ(served.get(slot, part + "If-Range: " + tag + "\r\n").status, 206U);
  EXPECT_EQ(served.get(slot, part + "If-Range: \"x\"\r\n").status, 200U);
  EXPECT_EQ(served.get(slot, part + "If-Range: W/" + tag + "\r\n").status, 200U);
}

// HUP-28
TEST(Download, SendsNothingThatTheClientHas) {
  ServedFiles served;
  const Slot slot = served.stored("a.txt", kContent);
  const HttpAnswer first = served.get(slot);
  EXPECT_EQ(first.field("Accept-Ranges"), "bytes");
  EXPECT_NE(first.field("Cache-Control").find("immutable"), std::string::npos);
  HttpClient client = served.connect();
  for (const std::string& fields :
       {"If-None-Match: \"x\", " + first.field("ETag") + "\r\n",
        "If-Modified-Since: " + first.field("Last-Modified") + "\r\n"}) {
    const HttpAnswer answer = client.ask(http_request("GET", slot.path, fields));
    EXPECT_EQ(answer.status, 304U) << fields;
    EXPECT_EQ(answer.field("ETag"), first.field("ETag"));
  }
  const std::string other = "If-None-Match: \"x\"\r\n";
  EXPECT_EQ(client.ask(http_request("GET", slot.path, other)).body, kContent);
  const std::string match = "If-Match: \"x\"\r\n";
  EXPECT_EQ(client.ask(http_request("GET", slot.path, match)).status, 412U);
  EXPECT_EQ(client.ask(http_request("GET", slot.path)).body, kContent);
}

TEST(Download, SendsFilesThatAreLargerThanItsBuffers) {
  ServedFiles served;
  for (const std::size_t bytes : {1U, 32U * 1024U, 32U * 1024U + 1U, 5U * 1024U * 1024U}) {
    const std::string content = content_of(bytes);
    const Slot slot = served.stored("a", content);
    EXPECT_TRUE(served.get(slot).body == content) << bytes;
    const std::string last = range("bytes=-" + std::to_string(bytes / 2 + 1));
    EXPECT_TRUE(served.get(slot, last).body == content.substr(bytes - (bytes / 2 + 1))) << bytes;
  }
}

// HUP-29
TEST(Download, FindsNothingThatIsDeleted) {
  ServedFiles served;
  const Slot slot = served.stored("a.txt", kContent);
  EXPECT_EQ(served.get(slot).status, 200U);
  EXPECT_TRUE(served.remove(slot));
  EXPECT_TRUE(eventually([&] { return served.get(slot).status == 404U; }));
}

}  // namespace
}  // namespace bellhop::files::test
