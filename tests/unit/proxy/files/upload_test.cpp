// PUT in one piece and in several, and tus: what is taken, and every way in which it is not.
#include <gtest/gtest.h>

#include "tests/unit/proxy/files/served_files.hpp"

namespace bellhop::files::test {
namespace {

const std::string kContent = content_of(1000);
const std::string kTus = "Tus-Resumable: 1.0.0\r\n";
// Of the bytes "hello ".
const std::string kSha1OfHello = "sha1 xNhxrROtAP3pp7t/9+0lQ67FQkE=";

std::string range_line(std::size_t first, std::size_t last, std::size_t size) {
  return "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
         std::to_string(size) + "\r\n";
}

// A part of the content by Content-Range.
HttpAnswer put_part(const ServedFiles& served, const Slot& slot, std::size_t first,
                    std::size_t bytes) {
  return served.put(slot, kContent.substr(first, bytes),
                    range_line(first, first + bytes - 1, slot.facts.size));
}

HttpAnswer tus(const ServedFiles& served, const Slot& slot, std::string_view method,
               std::string_view fields = "", std::string_view body = "") {
  std::string all = slot.authorization + kTus;
  if (!body.empty()) all += length_line(body.size());
  return served.ask(http_request(method, slot.path, all.append(fields), body));
}

HttpAnswer patch(const ServedFiles& served, const Slot& slot, std::size_t offset,
                 std::string_view body, std::string_view fields = "") {
  std::string all = "Content-Type: application/offset+octet-stream\r\nUpload-Offset: ";
  all.append(std::to_string(offset)).append("\r\n").append(fields);
  return tus(served, slot, "PATCH", all, body);
}

// HUP-23
TEST(Upload, CanBeFetchedWhenItIsAnswered) {
  ServedFiles served;
  const Slot slot = served.grant("picture.png", kContent.size(), "image/png");
  EXPECT_EQ(served.get(slot).status, 404U);  // HUP-29: nothing was uploaded as yet
  const HttpAnswer answer = served.put(slot, kContent, "Content-Type: image/png\r\n");
  EXPECT_EQ(answer.status, 201U);
  EXPECT_EQ(answer.field("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(served.get(slot).body, kContent);
  EXPECT_EQ(served.count(FileCounter::uploads_finished), 1U);
}

// HUP-24
TEST(Upload, NeedsAToken) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  for (const std::string& credentials :
       {std::string(), std::string("Authorization: Basic YTpi\r\n"),
        std::string("Authorization: Bearer\r\n"), slot.authorization + slot.authorization,
        "Authorization: Bearer " + std::string(5000, 'x') + "\r\n"}) {
    const HttpAnswer answer =
        served.ask(http_request("PUT", slot.path, credentials + length_line(5), "hello"));
    EXPECT_EQ(answer.status, 401U) << credentials;
    EXPECT_EQ(answer.field("WWW-Authenticate"), "Bearer realm=\"bellhop\"");
  }
  EXPECT_TRUE(served.files_on_disk().empty());
}

// HUP-24
TEST(Upload, NeedsTheTokenOfItsOwnSlot) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  Slot other = served.grant("a.txt", 5);
  std::string forged = slot.authorization;
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  for (const std::string& authorization :
       {other.authorization, forged, std::string("Authorization: Bearer x\r\n")}) {
    Slot wrong = slot;
    wrong.authorization = authorization;
    EXPECT_EQ(served.put(wrong, "hello").status, 403U) << authorization;
  }
  EXPECT_EQ(served.put(slot, "hello").status, 201U);
}

// HUP-24: the same for whatever is wrong with a slot.
TEST(Upload, ForbidsSlotsThatAreGoneOrHaveAnotherName) {
  ServedFiles served;
  Slot slot = served.grant("a.txt", 5);
  Slot renamed = slot;
  renamed.path.replace(renamed.path.size() - 5, 5, "b.htm");
  EXPECT_EQ(served.put(renamed, "hello").status, 403U);
  EXPECT_TRUE(served.remove(slot));
  EXPECT_EQ(served.put(slot, "hello").status, 403U);
}

// HUP-10
TEST(Upload, ForbidsSlotsThatHaveLapsed) {
  ServedFiles served(
      [](config::Settings& settings) { settings.files.slot_timeout = std::chrono::seconds(0); });
  EXPECT_EQ(served.put(served.grant("a.txt", 5), "hello").status, 403U);
}

// HUP-14: the old syntax has no headers.
TEST(Upload, TakesTheTokenFromTheQuery) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  std::string token = slot.authorization.substr(slot.authorization.rfind(' ') + 1);
  token.resize(token.size() - 2);
  const std::string path = slot.path + "?slot=";
  EXPECT_EQ(served.ask(http_request("PUT", path + "x", length_line(5), "hello")).status, 403U);
  EXPECT_EQ(served.ask(http_request("PUT", path + token, length_line(5), "hello")).status, 201U);
}

// HUP-24
TEST(Upload, IsTakenOnce) {
  ServedFiles served;
  const Slot slot = served.stored("a.txt", "hello");
  EXPECT_EQ(served.put(slot, "HELLO").status, 409U);
  EXPECT_EQ(served.get(slot).body, "hello");
}

// HUP-20
TEST(Upload, HasTheLengthThatWasAnnounced) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  for (const std::string_view body : {"", "hell", "hello!"}) {
    EXPECT_EQ(served.put(slot, body).status, 413U) << body;
  }
  EXPECT_EQ(served.get(slot).status, 404U);
  EXPECT_EQ(served.put(slot, "hello").status, 201U);  // HUP-24: tried again
}

