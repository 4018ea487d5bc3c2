// Live properties: which there are, what they say, which may be set.
#include "proxy/webdav/properties.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

constexpr std::string_view kJidListNamespace = "http://www.xmpp.org/extensions/xep-0129.html#ns";

ResourceFacts file() {
  return {.href = "/f/a.txt",
          .size = 0,
          .content_type = "text/plain;charset=\"utf-8\"",
          .content_language = "en",
          .etag = "\"a<b\"",
          .created = "2024-05-06T07:08:09Z",
          .modified = "Mon, 06 May 2024 07:08:10 GMT",
          .display_name = "A & B"};
}

ResourceFacts folder() {
  return {.href = "/f/",
          .is_collection = true,
          .created = "2024-05-06T07:08:09Z",
          .modified = "Mon, 06 May 2024 07:08:10 GMT",
          .quota_used = 403350,
          .quota_available = 596650,
          .owner_href = "xmpp:juliet@example.org"};
}

// The text of a property, "-" if the resource does not have it.
std::string text_of(const ResourceFacts& facts, std::string_view local) {
  const LiveProperty* live = find_live_property({"DAV:", std::string(local)});
  if (live == nullptr) return "no such property";
  const auto xml = live->to_xml(facts);
  if (!xml) return "-";
  const XmlElement prop = parsed("<D:prop xmlns:D=\"DAV:\">" + *xml + "</D:prop>");
  EXPECT_EQ(prop.children.at(0).name, live->name());
  return prop.children.at(0).text;
}

base::Result<void> set(std::string_view xml) {
  return check_instruction({PropertyInstruction::Action::set, parsed(xml)});
}

// DAV-60
TEST(Properties, SayOfAFileWhatItsHeadersSay) {
  EXPECT_EQ(text_of(file(), "creationdate"), "2024-05-06T07:08:09Z");
  EXPECT_EQ(text_of(file(), "displayname"), "A & B");
  EXPECT_EQ(text_of(file(), "getcontentlanguage"), "en");
  EXPECT_EQ(text_of(file(), "getcontentlength"), "0");
  EXPECT_EQ(text_of(file(), "getcontenttype"), "text/plain;charset=\"utf-8\"");
  EXPECT_EQ(text_of(file(), "getetag"), "\"a<b\"");
  EXPECT_EQ(text_of(file(), "getlastmodified"), "Mon, 06 May 2024 07:08:10 GMT");
  EXPECT_EQ(find_live_property({"DAV:", "resourcetype"})->to_xml(file()), "<D:resourcetype/>");
}

// DAV-60
TEST(Properties, SayOfACollectionThatItIsOne) {
  EXPECT_EQ(find_live_property({"DAV:", "resourcetype"})->to_xml(folder()),
            "<D:resourcetype><D:collection/></D:resourcetype>");
  EXPECT_EQ(text_of(folder(), "getcontentlength"), "-");
  EXPECT_EQ(text_of(folder(), "getcontenttype"), "-");
  EXPECT_EQ(text_of(folder(), "getetag"), "-");
  EXPECT_EQ(text_of(folder(), "displayname"), "-");
  EXPECT_EQ(text_of(folder(), "getlastmodified"), "Mon, 06 May 2024 07:08:10 GMT");
}

// QTA-01: RFC 4331 §5.
TEST(Properties, TellTheQuotaOutsideOfAllprop) {
  EXPECT_EQ(text_of(folder(), "quota-available-bytes"), "596650");
  EXPECT_EQ(text_of(folder(), "quota-used-bytes"), "403350");
  EXPECT_EQ(text_of(file(), "quota-used-bytes"), "-");
  for (const char* local : {"quota-available-bytes", "quota-used-bytes"}) {
    const LiveProperty* live = find_live_property({"DAV:", local});
    EXPECT_FALSE(live->is_in_allprop);
    EXPECT_FALSE(live->is_settable);
  }
}

