// Content-Range as answers carry it and uploads bring it.
#include "proxy/http/content_range.hpp"

#include <gtest/gtest.h>

#include "proxy/http/errors.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

TEST(ContentRange, ReadsAPartOfAFileOfKnownSize) {
  const auto parsed = parse_content_range("bytes 5-9/10");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, (ContentRange{.range = ByteRange{5, 9}, .size = 10}));
  EXPECT_EQ(parsed->range->length(), 5U);
}

TEST(ContentRange, ReadsAPartOfAFileOfUnknownSize) {
  const auto parsed = parse_content_range(" BYTES 0-0/* ");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, (ContentRange{.range = ByteRange{0, 0}}));
}

TEST(ContentRange, ReadsTheQuestionForTheOffset) {
  const auto parsed = parse_content_range("bytes */10");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, (ContentRange{.size = 10}));
  EXPECT_TRUE(parse_content_range("bytes */0"));
}

TEST(ContentRange, TakesTheLargestFile) {
  const auto parsed = parse_content_range("bytes 0-9223372036854775806/9223372036854775807");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->range->length(), kFileBytesMax);
}

TEST(ContentRange, IsReadAsItIsWritten) {
  for (const std::string_view text : {"bytes 0-0/1", "bytes 7-12/*", "bytes */99"}) {
    const auto parsed = parse_content_range(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->text(), text);
  }
}

TEST(ContentRange, RefusesWhatIsNone) {
  for (const std::string_view bad : {"",
                                     "bytes",
                                     "bytes ",
                                     "bytes 0-0",
                                     "bytes=0-0/1",
                                     "bytes 0-0/",
                                     "bytes /1",
                                     "bytes -5/10",
                                     "bytes 5-/10",
                                     "bytes */*",
                                     "bytes 5-4/10",
                                     "bytes 0-10/10",
                                     "bytes 10-10/10",
                                     "bytes 0-0/0",
                                     "octets 0-0/1",
                                     "bytes 0 - 0/1",
                                     "bytes 0-0 / 1",
                                     "bytes 0-0/1/2",
                                     "bytes 0-0/-1",
                                     "bytes 0-9223372036854775807/*",
                                     "bytes 0-1/9223372036854775808",
                                     "bytes 18446744073709551616-18446744073709551617/*",
                                     "bytes 0x0-0x1/2"}) {
    const auto parsed = parse_content_range(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_TRUE(parsed.error().is(errors::bad_content_range)) << bad;
  }
}

}  // namespace
}  // namespace bellhop::http
