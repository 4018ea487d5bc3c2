// Bodies of uploads: cut off, too long, too short, large, and gone on with.
#include <gtest/gtest.h>

#include "tests/unit/proxy/files/served_files.hpp"

namespace bellhop::files::test {
namespace {

const std::string kChunked = "Transfer-Encoding: chunked\r\n";

std::string offset_of(const ServedFiles& served, const Slot& slot) {
  const std::string fields = slot.authorization + "Tus-Resumable: 1.0.0\r\n";
  return served.ask(http_request("HEAD", slot.path, fields)).field("Upload-Offset");
}

std::string put_chunked(const Slot& slot, std::string_view body, std::size_t chunk_bytes) {
  return http_request("PUT", slot.path, slot.authorization + kChunked, chunked(body, chunk_bytes));
}

// HUP-21
TEST(UploadBody, IsCountedWhenItComesInChunks) {
  ServedFiles served;
  const std::string content = content_of(2000);
  for (const std::size_t chunk : {1U, 7U, 1999U, 2000U}) {
    const Slot slot = served.grant("a.txt", content.size());
    EXPECT_EQ(served.ask(put_chunked(slot, content, chunk)).status, 201U) << chunk;
    EXPECT_EQ(served.get(slot).body, content);
  }
}

// HUP-21
TEST(UploadBody, IsRefusedWhenItsChunksAreTooMany) {
  ServedFiles served;
  const std::string content = content_of(2000);
  for (const std::size_t chunk : {1U, 1999U, 3000U}) {
    const Slot slot = served.grant("a.txt", 1999);
    HttpClient client = served.connect();
    EXPECT_EQ(client.ask(put_chunked(slot, content, chunk)).status, 413U) << chunk;
    EXPECT_TRUE(client.is_ended());
    EXPECT_EQ(served.get(slot).status, 404U);
    EXPECT_EQ(served.put(slot, content.substr(0, 1999)).status, 201U);
  }
}

// HUP-21
TEST(UploadBody, IsRefusedWhenItsChunksAreTooFew) {
  ServedFiles served;
  const std::string content = content_of(2000);
  const Slot slot = served.grant("a.txt", 2001);
  HttpClient client = served.connect();
  EXPECT_EQ(client.ask(put_chunked(slot, content, 100)).status, 400U);
  EXPECT_EQ(client.ask(http_request("GET", slot.path)).status, 404U);
  EXPECT_EQ(client.ask(put_chunked(slot, content + "x", 100)).status, 201U);
}

// HUP-20
TEST(UploadBody, TakesNoMoreThanWasAnnounced) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 5);
  HttpClient client = served.connect();
  const std::string fields = slot.authorization + length_line(5);
  client.send(http_request("PUT", slot.path, fields, "hello and more\r\n\r\n"));
  EXPECT_EQ(client.read().status, 201U);
  EXPECT_EQ(client.read().status, 400U);  // what follows is no request
  EXPECT_TRUE(client.is_ended());
  EXPECT_EQ(served.get(slot).body, "hello");
}

TEST(UploadBody, GoesOnWhereItWasCutOff) {
  ServedFiles served;
  const std::string content = content_of(100000);
  for (const std::size_t cut : {0U, 1U, 4095U, 65536U, 99999U}) {
    const Slot slot = served.grant("a.bin", content.size());
    HttpClient client = served.connect();
    client.send(http_request("PUT", slot.path, slot.authorization + length_line(content.size()),
                             content.substr(0, cut)));
    client.shutdown_send();
    EXPECT_EQ(client.read().status, 400U);
    ASSERT_EQ(offset_of(served, slot), std::to_string(cut));
    EXPECT_EQ(served.get(slot).status, 404U);  // HUP-31
    const std::string rest = "Content-Range: bytes " + std::to_string(cut) + "-99999/100000\r\n";
    EXPECT_EQ(served.put(slot, content.substr(cut), rest).status, 201U) << cut;
    EXPECT_TRUE(served.get(slot).body == content);
  }
}

TEST(UploadBody, KeepsWhatCameBeforeAReset) {
  ServedFiles served;
  const std::string content = content_of(100000);
  const Slot slot = served.grant("a.bin", content.size());
  HttpClient client = served.connect();
  client.send(http_request("PUT", slot.path, slot.authorization + length_line(content.size()),
                           content.substr(0, 50000)));
  EXPECT_TRUE(eventually([&] {
    const auto sessions = served.sessions();
    return !sessions.empty() && sessions.front().received == 50000U;
  }));
  client.reset();
  EXPECT_TRUE(eventually([&] { return served.count(FileCounter::uploads_cut_off) == 1U; }));
  EXPECT_EQ(offset_of(served, slot), "50000");
  EXPECT_TRUE(eventually([&] { return served.put(slot, content).status == 201U; }));
}

TEST(UploadBody, IsWrittenWhateverItsSize) {
  ServedFiles served;
  const std::string content = content_of(10 * 1024 * 1024 + 1);
  EXPECT_TRUE(served.get(served.stored("large.bin", content)).body == content);
}

TEST(UploadBody, TakesRestsInChunks) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", 11);
  const std::string patch =
      slot.authorization + kChunked +
      "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: ";
  EXPECT_EQ(served.ask(http_request("PATCH", slot.path, patch + "0\r\n", chunked("hello ", 4)))
                .field("Upload-Offset"),
            "6");
  EXPECT_EQ(
      served.ask(http_request("PATCH", slot.path, patch + "6\r\n", chunked("world!", 6))).status,
      413U);
  EXPECT_EQ(
      served.ask(http_request("PATCH", slot.path, patch + "6\r\n", chunked("world", 5))).status,
      204U);
  EXPECT_EQ(served.get(slot).body, "hello world");
}

}  // namespace
}  // namespace bellhop::files::test
