// The reader of a stream: any fragmentation, each limit, each kind of hostile XML.
#include "component/xmpp/xml_reader.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <string>
#include <vector>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

using test::kHeader;

std::string repeat(std::string_view text, std::size_t times) {
  std::string repeated;
  for (std::size_t i = 0; i < times; ++i) repeated += text;
  return repeated;
}

// Everything a reader said, as text: "open ID XMLNS", elements as XML, "close", "error NAME".
class Transcript {
 public:
  explicit Transcript(XmlLimits limits = {}) : reader_(limits) {}

  Transcript& feed(std::string_view bytes) {
    const auto fed = reader_.feed(bytes);
    while (auto event = reader_.next()) note(*event);
    if (!fed && !has_failed_) {
      has_failed_ = true;
      lines_ += "error " + std::string(fed.error().kind().name) + '\n';
    }
    return *this;
  }

  const std::string& text() const { return lines_; }
  bool is_between_stanzas() const { return reader_.is_between_stanzas(); }

 private:
  void note(const XmlEvent& event) {
    if (const auto* opened = std::get_if<StreamOpened>(&event)) {
      lines_ += "open " + opened->id + ' ' + opened->xmlns + '\n';
    } else if (const auto* element = std::get_if<Element>(&event)) {
      lines_ += to_xml(*element, ns::kComponentAccept) + '\n';
    } else {
      lines_ += "close\n";
    }
  }

  XmlReader reader_;
  std::string lines_;
  bool has_failed_ = false;
};

std::string read(std::string_view document, XmlLimits limits = {}) {
  return Transcript(limits).feed(document).text();
}

// What the reader says about `stanzas` behind the header, without the header's own line.
std::string read_stanzas(std::string_view stanzas, XmlLimits limits = {}) {
  const std::string text = read(std::string(kHeader) + std::string(stanzas), limits);
  const std::string opened = "open s1 jabber:component:accept\n";
  EXPECT_TRUE(text.starts_with(opened)) << text;
  return text.substr(std::min(opened.size(), text.size()));
}

struct Document {
  std::string bytes;
  std::string transcript;
};

std::vector<Document> documents() {
  const std::string open = "open s1 jabber:component:accept\n";
  const std::string header(kHeader);
  return {
      {header, open},
      {header + "<handshake/></stream:stream>", open + "<handshake/>\nclose\n"},
      {header + " \r\n\t<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq> <iq/>  ",
       open + "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>\n<iq/>\n"},
      {"\xEF\xBB\xBF" + header +
           "<message><body>\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 &lt;&#x41;&#65;"
           "<![CDATA[<&]]>]</body></message>",
       open + "<message><body>\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 "
              "&lt;AA&lt;&amp;]</body></message>\n"},
      {header + "<s:error xmlns:s='http://etherx.jabber.org/streams'><conflict "
                "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></s:error></stream:stream>",
       open + "<error xmlns='http://etherx.jabber.org/streams'><conflict "
              "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>\nclose\n"},
      {header + "<iq a='&#10;&quot;&apos;'\n b=\"'\"/>",
       open + "<iq a='&#xA;&quot;&apos;' b='&apos;'/>\n"},
      {header + "<iq/><!-- no -->", open + "<iq/>\nerror restricted-xml\n"},
      {header + "<iq/><iq></message>", open + "<iq/>\nerror not-well-formed\n"},
      {header + "<iq/></stream:stream><iq/>", open + "<iq/>\nclose\nerror not-well-formed\n"},
      {header + "<iq/></stream:stream> \n", open + "<iq/>\nclose\n"},
      {"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'/>",
       "open  jabber:client\nclose\n"},
  };
}

TEST(XmlReader, ReadsEachDocumentWhole) {
  for (const Document& document : documents()) {
    EXPECT_EQ(read(document.bytes), document.transcript);
  }
}

TEST(XmlReader, ReadsEachDocumentByteByByte) {
  for (const Document& document : documents()) {
    Transcript transcript;
    for (const char& byte : document.bytes) transcript.feed({&byte, 1});
    EXPECT_EQ(transcript.text(), document.transcript);
  }
}

