// Names of files: random, and only what was written is read.
#include "proxy/files/file_id.hpp"

#include <gtest/gtest.h>

#include <set>
#include <unordered_set>

namespace bellhop::files {
namespace {

constexpr std::string_view kUrlSafe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// HUP-09: 128 bits in 22 characters that need no escaping in a URL.
TEST(FileId, IsWrittenInTwentyTwoUrlSafeCharacters) {
  FileId id;
  EXPECT_EQ(id.text(), "AAAAAAAAAAAAAAAAAAAAAA");
  id.bytes.fill(0xff);
  EXPECT_EQ(id.text(), "_____________________w");
  for (int i = 0; i < 100; ++i) {
    const std::string text = FileId::random().text();
    EXPECT_EQ(text.size(), FileId::kTextBytes);
    EXPECT_EQ(text.find_first_not_of(kUrlSafe), std::string::npos) << text;
  }
}

// HUP-09
TEST(FileId, IsNeverTheSameTwice) {
  std::set<FileId> seen;
  std::unordered_set<FileId> hashed;
  for (int i = 0; i < 1000; ++i) {
    const FileId id = FileId::random();
    EXPECT_TRUE(seen.insert(id).second);
    EXPECT_TRUE(hashed.insert(id).second);
  }
}

TEST(FileId, IsReadAsItWasWritten) {
  for (int i = 0; i < 100; ++i) {
    const FileId id = FileId::random();
    EXPECT_EQ(FileId::parse(id.text()), id);
  }
}

// HUP-30: what names a file on disk has no dot and no slash.
TEST(FileId, IsNotReadFromAnythingElse) {
  const std::string good(FileId::kTextBytes, 'A');
  EXPECT_FALSE(FileId::parse(""));
  EXPECT_FALSE(FileId::parse(good + "A"));
  EXPECT_FALSE(FileId::parse(good.substr(1)));
  for (const char c : std::string_view(".\\/ =+%\n\0\x80", 10)) {
    for (std::size_t at = 0; at < good.size(); ++at) {
      std::string bad = good;
      bad[at] = c;
      EXPECT_FALSE(FileId::parse(bad)) << bad;
    }
  }
}

// One file has one name: spare bits of the last character are not ignored.
TEST(FileId, HasOneSpelling) {
  const FileId id{};
  for (const char c : kUrlSafe) {
    std::string text = id.text();
    text.back() = c;
    const auto read = FileId::parse(text);
    if (read) {
      EXPECT_EQ(read->text(), text);
    }
  }
}

}  // namespace
}  // namespace bellhop::files
