// Data forms: writing, reading, and what a submit may and may not do.
#include "component/xmpp/data_form.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

DataForm read(std::string_view content, std::string_view type = "submit") {
  return parse_data_form(test::parse_element("<x xmlns='jabber:x:data' type='" + std::string(type) +
                                             "'>" + std::string(content) + "</x>"))
      .value();
}

// One field of each type that a person fills in.
DataForm settings_form() {
  DataForm form = DataForm::with_form_type(FormType::form, "urn:example:settings");
  form.title = "Settings";
  form.instructions = {"Fill this out."};
  form.add({.type = FieldType::fixed, .values = {"Section"}})
      .add({.var = "notify", .type = FieldType::boolean, .label = "Notify", .values = {"1"}})
      .add({.var = "limit",
            .type = FieldType::text_single,
            .label = "Limit",
            .values = {"10"},
            .range = IntegerRange{1, 100}})
      .add({.var = "name", .type = FieldType::text_single, .is_required = true})
      .add({.var = "secret", .type = FieldType::text_private})
      .add({.var = "about", .type = FieldType::text_multi, .values = {"one", "two"}})
      .add({.var = "class",
            .type = FieldType::list_single,
            .values = {"small"},
            .options = {{"Small", "small"}, {"Large", "large"}}})
      .add({.var = "parts",
            .type = FieldType::list_multi,
            .options = {{"A", "a"}, {"B", "b"}, {"C", "c"}}})
      .add({.var = "owner", .type = FieldType::jid_single})
      .add({.var = "peers", .type = FieldType::jid_multi});
  return form;
}

std::string field(std::string_view var, const std::vector<std::string>& values) {
  std::string xml = "<field var='" + std::string(var) + "'>";
  for (const std::string& value : values) xml += "<value>" + value + "</value>";
  return xml + "</field>";
}

const std::string kName = field("name", {"x"});  // the only required field

// The values of `var` after `content` was submitted; the problem's text if that was refused.
std::string submitted(std::string_view var, const std::string& content) {
  const auto form = apply_submit(settings_form(), read(content));
  if (form) return form->field(var)->joined();
  const FormProblem problem = form.error();
  EXPECT_TRUE(problem.error.is(errors::not_acceptable));
  return problem.text;
}

// FRM-01, FRM-03, DSC-08: FORM_TYPE is written first, wherever it was added.
TEST(DataForm, IsWrittenWithItsFormTypeFirst) {
  DataForm form{.type = FormType::result};
  form.add({.var = "max-file-size", .values = {"1000"}})
      .add({.var = "FORM_TYPE", .type = FieldType::hidden, .values = {"urn:xmpp:http:upload:0"}});
  EXPECT_EQ(to_xml(to_element(form)),
            "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
            "<value>urn:xmpp:http:upload:0</value></field>"
            "<field var='max-file-size'><value>1000</value></field></x>");
}

// FRM-01, FRM-04: every part, and the range of a numeric field by XEP-0122.
TEST(DataForm, IsWrittenWithAllParts) {
  DataForm form{.type = FormType::form, .title = "T", .instructions = {"I", "J"}};
  form.add({.type = FieldType::fixed, .values = {"Section"}})
      .add({.var = "n",
            .type = FieldType::text_single,
            .label = "N",
            .description = "D",
            .is_required = true,
            .values = {"5"},
            .range = IntegerRange{-1, 9}})
      .add({.var = "l", .type = FieldType::list_single, .options = {{"A", "a"}, {"", "b"}}});
  EXPECT_EQ(to_xml(to_element(form)),
            "<x xmlns='jabber:x:data' type='form'><title>T</title><instructions>I</instructions>"
            "<instructions>J</instructions><field type='fixed'><value>Section</value></field>"
            "<field var='n' type='text-single' label='N'>"
            "<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:integer'>"
            "<range min='-1' max='9'/></validate><desc>D</desc><required/><value>5</value></field>"
            "<field var='l' type='list-single'><option label='A'><value>a</value></option>"
            "<option><value>b</value></option></field></x>");
}