TEST(XmlReader, ReadsEachDocumentCutAtEveryPosition) {
  for (const Document& document : documents()) {
    const std::string_view bytes = document.bytes;
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      Transcript transcript;
      transcript.feed(bytes.substr(0, cut)).feed(bytes.substr(cut));
      ASSERT_EQ(transcript.text(), document.transcript) << "cut at " << cut;
    }
  }
}

TEST(XmlReader, HasAnElementReadyWithItsLastByte) {
  const std::string stanza =
      "<iq type='set'><data xmlns='x'>" + std::string(3000, 'A') + "</data></iq>";
  for (const std::size_t last : {1u, 2u, 5u, 100u, 3000u}) {
    Transcript transcript;
    transcript.feed(kHeader);
    const std::string before = transcript.text();
    transcript.feed(std::string_view(stanza).substr(0, stanza.size() - last));
    EXPECT_EQ(transcript.text(), before);
    transcript.feed(std::string_view(stanza).substr(stanza.size() - last));
    EXPECT_NE(transcript.text(), before) << last;
  }
}

TEST(XmlReader, ReadsTheHeadersAttributes) {
  XmlReader reader{XmlLimits{}};
  ASSERT_TRUE(
      reader.feed("<?xml version='1.0' encoding='utf-8'?><stream:stream id='&lt;1' "
                  "from='bellhop.example.org' version='1.0' xml:lang='en' "
                  "xmlns='jabber:component:accept' "
                  "xmlns:stream='http://etherx.jabber.org/streams'>"));
  const auto event = reader.next();
  ASSERT_TRUE(event);
  const auto& opened = std::get<StreamOpened>(*event);
  EXPECT_EQ(opened.id, "<1");
  EXPECT_EQ(opened.from, "bellhop.example.org");
  EXPECT_EQ(opened.xmlns, ns::kComponentAccept);
  EXPECT_EQ(opened.version, "1.0");
  EXPECT_EQ(opened.lang, "en");
  EXPECT_FALSE(reader.next());
}

// CMP-04
TEST(XmlReader, ReportsAHeaderWithoutIdOrWithAnotherNamespaceAsItIs) {
  const std::string streams = " xmlns:stream='http://etherx.jabber.org/streams'";
  EXPECT_EQ(read("<stream:stream xmlns='jabber:component:accept'" + streams + '>'),
            "open  jabber:component:accept\n");
  EXPECT_EQ(read("<stream:stream id='1' xmlns='jabber:client'" + streams + '>'),
            "open 1 jabber:client\n");
  EXPECT_EQ(read("<stream:stream id='1'" + streams + '>'), "open 1 \n");
}

// CMP-04
TEST(XmlReader, RefusesAHeaderThatIsNoStream) {
  EXPECT_EQ(read("<stream:stream xmlns:stream='urn:x'>"), "error invalid-namespace\n");
  EXPECT_EQ(read("<stream xmlns='jabber:component:accept'>"), "error invalid-namespace\n");
  EXPECT_EQ(read("<html>"), "error invalid-namespace\n");
  EXPECT_EQ(read("<stream:flood xmlns:stream='http://etherx.jabber.org/streams'>"),
            "error bad-format\n");
  EXPECT_EQ(read("<stream:stream>"), "error bad-namespace-prefix\n");
  EXPECT_EQ(read("HTTP/1.1 400 Bad Request\r\n"), "error not-well-formed\n");
  EXPECT_EQ(read(std::string_view("\x16\x03\x01\x02\x00\x01\x00", 7)), "error not-well-formed\n");
}

TEST(XmlReader, AcceptsAnyPrefixForTheStream) {
  const std::string header =
      "<x:stream id='1' xmlns:x='http://etherx.jabber.org/streams' "
      "xmlns='jabber:component:accept'>";
  EXPECT_EQ(read(header + "<iq/></x:stream>"), "open 1 jabber:component:accept\n<iq/>\nclose\n");
  EXPECT_EQ(read("<stream xmlns='http://etherx.jabber.org/streams' "
                 "xmlns:c='jabber:component:accept'><c:iq/></stream>"),
            "open  http://etherx.jabber.org/streams\n<iq/>\nclose\n");
}