// DAV-51: RFC 4918 §15.8, §15.10.1.
TEST(Properties, TellLocksAndWhatLocksThereMayBe) {
  EXPECT_EQ(find_live_property({"DAV:", "lockdiscovery"})->to_xml(file()), "<D:lockdiscovery/>");
  const XmlElement supported =
      parsed("<D:prop xmlns:D=\"DAV:\">" +
             *find_live_property({"DAV:", "supportedlock"})->to_xml(folder()) + "</D:prop>");
  const XmlElement& entries = supported.children.at(0);
  ASSERT_EQ(entries.children.size(), 2U);
  EXPECT_NE(entries.children[0].dav_child("lockscope")->dav_child("exclusive"), nullptr);
  EXPECT_NE(entries.children[1].dav_child("lockscope")->dav_child("shared"), nullptr);
  EXPECT_NE(entries.children[1].dav_child("locktype")->dav_child("write"), nullptr);
  ResourceFacts locked = file();
  locked.locks.push_back({.scope = LockScope::exclusive,
                          .depth = Depth::zero,
                          .owner_xml = {},
                          .timeout = std::chrono::seconds(5),
                          .token = "t:1",
                          .root_href = "/f/a.txt"});
  const auto xml = find_live_property({"DAV:", "lockdiscovery"})->to_xml(locked);
  EXPECT_NE(xml->find("<D:activelock>"), std::string::npos);
}

// WDX-02
TEST(Properties, TellTheOwner) {
  EXPECT_EQ(find_live_property({"DAV:", "owner"})->to_xml(folder()),
            "<D:owner><D:href>xmpp:juliet@example.org</D:href></D:owner>");
}

// WDX-03, WDX-06
TEST(Properties, HaveAJidListOnceItIsSet) {
  const LiveProperty* live = find_live_property({std::string(kJidListNamespace), "jidlist"});
  ASSERT_NE(live, nullptr);
  EXPECT_EQ(find_live_property({"http://www.xmpp.org/extensions/xep-0129#ns", "jidlist"}), live);
  EXPECT_FALSE(live->to_xml(file()));
  ResourceFacts listed = file();
  listed.jid_list = JidList();
  EXPECT_EQ(live->to_xml(listed),
            "<jidlist xmlns=\"http://www.xmpp.org/extensions/xep-0129.html#ns\"></jidlist>");
}

// DAV-22: allprop has the ten properties of RFC 4918 §15.
TEST(Properties, OfAllpropAreThoseOfTheSpecification) {
  std::set<std::string_view> names;
  for (const LiveProperty& live : live_properties()) {
    if (live.is_in_allprop) names.insert(live.local);
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"creationdate", "displayname", "getcontentlanguage",
                                               "getcontentlength", "getcontenttype", "getetag",
                                               "getlastmodified", "lockdiscovery", "resourcetype",
                                               "supportedlock"}));
}

// DAV-23, DAV-60
TEST(Properties, AreProtectedUnlessTheClientMayKeepThem) {
  for (const char* local :
       {"creationdate", "getcontentlength", "getcontenttype", "getetag", "getlastmodified",
        "lockdiscovery", "resourcetype", "supportedlock", "quota-used-bytes", "owner"}) {
    const std::string xml = '<' + std::string(local) + " xmlns='DAV:'/>";
    EXPECT_EQ(refusal(set(xml)), errors::protected_property.name) << local;
    EXPECT_EQ(refusal(check_instruction({PropertyInstruction::Action::remove, parsed(xml)})),
              errors::protected_property.name)
        << local;
  }
  EXPECT_EQ(refusal(set("<displayname xmlns='DAV:'>any text</displayname>")), "");
  EXPECT_EQ(refusal(set("<getcontentlanguage xmlns='DAV:'>en-GB</getcontentlanguage>")), "");
  EXPECT_EQ(refusal(set("<anything xmlns='urn:x'><b/></anything>")), "");
  EXPECT_EQ(refusal(set("<anything/>")), "");
}

TEST(Properties, ThatMayBeSetMustMakeSense) {
  EXPECT_EQ(refusal(set("<displayname xmlns='DAV:'><b/></displayname>")),
            errors::bad_property_value.name);
  EXPECT_EQ(refusal(set("<getcontentlanguage xmlns='DAV:'/>")), errors::bad_property_value.name);
  EXPECT_EQ(refusal(set("<getcontentlanguage xmlns='DAV:'>e\r\nX: y</getcontentlanguage>")),
            errors::bad_property_value.name);
}

// WDX-04: 409.
TEST(Properties, TakeAListOfValidJidsOnly) {
  const auto list = [](std::string_view inside) {
    return "<jidlist xmlns='" + std::string(kJidListNamespace) + "'>" + std::string(inside) +
           "</jidlist>";
  };
  EXPECT_EQ(refusal(set(list("<jid>a@x</jid>"))), "");
  EXPECT_EQ(refusal(set(list("<jid>a@@x</jid>"))), errors::bad_jid_list.name);
  EXPECT_EQ(refusal(check_instruction(
                {PropertyInstruction::Action::remove, parsed(list("<jid>a@@x</jid>"))})),
            "");
}

}  // namespace
}  // namespace bellhop::webdav
