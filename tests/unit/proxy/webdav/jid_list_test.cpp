// XEP-0129 §4: who may read.
#include "proxy/webdav/jid_list.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

constexpr std::string_view kExample =
    R"(<jidlist xmlns='http://www.xmpp.org/extensions/xep-0129.html#ns'>
  <jid>juliet@capulet.com</jid>
  <jid>benvolio@montague.net/home</jid>
  <jid>mercutio@capulet.com</jid>
</jidlist>)";

JidList list_of(std::string_view xml) {
  auto list = JidList::parse(parsed(xml));
  EXPECT_EQ(refusal(list), "");
  return list ? std::move(*list) : JidList();
}

bool lets_in(const JidList& list, std::string_view jid) {
  return list.matches(*xmpp::Jid::parse(jid));
}

// WDX-04
TEST(JidList, LetsInAllResourcesOfABareJidAndOneOfAFullJid) {
  const JidList list = list_of(kExample);
  EXPECT_EQ(list.jids().size(), 3U);
  EXPECT_TRUE(lets_in(list, "juliet@capulet.com"));
  EXPECT_TRUE(lets_in(list, "Juliet@Capulet.com/balcony"));
  EXPECT_TRUE(lets_in(list, "benvolio@montague.net/home"));
  EXPECT_FALSE(lets_in(list, "benvolio@montague.net/other"));
  EXPECT_FALSE(lets_in(list, "benvolio@montague.net"));
  EXPECT_FALSE(lets_in(list, "romeo@montague.net"));
  EXPECT_FALSE(lets_in(list, "capulet.com"));
}

// WDX-04: both: the bare one wins.
TEST(JidList, LetsTheBareJidDecideBesideAFullOne) {
  const std::string xml =
      "<jidlist xmlns='http://www.xmpp.org/extensions/xep-0129.html#ns'>"
      "<jid>romeo@montague.net/orchard</jid><jid>romeo@montague.net</jid></jidlist>";
  EXPECT_TRUE(lets_in(list_of(xml), "romeo@montague.net/elsewhere"));
}

// WDX-03: a list of nobody lets nobody in.
TEST(JidList, MayBeEmpty) {
  const JidList list =
      list_of("<jidlist xmlns='http://www.xmpp.org/extensions/xep-0129.html#ns'/>");
  EXPECT_TRUE(list.jids().empty());
  EXPECT_FALSE(lets_in(list, "romeo@montague.net"));
}

// WDX-04
TEST(JidList, RefusesWhatIsNoJid) {
  for (const std::string_view inside : {"<jid/>", "<jid>a@b@c</jid>", "<jid>@x</jid>",
                                        "<jid>a<b/>@x</jid>", "<jid>ok@x</jid><jid>a b@x</jid>"}) {
    const std::string xml = "<jidlist xmlns='http://www.xmpp.org/extensions/xep-0129.html#ns'>" +
                            std::string(inside) + "</jidlist>";
    EXPECT_EQ(refusal(JidList::parse(parsed(xml))), errors::bad_jid_list.name) << inside;
  }
}

// WDX-06
TEST(JidList, HasAMisspeltNamespaceToo) {
  EXPECT_TRUE(is_jid_list({"http://www.xmpp.org/extensions/xep-0129.html#ns", "jidlist"}));
  EXPECT_TRUE(is_jid_list({"http://www.xmpp.org/extensions/xep-0129#ns", "jidlist"}));
  EXPECT_FALSE(is_jid_list({"DAV:", "jidlist"}));
  EXPECT_FALSE(is_jid_list({"http://www.xmpp.org/extensions/xep-0129#ns", "jid"}));
  const JidList list = list_of(
      "<jidlist xmlns='http://www.xmpp.org/extensions/xep-0129#ns'><jid>a@x</jid></jidlist>");
  EXPECT_TRUE(lets_in(list, "a@x/1"));
}

TEST(JidList, IsWrittenAsItIsRead) {
  const JidList list = list_of(kExample);
  EXPECT_EQ(list_of(list.to_xml()), list);
  EXPECT_EQ(list_of(list.to_xml(xmpp::ns::kWebdavFilesMisspelt)), list);
  EXPECT_EQ(list_of("<jidlist xmlns='http://www.xmpp.org/extensions/xep-0129.html#ns'>"
                    "<jid> A@x </jid><jid>a@X</jid><other/></jidlist>")
                .to_xml(),
            "<jidlist xmlns=\"http://www.xmpp.org/extensions/xep-0129.html#ns\"><jid>a@x</jid>"
            "</jidlist>");
}

TEST(JidList, NamesNoMoreThanItsLimit) {
  std::string jids;
  for (std::size_t i = 0; i < kJidListMax; ++i) jids += "<jid>u" + std::to_string(i) + "@x</jid>";
  const auto xml = [](const std::string& inside) {
    return "<jidlist xmlns='http://www.xmpp.org/extensions/xep-0129.html#ns'>" + inside +
           "</jidlist>";
  };
  EXPECT_EQ(list_of(xml(jids)).jids().size(), kJidListMax);
  EXPECT_EQ(refusal(JidList::parse(parsed(xml(jids + "<jid>more@x</jid>")))),
            errors::bad_jid_list.name);
}

}  // namespace
}  // namespace bellhop::webdav
