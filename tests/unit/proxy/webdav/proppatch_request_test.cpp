// RFC 4918 §9.2: instructions in order, all or nothing.
#include "proxy/webdav/proppatch_request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

using Action = PropertyInstruction::Action;

std::string update(std::string_view inside) {
  return "<D:propertyupdate xmlns:D='DAV:' xmlns:Z='urn:z'>" + std::string(inside) +
         "</D:propertyupdate>";
}

std::vector<PropertyInstruction> instructions_of(std::string_view inside) {
  auto parsed_body = parse_proppatch(update(inside));
  EXPECT_EQ(refusal(parsed_body), "");
  return parsed_body ? std::move(*parsed_body) : std::vector<PropertyInstruction>();
}

// DAV-23: RFC 4918 §9.2.2.
TEST(ProppatchRequest, ReadsSetAndRemove) {
  const auto instructions = parse_proppatch(R"(<?xml version="1.0" encoding="utf-8" ?>
<D:propertyupdate xmlns:D="DAV:" xmlns:Z="http://ns.example.com/standards/z39.50/">
  <D:set>
    <D:prop>
      <Z:Authors>
        <Z:Author>Jim Whitehead</Z:Author>
        <Z:Author>Roy Fielding</Z:Author>
      </Z:Authors>
    </D:prop>
  </D:set>
  <D:remove><D:prop><Z:Copyright-Owner/></D:prop></D:remove>
</D:propertyupdate>)");
  ASSERT_TRUE(instructions);
  ASSERT_EQ(instructions->size(), 2U);
  const PropertyInstruction& set = instructions->front();
  EXPECT_EQ(set.action, Action::set);
  EXPECT_EQ(set.property.name, (XmlName{"http://ns.example.com/standards/z39.50/", "Authors"}));
  ASSERT_EQ(set.property.children.size(), 2U);
  EXPECT_EQ(set.property.children[1].text, "Roy Fielding");
  EXPECT_EQ(set.property.tail, "");
  EXPECT_EQ(instructions->back().action, Action::remove);
  EXPECT_EQ(instructions->back().property.name.local, "Copyright-Owner");
}

// DAV-23
TEST(ProppatchRequest, KeepsTheOrderOfTheDocument) {
  const auto instructions = instructions_of(
      "<D:remove><D:prop><Z:a/><Z:b/></D:prop></D:remove>"
      "<D:set><D:prop><Z:a>1</Z:a></D:prop></D:set>"
      "<D:remove><D:prop><Z:c/></D:prop></D:remove>");
  std::string order;
  for (const PropertyInstruction& instruction : instructions) {
    order += instruction.action == Action::set ? '+' : '-';
    order += instruction.property.name.local;
  }
  EXPECT_EQ(order, "-a-b+a-c");
}

// DAV-24: RFC 4918 §14.26.
TEST(ProppatchRequest, GivesEachPropertyTheLanguageInItsScope) {
  const auto instructions = instructions_of(
      "<D:set xml:lang='en'><D:prop><Z:a/></D:prop></D:set>"
      "<D:set xml:lang='en'><D:prop xml:lang='fr'><Z:b/><Z:c xml:lang='de'/></D:prop></D:set>"
      "<D:set><D:prop><Z:d/></D:prop></D:set>");
  ASSERT_EQ(instructions.size(), 4U);
  EXPECT_EQ(to_xml(instructions[0].property), "<Z:a xmlns:Z=\"urn:z\" xml:lang=\"en\"/>");
  EXPECT_EQ(to_xml(instructions[1].property), "<Z:b xmlns:Z=\"urn:z\" xml:lang=\"fr\"/>");
  EXPECT_EQ(to_xml(instructions[2].property), "<Z:c xmlns:Z=\"urn:z\" xml:lang=\"de\"/>");
  EXPECT_EQ(to_xml(instructions[3].property), "<Z:d xmlns:Z=\"urn:z\"/>");
}

// ROOM-31: what Windows sends after a PUT is a dead property like any other.
TEST(ProppatchRequest, TakesThePropertiesOfWindows) {
  const auto instructions = parse_proppatch(
      "<?xml version=\"1.0\" encoding=\"utf-8\" ?><D:propertyupdate xmlns:D=\"DAV:\" "
      "xmlns:Z=\"urn:schemas-microsoft-com:\"><D:set><D:prop><Z:Win32CreationTime>Tue, 01 Jan "
      "2030 00:00:00 GMT</Z:Win32CreationTime><Z:Win32FileAttributes>00000020"
      "</Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>");
  ASSERT_TRUE(instructions);
  EXPECT_EQ(instructions->at(1).property.text, "00000020");
}

TEST(ProppatchRequest, RefusesBodiesThatSayNothingToDo) {
  for (const std::string& body :
       {update(""), update("<D:set/>"), update("<D:set><D:prop/></D:set>"),
        update("<Z:set><D:prop><Z:a/></D:prop></Z:set>"),
        std::string("<D:propfind xmlns:D='DAV:'><D:allprop/></D:propfind>")}) {
    EXPECT_EQ(refusal(parse_proppatch(body)), errors::bad_body.name) << body;
  }
  EXPECT_EQ(refusal(parse_proppatch("")), errors::xml_not_well_formed.name);
}

TEST(ProppatchRequest, HasNoMoreInstructionsThanItsLimit) {
  std::string all;
  for (std::size_t i = 0; i < kInstructionsMax; ++i) all += "<Z:a/>";
  const auto body = [](const std::string& inside) {
    return update("<D:set><D:prop>" + inside + "</D:prop></D:set>");
  };
  EXPECT_EQ(refusal(parse_proppatch(body(all))), "");
  EXPECT_EQ(refusal(parse_proppatch(body(all + "<Z:a/>"))), errors::xml_too_complex.name);
}

// DAV-23: RFC 4918 §9.2.1.
TEST(ProppatchRequest, FailsAsAWholeAndSaysWhichInstructionWasTheReason) {
  const auto instructions = instructions_of(
      "<D:set><D:prop><Z:good/><Z:bad/><Z:other/></D:prop></D:set>"
      "<D:remove><D:prop><Z:good/></D:prop></D:remove>");
  const auto outcomes = judge_instructions(instructions, [](const PropertyInstruction& one) {
    if (one.property.name.local != "bad") return base::Result<void>();
    return base::Result<void>(base::Error(errors::protected_property));
  });
  ASSERT_EQ(outcomes.size(), 3U);  // good stands once
  EXPECT_EQ(outcomes[0].name.local, "good");
  EXPECT_TRUE(outcomes[0].error && outcomes[0].error->is(errors::failed_dependency));
  EXPECT_TRUE(outcomes[1].error && outcomes[1].error->is(errors::protected_property));
  EXPECT_TRUE(outcomes[2].error && outcomes[2].error->is(errors::failed_dependency));
}

// DAV-23
TEST(ProppatchRequest, SucceedsAsAWhole) {
  const auto instructions = instructions_of("<D:set><D:prop><Z:a/><Z:b/></D:prop></D:set>");
  const auto outcomes = judge_instructions(
      instructions, [](const PropertyInstruction&) { return base::Result<void>(); });
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_FALSE(outcomes[0].error || outcomes[1].error);
}

}  // namespace
}  // namespace bellhop::webdav