// FRM-01
// XEP-0004 §3.4
TEST(DataForm, MayBeATable) {
  DataForm form{.type = FormType::result};
  form.reported = {{.var = "name", .type = FieldType::text_single, .label = "Name"},
                   {.var = "url"}};
  form.items = {{"a", "https://a"}, {"b", ""}};
  const Element x = to_element(form);
  EXPECT_EQ(to_xml(x),
            "<x xmlns='jabber:x:data' type='result'><reported>"
            "<field var='name' type='text-single' label='Name'/><field var='url'/></reported>"
            "<item><field var='name'><value>a</value></field>"
            "<field var='url'><value>https://a</value></field></item>"
            "<item><field var='name'><value>b</value></field>"
            "<field var='url'><value/></field></item></x>");
  EXPECT_TRUE(parse_data_form(x)->has_items);
}

TEST(DataForm, IsReadBackAsItWasWritten) {
  DataForm form = settings_form();
  const auto again = parse_data_form(to_element(form));
  ASSERT_TRUE(again);
  form.fields[3].range.reset();  // what others demand of us is not read
  EXPECT_EQ(*again, form);
}

// FRM-01
TEST(DataForm, HasFourTypes) {
  EXPECT_EQ(read("", "form").type, FormType::form);
  EXPECT_EQ(read("", "submit").type, FormType::submit);
  EXPECT_EQ(read("", "cancel").type, FormType::cancel);
  EXPECT_EQ(read("", "result").type, FormType::result);
}

// FRM-01
TEST(DataForm, IsRefusedIfMalformed) {
  for (const std::string_view bad :
       {"<x xmlns='urn:x' type='submit'/>", "<y xmlns='jabber:x:data' type='submit'/>",
        "<x xmlns='jabber:x:data'/>", "<x xmlns='jabber:x:data' type='Submit'/>",
        "<x xmlns='jabber:x:data' type='submit'><field><value>1</value></field></x>",
        "<x xmlns='jabber:x:data' type='submit'><field var='' type='boolean'/></x>",
        "<x xmlns='jabber:x:data' type='submit'><field var='a' type='text'/></x>",
        "<x xmlns='jabber:x:data' type='form'><field var='a' type='list-single'><option/></field>"
        "</x>",
        "<x xmlns='jabber:x:data' type='form'><field var='a' type='list-single'><option>"
        "<value>1</value><value>2</value></option></field></x>"}) {
    const auto form = parse_data_form(test::parse_element(bad));
    ASSERT_FALSE(form) << bad;
    EXPECT_TRUE(form.error().is(errors::bad_request));
  }
}

TEST(DataForm, IgnoresElementsOfOtherNamespaces) {
  const DataForm form = read(
      "<field xmlns='urn:x'/><field var='a'><value "
      "xmlns='urn:x'>1</value><value>2</value></field>");
  ASSERT_EQ(form.fields.size(), 1u);
  EXPECT_EQ(form.fields[0].value(), "2");
}

// FRM-03: XEP-0068 §4.3.
TEST(DataForm, HasAFormTypeOnlyIfThatIsHidden) {
  const std::string open = "<field var='FORM_TYPE'";
  const std::string value = "><value>urn:x</value></field>";
  EXPECT_EQ(read(open + " type='hidden'" + value, "result").form_type(), "urn:x");
  EXPECT_EQ(read(open + value, "result").form_type(), "");
  EXPECT_EQ(read(open + " type='text-single'" + value, "form").form_type(), "");
  EXPECT_EQ(read(open + value, "submit").form_type(), "urn:x");
  EXPECT_EQ(read("", "submit").form_type(), "");
}

// FRM-01
TEST(Submit, MayOmitTypesAndOptionalFieldsAndBringUnknownOnes) {
  const auto form =
      apply_submit(settings_form(),
                   read(field("name", {"Bob"}) + field("unknown", {"1"}) + field("notify", {"0"})));
  ASSERT_TRUE(form);
  EXPECT_EQ(form->type, FormType::submit);
  EXPECT_EQ(form->field("name")->value(), "Bob");
  EXPECT_FALSE(form->field("notify")->is_true());
  EXPECT_EQ(form->field("limit")->value(), "10");
  EXPECT_EQ(form->field("about")->joined(), "one\ntwo");
  EXPECT_EQ(form->field("unknown"), nullptr);
}

// FRM-01
TEST(Submit, NeedsTheRequiredFields) {
  EXPECT_EQ(submitted("name", ""), "\"name\" is required.");
  EXPECT_EQ(submitted("name", field("name", {})), "\"name\" is required.");
  EXPECT_EQ(submitted("name", field("name", {""})), "\"name\" is required.");
}

