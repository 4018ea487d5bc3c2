// Bodies with several ranges: laid out, sent, and read again.
#include "proxy/http/multipart_ranges.hpp"

#include <gtest/gtest.h>

#include <array>

#include "proxy/http/byte_range.hpp"
#include "proxy/http/media_type.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

// What a sender puts on the wire.
std::string send(const MultipartRanges& layout, std::string_view file) {
  std::string body;
  for (const auto& part : layout.parts) {
    body += part.head;
    body += file.substr(part.range.first, part.range.length());
  }
  return body + layout.tail;
}

TEST(MultipartRanges, AreLaidOutAsRfc2046Says) {
  const std::array ranges{ByteRange{0, 1}, ByteRange{4, 6}};
  const auto layout = lay_out_multipart(ranges, 10, "text/plain; charset=utf-8", "Q7");
  EXPECT_EQ(layout.content_type, "multipart/byteranges; boundary=Q7");
  EXPECT_EQ(send(layout, "0123456789"),
            "--Q7\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Range: bytes 0-1/10\r\n"
            "\r\n"
            "01\r\n"
            "--Q7\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Range: bytes 4-6/10\r\n"
            "\r\n"
            "456\r\n"
            "--Q7--\r\n");
}

TEST(MultipartRanges, KnowTheirLengthToTheByte) {
  const std::string file(300, 'x');
  for (const std::string_view range : {"bytes=0-0,2-2", "bytes=0-9,20-119,-50", "bytes=1-2,4-"}) {
    const auto selection = select_ranges(range, file.size());
    const auto layout =
        lay_out_multipart(selection.ranges, file.size(), "image/png", "abcdef0123456789");
    EXPECT_EQ(layout.parts.size(), selection.ranges.size());
    EXPECT_EQ(layout.length, send(layout, file).size()) << range;
  }
}

TEST(MultipartRanges, OfTheLargestFileDoNotOverflow) {
  const std::array ranges{ByteRange{0, kFileBytesMax - 3},
                          ByteRange{kFileBytesMax - 1, kFileBytesMax - 1}};
  const auto layout =
      lay_out_multipart(ranges, kFileBytesMax, kOctetStream, std::string(kBoundaryBytesMax, 'b'));
  std::uint64_t text = layout.tail.size();
  for (const auto& part : layout.parts) text += part.head.size();
  EXPECT_EQ(layout.length, kFileBytesMax - 1 + text);
}

}  // namespace
}  // namespace bellhop::http
