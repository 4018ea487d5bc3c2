// Depth, Overwrite, Timeout and Lock-Token.
#include "proxy/webdav/dav_headers.hpp"

#include <gtest/gtest.h>

#include <string>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

using std::chrono::seconds;

constexpr TimeoutPolicy kPolicy{
    .by_default = seconds(600), .min = seconds(10), .max = seconds(3600)};

// DAV-20
TEST(DavHeaders, ReadDepth) {
  EXPECT_EQ(*parse_depth("0", DepthRule::any), Depth::zero);
  EXPECT_EQ(*parse_depth("1", DepthRule::any), Depth::one);
  EXPECT_EQ(*parse_depth(" Infinity ", DepthRule::any), Depth::infinity);
  EXPECT_EQ(*parse_depth(std::nullopt, DepthRule::any), Depth::infinity);
  for (const char* bad : {"", "2", "1,noroot", "01", "infinite"}) {
    EXPECT_EQ(refusal(parse_depth(bad, DepthRule::any)), errors::bad_depth.name) << bad;
  }
}

// DAV-27, DAV-40: each method has its depths.
TEST(DavHeaders, RefuseADepthThatTheMethodDoesNotTake) {
  EXPECT_EQ(*parse_depth("0", DepthRule::zero_or_infinity), Depth::zero);
  EXPECT_EQ(refusal(parse_depth("1", DepthRule::zero_or_infinity)), errors::bad_depth.name);
  EXPECT_EQ(*parse_depth("infinity", DepthRule::infinity_only), Depth::infinity);
  EXPECT_EQ(refusal(parse_depth("0", DepthRule::infinity_only)), errors::bad_depth.name);
  EXPECT_EQ(refusal(parse_depth("1", DepthRule::infinity_only)), errors::bad_depth.name);
  for (const Depth depth : {Depth::zero, Depth::one, Depth::infinity}) {
    EXPECT_EQ(*parse_depth(to_string(depth), DepthRule::any), depth);
  }
}

// DAV-29
TEST(DavHeaders, ReadOverwrite) {
  EXPECT_EQ(*parse_overwrite(std::nullopt), Overwrite::yes);
  EXPECT_EQ(*parse_overwrite("T"), Overwrite::yes);
  EXPECT_EQ(*parse_overwrite("F"), Overwrite::no);
  EXPECT_EQ(*parse_overwrite(" f"), Overwrite::no);
  for (const char* bad : {"", "true", "TF", "0"}) {
    EXPECT_EQ(refusal(parse_overwrite(bad)), errors::bad_overwrite.name) << bad;
  }
}

// DAV-43
TEST(DavHeaders, GrantTheFirstTimeoutThatIsUnderstoodWithinThePolicy) {
  EXPECT_EQ(grant_timeout("Second-1800", kPolicy), seconds(1800));
  EXPECT_EQ(grant_timeout("second-1800 ", kPolicy), seconds(1800));
  EXPECT_EQ(grant_timeout("Infinite, Second-60", kPolicy), seconds(3600));
  EXPECT_EQ(grant_timeout("Second-60, Infinite", kPolicy), seconds(60));
  EXPECT_EQ(grant_timeout("Extend, Second-70", kPolicy), seconds(70));
  EXPECT_EQ(grant_timeout("Second-3600", kPolicy), seconds(3600));
  EXPECT_EQ(grant_timeout("Second-3601", kPolicy), seconds(3600));
  EXPECT_EQ(grant_timeout("Second-0", kPolicy), seconds(10));
}

// DAV-43: N < 2^32, and what is more means as long as possible.
TEST(DavHeaders, TakeAnOverlongTimeoutForTheLongest) {
  EXPECT_EQ(grant_timeout("Second-4294967295", kPolicy), seconds(3600));
  EXPECT_EQ(grant_timeout("Second-4294967296", kPolicy), seconds(3600));
  EXPECT_EQ(grant_timeout("Second-99999999999999999999999", kPolicy), seconds(3600));
}

TEST(DavHeaders, GrantTheDefaultWhereNothingIsUnderstood) {
  EXPECT_EQ(grant_timeout(std::nullopt, kPolicy), seconds(600));
  for (const char* bad :
       {"", ",,,", "Second-", "Second--1", "Second- 5", "Second-5s", "Sec", "5"}) {
    EXPECT_EQ(grant_timeout(bad, kPolicy), seconds(600)) << bad;
  }
  std::string late;
  for (std::size_t i = 0; i < kTimeoutWishesMax; ++i) late += "x,";
  EXPECT_EQ(grant_timeout(late + "Second-60", kPolicy), seconds(600));
  EXPECT_EQ(grant_timeout(late.substr(2) + "Second-60", kPolicy), seconds(60));
}

TEST(DavHeaders, FormatATimeout) {
  EXPECT_EQ(format_timeout(seconds(604800)), "Second-604800");
}

// DAV-44
TEST(DavHeaders, ReadALockToken) {
  EXPECT_EQ(*parse_lock_token("<urn:uuid:a515cfa4-5da4-22e1-f5b5-00a0451e6bf7>"),
            "urn:uuid:a515cfa4-5da4-22e1-f5b5-00a0451e6bf7");
  EXPECT_EQ(*parse_lock_token(" <opaquelocktoken:x> "), "opaquelocktoken:x");
  EXPECT_EQ(refusal(parse_lock_token(std::nullopt)), errors::bad_lock_token.name);
  for (const char* bad :
       {"", "<>", "<", "urn:x", "<urn:x", "urn:x>", "<a b>", "<a><b>", "<a\x7F>"}) {
    EXPECT_EQ(refusal(parse_lock_token(bad)), errors::bad_lock_token.name) << bad;
  }
  const std::string longest(kStateTokenBytesMax, 'x');
  EXPECT_EQ(refusal(parse_lock_token('<' + longest + '>')), "");
  EXPECT_EQ(refusal(parse_lock_token('<' + longest + "x>")), errors::bad_lock_token.name);
}

}  // namespace
}  // namespace bellhop::webdav
