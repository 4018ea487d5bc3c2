#include "component/xmpp/data_form.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/jid.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {
namespace {

constexpr std::string_view kFormTypeVar = "FORM_TYPE";  // XEP-0068 §3.1

template <typename Value>
struct Name {
  std::string_view text;
  Value value;
};

constexpr std::array kFormTypes{
    Name{"form", FormType::form},
    Name{"submit", FormType::submit},
    Name{"cancel", FormType::cancel},
    Name{"result", FormType::result},
};

constexpr std::array kFieldTypes{
    Name{"boolean", FieldType::boolean},
    Name{"fixed", FieldType::fixed},
    Name{"hidden", FieldType::hidden},
    Name{"jid-multi", FieldType::jid_multi},
    Name{"jid-single", FieldType::jid_single},
    Name{"list-multi", FieldType::list_multi},
    Name{"list-single", FieldType::list_single},
    Name{"text-multi", FieldType::text_multi},
    Name{"text-private", FieldType::text_private},
    Name{"text-single", FieldType::text_single},
};

template <typename Names>
auto find_value(const Names& names, std::string_view text)
    -> std::optional<decltype(names[0].value)> {
  for (const auto& name : names) {
    if (name.text == text) return name.value;
  }
  return std::nullopt;
}

template <typename Names, typename Value>
std::string_view find_text(const Names& names, Value value) {
  for (const auto& name : names) {
    if (name.value == value) return name.text;
  }
  return {};
}

base::Error malformed(const char* detail) {
  return {errors::bad_request, detail};
}

Element text_element(const char* name, std::string_view text) {
  Element element(name, ns::kDataForms);
  element.set_text(text);
  return element;
}

// XEP-0122 §3.2.2.
Element range_element(const IntegerRange& range) {
  Element validate("validate", ns::kFormValidation);
  validate.set("datatype", "xs:integer");
  validate.add(Element("range", ns::kFormValidation))
      .set("min", std::to_string(range.min))
      .set("max", std::to_string(range.max));
  return validate;
}

Element field_element(const FormField& field) {
  Element element("field", ns::kDataForms);
  if (!field.var.empty()) element.set("var", field.var);
  if (field.type) element.set("type", find_text(kFieldTypes, *field.type));
  if (!field.label.empty()) element.set("label", field.label);
  if (field.range) element.add(range_element(*field.range));
  if (!field.description.empty()) element.add(text_element("desc", field.description));
  if (field.is_required) element.add(Element("required", ns::kDataForms));
  for (const std::string& value : field.values) element.add(text_element("value", value));
  for (const FieldOption& option : field.options) {
    Element& added = element.add(Element("option", ns::kDataForms));
    if (!option.label.empty()) added.set("label", option.label);
    added.add(text_element("value", option.value));
  }
  return element;
}

// XEP-0004 §3.4: the columns come before the rows, and each row has a field for each of them.
void add_table(Element& x, const DataForm& form) {
  if (form.reported.empty()) return;
  Element& reported = x.add(Element("reported", ns::kDataForms));
  for (const FormField& column : form.reported) reported.add(field_element(column));
  for (const auto& values : form.items) {
    BELLHOP_ASSERT(values.size() == form.reported.size());
    Element& item = x.add(Element("item", ns::kDataForms));
    for (std::size_t i = 0; i < values.size(); ++i) {
      item.add(field_element({.var = form.reported[i].var, .values = {values[i]}}));
    }
  }
}

base::Result<FieldOption> parse_option(const Element& element) {
  const Element* value = element.child("value", ns::kDataForms);
  const auto values = std::ranges::count_if(
      element.children(), [](const Element& child) { return child.is("value", ns::kDataForms); });
  // XEP-0004 §3.2: one and only one.
  if (values != 1) return malformed("an option without exactly one value");
  return FieldOption{.label = std::string(element.attribute("label")), .value = value->text()};
}

base::Result<void> parse_field_child(FormField& field, const Element& child) {
  if (child.xmlns() != ns::kDataForms) return {};
  if (child.name() == "value") field.values.push_back(child.text());
  if (child.name() == "desc") field.description = child.text();
  if (child.name() == "required") field.is_required = true;
  if (child.name() == "option") {
    auto option = parse_option(child);
    if (!option) return option.error();
    field.options.push_back(std::move(*option));
  }
  return {};
}

base::Result<FormField> parse_field(const Element& element) {
  FormField field{.var = std::string(element.attribute("var"))};
  if (element.has_attribute("type")) {
    field.type = find_value(kFieldTypes, element.attribute("type"));
    if (!field.type) return malformed("unknown field type");
  }
  if (field.var.empty() && field.type != FieldType::fixed) return malformed("a field without var");
  field.label = element.attribute("label");
  for (const Element& child : element.children()) {
    if (auto parsed = parse_field_child(field, child); !parsed) return parsed.error();
  }
  return field;
}

// What to do with the submitted values of one field: they are checked and brought to their one form
// in place. Returns what is wrong with them, as the end of a sentence; "" if nothing.
using Check = std::string_view (*)(const FormField& field, std::vector<std::string>& values);

std::string_view check_boolean(const FormField&, std::vector<std::string>& values) {
  std::string& value = values.front();
  if (value == "true") value = "1";
  if (value == "false") value = "0";
  return value == "0" || value == "1" ? "" : "must be true or false";
}

std::string_view check_options(const FormField& field, std::vector<std::string>& values) {
  const bool is_good = std::ranges::all_of(values, [&](const std::string& value) {
    return std::ranges::find(field.options, value, &FieldOption::value) != field.options.end();
  });
  return is_good ? "" : "must be one of the options";
}

// XEP-0004 §3.3: JIDs are compared prepared, and duplicates are ignored.
std::string_view check_jids(const FormField&, std::vector<std::string>& values) {
  std::vector<std::string> prepared;
  for (const std::string& value : values) {
    const auto jid = Jid::parse(trim(value));
    if (!jid) return "must be a valid XMPP address";
    prepared.push_back(jid->text());
  }
  std::ranges::sort(prepared);
  const auto duplicates = std::ranges::unique(prepared);
  prepared.erase(duplicates.begin(), duplicates.end());
  values = std::move(prepared);
  return "";
}

std::string_view check_text(const FormField& field, std::vector<std::string>& values) {
  if (!field.range) return "";
  std::string& value = values.front();
  value = trim(value);
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [parsed, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || parsed != end) return "must be a whole number";
  return number >= field.range->min && number <= field.range->max ? "" : "is out of range";
}

std::string_view check_nothing(const FormField&, std::vector<std::string>&) {
  return "";
}

struct Rule {
  FieldType type;
  bool is_multiple;  // XEP-0004 §3.2: whether it may have several values
  Check check;
};

constexpr std::array kRules{
    Rule{FieldType::boolean, false, check_boolean},
    Rule{FieldType::jid_multi, true, check_jids},
    Rule{FieldType::jid_single, false, check_jids},
    Rule{FieldType::list_multi, true, check_options},
    Rule{FieldType::list_single, false, check_options},
    Rule{FieldType::text_multi, true, check_nothing},
    Rule{FieldType::text_private, false, check_text},
    Rule{FieldType::text_single, false, check_text},
};

FormProblem refuse(const FormField& field, std::string_view what) {
  const std::string& name = field.label.empty() ? field.var : field.label;
  return {base::Error(errors::not_acceptable, field.var), '"' + name + "\" " + std::string(what)};
}

bool is_blank(const std::vector<std::string>& values) {
  return std::ranges::all_of(values, [](const std::string& value) { return value.empty(); });
}

std::optional<FormProblem> fill(FormField& field, const DataForm& submit) {
  const auto* rule =
      std::ranges::find(kRules, field.type.value_or(FieldType::text_single), &Rule::type);
  if (rule == kRules.end()) return std::nullopt;  // hidden and fixed are not the submitter's
  const FormField* submitted = submit.field(field.var);
  if (submitted == nullptr || is_blank(submitted->values)) {
    if (field.is_required) return refuse(field, "is required.");
    // An absent field keeps its value; one that was emptied on purpose loses it.
    if (submitted != nullptr) field.values.clear();
    return std::nullopt;
  }
  std::vector<std::string> values = submitted->values;
  if (!rule->is_multiple && values.size() > 1) return refuse(field, "may have one value only.");
  const std::string_view wrong = rule->check(field, values);
  if (!wrong.empty()) return refuse(field, std::string(wrong) + '.');
  field.values = std::move(values);
  return std::nullopt;
}

}  // namespace