// CMP-11
TEST(XmlReader, TreatsTheThreeContentNamespacesAlike) {
  for (const std::string xmlns : {"jabber:client", "jabber:server", "jabber:component:accept"}) {
    const auto iq =
        test::parse_element("<iq xmlns='" + xmlns + "'><error><x xmlns='urn:x'/></error></iq>");
    EXPECT_TRUE(iq.is("iq", ns::kComponentAccept)) << xmlns;
    EXPECT_TRUE(iq.first_child()->is("error", ns::kComponentAccept)) << xmlns;
    EXPECT_TRUE(iq.first_child()->first_child()->is("x", "urn:x")) << xmlns;
  }
  const auto prefixed = test::parse_element("<c:iq xmlns:c='jabber:client'><c:error/></c:iq>");
  EXPECT_TRUE(prefixed.is("iq", ns::kComponentAccept));
  EXPECT_TRUE(prefixed.first_child()->is("error", ns::kComponentAccept));
}

// CMP-11
TEST(XmlReader, LeavesTheNamespaceOfStanzasInsideOfOthers) {
  const auto message = test::parse_element(
      "<message xmlns='jabber:client'><forwarded xmlns='urn:xmpp:forward:0'>"
      "<message xmlns='jabber:client'><body/></message></forwarded></message>");
  const Element& inner = *message.first_child()->first_child();
  EXPECT_TRUE(inner.is("message", ns::kClient));
  EXPECT_TRUE(inner.first_child()->is("body", ns::kClient));
}

TEST(XmlReader, ResolvesNamespacesInTheirScope) {
  const auto iq = test::parse_element(
      "<iq xmlns:p='urn:1'><p:a xmlns:p='urn:2'><p:b/></p:a><p:c/><d xmlns='urn:3'><e/></d>"
      "<f xmlns=''/><g/></iq>");
  const auto& children = iq.children();
  ASSERT_EQ(children.size(), 5u);
  EXPECT_TRUE(children[0].is("a", "urn:2"));
  EXPECT_TRUE(children[0].first_child()->is("b", "urn:2"));
  EXPECT_TRUE(children[1].is("c", "urn:1"));
  EXPECT_TRUE(children[2].is("d", "urn:3"));
  EXPECT_TRUE(children[2].first_child()->is("e", "urn:3"));
  EXPECT_TRUE(children[3].is("f", ""));
  EXPECT_TRUE(children[4].is("g", ns::kComponentAccept));
  // A prefix of one stanza is unknown in the next.
  EXPECT_EQ(read_stanzas("<iq xmlns:p='urn:1'/><p:iq/>"), "<iq/>\nerror bad-namespace-prefix\n");
}

TEST(XmlReader, KeepsXmlLangAndDropsForeignAttributes) {
  const auto iq = test::parse_element("<iq xml:lang='de' xmlns:p='urn:p' p:id='2' id='1'/>");
  EXPECT_EQ(iq.attribute("xml:lang"), "de");
  EXPECT_EQ(iq.attribute("id"), "1");
  EXPECT_EQ(iq.attributes().size(), 2u);
}

TEST(XmlReader, RefusesPrefixesThatAreUnboundOrMisused) {
  for (const std::string_view bad :
       {"<p:iq/>", "<iq p:a='1'/>", "<iq xmlns:p=''/>", "<iq xmlns:xmlns='urn:x'/>",
        "<iq xmlns:xml='urn:x'/>", "<iq xmlns='http://www.w3.org/2000/xmlns/'/>", "<a:b:c/>",
        "<:iq/>", "<iq :a='1'/>", "<iq xmlns:='urn:x'/>", "<iq xmlns:a:b='urn:x'/>",
        "<xmlns:iq/>"}) {
    const std::string said = read_stanzas(bad);
    EXPECT_TRUE(said == "error bad-namespace-prefix\n" || said == "error not-well-formed\n")
        << bad << ": " << said;
  }
  EXPECT_EQ(read_stanzas("<iq xmlns:p='http://www.w3.org/XML/1998/namespace'/>"), "<iq/>\n");
  EXPECT_EQ(read_stanzas("<iq xmlns:xml='http://www.w3.org/XML/1998/namespace'/>"), "<iq/>\n");
}

