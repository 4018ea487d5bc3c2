// Collections as pages.
#include "proxy/webdav/listing.hpp"

#include <gtest/gtest.h>

namespace bellhop::webdav {
namespace {

Node file(std::string name) {
  return {.id = 1, .name = std::move(name), .file = files::FileId::random(), .size = 7};
}

// DAV-26
TEST(Listing, LinksEachMember) {
  const std::vector<Node> members{{.id = 2, .name = "docs"}, file("a b.txt")};
  const std::string page = listing_page("alice@example.org", "/dav/a/", members);
  EXPECT_NE(page.find("<a href=\"/dav/a/docs/\">docs/</a>"), std::string::npos);
  EXPECT_NE(page.find("<a href=\"/dav/a/a%20b.txt\">a b.txt</a></td><td>7</td>"),
            std::string::npos);
}

TEST(Listing, LetsNoNameBecomeMarkup) {
  const std::vector<Node> members{file("<script>alert(1)</script>"), file("\"onload=x"),
                                  file("javascript:alert(1)")};
  const std::string page = listing_page("<b>&</b>", "/dav/a/", members);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  EXPECT_EQ(page.find("href=\"javascript"), std::string::npos);
  EXPECT_EQ(page.find("href=\"/dav/a/\"onload"), std::string::npos);
}

TEST(Listing, EndsAtItsMaximumAndSaysSo) {
  std::vector<Node> members;
  for (std::size_t i = 0; i < 10'000; ++i) members.push_back(file(std::string(200, 'x')));
  const std::string page = listing_page("many", "/dav/a/", members);
  EXPECT_LE(page.size(), kListingBytesMax + 100);
  EXPECT_NE(page.find(" more</p>"), std::string::npos);
}

}  // namespace
}  // namespace bellhop::webdav
