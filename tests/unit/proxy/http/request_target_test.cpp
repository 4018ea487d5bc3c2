// Targets and destinations: what is read, and everything hostile that is not.
#include "proxy/http/request_target.hpp"

#include <gtest/gtest.h>

#include "proxy/http/errors.hpp"

namespace bellhop::http {
namespace {

using namespace std::string_view_literals;

// The segments joined by bars, with a star for a trailing slash; or the refusal.
std::string path_of(const base::Result<RequestTarget>& target) {
  if (!target) return std::string(target.error().kind().name);
  std::string text;
  for (const std::string& segment : target->path.segments) text += segment + '|';
  return target->path.has_trailing_slash ? text + '*' : text;
}

std::string read(std::string_view target) {
  return path_of(parse_request_target(target));
}

TEST(RequestTarget, ReadsPathsIntoSegments) {
  EXPECT_EQ(read("/"), "*");
  EXPECT_EQ(read("/a"), "a|");
  EXPECT_EQ(read("/a/"), "a|*");
  EXPECT_EQ(read("/a/b.c/d"), "a|b.c|d|");
  EXPECT_EQ(read("/..."), "...|");
  EXPECT_EQ(read("/.a/a./..b"), ".a|a.|..b|");
}

TEST(RequestTarget, PassesOverEmptySegments) {
  EXPECT_EQ(read("//"), "*");
  EXPECT_EQ(read("//a///b//"), "a|b|*");
}

TEST(RequestTarget, DecodesOnce) {
  EXPECT_EQ(read("/%41%c3%BC"), "A\xC3\xBC|");
  EXPECT_EQ(read("/100%2541"), "100%41|");
  EXPECT_EQ(read("/a%20b+c"), "a b+c|");
  EXPECT_EQ(read("/%23%26%3B%3F"), "#&;?|");
}

TEST(RequestTarget, TakesUtf8ThatWasNotEncoded) {
  EXPECT_EQ(read("/\xC3\xBC"), "\xC3\xBC|");
  EXPECT_EQ(read("/\xC3"), "bad-target-path");
}

// HUP-30: nothing climbs, in whatever way it is written.
TEST(RequestTarget, RefusesDotSegmentsInEveryEncoding) {
  for (const std::string_view bad :
       {"/.", "/..", "/a/../b", "/a/./b", "/a/..", "/../", "/%2e", "/%2E%2e/", "/.%2e", "/%2e.",
        "/a/%2e%2e/b", "/%252e%252e", "/%252E.", "/%25252e%2e", "/%25%32%65%2e",
        "https://a.example/..", "https://a.example/%2e%2e/"}) {
    EXPECT_EQ(read(bad), "bad-target-path") << bad;
    EXPECT_EQ(path_of(parse_destination(bad)), "bad-target-path") << bad;
  }
}

// HUP-30.
TEST(RequestTarget, RefusesEncodedSeparators) {
  for (const std::string_view bad : {"/a%2fb", "/a%2Fb", "/%2f", "/a%5cb", "/a%5Cb", "/a\\b",
                                     "/..%2f", "/..%5c", "/%2e%2e%2fetc"}) {
    EXPECT_EQ(read(bad), "bad-target-path") << bad;
  }
}

// HUP-30: overlong forms of the dot and the slash are no UTF-8.
TEST(RequestTarget, RefusesControlCharactersAndInvalidUtf8) {
  for (const std::string_view bad :
       {"/%00"sv,          "/a%00.txt"sv,     "/a\0b"sv,   "/%0a"sv,       "/%0d%0aX:y"sv,
        "/a\r\nb"sv,       "/%1f"sv,          "/%7f"sv,    "/%c2%80"sv,    "/%c2%9f"sv,
        "/%80"sv,          "/%c0%ae%c0%ae"sv, "/%c0%af"sv, "/%e0%80%ae"sv, "/%ed%a0%80"sv,
        "/%f4%90%80%80"sv, "/%ff"sv,          "/%c3"sv,    "/a b"sv,       "/\t"sv}) {
    EXPECT_EQ(read(bad), "bad-target-path") << bad;
  }
}

TEST(RequestTarget, RefusesBadEscapes) {
  for (const std::string_view bad : {"/%", "/%2", "/%zz", "/a%", "/%2/a", "/%%41", "/%u002e"}) {
    EXPECT_EQ(read(bad), "bad-target-path") << bad;
  }
}

TEST(RequestTarget, RefusesWhatIsNoTarget) {
  for (const std::string_view bad :
       {""sv, "a"sv, "a/b"sv, "?q"sv, "**"sv, " /"sv, "/ "sv, "/a#b"sv, "/#"sv, "/?a#b"sv,
        "a.example:443"sv, "http:/a"sv, "1http://a/"sv, "://a/"sv, "mailto:a@b"sv}) {
    EXPECT_EQ(read(bad), "bad-target-path") << bad;
  }
}

TEST(RequestTarget, KeepsTheQueryAsItCame) {
  const auto target = parse_request_target("/a?b=%2F&c=d?e/..");
  ASSERT_TRUE(target);
  EXPECT_EQ(path_of(target), "a|");
  EXPECT_EQ(target->query, "b=%2F&c=d?e/..");
  EXPECT_EQ(parse_request_target("/a?")->query, "");
  EXPECT_EQ(parse_request_target("/a")->query, std::nullopt);
  EXPECT_EQ(read("/a?b c"), "bad-target-path");
  EXPECT_EQ(read("/a?\xC3\xBC"), "bad-target-path");
  EXPECT_EQ(read("/a?\0"sv), "bad-target-path");
}

TEST(RequestTarget, HasALongestTarget) {
  const std::string target = "/a?" + std::string(kTargetBytesMax - 3, 'q');
  EXPECT_EQ(read(target), "a|");
  EXPECT_EQ(read(target + 'q'), "target-too-long");
  EXPECT_EQ(path_of(parse_destination(target)), "a|");
  EXPECT_EQ(path_of(parse_destination(target + 'q')), "target-too-long");
}

TEST(RequestTarget, HasALongestSegment) {
  const std::string longest(kSegmentBytesMax, 'a');
  EXPECT_EQ(read('/' + longest), longest + '|');
  EXPECT_EQ(read('/' + longest + 'a'), "bad-target-path");
  // Decoded bytes count, not those of escapes.
  std::string encoded;
  for (std::size_t i = 0; i < kSegmentBytesMax; ++i) encoded += "%61";
  EXPECT_EQ(read('/' + encoded), longest + '|');
}

TEST(RequestTarget, HasADeepestPath) {
  std::string path;
  for (std::size_t i = 0; i < kSegmentsMax; ++i) path += "/a";
  EXPECT_TRUE(parse_request_target(path));
  EXPECT_TRUE(parse_request_target(path + '/'));
  EXPECT_EQ(read(path + "/a"), "bad-target-path");
}

TEST(RequestTarget, ReadsAbsoluteForm) {
  const auto target = parse_request_target("HTTPS://Files.Example.org:443/a/b?c");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->form, TargetForm::absolute);
  EXPECT_EQ(target->scheme, "https");
  EXPECT_EQ(target->authority, (Authority{.host = "files.example.org", .port = 443}));
  EXPECT_EQ(path_of(target), "a|b|");
  EXPECT_EQ(target->query, "c");
  EXPECT_EQ(parse_request_target("http://a.example")->authority.port, 80);
  EXPECT_EQ(read("http://a.example"), "*");
  EXPECT_EQ(read("http://a.example?q"), "*");
  EXPECT_EQ(read("http://[2001:db8::1]:8080/a"), "a|");
}

TEST(RequestTarget, RefusesBadHostsInAbsoluteForm) {
  for (const std::string_view bad : {"http://", "http:///a", "http://user@a.example/",
                                     "http://a.example:x/", "http://a.example\\@b.example/"}) {
    EXPECT_EQ(read(bad), "bad-authority") << bad;
  }
  EXPECT_EQ(read("ftp://a.example/"), "bad-target-path");
  EXPECT_EQ(read("http://a.example#b"), "bad-target-path");
}

TEST(RequestTarget, ReadsTheAsteriskOfOptions) {
  const auto target = parse_request_target("*");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->form, TargetForm::asterisk);
  EXPECT_TRUE(target->path.segments.empty());
  EXPECT_EQ(path_of(parse_destination("*")), "bad-target-path");
}