TEST(Submit, MayEmptyAnOptionalField) {
  EXPECT_EQ(submitted("about", kName + field("about", {})), "");
  EXPECT_EQ(submitted("limit", kName + field("limit", {""})), "");
}

// FRM-02
TEST(Submit, TakesBooleansInBothSpellings) {
  for (const auto& [value, expected] :
       {std::pair{"0", "0"}, {"false", "0"}, {"1", "1"}, {"true", "1"}}) {
    EXPECT_EQ(submitted("notify", kName + field("notify", {value})), expected);
  }
  for (const std::string value : {"yes", "TRUE", "2", " 1"}) {
    EXPECT_EQ(submitted("notify", kName + field("notify", {value})),
              "\"Notify\" must be true or false.");
  }
}

// FRM-02
TEST(Submit, TakesOnlyOptionsThatWereOffered) {
  EXPECT_EQ(submitted("class", kName + field("class", {"large"})), "large");
  EXPECT_EQ(submitted("class", kName + field("class", {"Large"})),
            "\"class\" must be one of the options.");
  EXPECT_EQ(submitted("parts", kName + field("parts", {"a", "c"})), "a\nc");
  EXPECT_EQ(submitted("parts", kName + field("parts", {"a", "d"})),
            "\"parts\" must be one of the options.");
}

// FRM-02
TEST(Submit, PreparesJidsAndIgnoresDuplicates) {
  EXPECT_EQ(submitted("owner", kName + field("owner", {" Romeo@Example.NET "})),
            "romeo@example.net");
  EXPECT_EQ(submitted("owner", kName + field("owner", {"@"})),
            "\"owner\" must be a valid XMPP address.");
  EXPECT_EQ(submitted("peers", kName + field("peers", {"B@x", "a@x", "b@X"})), "a@x\nb@x");
  EXPECT_EQ(submitted("peers", kName + field("peers", {"a@x", "a@"})),
            "\"peers\" must be a valid XMPP address.");
}

// FRM-02
TEST(Submit, JoinsTheLinesOfATextMulti) {
  EXPECT_EQ(submitted("about", kName + field("about", {"a", "", "b"})), "a\n\nb");
}

// FRM-02
TEST(Submit, TakesSeveralValuesOnlyWhereSeveralMayBe) {
  for (const std::string var : {"limit", "class", "owner", "secret"}) {
    EXPECT_TRUE(
        submitted(var, kName + field(var, {"1", "2"})).ends_with("may have one value only."))
        << var;
  }
}

// FRM-04
TEST(Submit, ChecksTheRangeOfNumbers) {
  for (const std::string good : {"1", "100", " 42\n", "007"}) {
    EXPECT_EQ(submitted("limit", kName + field("limit", {good})), std::string(trim(good)));
  }
  for (const std::string low_or_high : {"0", "101", "-1"}) {
    EXPECT_EQ(submitted("limit", kName + field("limit", {low_or_high})),
              "\"Limit\" is out of range.");
  }
  for (const std::string bad : {"x", "1x", "1.5", "0x10", "99999999999999999999", " "}) {
    EXPECT_EQ(submitted("limit", kName + field("limit", {bad})),
              "\"Limit\" must be a whole number.");
  }
}

// FRM-03
TEST(Submit, OfAnotherFormIsRefused) {
  EXPECT_EQ(submitted("name", kName + field("FORM_TYPE", {"urn:other"})),
            "\"FORM_TYPE\" is not the one of this form.");
  EXPECT_EQ(submitted("name", kName + field("FORM_TYPE", {"urn:example:settings"})), "x");
  EXPECT_EQ(submitted("name", kName), "x");
}

TEST(Submit, CannotChangeHiddenAndFixedFields) {
  DataForm form = settings_form();
  form.add({.var = "token", .type = FieldType::hidden, .values = {"ours"}});
  const auto filled = apply_submit(form, read(kName + field("token", {"theirs"})));
  ASSERT_TRUE(filled);
  EXPECT_EQ(filled->field("token")->value(), "ours");
}

TEST(Submit, IsNothingElse) {
  const auto form = apply_submit(settings_form(), read(kName, "cancel"));
  ASSERT_FALSE(form);
  EXPECT_TRUE(form.error().error.is(errors::bad_request));
}

}  // namespace
}  // namespace bellhop::xmpp