// What was read may be repeated to the server, so no name may be kept that is none without its
// prefix.
TEST(XmlReader, KeepsOnlyNamesThatStandWithoutTheirPrefix) {
  for (const std::string name : {"0", "-a", ".a"}) {
    EXPECT_EQ(read_stanzas("<p:" + name + " xmlns:p='urn:p'/>"), "error bad-namespace-prefix\n");
  }
  const std::string odd = "<p:\xC3\xA4 xmlns:p='urn:p'/>";
  EXPECT_EQ(read_stanzas(odd + "<iq id='1'>" + odd + "x</iq><\xC3\xA4/>"),
            "<iq id='1'/>\n<\xC3\xA4/>\n");
  EXPECT_EQ(read_stanzas("<iq xml:lang='de' xml:space='preserve'/>"), "<iq xml:lang='de'/>\n");
}

TEST(XmlReader, JoinsTheTextOfAnElement) {
  EXPECT_EQ(test::parse_element("<a>x<b>y</b>z<![CDATA[<]]>&amp;</a>").text(), "xz<&");
}

// CMP-10
TEST(XmlReader, RefusesRestrictedXmlAnywhere) {
  const std::string header(kHeader);
  const std::string stream = header.substr(header.find("<stream"));
  for (const std::string& bad :
       {"<!DOCTYPE stream>" + stream, "<!-- c -->" + stream, "<?pi x?>" + stream,
        "<!DOCTYPE s [<!ENTITY a 'b'>]>" + stream, "<!DOCTYPE s SYSTEM 'http://x/y.dtd'>" + stream,
        header + "<!-- c --><iq/>", header + "<?pi?><iq/>", header + "<iq><!-- c --></iq>",
        header + "<iq><?pi?></iq>", header + "<iq>&foo;</iq>", header + "<iq a='&foo;'/>",
        header + "&foo;"}) {
    EXPECT_TRUE(read(bad).ends_with("error restricted-xml\n")) << bad;
    EXPECT_FALSE(read(bad).find("<iq") != std::string::npos) << bad;
  }
}

// CMP-10
TEST(XmlReader, NeverExpandsEntities) {
  std::string bomb = "<?xml version='1.0'?><!DOCTYPE l [<!ENTITY l0 'lol'>";
  for (int i = 1; i < 10; ++i) {
    const std::string inner = "&l" + std::to_string(i - 1) + ';';
    bomb += "<!ENTITY l" + std::to_string(i) + " '" + repeat(inner, 10) + "'>";
  }
  EXPECT_EQ(read(bomb + "]><stream>&l9;</stream>"), "error restricted-xml\n");
  // In the middle of a stream Expat sees just a wrong token there.
  EXPECT_EQ(read_stanzas("<!DOCTYPE l [<!ENTITY l0 'lol'>]><iq>&l0;</iq>"),
            "error restricted-xml\n");
}

// CMP-10
TEST(XmlReader, RefusesWhatIsNotWellFormed) {
  for (const std::string_view bad :
       {"<iq></message>", "</iq>", "<iq a='1' a='2'/>", "<iq a=1/>", "<iq a/>", "<iq a='<'/>",
        "< iq/>", "<1/>", "<iq>]]></iq>", "<iq>&#0;</iq>", "<iq>&#x1;</iq>", "<iq>&#xFFFE;</iq>",
        "<iq>&#x110000;</iq>", "<iq>& </iq>", "<?xml version='1.0'?>",
        "<iq><![CDATA[x]]</iq>]]>y</iq></iq>", "<iq/><stream:stream>x</stream:error>"}) {
    const std::string said = read_stanzas(bad);
    EXPECT_TRUE(said.ends_with("error not-well-formed\n")) << bad << ": " << said;
  }
  EXPECT_EQ(read_stanzas(std::string_view("<iq>\0</iq>", 10)), "error not-well-formed\n");
  EXPECT_EQ(read_stanzas(std::string_view("\0", 1)), "error not-well-formed\n");
}

