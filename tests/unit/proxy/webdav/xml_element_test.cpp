// Trees as text: what is written stands for itself.
#include "proxy/webdav/xml_element.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

// The first child of the first child of a document, as it is written.
std::string inner_xml(std::string_view text, std::string_view lang = {}) {
  const XmlElement root = parsed(text);
  return to_xml(detach(root.children.at(0).children.at(0), lang));
}

// DAV-24: litmus sets such values and wants them back.
TEST(XmlElement, WritesWhatItWasReadFrom) {
  for (const std::string_view text : {
           "<a/>",
           "<a xmlns=\"urn:1\"/>",
           "<p:a xmlns:p=\"urn:1\" p:x=\"1\" y=\"2\"/>",
           "<a>&lt;&amp;&gt;\"'&#xD;\n\t</a>",
           "<a b=\"&lt;&quot;&#x9;&#xA;\"/>",
           "<a>one<b/>two<c>three</c>four</a>",
           "<a xmlns=\"urn:1\"><b xmlns=\"\"/><c/></a>",
           "<a xmlns:p=\"urn:1\"><p:b><p:c xmlns:p=\"urn:2\"/><p:d/></p:b></a>",
           "<a xml:lang=\"en\" xml:space=\"preserve\"> <b xml:lang=\"\"/> </a>",
           "<a xmlns:q=\"urn:q\">q:name in the text</a>",
           "<a>\xF0\x90\x8C\x80\xE4\xB8\xAD</a>",
       }) {
    EXPECT_EQ(to_xml(parsed(text)), text);
  }
}

TEST(XmlElement, DeclaresWhatItTakesFromAroundIt) {
  EXPECT_EQ(inner_xml("<r xmlns:p='urn:1'><s><p:a/></s></r>"), "<p:a xmlns:p=\"urn:1\"/>");
  EXPECT_EQ(inner_xml("<r xmlns='urn:1'><s><a/></s></r>"), "<a xmlns=\"urn:1\"/>");
  EXPECT_EQ(inner_xml("<r xmlns:p='urn:1' xmlns:q='urn:2'><s><a><p:b q:c=''/><p:d/></a></s></r>"),
            "<a xmlns:p=\"urn:1\" xmlns:q=\"urn:2\"><p:b q:c=\"\"/><p:d/></a>");
  EXPECT_EQ(inner_xml("<r xmlns='urn:1' xmlns:p='urn:2'><s><p:a><b/></p:a></s></r>"),
            "<p:a xmlns:p=\"urn:2\" xmlns=\"urn:1\"><b/></p:a>");
  // The outer p is used beside one that is declared inside.
  EXPECT_EQ(inner_xml("<r xmlns:p='urn:1'><s><a><b xmlns:p='urn:2'><p:c/></b><p:d/></a></s></r>"),
            "<a xmlns:p=\"urn:1\"><b xmlns:p=\"urn:2\"><p:c/></b><p:d/></a>");
}

TEST(XmlElement, DeclaresNothingForWhatIsBoundAlways) {
  EXPECT_EQ(inner_xml("<r><s><a xml:lang='de'/></s></r>"), "<a xml:lang=\"de\"/>");
  EXPECT_EQ(inner_xml("<r xmlns='urn:1'><s><a xmlns=''/></s></r>"), "<a xmlns=\"\"/>");
}

TEST(XmlElement, WritesANamespaceOnceHoweverOftenItIsUsed) {
  const std::string xmlns(1000, 'u');
  std::string text = "<r xmlns:p='" + xmlns + "'><s><a>";
  for (int i = 0; i < 1000; ++i) text += "<p:b/>";
  EXPECT_LT(inner_xml(text + "</a></s></r>").size(), 8000U);
}

// DAV-24: xml:lang in scope belongs to the value.
TEST(XmlElement, TakesTheLanguageInScopeUnlessItHasItsOwn) {
  EXPECT_EQ(inner_xml("<r><s><a/> tail</s></r>", "en"), "<a xml:lang=\"en\"/>");
  EXPECT_EQ(inner_xml("<r><s><a xml:lang='de'/></s></r>", "en"), "<a xml:lang=\"de\"/>");
  EXPECT_EQ(inner_xml("<r><s><a xml:lang=''/></s></r>", "en"), "<a xml:lang=\"\"/>");
}

TEST(XmlElement, WritesATreeOfSeveralSources) {
  XmlElement root{.name = {"urn:1", "a"}, .prefix = "p"};
  root.children.push_back({.name = {"urn:2", "b"}, .prefix = "p", .tail = "&"});
  root.children.push_back({.name = {"", "c"}});
  const std::string xml = to_xml(root);
  EXPECT_EQ(xml, "<p:a xmlns:p=\"urn:1\"><p:b xmlns:p=\"urn:2\"/>&amp;<c/></p:a>");
  EXPECT_EQ(parsed(xml), root);
}

TEST(XmlElement, ComparesWhatIsSaidAndNotWhereItWasDeclared) {
  EXPECT_EQ(parsed("<p:a xmlns:p='urn:1'><p:b/></p:a>"),
            parsed("<p:a xmlns:p='urn:1'><p:b xmlns:p='urn:1'/></p:a>"));
  EXPECT_FALSE(parsed("<a><b/>x</a>") == parsed("<a>x<b/></a>"));
  EXPECT_FALSE(parsed("<a xmlns='urn:1'/>") == parsed("<a xmlns='urn:2'/>"));
  EXPECT_FALSE(parsed("<a b='1'/>") == parsed("<a b='2'/>"));
}

TEST(XmlElement, FindsChildrenOfTheDavNamespaceOnly) {
  const XmlElement root = parsed("<a xmlns:D='DAV:'><prop/><D:prop x='1'/><D:prop x='2'/></a>");
  ASSERT_NE(root.dav_child("prop"), nullptr);
  EXPECT_EQ(root.dav_child("prop")->attributes.at(0).value, "1");
  EXPECT_EQ(root.dav_child("set"), nullptr);
}

}  // namespace
}  // namespace bellhop::webdav
