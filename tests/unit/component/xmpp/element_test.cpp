// The tree of elements.
#include "component/xmpp/element.hpp"

#include <gtest/gtest.h>

namespace bellhop::xmpp {
namespace {

TEST(Element, HasNamesAttributesTextAndChildren) {
  Element query("query", "urn:a");
  query.set("sid", "1").set("mode", "tcp").set_text("x");
  query.add(Element("first", "urn:a")).set_text("y");
  query.add(Element("second", "urn:b"));
  EXPECT_TRUE(query.is("query", "urn:a"));
  EXPECT_FALSE(query.is("query", "urn:b"));
  EXPECT_EQ(query.attribute("sid"), "1");
  EXPECT_EQ(query.text(), "x");
  ASSERT_EQ(query.children().size(), 2u);
  EXPECT_EQ(query.first_child()->text(), "y");
  EXPECT_EQ(query.child("second", "urn:b"), &query.children()[1]);
  EXPECT_EQ(query.child("second", "urn:a"), nullptr);
}

TEST(Element, TellsAnAbsentAttributeFromAnEmptyOne) {
  Element element("a", "");
  element.set("empty", "");
  EXPECT_EQ(element.attribute("empty"), "");
  EXPECT_EQ(element.attribute("absent"), "");
  EXPECT_TRUE(element.has_attribute("empty"));
  EXPECT_FALSE(element.has_attribute("absent"));
  EXPECT_EQ(element.first_child(), nullptr);
}

TEST(Element, ReplacesAndRemovesAttributes) {
  Element element("a", "");
  element.set("x", "1").set("y", "2").set("x", "3").unset("y").unset("z");
  ASSERT_EQ(element.attributes().size(), 1u);
  EXPECT_EQ(element.attribute("x"), "3");
}

TEST(Element, GivesItsChildrenAway) {
  Element element("a", "");
  element.add(Element("b", ""));
  EXPECT_EQ(element.take_children().size(), 1u);
  EXPECT_TRUE(element.children().empty());
}

TEST(Element, IsComparedByContent) {
  Element a("a", "n");
  Element b("a", "n");
  EXPECT_EQ(a, b);
  b.add(Element("c", "n"));
  EXPECT_NE(a, b);
  a.add(Element("c", "n"));
  EXPECT_EQ(a, b);
  a.set("x", "1");
  EXPECT_NE(a, b);
}

TEST(Element, TrimsOnlyXmlWhitespace) {
  EXPECT_EQ(trim(" \t\r\na b\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim("\xC2\xA0x"), "\xC2\xA0x");
  EXPECT_EQ(trim("\vx"), "\vx");
}

}  // namespace
}  // namespace bellhop::xmpp