// CMP-10
TEST(XmlReader, RefusesOtherEncodings) {
  for (const std::string encoding : {"ISO-8859-1", "UTF-16", "US-ASCII", "utf8", "x"}) {
    EXPECT_EQ(read("<?xml version='1.0' encoding='" + encoding + "'?><stream/>"),
              "error unsupported-encoding\n")
        << encoding;
  }
  const std::string header(kHeader);
  const std::string stream = header.substr(header.find("<stream"));
  EXPECT_TRUE(read("<?xml version='1.0' encoding='UtF-8'?>" + stream).starts_with("open"));
  EXPECT_TRUE(read(stream).starts_with("open"));
  EXPECT_EQ(read("<?xml version='1.1'?>" + stream), "error not-well-formed\n");
  // The same header in UTF-16.
  std::string wide = "\xFF\xFE";
  for (const char c : stream) wide += std::string{c, '\0'};
  EXPECT_EQ(read(wide), "error unsupported-encoding\n");
  EXPECT_EQ(read(wide.substr(2)), "error unsupported-encoding\n");
  EXPECT_EQ(read(std::string(1, '\0') + wide.substr(2)), "error unsupported-encoding\n");
  EXPECT_EQ(Transcript().feed("\xFE").feed("\xFF").text(), "error unsupported-encoding\n");
  EXPECT_EQ(Transcript().feed("<").feed(std::string_view("\0s", 2)).text(),
            "error unsupported-encoding\n");
}

// CMP-10
TEST(XmlReader, RefusesInvalidUtf8WhereverItStands) {
  for (const std::string bad : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC3 ",
                                "\xE2\x82 ", "\xEF\xBF\xBE"}) {
    for (const std::string& stanza :
         {"<iq>" + bad + "</iq>", "<iq a='" + bad + "'/>", "<i" + bad + "q/>",
          "<iq " + bad + "='1'/>", bad, "<iq><![CDATA[" + bad + "]]></iq>",
          "<iq xmlns='" + bad + "'/>"}) {
      EXPECT_EQ(read_stanzas(stanza), "error not-well-formed\n");
    }
  }
}

TEST(XmlReader, RefusesTextBetweenStanzas) {
  EXPECT_EQ(read_stanzas("<iq/>x<iq/>"), "<iq/>\nerror bad-format\n");
  EXPECT_EQ(read_stanzas(" \n<![CDATA[x]]><iq/>"), "error bad-format\n");
  EXPECT_EQ(read_stanzas("&#32;<iq/>"), "<iq/>\n");
}

// CMP-09
TEST(XmlReader, SkipsWhitespaceBetweenStanzasWithoutCountingIt) {
  XmlLimits limits;
  limits.stanza_bytes_max = 256;
  Transcript transcript(limits);
  transcript.feed(kHeader);
  for (int i = 0; i < 1000; ++i) transcript.feed(" \r\n\t");
  EXPECT_TRUE(transcript.is_between_stanzas());
  transcript.feed(std::string(5000, ' ') + "<iq/>" + std::string(5000, '\n') + "<iq/>");
  EXPECT_EQ(transcript.text(), "open s1 jabber:component:accept\n<iq/>\n<iq/>\n");
}

TEST(XmlReader, KnowsWhetherItIsBetweenStanzas) {
  Transcript transcript;
  EXPECT_FALSE(transcript.is_between_stanzas());
  EXPECT_FALSE(transcript.feed("<stream:stream").is_between_stanzas());
  EXPECT_TRUE(
      transcript.feed(" xmlns:stream='http://etherx.jabber.org/streams'>").is_between_stanzas());
  EXPECT_TRUE(transcript.feed("  ").is_between_stanzas());
  EXPECT_FALSE(transcript.feed("<").is_between_stanzas());
  EXPECT_FALSE(transcript.feed("iq>").is_between_stanzas());
  EXPECT_FALSE(transcript.feed(" ").is_between_stanzas());
  EXPECT_TRUE(transcript.feed("</iq>").is_between_stanzas());
}

TEST(XmlReader, StaysFailed) {
  XmlReader reader{XmlLimits{}};
  ASSERT_TRUE(reader.feed(kHeader));
  ASSERT_FALSE(reader.feed("<iq/><!---->"));
  const auto again = reader.feed("<iq/>");
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().is(errors::restricted_xml));
  EXPECT_FALSE(reader.feed(""));
  EXPECT_TRUE(reader.next());   // the header
  EXPECT_TRUE(reader.next());   // what was complete before the fault
  EXPECT_FALSE(reader.next());  // and nothing after it
}

TEST(XmlReader, CanBeMovedInTheMiddleOfAStanza) {
  XmlReader first{XmlLimits{}};
  ASSERT_TRUE(first.feed(std::string(kHeader) + "<iq i"));
  XmlReader second = std::move(first);
  ASSERT_TRUE(second.feed("d='1'/>"));
  ASSERT_TRUE(second.next());
  EXPECT_EQ(std::get<Element>(*second.next()).attribute("id"), "1");
}

