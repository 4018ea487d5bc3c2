// Open files: found until they expire or newer ones take their place.
#include "proxy/files/file_cache.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bellhop::files {
namespace {

constexpr std::string_view kDigest =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

OpenFile open_file(Second expires = 0) {
  OpenFile file;
  file.facts.id = FileId::random();
  file.facts.name = "cat.png";
  file.facts.type = "image/png";
  file.facts.expires = expires;
  file.facts.sha256 = kDigest;
  file.fd = base::UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return file;
}

std::string head_of(const FileFacts& facts) {
  FileCache cache;
  OpenFile file = open_file();
  file.facts = facts;
  http::ResponseHead head(200);
  cache.insert(std::move(file))->describe(head);
  EXPECT_EQ(head.dropped(), 0U);
  return head.text();
}

TEST(FileCache, FindsWhatWasInserted) {
  FileCache cache;
  EXPECT_EQ(cache.find(FileId::random(), 0), nullptr);
  const auto file = cache.insert(open_file());
  EXPECT_EQ(cache.find(file->facts.id, 1'000'000), file) << "it never expires";
  EXPECT_TRUE(file->fd);
}

TEST(FileCache, ForgetsAFileWhenItExpires) {
  FileCache cache;
  const FileId id = cache.insert(open_file(100))->facts.id;
  EXPECT_NE(cache.find(id, 99), nullptr);
  EXPECT_EQ(cache.find(id, 100), nullptr);
  EXPECT_EQ(cache.find(id, 99), nullptr) << "gone for good";
}

// Whoever is serving a file goes on with it.
TEST(FileCache, LeavesRemovedFilesToThoseWhoHoldThem) {
  FileCache cache;
  const auto file = cache.insert(open_file());
  cache.remove(file->facts.id);
  cache.remove(file->facts.id);
  EXPECT_EQ(cache.find(file->facts.id, 0), nullptr);
  EXPECT_TRUE(file->fd);
}

TEST(FileCache, ReplacesAFileOfTheSameId) {
  FileCache cache;
  OpenFile second = open_file();
  const auto first = cache.insert(open_file());
  second.facts.id = first->facts.id;
  const auto newer = cache.insert(std::move(second));
  EXPECT_EQ(cache.find(first->facts.id, 0), newer);
}

TEST(FileCache, LosesTheLeastRecentlyUsedAboveItsMaximum) {
  FileCache cache;
  std::vector<FileId> ids;
  for (std::size_t i = 0; i < FileCache::kEntriesMax; ++i) {
    ids.push_back(cache.insert(open_file())->facts.id);
  }
  EXPECT_NE(cache.find(ids[0], 0), nullptr) << "all fit; the first is now the latest";
  cache.insert(open_file());
  EXPECT_NE(cache.find(ids[0], 0), nullptr);
  EXPECT_EQ(cache.find(ids[1], 0), nullptr);
  EXPECT_NE(cache.find(ids[2], 0), nullptr);
}

// HUP-26, HUP-28
TEST(ServedFile, IsDescribedWithAllThatKeepsItHarmless) {
  FileFacts facts = open_file().facts;
  facts.created = 784111777;  // the example of RFC 9110 §5.6.7
  const std::string head = head_of(facts);
  for (const std::string_view field :
       {"\r\nContent-Type: image/png\r\n", "\r\nContent-Disposition: inline",
        "\r\nETag: \"ba7816bf8f01cfea414140de5dae2223\"\r\n",
        "\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "\r\nAccept-Ranges: bytes\r\n",
        "\r\nX-Content-Type-Options: nosniff\r\n", "immutable\r\n",
        "\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'"}) {
    EXPECT_NE(head.find(field), std::string::npos) << field << " in\n" << head;
  }
}

// HUP-16, HUP-26: a type that a browser would run is saved, not shown.
TEST(ServedFile, IsShownInPlaceOnlyIfItCannotRun) {
  FileFacts facts = open_file().facts;
  facts.type = "text/html;charset=utf-8";
  EXPECT_NE(head_of(facts).find("\r\nContent-Disposition: attachment"), std::string::npos);
  facts.type = "image/svg+xml";
  EXPECT_NE(head_of(facts).find("\r\nContent-Disposition: attachment"), std::string::npos);
  facts.type = "text/plain;charset=utf-8";
  EXPECT_NE(head_of(facts).find("\r\nContent-Disposition: inline"), std::string::npos);
  facts.type.clear();
  const std::string untyped = head_of(facts);
  EXPECT_NE(untyped.find("\r\nContent-Type: application/octet-stream\r\n"), std::string::npos);
  EXPECT_NE(untyped.find("\r\nContent-Disposition: attachment"), std::string::npos);
}

}  // namespace
}  // namespace bellhop::files