// HUP-22, ROOM-13
TEST(Upload, HasTheTypeThatWasAnnounced) {
  ServedFiles served;
  const Slot slot = served.grant("a.png", 5, "image/png");
  EXPECT_EQ(served.put(slot, "hello", "Content-Type: text/html\r\n").status, 415U);
  EXPECT_EQ(served.put(slot, "hello", "Content-Type: no type\r\n").status, 400U);
  EXPECT_EQ(served.put(slot, "hello", "Content-Type: Image/PNG; a=b\r\n").status, 201U);
  EXPECT_EQ(served.get(slot).field("Content-Type"), "image/png");
  const Slot vague = served.grant("b.png", 5, "image/png");
  EXPECT_EQ(served.put(vague, "hello", "Content-Type: application/octet-stream\r\n").status, 201U);
  EXPECT_EQ(served.get(vague).field("Content-Type"), "image/png");
}

// HUP-22
TEST(Upload, GivesAFileItsTypeIfTheSlotHasNone) {
  ServedFiles served;
  const Slot named = served.grant("a.png", 5);
  EXPECT_EQ(served.put(named, "hello", "Content-Type: image/png\r\n").status, 201U);
  EXPECT_EQ(served.get(named).field("Content-Type"), "image/png");
  EXPECT_EQ(served.get(served.stored("b", "hello")).field("Content-Type"),
            "application/octet-stream");
}

// HUP-25
TEST(Upload, AsksForTheBodyOnlyAfterTheChecks) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  const std::string expect = "Expect: 100-continue\r\n";
  HttpClient client = served.connect();
  EXPECT_EQ(client.ask(http_request("PUT", slot.path, expect + length_line(5))).status, 401U);
  EXPECT_TRUE(client.is_ended());
  HttpClient again = served.connect();
  const std::string fields = slot.authorization + expect + length_line(5);
  EXPECT_EQ(again.ask(http_request("PUT", slot.path, fields)).status, 100U);
  EXPECT_EQ(again.ask("hello").status, 201U);
}

TEST(Upload, LetsOneOfTwoConnectionsWrite) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  const std::string fields = slot.authorization + "Expect: 100-continue\r\n" + length_line(5);
  HttpClient first = served.connect();
  EXPECT_EQ(first.ask(http_request("PUT", slot.path, fields)).status, 100U);
  EXPECT_EQ(served.put(slot, "HELLO").status, 423U);
  EXPECT_EQ(first.ask("hello").status, 201U);
  EXPECT_EQ(served.get(slot).body, "hello");
}

TEST(Upload, GoesOnInPlaceOfAConnectionThatIsDead) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", kContent.size());
  HttpClient dead = served.connect();
  dead.send(http_request("PUT", slot.path,
                         slot.authorization + range_line(0, 999, 1000) + length_line(1000),
                         kContent.substr(0, 300)));
  EXPECT_TRUE(eventually([&] {
    const auto sessions = served.sessions();
    return !sessions.empty() && sessions.front().received == 300U;
  }));
  EXPECT_EQ(put_part(served, slot, 300, 700).status, 201U);
  EXPECT_TRUE(dead.is_ended());
  EXPECT_EQ(served.get(slot).body, kContent);
}