// CMP-10: each limit at its maximum and one above.
struct Limit {
  const char* name;
  std::string largest;
  std::string too_large;
  bool is_fatal = false;
};

std::vector<Limit> limits_of(const XmlLimits& max) {
  const auto nested = [](std::size_t depth) {
    return repeat("<a>", depth) + repeat("</a>", depth);
  };
  const auto flat = [](std::size_t count) { return "<a>" + repeat("<b/>", count - 1) + "</a>"; };
  const auto with_attributes = [](std::size_t count) {
    std::string element = "<a";
    for (std::size_t i = 0; i < count; ++i) element += " a" + std::to_string(i) + "=''";
    return element + "/>";
  };
  const auto with_namespaces = [](std::size_t count) {
    std::string open = "<a";
    for (std::size_t i = 0; i < count; ++i) {
      if (i % 10 == 9) open += "><a";  // spread over several elements, below the other limits
      open += " xmlns:p" + std::to_string(i) + "='urn:" + std::to_string(i) + '\'';
    }
    return open + '>' + repeat("</a>", (count + 10) / 10);
  };
  const auto name = [](std::size_t bytes) { return '<' + std::string(bytes, 'n') + "/>"; };
  const auto attribute = [](std::size_t bytes) {
    return "<a " + std::string(bytes, 'n') + "=''/>";
  };
  const auto xmlns = [](std::size_t bytes) {
    return "<a xmlns='" + std::string(bytes, 'u') + "'/>";
  };
  const auto text = [](std::size_t bytes) { return "<a>" + std::string(bytes - 7, 't') + "</a>"; };
  const auto value = [](std::size_t bytes) {
    return "<a b='" + std::string(bytes - 9, 'v') + "'/>";
  };
  const std::size_t in_header = 2;  // namespaces that the header declares
  return {
      {"depth", nested(max.depth_max), nested(max.depth_max + 1)},
      {"elements", flat(max.elements_max), flat(max.elements_max + 1)},
      {"attributes", with_attributes(max.attributes_max), with_attributes(max.attributes_max + 1)},
      {"element name", name(max.name_bytes_max), name(max.name_bytes_max + 1)},
      {"attribute name", attribute(max.name_bytes_max), attribute(max.name_bytes_max + 1)},
      {"namespace", xmlns(max.xmlns_bytes_max), xmlns(max.xmlns_bytes_max + 1)},
      {"namespaces", with_namespaces(max.namespaces_max - in_header),
       with_namespaces(max.namespaces_max - in_header + 1)},
      {"text", text(max.stanza_bytes_max), text(max.stanza_bytes_max + 1), true},
      {"attribute value", value(max.stanza_bytes_max), value(max.stanza_bytes_max + 1), true},
  };
}

XmlLimits small_limits() {
  return {.stanza_bytes_max = 4000,
          .depth_max = 40,
          .elements_max = 100,
          .attributes_max = 20,
          .name_bytes_max = 50,
          .xmlns_bytes_max = 200,
          .namespaces_max = 30};
}

TEST(XmlReader, AllowsEachLimitToBeReached) {
  for (const XmlLimits& limits : {XmlLimits{}, small_limits()}) {
    for (const Limit& limit : limits_of(limits)) {
      // Twice: what one stanza used is there again for the next.
      const std::string said = read_stanzas(limit.largest + limit.largest, limits);
      EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2) << limit.name;
      EXPECT_EQ(said.find("error"), std::string::npos) << limit.name;
    }
  }
}

TEST(XmlReader, LeavesOutWhatIsAboveALimit) {
  for (const XmlLimits& limits : {XmlLimits{}, small_limits()}) {
    for (const Limit& limit : limits_of(limits)) {
      if (limit.is_fatal) continue;
      // The stanza is known by its start tag, unless that is what is too large; the next one is
      // whole.
      const std::string said = read_stanzas(limit.too_large + "<b><c/>x</b>", limits);
      EXPECT_TRUE(said == "<a/>\n<b>x<c/></b>\n" || said == "<b>x<c/></b>\n") << limit.name;
      const std::string inside = "<iq id='1'>x<d/>" + limit.too_large + "y<e/></iq><b/>";
      EXPECT_EQ(read_stanzas(inside, limits), "<iq id='1'/>\n<b/>\n") << limit.name;
    }
  }
}

