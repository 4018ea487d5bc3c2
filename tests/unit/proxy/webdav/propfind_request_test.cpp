// RFC 4918 §9.1 and Appendix A: what PROPFIND asks for.
#include "proxy/webdav/propfind_request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

std::string_view refusal_of(std::string_view inside) {
  return refusal(parse_propfind("<D:propfind xmlns:D='DAV:' xmlns:E='urn:e'>" +
                                std::string(inside) + "</D:propfind>"));
}

// DAV-21
TEST(PropfindRequest, TakesAnEmptyBodyForAllprop) {
  const auto request = parse_propfind("");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->kind, PropfindKind::all_properties);
  EXPECT_TRUE(request->names.empty());
}

// DAV-21: RFC 4918 §9.1.3, §9.1.4, §9.1.6.
TEST(PropfindRequest, ReadsPropPropnameAndAllpropWithInclude) {
  const auto named = parse_propfind(R"(<?xml version="1.0" encoding="utf-8" ?>
<D:propfind xmlns:D="DAV:">
  <D:prop xmlns:R="http://ns.example.com/boxschema/">
    <R:bigbox/> <R:author/> <R:DingALing/> <R:bigbox/> <none/>
  </D:prop>
</D:propfind>)");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->kind, PropfindKind::named);
  const std::string boxes = "http://ns.example.com/boxschema/";
  EXPECT_EQ(named->names,
            (std::vector<XmlName>{
                {boxes, "bigbox"}, {boxes, "author"}, {boxes, "DingALing"}, {"", "none"}}));

  const auto names = parse_propfind("<propfind xmlns=\"DAV:\"><propname/></propfind>");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->kind, PropfindKind::names_only);

  const auto all = parse_propfind(
      "<D:propfind xmlns:D=\"DAV:\"><D:include><D:supported-report-set/></D:include>"
      "<D:allprop/></D:propfind>");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->kind, PropfindKind::all_properties);
  EXPECT_EQ(all->names, (std::vector<XmlName>{{"DAV:", "supported-report-set"}}));
}

// DAV-03, DAV-21: RFC 4918 §A.3, §A.4.
TEST(PropfindRequest, RefusesWhatAsksForNothingOrForTwoThings) {
  EXPECT_EQ(refusal_of("<D:allprop/><D:propname/>"), errors::bad_body.name);
  EXPECT_EQ(refusal_of("<D:prop/><D:prop/>"), errors::bad_body.name);
  EXPECT_EQ(refusal_of("<E:expired-props/>"), errors::bad_body.name);
  EXPECT_EQ(refusal_of("<D:include/>"), errors::bad_body.name);
  EXPECT_EQ(refusal_of(""), errors::bad_body.name);
  EXPECT_EQ(refusal(parse_propfind("<propfind><allprop/></propfind>")), errors::bad_body.name);
  EXPECT_EQ(refusal(parse_propfind("<D:propfind xmlns:D='DAV:'>")),
            errors::xml_not_well_formed.name);
}

// DAV-03: RFC 4918 §A.4, the additive extension.
TEST(PropfindRequest, IgnoresUnknownElementsBesideAKnownOne) {
  EXPECT_EQ(refusal_of("<D:propname/><E:leave-out>*boss*</E:leave-out>"), "");
  EXPECT_EQ(refusal_of("<D:allprop D:x='' E:y=''/>"), "");
  // include belongs to allprop alone
  const auto named = parse_propfind(
      "<D:propfind xmlns:D='DAV:'><D:prop><D:a/></D:prop><D:include><D:b/></D:include>"
      "</D:propfind>");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->names.size(), 1U);
}

TEST(PropfindRequest, NamesNoMorePropertiesThanItsLimit) {
  std::string names;
  for (std::size_t i = 0; i < kPropfindNamesMax; ++i) names += "<E:n" + std::to_string(i) + "/>";
  EXPECT_EQ(refusal_of("<D:prop>" + names + "<E:n0/></D:prop>"), "");
  EXPECT_EQ(refusal_of("<D:prop>" + names + "<E:more/></D:prop>"), errors::xml_too_complex.name);
}

}  // namespace
}  // namespace bellhop::webdav
