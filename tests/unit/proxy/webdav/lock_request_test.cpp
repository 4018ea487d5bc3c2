// RFC 4918 §9.10, §14.11: which lock is asked for.
#include "proxy/webdav/lock_request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

std::string lockinfo(std::string_view inside) {
  return "<D:lockinfo xmlns:D='DAV:'>" + std::string(inside) + "</D:lockinfo>";
}

constexpr std::string_view kExclusive = "<D:lockscope><D:exclusive/></D:lockscope>";
constexpr std::string_view kWrite = "<D:locktype><D:write/></D:locktype>";

// DAV-40, DAV-54: RFC 4918 §9.10.7.
TEST(LockRequest, ReadsScopeTypeAndOwner) {
  const auto request = parse_lock(R"(<?xml version="1.0" encoding="utf-8" ?>
<D:lockinfo xmlns:D='DAV:'>
  <D:lockscope><D:exclusive/></D:lockscope>
  <D:locktype><D:write/></D:locktype>
  <D:owner>
    <D:href>http://example.org/~ejw/contact.html</D:href>
  </D:owner>
</D:lockinfo>)");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->scope, LockScope::exclusive);
  EXPECT_EQ(request->owner_xml,
            "<D:owner xmlns:D=\"DAV:\">\n    "
            "<D:href>http://example.org/~ejw/contact.html</D:href>\n  </D:owner>");
}

// DAV-54: whatever it holds, and the language in scope.
TEST(LockRequest, KeepsTheOwnerAsItIsGiven) {
  const auto request = parse_lock(
      "<lockinfo xmlns='DAV:' xmlns:x='urn:x' xml:lang='en'><locktype><write/></locktype>"
      "<lockscope><shared/></lockscope><owner a='1'>Jane &amp; <x:b/>Joe</owner></lockinfo>");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->scope, LockScope::shared);
  EXPECT_EQ(request->owner_xml,
            "<owner xmlns=\"DAV:\" xmlns:x=\"urn:x\" a=\"1\" xml:lang=\"en\">Jane &amp; "
            "<x:b/>Joe</owner>");
}

TEST(LockRequest, NeedsNoOwner) {
  const auto request =
      parse_lock(lockinfo(std::string(kExclusive) + std::string(kWrite) + "<x xmlns='urn:x'/>"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->owner_xml, "");
}

// DAV-40
TEST(LockRequest, RefusesWhatIsNoWriteLockOfOneScope) {
  const std::string write(kWrite);
  const std::string exclusive(kExclusive);
  for (const std::string& body :
       {lockinfo(""), lockinfo(write), lockinfo(exclusive), lockinfo(write + "<D:lockscope/>"),
        lockinfo(write + "<D:lockscope><D:exclusive/><D:shared/></D:lockscope>"),
        lockinfo(exclusive + "<D:locktype><D:read/></D:locktype>"),
        std::string("<lockinfo><lockscope/></lockinfo>")}) {
    EXPECT_EQ(refusal(parse_lock(body)), errors::bad_body.name) << body;
  }
}

TEST(LockRequest, RefusesAnOwnerThatIsTooLong) {
  constexpr std::string_view kAround = "<D:owner xmlns:D=\"DAV:\"></D:owner>";
  const auto body = [](std::size_t size) {
    return lockinfo(std::string(kExclusive) + std::string(kWrite) + "<D:owner>" +
                    std::string(size, 'x') + "</D:owner>");
  };
  EXPECT_EQ(refusal(parse_lock(body(kLockOwnerBytesMax - kAround.size()))), "");
  EXPECT_EQ(refusal(parse_lock(body(kLockOwnerBytesMax - kAround.size() + 1))),
            errors::xml_too_large.name);
}

}  // namespace
}  // namespace bellhop::webdav
