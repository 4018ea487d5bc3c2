#include "config/document.hpp"

#include <toml++/toml.h>

#include <algorithm>

#include "config/value_text.hpp"

namespace bellhop::config {
namespace {

Position begin_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

Value convert(const toml::node& node);

void convert_entries(const toml::table& table, std::vector<Entry>& entries) {
  entries.reserve(table.size());
  for (const auto& [key, node] : table) {
    entries.push_back({std::string(key.str()), begin_of(key.source()), convert(node)});
  }
  // The library sorts by name; problems are found and told in the order of the file.
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& left, const Entry& right) { return left.at < right.at; });
}

Value convert(const toml::node& node) {
  Value value;
  value.at = begin_of(node.source());
  if (const auto* table = node.as_table()) {
    convert_entries(*table, value.entries);
  } else if (const auto* array = node.as_array()) {
    value.kind = Value::Kind::array;
    value.items.reserve(array->size());
    for (const toml::node& item : *array) value.items.push_back(convert(item));
  } else if (const auto* text = node.as_string()) {
    value.kind = Value::Kind::text;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Value::Kind::integer;
    value.integer = integer->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = Value::Kind::boolean;
    value.boolean = boolean->get();
  } else {
    value.kind = node.is_floating_point() ? Value::Kind::fraction : Value::Kind::date;
  }
  return value;
}

// The library quotes the text it stumbled over.
SyntaxError syntax_error(const SourceText& source, Position at, std::string_view description) {
  const bool hide = source.may_quote_secret(at.line);
  return {at, hide ? "not valid TOML" : "not valid TOML: " + printable(description)};
}

}  // namespace

std::string kind_text(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::text:
      return "a string";
    case Value::Kind::integer:
      return "an integer";
    case Value::Kind::fraction:
      return "a number with a fraction";
    case Value::Kind::boolean:
      return "true or false";
    case Value::Kind::date:
      return "a date or time";
    case Value::Kind::array:
      return "a list";
    case Value::Kind::table:
      return "a table";
  }
  return {};
}

std::variant<Value, SyntaxError> parse_document(const SourceText& source) {
  if (const auto at = source.too_deep_key()) {
    return SyntaxError{*at, "a key with more than 8 parts"};
  }
  try {
    return convert(toml::parse(source.text()));
  } catch (const toml::parse_error& error) {
    return syntax_error(source, begin_of(error.source()), error.description());
  }
}

}  // namespace bellhop::config