TEST(XmlReader, RefusesOneByteAboveTheLimitOfAStanza) {
  for (const XmlLimits& limits : {XmlLimits{}, small_limits()}) {
    for (const Limit& limit : limits_of(limits)) {
      if (!limit.is_fatal) continue;
      EXPECT_EQ(read_stanzas(limit.too_large, limits), "error policy-violation\n") << limit.name;
    }
  }
}

// Also a stanza of which nothing is kept any more must end somewhere, and be well-formed until
// then.
TEST(XmlReader, KeepsCheckingWhatItLeavesOut) {
  const std::string start = "<iq>" + repeat("<a>", 40);
  EXPECT_EQ(read_stanzas(start + std::string(4000, 't'), small_limits()),
            "error policy-violation\n");
  EXPECT_EQ(read_stanzas(start + "</b>", small_limits()), "error not-well-formed\n");
  EXPECT_EQ(read_stanzas(start + "<!---->", small_limits()), "error restricted-xml\n");
}

TEST(XmlReader, LimitsTheHeaderToo) {
  EXPECT_EQ(read("<stream:stream id='" + std::string(4000, 'x'), small_limits()),
            "error policy-violation\n");
  EXPECT_EQ(read(std::string(4001, ' '), small_limits()), "error policy-violation\n");
  EXPECT_EQ(read("<stream:stream" + repeat(" a='1'", 21) + '>', small_limits()),
            "error not-well-formed\n");
}

TEST(XmlReader, FailsWhileAnEndlessStanzaStreamsIn) {
  for (const std::string start : {"<iq>", "<iq a='", "<iq", "<", "<iq><![CDATA[", "<!--", "&#"}) {
    XmlReader reader{small_limits()};
    ASSERT_TRUE(reader.feed(kHeader));
    std::size_t fed = start.size();
    auto result = reader.feed(start);
    while (result && fed < 100000) {
      result = reader.feed("1");
      ++fed;
    }
    ASSERT_FALSE(result) << start;
    EXPECT_LE(fed, small_limits().stanza_bytes_max + 1) << start;
  }
}

// Each kind of hostile structure in up to half a megabyte costs one stanza, not the stream.
TEST(XmlReader, SurvivesBombs) {
  std::string attributes = "<a";
  for (int i = 0; i < 30000; ++i) attributes += " a" + std::to_string(i) + "=''";
  std::string prefixed = "<a xmlns:p='" + std::string(200000, 'u') + '\'';
  for (int i = 0; i < 20000; ++i) prefixed += " p:a" + std::to_string(i) + "=''";
  std::string namespaces = "<a";
  for (int i = 0; i < 20000; ++i) namespaces += " xmlns:p" + std::to_string(i) + "='u'";
  for (const std::string& bomb :
       {attributes + "/>", prefixed + "/>", namespaces + "/>",
        repeat("<a>", 70000) + repeat("</a>", 70000),
        "<a xmlns='" + std::string(300000, 'u') + "'>" + repeat("<b/>", 2000) + "</a>",
        '<' + std::string(500000, 'n') + "/>", "<a>" + repeat("<b/>", 100000) + "</a>"}) {
    const std::string said = read_stanzas(bomb + "<iq/>");
    EXPECT_TRUE(said == "<iq/>\n" || said == "<a/>\n<iq/>\n") << bomb.substr(0, 20);
  }
}

// A stream may live for weeks and strangers choose the names in it.
TEST(XmlReader, ForgetsTheNamesOfEarlierStanzas) {
  const std::string padding(200, 'n');
  XmlReader reader{XmlLimits{}};
  ASSERT_TRUE(reader.feed(kHeader));
  ASSERT_TRUE(reader.next());
  std::size_t in_use_after_warm_up = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string name = padding + std::to_string(i);
    ASSERT_TRUE(reader.feed('<' + name + ' ' + name + "='' xmlns:" + name + "='u'/>"));
    ASSERT_TRUE(reader.next());
    if (i == 100) in_use_after_warm_up = mallinfo2().uordblks;
  }
  // Kept names would be more than 12 MB. (Sanitizers replace malloc: there both numbers are 0.)
  EXPECT_LT(mallinfo2().uordblks, in_use_after_warm_up + 1000000);
}

}  // namespace
}  // namespace bellhop::xmpp