TEST(Upload, ComesInPartsByContentRange) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", kContent.size());
  const HttpAnswer first = put_part(served, slot, 0, 400);
  EXPECT_EQ(first.status, 308U);
  EXPECT_EQ(first.field("Range"), "bytes=0-399");
  EXPECT_EQ(first.field("Upload-Offset"), "400");
  EXPECT_EQ(put_part(served, slot, 400, 1).field("Range"), "bytes=0-400");
  EXPECT_EQ(served.get(slot).status, 404U);
  EXPECT_EQ(put_part(served, slot, 401, 599).status, 201U);
  EXPECT_EQ(served.get(slot).body, kContent);
}

TEST(Upload, TellsHowMuchHasCome) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", kContent.size());
  const std::string query = "Content-Range: bytes */1000\r\n";
  const HttpAnswer none = served.put(slot, "", query);
  EXPECT_EQ(none.status, 308U);
  EXPECT_FALSE(none.has("Range"));
  EXPECT_EQ(put_part(served, slot, 0, 10).status, 308U);
  EXPECT_EQ(served.put(slot, "", query).field("Range"), "bytes=0-9");
  EXPECT_EQ(served.put(slot, "", "Content-Range: bytes */999\r\n").status, 413U);
  // Whoever has lost the answer to the last part learns that all is well.
  EXPECT_EQ(put_part(served, slot, 10, 990).status, 201U);
  EXPECT_EQ(served.put(slot, "", query).status, 200U);
}

TEST(Upload, RefusesPartsThatDoNotFit) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", kContent.size());
  EXPECT_EQ(put_part(served, slot, 0, 100).status, 308U);
  const HttpAnswer gap = put_part(served, slot, 101, 10);
  EXPECT_EQ(gap.status, 409U);
  EXPECT_EQ(gap.field("Upload-Offset"), "100");
  EXPECT_EQ(put_part(served, slot, 50, 100).status, 409U);
  EXPECT_EQ(served.put(slot, "abc", range_line(100, 102, 999)).status, 413U);
  EXPECT_EQ(served.put(slot, "abc", range_line(100, 103, 1000)).status, 413U);
  EXPECT_EQ(served.put(slot, "abc", range_line(998, 1000, 1000)).status, 400U);
  EXPECT_EQ(served.put(slot, "abc", "Content-Range: bytes 9-1/1000\r\n").status, 400U);
  EXPECT_EQ(put_part(served, slot, 100, 900).status, 201U);
  EXPECT_EQ(served.get(slot).body, kContent);
}

TEST(Upload, StartsAnewWithoutContentRange) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", kContent.size());
  EXPECT_EQ(served.put(slot, std::string(400, 'x'), range_line(0, 399, 1000)).status, 308U);
  EXPECT_EQ(served.put(slot, kContent).status, 201U);
  EXPECT_EQ(served.get(slot).body, kContent);
}

// tus 1.0.0, "Core Protocol"
TEST(Upload, ComesInPartsByTus) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", kContent.size());
  const HttpAnswer created = tus(served, slot, "POST", "Upload-Length: 1000\r\n");
  EXPECT_EQ(created.status, 201U);
  EXPECT_EQ(created.field("Location"), slot.path);
  EXPECT_TRUE(created.field("Upload-Expires").ends_with("GMT"));
  const HttpAnswer first = patch(served, slot, 0, kContent.substr(0, 600));
  EXPECT_EQ(first.status, 204U);
  EXPECT_EQ(first.field("Upload-Offset"), "600");
  EXPECT_EQ(first.field("Tus-Resumable"), "1.0.0");
  const HttpAnswer head = tus(served, slot, "HEAD");
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.field("Upload-Offset"), "600");
  EXPECT_EQ(head.field("Upload-Length"), "1000");
  EXPECT_EQ(head.field("Cache-Control"), "no-store");
  EXPECT_EQ(patch(served, slot, 600, kContent.substr(600)).field("Upload-Offset"), "1000");
  EXPECT_EQ(served.get(slot).body, kContent);
  EXPECT_EQ(tus(served, slot, "HEAD").field("Upload-Offset"), "1000");
  EXPECT_EQ(patch(served, slot, 1000, "x").status, 413U);
}

