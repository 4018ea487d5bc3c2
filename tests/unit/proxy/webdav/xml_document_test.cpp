// What a body may be, what is kept of it, and what is refused.
#include "proxy/webdav/xml_document.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "component/xmpp/namespaces.hpp"
#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

// Every second byte 0: enough for ASCII.
std::string to_utf16(std::string_view ascii, bool is_big_endian) {
  std::string out = is_big_endian ? "\xFE\xFF" : "\xFF\xFE";
  for (const char c : ascii) {
    if (is_big_endian) out += '\0';
    out += c;
    if (!is_big_endian) out += '\0';
  }
  return out;
}

std::string_view refusal_of(std::string_view text) {
  return refusal(parse_document(text));
}

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += "<a>";
  for (std::size_t i = 0; i < depth; ++i) text += "</a>";
  return text;
}

// DAV-24: RFC 4918 §4.3.1.
TEST(XmlDocument, KeepsWhatAPropertysValueMayHold) {
  const XmlElement prop = parsed(R"(<D:prop xml:lang="en" xmlns:D="DAV:">
  <x:author xmlns:x='http://example.com/ns'>
    <x:name>Jane Doe</x:name>
    <!-- Jane's contact info -->
    <x:uri type='email' added='2005-11-26'>mailto:jane.doe@example.com</x:uri>
    <x:notes xmlns:h='http://www.w3.org/1999/xhtml'>way <h:em>too</h:em> long,
      <![CDATA[<RFC2518>]]>.</x:notes>
  </x:author>
</D:prop>)");
  EXPECT_TRUE(prop.is_dav("prop"));
  ASSERT_NE(prop.lang(), nullptr);
  EXPECT_EQ(*prop.lang(), "en");
  ASSERT_EQ(prop.children.size(), 1U);
  const XmlElement& author = prop.children[0];
  EXPECT_EQ(author.name, (XmlName{"http://example.com/ns", "author"}));
  EXPECT_EQ(author.prefix, "x");
  EXPECT_EQ(author.text, "\n    ");
  EXPECT_EQ(author.tail, "\n");
  ASSERT_EQ(author.children.size(), 3U);
  EXPECT_EQ(author.children[0].text, "Jane Doe");
  EXPECT_EQ(author.children[0].tail, "\n    \n    ");  // around the comment
  ASSERT_EQ(author.children[1].attributes.size(), 2U);
  EXPECT_EQ(author.children[1].attributes[0].name, (XmlName{"", "type"}));
  EXPECT_EQ(author.children[1].attributes[0].value, "email");
  const XmlElement& notes = author.children[2];
  EXPECT_EQ(notes.text, "way ");
  ASSERT_EQ(notes.children.size(), 1U);
  EXPECT_EQ(notes.children[0].name, (XmlName{"http://www.w3.org/1999/xhtml", "em"}));
  EXPECT_EQ(notes.children[0].tail, " long,\n      <RFC2518>.");
}

TEST(XmlDocument, ResolvesNamespacesOfElementsAndAttributes) {
  const XmlElement root = parsed(
      "<a xmlns='urn:1' xmlns:p='urn:2' p:x='1' x='2'><b xmlns=''/><p:c xmlns:p='urn:3'/><p:d/>"
      "</a>");
  EXPECT_EQ(root.name, (XmlName{"urn:1", "a"}));
  ASSERT_EQ(root.attributes.size(), 2U);
  EXPECT_EQ(root.attributes[0].name, (XmlName{"urn:2", "x"}));
  EXPECT_EQ(root.attributes[1].name, (XmlName{"", "x"}));
  ASSERT_EQ(root.children.size(), 3U);
  EXPECT_EQ(root.children[0].name, (XmlName{"", "b"}));
  EXPECT_EQ(root.children[1].name, (XmlName{"urn:3", "c"}));
  EXPECT_EQ(root.children[2].name, (XmlName{"urn:2", "d"}));
}

