// Sizes and times as people read them.
#include "proxy/files/file_words.hpp"

#include <gtest/gtest.h>

namespace bellhop::files {
namespace {

using namespace std::chrono_literals;

TEST(FileWords, SayHowLargeAFileIs) {
  EXPECT_EQ(bytes_text(0), "0 bytes");
  EXPECT_EQ(bytes_text(1), "1 byte");
  EXPECT_EQ(bytes_text(1023), "1023 bytes");
  EXPECT_EQ(bytes_text(1024), "1 KiB");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(10 * 1024 + 512), "10 KiB");
  EXPECT_EQ(bytes_text(1024 * 1024 - 1), "1023 KiB");
  EXPECT_EQ(bytes_text(std::uint64_t{1} << 30), "1 GiB");
  EXPECT_EQ(bytes_text(UINT64_MAX), "15 EiB");
}

TEST(FileWords, CountFiles) {
  EXPECT_EQ(files_text(0), "0 files");
  EXPECT_EQ(files_text(1), "1 file");
  EXPECT_EQ(files_text(12), "12 files");
}

TEST(FileWords, SayWhenAFileExpires) {
  EXPECT_EQ(moment_text(0), "never");
  EXPECT_EQ(moment_text(1'600'000'000), "2020-09-13 12:26 UTC");
}

TEST(FileWords, SayHowLongFilesAreKept) {
  EXPECT_EQ(duration_text(720h), "30 days");
  EXPECT_EQ(duration_text(24h), "1 day");
  EXPECT_EQ(duration_text(36h), "36 hours");
  EXPECT_EQ(duration_text(90min), "90 minutes");
  EXPECT_EQ(duration_text(61s), "61 seconds");
  EXPECT_EQ(duration_text(1500ms), "1 second");
}

}  // namespace
}  // namespace bellhop::files