std::string_view FormField::value() const {
  return values.empty() ? std::string_view() : std::string_view(values.front());
}

bool FormField::is_true() const {
  return value() == "1" || value() == "true";
}

std::string FormField::joined() const {
  std::string text;
  for (const std::string& line : values) {
    if (&line != &values.front()) text += '\n';
    text += line;
  }
  return text;
}

DataForm DataForm::with_form_type(FormType type, std::string_view form_type) {
  DataForm form{.type = type};
  form.fields.push_back({.var = std::string(kFormTypeVar),
                         .type = FieldType::hidden,
                         .values = {std::string(form_type)}});
  return form;
}

std::string_view DataForm::form_type() const {
  const FormField* found = field(kFormTypeVar);
  if (found == nullptr) return {};
  // XEP-0068 §4.3; in a submit the type of a field may be left out.
  const bool is_hidden = found->type == FieldType::hidden;
  const bool may_be_unsaid = type == FormType::submit;
  return is_hidden || may_be_unsaid ? found->value() : std::string_view();
}

const FormField* DataForm::field(std::string_view var) const {
  const auto found = std::ranges::find(fields, var, &FormField::var);
  return found == fields.end() ? nullptr : &*found;
}

DataForm& DataForm::add(FormField field) {
  fields.push_back(std::move(field));
  return *this;
}