// DAV-03
TEST(XmlDocument, ReadsUtf8AndUtf16) {
  constexpr std::string_view kText = "<D:propfind xmlns:D=\"DAV:\"><D:allprop/></D:propfind>";
  const XmlElement expected = parsed(kText);
  EXPECT_EQ(parsed("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + std::string(kText)), expected);
  EXPECT_EQ(parsed("\xEF\xBB\xBF" + std::string(kText)), expected);
  EXPECT_EQ(parsed(to_utf16(kText, true)), expected);
  EXPECT_EQ(parsed(to_utf16(kText, false)), expected);
  EXPECT_EQ(
      parsed(to_utf16("<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + std::string(kText), false)),
      expected);
}

TEST(XmlDocument, ReadsPredefinedEntitiesAndCharacterReferences) {
  EXPECT_EQ(parsed("<a>&lt;&amp;&gt;&quot;&apos; &#65;&#x1F600;&#13;</a>").text,
            "<&>\"' A\xF0\x9F\x98\x80\r");
  EXPECT_EQ(parsed("<a b='&lt;&#10;&amp;'/>").attributes.at(0).value, "<\n&");
}

// DAV-03
TEST(XmlDocument, RefusesWhatIsNotWellFormed) {
  for (const std::string_view text :
       {"", " ", "<a>", "<a></b>", "<a/><b/>", "text", "<a>&unknown;</a>", "<a b='1' b='2'/>",
        "<a>\xFF</a>", "<a>&#0;</a>", "<a>\x01</a>", "<?xml version='1.0' encoding='klingon'?><a/>",
        "<D:propfind xmlns:D=\"DAV:\"><foo></D:propfind>"}) {
    EXPECT_EQ(refusal_of(text), errors::xml_not_well_formed.name) << text;
  }
}

// DAV-03: Namespaces in XML 1.0.
TEST(XmlDocument, RefusesErrorsOfNamespaces) {
  for (const std::string_view text : {
           "<p:a/>",
           "<a p:b=''/>",
           "<a><bar:foo xmlns:bar=''/></a>",
           "<a xmlns:p='urn:1' xmlns:q='urn:1' p:x='' q:x=''/>",
           "<a xmlns:xml='urn:1'/>",
           "<a xmlns:xmlns='urn:1'/>",
           "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
           "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
           "<p:a:b xmlns:p='urn:1'/>",
           "<p:0 xmlns:p='urn:1'/>",
           "<p:\xCC\x81 xmlns:p='urn:1'/>",  // begins with a combining accent
           "<:a/>",
           "<a xmlns:p:q='urn:1'/>",
       }) {
    EXPECT_EQ(refusal_of(text), errors::xml_not_well_formed.name) << text;
  }
  EXPECT_EQ(parsed("<p:\xE5\x90\x8D xmlns:p='urn:1'/>").name.local, "\xE5\x90\x8D");
}

// DAV-03: nothing is fetched and nothing expands.
TEST(XmlDocument, RefusesEveryDocumentType) {
  EXPECT_EQ(refusal_of("<!DOCTYPE a><a/>"), errors::xml_document_type.name);
  EXPECT_EQ(refusal_of("<!DOCTYPE a []><a/>"), errors::xml_document_type.name);
  EXPECT_EQ(refusal_of("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), errors::xml_document_type.name);
  EXPECT_EQ(refusal_of("<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>"),
            errors::xml_document_type.name);
  EXPECT_EQ(refusal_of("<!DOCTYPE a [<!ENTITY l 'l'><!ENTITY m '&l;&l;&l;&l;'>]><a>&m;</a>"),
            errors::xml_document_type.name);
}

// DAV-03, DAV-10
TEST(XmlDocument, TellsExternalEntitiesApart) {
  for (const std::string_view text : {
           "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
           "<!DOCTYPE a PUBLIC 'x' 'http://example.com/a.dtd'><a/>",
           "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
           "<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://example.com/b'> %b;]><a/>",
       }) {
    EXPECT_EQ(refusal_of(text), errors::xml_external_entity.name) << text;
  }
}

TEST(XmlDocument, KeepsToItsLimits) {
  const XmlLimits limits{.bytes_max = 200,
                         .depth_max = 3,
                         .elements_max = 5,
                         .attributes_max = 2,
                         .name_bytes_max = 5,
                         .xmlns_bytes_max = 6,
                         .namespaces_max = 2};
  const auto refused = [&limits](std::string_view text) {
    return refusal(parse_document(text, limits));
  };
  EXPECT_EQ(refused(nested(3)), "");
  EXPECT_EQ(refused(nested(4)), errors::xml_too_complex.name);
  EXPECT_EQ(refused("<a><b/><b/><b/><b/></a>"), "");
  EXPECT_EQ(refused("<a><b/><b/><b/><b/><b/></a>"), errors::xml_too_complex.name);
  EXPECT_EQ(refused("<a b='' c=''/>"), "");
  EXPECT_EQ(refused("<a b='' c='' d=''/>"), errors::xml_too_complex.name);
  EXPECT_EQ(refused("<abcde fghij=''/>"), "");
  EXPECT_EQ(refused("<abcdef/>"), errors::xml_too_complex.name);
  EXPECT_EQ(refused("<a fghijk=''/>"), errors::xml_too_complex.name);
  EXPECT_EQ(refused("<a xmlns='urn:12'/>"), "");
  EXPECT_EQ(refused("<a xmlns='urn:123'/>"), errors::xml_too_complex.name);
  EXPECT_EQ(refused("<a xmlns='u'><b xmlns='u'/><b xmlns='u'/></a>"), "");
  EXPECT_EQ(refused("<a xmlns='u'><b xmlns='u'><c xmlns='u'/></b></a>"),
            errors::xml_too_complex.name);
  EXPECT_EQ(refused("<a>" + std::string(193, 'x') + "</a>"), "");
  EXPECT_EQ(refused("<a>" + std::string(194, 'x') + "</a>"), errors::xml_too_large.name);
}

// A long namespace is not copied in front of each of many names before the limits act.
TEST(XmlDocument, RefusesLongNamespacesBeforeTheyMultiply) {
  std::string text = "<a xmlns:p='" + std::string(30'000, 'u') + "'>";
  while (text.size() < 60'000) text += "<p:b/>";
  EXPECT_EQ(refusal_of(text + "</a>"), errors::xml_too_complex.name);
}

}  // namespace
}  // namespace bellhop::webdav
