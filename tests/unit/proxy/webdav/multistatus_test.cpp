// Bodies of 207: well-formed, grouped, bounded.
#include "proxy/webdav/multistatus.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

constexpr std::size_t kPlenty = 100'000;

// DAV-12: RFC 4918 §9.6.2, §9.10.9.
TEST(Multistatus, HoldsAStatusForEachResource) {
  Multistatus body(kPlenty);
  const std::vector<std::string> roots{"/webdav/secret"};
  ASSERT_TRUE(body.add_status("/webdav/secret", 423, Condition::no_conflicting_lock, roots));
  ASSERT_TRUE(body.add_status("/webdav/a%20b&c", 424));
  EXPECT_EQ(body.responses(), 2U);
  const std::size_t size = body.size();
  const std::string text = std::move(body).finish();
  EXPECT_EQ(text.size(), size);

  const XmlElement root = parsed(text);
  EXPECT_TRUE(root.is_dav("multistatus"));
  ASSERT_EQ(root.children.size(), 2U);
  const XmlElement& blocked = root.children[0];
  EXPECT_TRUE(blocked.is_dav("response"));
  EXPECT_EQ(blocked.dav_child("href")->text, "/webdav/secret");
  EXPECT_EQ(blocked.dav_child("status")->text, "HTTP/1.1 423 Locked");
  EXPECT_NE(blocked.dav_child("error")->dav_child("no-conflicting-lock"), nullptr);
  EXPECT_EQ(root.children[1].dav_child("href")->text, "/webdav/a%20b&c");
  EXPECT_EQ(root.children[1].dav_child("status")->text, "HTTP/1.1 424 Failed Dependency");
  EXPECT_EQ(root.children[1].dav_child("error"), nullptr);
}

// DAV-12, DAV-22: RFC 4918 §9.1.3.
TEST(Multistatus, GroupsPropertiesByWhatBecameOfThem) {
  PropertyResults results;
  EXPECT_TRUE(results.is_empty());
  results.add(200, "<R:bigbox xmlns:R=\"urn:r\">a</R:bigbox>");
  results.add(404, empty_element({"urn:r", "DingALing"}));
  results.add(200, "<D:getetag>\"e\"</D:getetag>");
  results.add(403, empty_element({"DAV:", "getetag"}), Condition::cannot_modify_protected_property);
  results.add(403, empty_element({"", "none"}));
  Multistatus body(kPlenty);
  ASSERT_TRUE(body.add_properties("/file", results));

  const XmlElement root = parsed(std::move(body).finish());
  const XmlElement& response = root.children.at(0);
  ASSERT_EQ(response.children.size(), 5U);  // href and four groups
  const XmlElement& found = response.children[1];
  EXPECT_TRUE(found.is_dav("propstat"));
  EXPECT_EQ(found.dav_child("status")->text, "HTTP/1.1 200 OK");
  ASSERT_EQ(found.dav_child("prop")->children.size(), 2U);
  EXPECT_EQ(found.dav_child("prop")->children[0].name, (XmlName{"urn:r", "bigbox"}));
  EXPECT_EQ(found.dav_child("prop")->children[1].text, "\"e\"");
  EXPECT_EQ(response.children[2].dav_child("prop")->children.at(0).name,
            (XmlName{"urn:r", "DingALing"}));
  EXPECT_NE(response.children[3].dav_child("error"), nullptr);
  EXPECT_EQ(response.children[4].dav_child("error"), nullptr);
  EXPECT_EQ(response.children[4].dav_child("prop")->children.at(0).name, (XmlName{"", "none"}));
}

TEST(Multistatus, HasAPropstatEvenForNoProperties) {
  Multistatus body(kPlenty);
  ASSERT_TRUE(body.add_properties("/", {}));
  const XmlElement root = parsed(std::move(body).finish());
  EXPECT_NE(root.children.at(0).dav_child("propstat"), nullptr);
}

// DAV-12: RFC 4918 §14.24.
TEST(Multistatus, NamesEachResourceOnce) {
  Multistatus body(kPlenty);
  ASSERT_TRUE(body.add_status("/a", 423));
  ASSERT_TRUE(body.add_status("/a", 403));
  const XmlElement root = parsed(std::move(body).finish());
  ASSERT_EQ(root.children.size(), 1U);
  EXPECT_EQ(root.children[0].dav_child("status")->text, "HTTP/1.1 423 Locked");
}

TEST(Multistatus, CanBeSentInPieces) {
  Multistatus body(kPlenty);
  ASSERT_TRUE(body.add_status("/a", 423));
  std::string text = body.take();
  EXPECT_EQ(body.take(), "");
  ASSERT_TRUE(body.add_status("/b", 423));
  text += body.take();
  const std::size_t size = body.size();
  text += std::move(body).finish();
  EXPECT_EQ(text.size(), size);
  EXPECT_EQ(parsed(text).children.size(), 2U);
}

TEST(Multistatus, StaysWithinItsBytesAndWhole) {
  Multistatus whole(kPlenty);
  ASSERT_TRUE(whole.add_status("/a", 423));
  const std::size_t needed = whole.size();

  Multistatus enough(needed);
  EXPECT_TRUE(enough.add_status("/a", 423));
  EXPECT_EQ(refusal(enough.add_status("/b", 423)), errors::response_too_large.name);
  EXPECT_EQ(std::move(enough).finish().size(), needed);

  Multistatus short_of_one(needed - 1);
  EXPECT_EQ(refusal(short_of_one.add_status("/a", 423)), errors::response_too_large.name);
  EXPECT_EQ(short_of_one.responses(), 0U);

  Multistatus nothing(0);
  EXPECT_EQ(refusal(nothing.add_status("", 200)), errors::response_too_large.name);
}

TEST(Multistatus, NamesPropertiesOfAnyNamespace) {
  EXPECT_EQ(empty_element({"DAV:", "getetag"}), "<D:getetag/>");
  EXPECT_EQ(empty_element({"", "a"}), "<a/>");
  EXPECT_EQ(empty_element({"urn:\"<&", "a"}), "<a xmlns=\"urn:&quot;&lt;&amp;\"/>");
}

}  // namespace
}  // namespace bellhop::webdav