// tus 1.0.0, "PATCH"
TEST(Upload, RefusesPatchesThatDoNotFit) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", kContent.size());
  EXPECT_EQ(patch(served, slot, 0, kContent.substr(0, 10)).status, 204U);
  for (const std::size_t offset : {0U, 9U, 11U, 1000U, 1001U, 5000U}) {
    const HttpAnswer answer = patch(served, slot, offset, "");
    EXPECT_EQ(answer.status, 409U) << offset;
    EXPECT_EQ(answer.field("Upload-Offset"), "10") << offset;
  }
  EXPECT_EQ(patch(served, slot, 10, std::string(991, 'x')).status, 413U);
  const std::string type = "Content-Type: application/octet-stream\r\nUpload-Offset: 10\r\n";
  EXPECT_EQ(tus(served, slot, "PATCH", type, "x").status, 415U);
  const std::string offset =
      "Content-Type: application/offset+octet-stream\r\nUpload-Offset: x\r\n";
  EXPECT_EQ(tus(served, slot, "PATCH", offset, "x").status, 400U);
  EXPECT_EQ(tus(served, slot, "HEAD").field("Upload-Offset"), "10");
}

// tus 1.0.0, "Tus-Resumable"
TEST(Upload, SpeaksOneVersionOfTus) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  for (const std::string_view version : {"", "Tus-Resumable: 0.2.2\r\n"}) {
    const std::string fields = slot.authorization + std::string(version);
    const HttpAnswer answer = served.ask(http_request("POST", slot.path, fields));
    EXPECT_EQ(answer.status, 412U);
    EXPECT_EQ(answer.field("Tus-Version"), "1.0.0");
  }
}

// tus 1.0.0, "Creation"
TEST(Upload, CreatesNothingOfAnotherLength) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  EXPECT_EQ(tus(served, slot, "POST", "Upload-Length: 6\r\n").status, 413U);
  EXPECT_EQ(tus(served, slot, "POST", "Upload-Length: five\r\n").status, 400U);
  EXPECT_EQ(tus(served, slot, "POST", "Upload-Defer-Length: 1\r\n").status, 400U);
}

// tus 1.0.0, "Checksum"
TEST(Upload, KeepsNoPieceWhoseChecksumIsWrong) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 11);
  const std::string line = "Upload-Checksum: " + kSha1OfHello + "\r\n";
  EXPECT_EQ(patch(served, slot, 0, "hallo ", line).status, 460U);
  EXPECT_EQ(tus(served, slot, "HEAD").field("Upload-Offset"), "0");
  EXPECT_EQ(patch(served, slot, 0, "hello ", line).status, 204U);
  EXPECT_EQ(patch(served, slot, 6, "world", line).status, 460U);
  EXPECT_EQ(served.get(slot).status, 404U);
  EXPECT_EQ(patch(served, slot, 6, "world", "Upload-Checksum: crc32 AAAAAA==\r\n").status, 400U);
  EXPECT_EQ(patch(served, slot, 6, "world", "Upload-Checksum: sha1 !\r\n").status, 400U);
  EXPECT_EQ(patch(served, slot, 6, "world").status, 204U);
  EXPECT_EQ(served.get(slot).body, "hello world");
}

// tus 1.0.0, "Termination"
TEST(Upload, IsTakenBackBeforeAndAfterItIsWhole) {
  ServedFiles served;
  const Slot half = served.grant("a.txt", 10);
  EXPECT_EQ(patch(served, half, 0, "hello").status, 204U);
  EXPECT_EQ(tus(served, half, "DELETE").status, 204U);
  EXPECT_EQ(tus(served, half, "HEAD").status, 403U);
  const Slot whole = served.stored("b.txt", "hello");
  EXPECT_EQ(served.get(whole).status, 200U);
  EXPECT_EQ(served.ask(http_request("DELETE", whole.path)).status, 401U);
  EXPECT_EQ(served.ask(http_request("DELETE", whole.path, half.authorization)).status, 403U);
  EXPECT_EQ(served.ask(http_request("DELETE", whole.path, whole.authorization)).status, 204U);
  EXPECT_EQ(served.get(whole).status, 404U);
  EXPECT_TRUE(eventually([&] { return served.files_on_disk().empty(); }));
  EXPECT_EQ(served.bytes_taken(), 0U);
}

// HUP-21: told at once, whatever the chunk says is still to come.
TEST(Upload, TellsAtOnceThatAChunkIsTooLong) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  HttpClient client = served.connect();
  const std::string fields = slot.authorization + "Transfer-Encoding: chunked\r\n";
  const HttpAnswer answer =
      client.ask(http_request("PUT", slot.path, fields, "ffffffffffffffff\r\n0123456789"));
  EXPECT_EQ(answer.status, 413U);
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_EQ(served.put(slot, "hello").status, 201U);
}

}  // namespace
}  // namespace bellhop::files::test
