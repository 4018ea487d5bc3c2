// Escaping and namespaces of what is written.
#include "component/xmpp/xml_writer.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/namespaces.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

TEST(XmlWriter, WritesXmlnsOnlyWhereItDiffersFromTheParents) {
  Element iq("iq", ns::kComponentAccept);
  iq.set("type", "get");
  Element& query = iq.add(Element("query", ns::kBytestreams));
  query.add(Element("inner", ns::kBytestreams));
  query.add(Element("other", "urn:x")).add(Element("back", ns::kBytestreams));
  query.add(Element("none", ""));
  const std::string inner =
      "<query xmlns='http://jabber.org/protocol/bytestreams'><inner/><other xmlns='urn:x'>"
      "<back xmlns='http://jabber.org/protocol/bytestreams'/></other><none xmlns=''/></query>";
  // CMP-11
  EXPECT_EQ(to_xml(iq, ns::kComponentAccept), "<iq type='get'>" + inner + "</iq>");
  EXPECT_EQ(to_xml(iq), "<iq xmlns='jabber:component:accept' type='get'>" + inner + "</iq>");
}

TEST(XmlWriter, EscapesTextAndAttributes) {
  Element element("a", "");
  element.set("x", "<&>\"'").set_text("<&>\"']]>");
  EXPECT_EQ(to_xml(element), "<a x='&lt;&amp;&gt;&quot;&apos;'>&lt;&amp;&gt;\"']]&gt;</a>");
  EXPECT_EQ(escape("<a b='c' d=\"e\">&\t\n\r"),
            "&lt;a b=&apos;c&apos; d=&quot;e&quot;&gt;&amp;&#x9;&#xA;&#xD;");
  EXPECT_EQ(escape_text("<a b='c' d=\"e\">&\t\n\r"), "&lt;a b='c' d=\"e\"&gt;&amp;\t\n&#xD;");
}

TEST(XmlWriter, DropsWhatXmlForbids) {
  std::string forbidden("a\0b", 3);
  forbidden +=
      "\x01\x08\x0B\x0C\x0E\x1F"
      "c\xEF\xBF\xBE\xEF\xBF\xBF"
      "d\xFF\xC3"
      "e\xED\xA0\x80"
      "f";
  EXPECT_EQ(escape(forbidden), "abcdef");
  EXPECT_EQ(escape("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\x7F"),
            "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\x7F");
}

// A request whose child is in this namespace is answered like any other.
TEST(XmlWriter, WritesTheNamespaceOfXmlByItsPrefix) {
  const Element element = test::parse_element(
      "<iq><xml:a><b/></xml:a><c xmlns='http://www.w3.org/XML/1998/namespace'/></iq>");
  EXPECT_EQ(to_xml(element, ns::kComponentAccept), "<iq><xml:a><b/></xml:a><xml:c/></iq>");
  EXPECT_EQ(test::parse_element(to_xml(element)), element);
}

// S5B-06: a sid is mirrored and hashed exactly as it came.
TEST(XmlWriter, WritesWhatTheReaderReadsBackUnchanged) {
  Element element("a", ns::kComponentAccept);
  element.set("sid", " x\t\n\r<>&\"' \xC3\xA4 ").set("xml:lang", "de");
  element.add(Element("b", "urn:b")).set_text("line\r\nline\rline\n\t <&>]]> '\"");
  element.add(Element("c", "")).add(Element("d", ns::kComponentAccept));
  EXPECT_EQ(test::parse_element(to_xml(element)), element);
  EXPECT_EQ(test::parse_element(to_xml(element, ns::kComponentAccept)), element);
}

}  // namespace
}  // namespace bellhop::xmpp
