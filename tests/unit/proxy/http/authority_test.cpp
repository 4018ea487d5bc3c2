// Host and port, in all spellings of one.
#include "proxy/http/authority.hpp"

#include <gtest/gtest.h>

#include "proxy/http/errors.hpp"

namespace bellhop::http {
namespace {

using namespace std::string_view_literals;

std::string read(std::string_view text, std::uint16_t port = 443) {
  const auto authority = Authority::parse(text, port);
  return authority ? authority->host + ' ' + std::to_string(authority->port) : "refused";
}

TEST(Authority, ReadsHostAndPort) {
  EXPECT_EQ(read("files.example.org"), "files.example.org 443");
  EXPECT_EQ(read("files.example.org:5443"), "files.example.org 5443");
  EXPECT_EQ(read("192.0.2.1:80"), "192.0.2.1 80");
  EXPECT_EQ(read("[2001:db8::1]"), "2001:db8::1 443");
  EXPECT_EQ(read("[2001:db8::1]:8080"), "2001:db8::1 8080");
  EXPECT_EQ(read("localhost", 0), "localhost 0");
}

TEST(Authority, IsAlikeInAllItsSpellings) {
  EXPECT_EQ(read("Files.EXAMPLE.org"), "files.example.org 443");
  EXPECT_EQ(read("files.example.org."), "files.example.org 443");
  EXPECT_EQ(read("files.example.org:"), "files.example.org 443");
  EXPECT_EQ(read("files.example.org:0443"), "files.example.org 443");
  EXPECT_EQ(read("[2001:DB8:0::0:1]"), "2001:db8::1 443");
}

TEST(Authority, RefusesWhatIsNone) {
  for (const std::string_view bad : {""sv,
                                     ":80"sv,
                                     "."sv,
                                     "a..b"sv,
                                     "a b"sv,
                                     "a:b"sv,
                                     "a:-1"sv,
                                     "a:0"sv,
                                     "a:65536"sv,
                                     "a:99999999999999999999"sv,
                                     "a:80:80"sv,
                                     "user@a"sv,
                                     "user:pass@a"sv,
                                     "a/b"sv,
                                     "a\\b"sv,
                                     "[::1"sv,
                                     "::1"sv,
                                     "[::1]80"sv,
                                     "[a]"sv,
                                     "[]"sv,
                                     "[fe80::1%eth0]"sv,
                                     "a%2eb"sv,
                                     "\xC3\xBC.example"sv,
                                     "a\0b"sv,
                                     "a\r\nb"sv,
                                     "1.2.3"sv,
                                     "a,b"sv}) {
    const auto authority = Authority::parse(bad, 443);
    ASSERT_FALSE(authority) << bad;
    EXPECT_TRUE(authority.error().is(errors::bad_authority)) << bad;
  }
  EXPECT_FALSE(Authority::parse(std::string(100000, 'a'), 443));
}

TEST(Authority, KnowsThePortsOfHttp) {
  EXPECT_EQ(default_port("http"), 80);
  EXPECT_EQ(default_port("https"), 443);
  EXPECT_EQ(default_port("ftp"), 0);
}

}  // namespace
}  // namespace bellhop::http