Element to_element(const DataForm& form) {
  Element x("x", ns::kDataForms);
  x.set("type", find_text(kFormTypes, form.type));
  if (!form.title.empty()) x.add(text_element("title", form.title));
  for (const std::string& line : form.instructions) x.add(text_element("instructions", line));
  const FormField* form_type = form.field(kFormTypeVar);
  if (form_type != nullptr) x.add(field_element(*form_type));
  for (const FormField& field : form.fields) {
    if (&field != form_type) x.add(field_element(field));
  }
  add_table(x, form);
  return x;
}

base::Result<DataForm> parse_data_form(const Element& x) {
  if (!x.is("x", ns::kDataForms)) return malformed("not a data form");
  const auto type = find_value(kFormTypes, x.attribute("type"));
  if (!type) return malformed("unknown form type");
  DataForm form{.type = *type};
  for (const Element& child : x.children()) {
    if (child.xmlns() != ns::kDataForms) continue;
    if (child.name() == "title") form.title = child.text();
    if (child.name() == "instructions") form.instructions.push_back(child.text());
    if (child.name() == "reported" || child.name() == "item") form.has_items = true;
    if (child.name() == "field") {
      auto field = parse_field(child);
      if (!field) return field.error();
      form.fields.push_back(std::move(*field));
    }
  }
  return form;
}

void throw_exception_from_error(const FormProblem& problem, const boost::source_location&) {
  throw std::logic_error("value() of a refused form: " + problem.text);
}

boost::system::result<DataForm, FormProblem> apply_submit(DataForm form, const DataForm& submit) {
  if (submit.type != FormType::submit) {
    return FormProblem{malformed("not a submit"), "This is not a submitted form."};
  }
  // XEP-0068 §3.4: a form of another type is not an answer to ours.
  const bool says_type = submit.field(kFormTypeVar) != nullptr;
  if (says_type && submit.form_type() != form.form_type()) {
    return FormProblem{base::Error(errors::not_acceptable, std::string(kFormTypeVar)),
                       "\"FORM_TYPE\" is not the one of this form."};
  }
  for (FormField& field : form.fields) {
    if (auto problem = fill(field, submit)) return std::move(*problem);
  }
  form.type = FormType::submit;
  return form;
}

}  // namespace bellhop::xmpp