// RFC 4918 §10.3: a Destination has its host, so that the caller can tell another server's.
TEST(Destination, KeepsSchemeAndHostForComparing) {
  const auto ours = parse_destination(" https://files.example.org/a%20b/ ");
  ASSERT_TRUE(ours);
  EXPECT_EQ(path_of(ours), "a b|*");
  EXPECT_EQ(ours->authority, parse_destination("HTTPS://FILES.example.org:443/x")->authority);
  EXPECT_NE(ours->authority, parse_destination("http://files.example.org/x")->authority);
  EXPECT_NE(ours->authority, parse_destination("https://evil.example/x")->authority);
  const auto other = parse_destination("ftp://files.example.org/x");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->scheme, "ftp");
  EXPECT_EQ(other->authority.port, 0);
}

// RFC 4918 §10.3: or is a path alone.
TEST(Destination, MayBeAPathAlone) {
  const auto target = parse_destination("/a/b");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->form, TargetForm::origin);
  EXPECT_EQ(path_of(target), "a|b|");
  for (const std::string_view bad :
       {"", " ", "a", "//evil.example/a", "//", "../a", "a/b", "<x:/>"}) {
    EXPECT_FALSE(parse_destination(bad)) << bad;
  }
}

// HUP-07, DAV-05: one form, UTF-8, upper-case hex, a slash behind collections.
TEST(MakePath, EncodesEachSegment) {
  EXPECT_EQ(make_path({}), "/");
  EXPECT_EQ(make_path({.segments = {"a b", "\xC3\xBC"}}), "/a%20b/%C3%BC");
  EXPECT_EQ(make_path({.segments = {"a"}, .has_trailing_slash = true}), "/a/");
  EXPECT_EQ(encode_segment("%#?+&;'\"<>"), "%25%23%3F+%26%3B%27%22%3C%3E");
  EXPECT_EQ(encode_segment("-._~!$,=:@"), "-._~!$,=:@");
}

// HUP-07, DAV-05.
TEST(MakePath, IsReadAgainAsThePathItWas) {
  std::string every;
  for (char c = ' '; c < '\x7F'; ++c) {
    if (c != '/' && c != '\\') every += c;
  }
  const Path paths[] = {
      {.has_trailing_slash = true},
      {.segments = {every, "\xE2\x82\xAC", "e\xCC\x81", "100%41", "a"}},
      {.segments = {"b", "c"}, .has_trailing_slash = true},
  };
  for (const Path& path : paths) {
    const auto again = parse_request_target(make_path(path));
    ASSERT_TRUE(again) << make_path(path);
    EXPECT_EQ(again->path, path);
  }
}

}  // namespace
}  // namespace bellhop::http
