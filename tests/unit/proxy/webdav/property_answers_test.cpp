// What PROPFIND and PROPPATCH are told about one resource.
#include "proxy/webdav/property_answers.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

const std::vector<DeadProperty> kDead{
    {{"urn:r", "bigbox"}, "<R:bigbox xmlns:R=\"urn:r\">a &amp; b</R:bigbox>"},
    {{"DAV:", "displayname"}, "<D:displayname xmlns:D=\"DAV:\" xml:lang=\"en\">N</D:displayname>"},
};

ResourceFacts file() {
  return {.href = "/a",
          .size = 4525,
          .content_type = "text/html",
          .etag = "\"zzyzx\"",
          .created = "1997-12-01T18:27:21-08:00",
          .modified = "Mon, 12 Jan 1998 09:25:56 GMT",
          .display_name = "hidden by what the client has set",
          .quota_used = 1,
          .quota_available = 2};
}

/// Status line -> properties by local name -> text.
using Answer = std::map<std::string, std::map<std::string, std::string>>;

Answer read(const PropertyResults& results) {
  Multistatus body(100'000);
  EXPECT_TRUE(body.add_properties("/a", results));
  const XmlElement root = parsed(std::move(body).finish());
  Answer answer;
  for (const XmlElement& propstat : root.children.at(0).children) {
    if (!propstat.is_dav("propstat")) continue;
    const std::string status = propstat.dav_child("status")->text.substr(9, 3);
    for (const XmlElement& property : propstat.dav_child("prop")->children) {
      EXPECT_TRUE(answer[status].emplace(property.name.local, property.text).second)
          << property.name.local;
    }
  }
  return answer;
}

// DAV-22
TEST(PropertyAnswers, GiveWhatIsNamedAnd404ForWhatIsMissing) {
  const PropfindRequest request{.kind = PropfindKind::named,
                                .names = {{"urn:r", "bigbox"},
                                          {"DAV:", "getetag"},
                                          {"DAV:", "getcontentlanguage"},
                                          {"urn:r", "DingALing"},
                                          {"", "bigbox2"}}};
  const Answer answer = read(answer_propfind(request, file(), kDead));
  EXPECT_EQ(answer,
            (Answer{{"200", {{"bigbox", "a & b"}, {"getetag", "\"zzyzx\""}}},
                    {"404", {{"getcontentlanguage", ""}, {"DingALing", ""}, {"bigbox2", ""}}}}));
}

// DAV-22, QTA-01: RFC 4918 §9.1.5.
TEST(PropertyAnswers, GiveAllpropWithDeadPropertiesAndWithoutQuota) {
  const Answer answer = read(answer_propfind({}, file(), kDead));
  ASSERT_EQ(answer.size(), 1U);
  const auto& found = answer.at("200");
  EXPECT_EQ(found.size(), 10U);
  EXPECT_EQ(found.at("bigbox"), "a & b");
  EXPECT_EQ(found.at("displayname"), "N");
  EXPECT_EQ(found.at("getcontentlength"), "4525");
  EXPECT_TRUE(found.contains("supportedlock") && found.contains("lockdiscovery"));
  EXPECT_FALSE(found.contains("quota-used-bytes"));
}

// DAV-21: RFC 4918 §9.1.6.
TEST(PropertyAnswers, AddWhatIsIncluded) {
  const PropfindRequest request{.kind = PropfindKind::all_properties,
                                .names = {{"DAV:", "quota-used-bytes"},
                                          {"DAV:", "getetag"},
                                          {"urn:r", "bigbox"},
                                          {"DAV:", "supported-report-set"}}};
  const Answer answer = read(answer_propfind(request, file(), kDead));
  EXPECT_EQ(answer.at("200").at("quota-used-bytes"), "1");
  EXPECT_EQ(answer.at("200").size(), 11U);
  EXPECT_EQ(answer.at("404").size(), 1U);
}

// DAV-21, QTA-01: RFC 4918 §9.1.4.
TEST(PropertyAnswers, GiveNamesWithoutValues) {
  const Answer answer = read(answer_propfind({.kind = PropfindKind::names_only}, file(), kDead));
  ASSERT_EQ(answer.size(), 1U);
  const auto& names = answer.at("200");
  EXPECT_TRUE(names.contains("quota-used-bytes") && names.contains("quota-available-bytes"));
  EXPECT_TRUE(names.contains("bigbox") && names.contains("resourcetype"));
  EXPECT_FALSE(names.contains("getcontentlanguage"));
  for (const auto& [name, text] : names) EXPECT_EQ(text, "") << name;
}

// WDX-06: under the name it was asked by.
TEST(PropertyAnswers, GiveTheJidListUnderEitherName) {
  ResourceFacts facts = file();
  facts.jid_list = JidList();
  const PropfindRequest request{
      .kind = PropfindKind::named,
      .names = {{"http://www.xmpp.org/extensions/xep-0129#ns", "jidlist"}}};
  Multistatus body(10'000);
  ASSERT_TRUE(body.add_properties("/a", answer_propfind(request, facts, {})));
  EXPECT_NE(std::move(body).finish().find("xmlns=\"http://www.xmpp.org/extensions/xep-0129#ns\""),
            std::string::npos);
}

// DAV-10, DAV-23: RFC 4918 §9.2.2.
TEST(PropertyAnswers, TellWhatBecameOfEachInstruction) {
  const std::vector<PropertyOutcome> outcomes{
      {.name = {"DAV:", "getetag"}, .error = base::Error(errors::protected_property)},
      {.name = {"urn:z", "Authors"}, .error = base::Error(errors::failed_dependency)},
      {.name = {"urn:z", "odd"}, .error = base::Error(base::kNoError)}};
  const PropertyResults results = answer_proppatch(outcomes);
  EXPECT_EQ(
      read(results),
      (Answer{{"403", {{"getetag", ""}}}, {"424", {{"Authors", ""}}}, {"500", {{"odd", ""}}}}));
  std::string xml;
  results.append_to(xml);
  EXPECT_NE(xml.find("<D:error><D:cannot-modify-protected-property/></D:error>"),
            std::string::npos);
}

// DAV-23
TEST(PropertyAnswers, TellThatAllWasDone) {
  const std::vector<PropertyOutcome> outcomes{{.name = {"urn:z", "a"}, .error = {}}};
  EXPECT_EQ(read(answer_proppatch(outcomes)), (Answer{{"200", {{"a", ""}}}}));
}

}  // namespace
}  // namespace bellhop::webdav
