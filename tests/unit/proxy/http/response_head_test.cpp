// Heads of answers: their form, and what cannot get into them.
#include "proxy/http/response_head.hpp"

#include <gtest/gtest.h>

#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

using namespace std::string_view_literals;

TEST(ResponseHead, WritesStatusLineAndFieldsInOrder) {
  ResponseHead head(201);
  head.add("Location", "/a/b")
      .add("Content-Length", 0U)
      .add("Set-Cookie", "a")
      .add("Set-Cookie", "b");
  EXPECT_EQ(head.text(),
            "HTTP/1.1 201 Created\r\n"
            "Location: /a/b\r\n"
            "Content-Length: 0\r\n"
            "Set-Cookie: a\r\n"
            "Set-Cookie: b\r\n"
            "\r\n");
  EXPECT_EQ(head.dropped(), 0U);
}

TEST(ResponseHead, WritesTheLargestNumber) {
  EXPECT_EQ(ResponseHead(200).add("Content-Length", UINT64_MAX).text(),
            "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n");
}

TEST(ResponseHead, TrimsValuesAndTakesEmptyOnes) {
  EXPECT_EQ(ResponseHead(200).add("A", " \tb\tc ").add("D", "").text(),
            "HTTP/1.1 200 OK\r\nA: b\tc\r\nD: \r\n\r\n");
}

TEST(ResponseHead, LeavesOutValuesThatCouldBeginAnotherLine) {
  for (const std::string_view bad : {"a\r\nX: y"sv, "a\rb"sv, "a\nb"sv, "a\0b"sv, "\x1B[2J"sv,
                                     "a\x7F"sv, "\xC3\xBC"sv, "a\v"sv, "\r\n"sv}) {
    ResponseHead head(200);
    head.add("A", bad);
    EXPECT_EQ(head.text(), "HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_EQ(head.dropped(), 1U);
  }
}

TEST(ResponseHead, LeavesOutNamesThatAreNoTokens) {
  ResponseHead head(200);
  head.add("", "a").add("A B", "a").add("A:", "a").add("A\r\nB", "a").add("\xC3\xBC", "a");
  EXPECT_EQ(head.text(), "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(head.dropped(), 5U);
}

TEST(ResponseHead, HasAMaximum) {
  ResponseHead head(200);
  const std::string value(4096, 'v');
  for (int i = 0; i < 100; ++i) head.add("A", value);
  EXPECT_LE(head.text().size(), kHeadBytesMax);
  EXPECT_GT(head.text().size(), kHeadBytesMax - 2 * value.size());
  EXPECT_GT(head.dropped(), 0U);
}

TEST(ReasonPhrase, IsThereForEachStatusOfThisService) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(207), "Multi-Status");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(416), "Range Not Satisfiable");
  EXPECT_EQ(reason_phrase(460), "Checksum Mismatch");
  for (const unsigned status :
       {100U, 201U, 204U, 206U, 301U, 302U, 303U, 304U, 307U, 308U, 400U, 401U, 403U, 404U,
        405U, 406U, 408U, 409U, 410U, 411U, 412U, 414U, 415U, 417U, 421U, 422U, 423U, 424U,
        426U, 428U, 429U, 431U, 500U, 501U, 502U, 503U, 504U, 505U, 507U, 508U}) {
    EXPECT_FALSE(reason_phrase(status).empty()) << status;
  }
}

// RFC 9112 §4: the blank stays.
TEST(ReasonPhrase, MayBeMissing) {
  EXPECT_EQ(reason_phrase(599), "");
  EXPECT_EQ(ResponseHead(599).text(), "HTTP/1.1 599 \r\n\r\n");
}

TEST(ReasonPhrase, IsSafeInAStatusLine) {
  for (unsigned status = 0; status < 1000; ++status) {
    for (const char c : reason_phrase(status)) EXPECT_TRUE(is_visible(c) || c == ' ') << status;
  }
}

}  // namespace
}  // namespace bellhop::http
