// Handles of files: made of an id and read back to it, by this store alone.
#include "proxy/files/file_handle.hpp"

#include <gtest/gtest.h>

#include <set>

namespace bellhop::files {
namespace {

const FileHandles kHandles{config::Secret("0123456789abcdef")};

TEST(FileHandles, ReadBackToTheirId) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const FileId id = FileId::random();
    const std::string handle = kHandles.make(id);
    EXPECT_EQ(kHandles.make(id), handle) << "a name stays what it is";
    EXPECT_EQ(kHandles.read(handle), id);
    EXPECT_TRUE(seen.insert(handle).second);
  }
  for (const unsigned byte : {0x00U, 0xFFU}) {
    FileId id;
    id.bytes.fill(static_cast<std::uint8_t>(byte));
    EXPECT_EQ(kHandles.read(kHandles.make(id)), id);
  }
}

// FIPS 197 §C.1, so that a store is read by later versions too.
TEST(FileHandles, AreTheIdAsOneBlockOfAes128) {
  std::string secret;
  FileId id;
  FileId enciphered;
  enciphered.bytes = {0x69, 0xC4, 0xE0, 0xD8, 0x6A, 0x7B, 0x04, 0x30,
                      0xD8, 0xCD, 0xB7, 0x80, 0x70, 0xB4, 0xC5, 0x5A};
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    secret += static_cast<char>(i);
    id.bytes[i] = static_cast<std::uint8_t>(i * 0x11);
  }
  EXPECT_EQ(FileHandles(config::Secret(secret)).make(id), enciphered.text());
}

TEST(FileHandles, AreOthersWithAnotherSecret) {
  const FileHandles others{config::Secret("fedcba9876543210")};
  const FileId id = FileId::random();
  EXPECT_NE(others.make(id), kHandles.make(id));
  EXPECT_NE(others.read(kHandles.make(id)), id);
}

// HUP-09: whoever sees the handle must not be able to fetch the file.
TEST(FileHandles, ShowNothingOfTheId) {
  FileId id = FileId::random();
  const std::string first = kHandles.make(id);
  EXPECT_NE(first, id.text());
  id.bytes[0] ^= 1;
  const std::string second = kHandles.make(id);
  // Of 22 characters two unrelated ones share a third of one.
  std::size_t shared = 0;
  for (std::size_t i = 0; i < FileId::kTextBytes; ++i) shared += first[i] == second[i] ? 1 : 0;
  EXPECT_LT(shared, 8U) << first << ' ' << second;
}

TEST(FileHandles, AreReadInTheirOwnFormOnly) {
  const std::string handle = kHandles.make(FileId::random());
  EXPECT_EQ(handle.size(), FileId::kTextBytes);
  EXPECT_EQ(handle.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_"),
            std::string::npos);
  for (const std::string& text :
       {std::string(), handle.substr(1), handle + "A", " " + handle.substr(1),
        handle.substr(1) + "=", handle.substr(1) + "\xFF", handle.substr(1) + '\0',
        std::string("../../../../etc/passwd"), std::string(1 << 20, 'A')}) {
    EXPECT_FALSE(kHandles.read(text)) << text.substr(0, 40);
  }
}

// Cut, lengthened or changed anywhere: another id or none, and no way to tell them apart.
TEST(FileHandles, GiveSomeIdForATextThatWasNeverMade) {
  const FileId id = FileId::random();
  const std::string handle = kHandles.make(id);
  for (std::size_t at = 0; at + 1 < handle.size(); ++at) {
    std::string other = handle;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    const auto read = kHandles.read(other);
    ASSERT_TRUE(read) << other;
    EXPECT_NE(*read, id);
    EXPECT_EQ(kHandles.make(*read), other);
  }
  EXPECT_TRUE(kHandles.read(std::string(FileId::kTextBytes, 'A')));
}

}  // namespace
}  // namespace bellhop::files
