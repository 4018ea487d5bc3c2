// The types that options have: how a value is read, checked and printed. One codec per type, bound
// to a field of the settings.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/document.hpp"
#include "config/host_text.hpp"
#include "config/report.hpp"
#include "config/settings.hpp"
#include "config/suggestion.hpp"
#include "config/value_text.hpp"

namespace bellhop::config {

/// A component while it is read: what the file says about its secret, besides what becomes
/// settings.
struct ComponentDraft : ComponentSettings {
  std::string secret_file;
  std::string secret_env;
};

/// Something wrong inside one value.
struct Fault {
  Position at;
  Refusal refusal;
};
using Faults = std::vector<Fault>;

/// What a value looks like where everything is text: in the environment and on the command line.
enum class ValueForm : std::uint8_t { text, integer, boolean, list };

/// How values of type T are written. `read` leaves its target alone if it finds faults.
template <typename T>
struct Codec {
  std::string type_name;  ///< for the reference page
  std::string allowed;    ///< range or form, one phrase
  ValueForm form = ValueForm::text;
  std::function<Faults(const Value&, T&)> read;
  std::function<std::string(const T&)> show;  ///< as a TOML value; equal texts mean equal values
};

/// A field of the settings or of a component.
template <typename T>
struct Field {
  std::function<T&(Settings&, ComponentDraft&)> change;
  std::function<const T&(const Settings&, const ComponentDraft&)> view;
};

template <typename Section, typename T>
[[nodiscard]] Field<T> field(Section Settings::*section, T Section::*member) {
  return {[=](Settings& settings, ComponentDraft&) -> T& { return settings.*section.*member; },
          [=](const Settings& settings, const ComponentDraft&) -> const T& {
            return settings.*section.*member;
          }};
}

template <typename Owner, typename T>
[[nodiscard]] Field<T> component_field(T Owner::*member) {
  return {[=](Settings&, ComponentDraft& component) -> T& { return component.*member; },
          [=](const Settings&, const ComponentDraft& component) -> const T& {
            return component.*member;
          }};
}

/// A codec bound to its field: what a row of the option table does with a value.
struct OptionValue {
  std::string type_name;
  std::string allowed;
  ValueForm form = ValueForm::text;
  std::function<Faults(const Value&, Settings&, ComponentDraft&)> assign;
  std::function<std::string(const Settings&, const ComponentDraft&)> show;
  std::function<void(const Settings& from, Settings& to)>
      copy;  ///< nothing for a component's option
};

template <typename T>
[[nodiscard]] OptionValue bind_codec(Field<T> field, Codec<T> codec) {
  return {codec.type_name,
          codec.allowed,
          codec.form,
          [field, read = codec.read](const Value& value, Settings& settings,
                                     ComponentDraft& component) {
            return read(value, field.change(settings, component));
          },
          [field, show = codec.show](const Settings& settings, const ComponentDraft& component) {
            return show(field.view(settings, component));
          },
          [field](const Settings& from, Settings& to) {
            ComponentDraft unused;
            field.change(to, unused) = field.view(from, unused);
          }};
}

/// What a string has to be.
struct TextForm {
  std::string_view allowed;
  bool (*accepts)(std::string_view);
  std::size_t bytes_max = 4096;
  bool may_be_empty = false;  ///< `""` is then accepted and means: not set
};

/// An address to listen on, or one to connect to.
enum class HostForm : std::uint8_t { literal, name_or_literal };

/// `[minimum, maximum]`, both included.
template <typename T>
struct Range {
  T minimum;
  T maximum;
};

[[nodiscard]] Codec<std::string> text_codec(TextForm form);
[[nodiscard]] Codec<Secret> secret_codec();
[[nodiscard]] Codec<bool> boolean_codec();
[[nodiscard]] Codec<std::chrono::milliseconds> duration_codec(
    Range<std::chrono::milliseconds> range);
[[nodiscard]] Codec<std::uint64_t> byte_codec(Range<std::uint64_t> range);
/// Bytes per second; 0 is accepted besides the range and means no limit.
[[nodiscard]] Codec<std::uint64_t> rate_codec(Range<std::uint64_t> range);
[[nodiscard]] Codec<HostPort> host_port_codec(HostForm form);

/// One fault: `expected ..., found ...`. Quotes a string that stands where none belongs.
[[nodiscard]] Faults wrong_type(const Value& value, std::string_view expected);
/// One fault at the value.
[[nodiscard]] Faults refuse(const Value& value, std::string message, std::string hint);
/// The hint that goes with `allowed`.
[[nodiscard]] std::string allowed_hint(std::string_view allowed);

template <typename T>
[[nodiscard]] Codec<T> integer_codec(Range<T> range) {
  const std::string allowed =
      std::to_string(range.minimum) + " to " + std::to_string(range.maximum);
  const auto read = [range, allowed](const Value& value, T& target) -> Faults {
    if (value.kind != Value::Kind::integer) return wrong_type(value, "an integer");
    if (!std::in_range<T>(value.integer) || static_cast<T>(value.integer) < range.minimum ||
        static_cast<T>(value.integer) > range.maximum) {
      return refuse(value, std::to_string(value.integer) + " is out of range",
                    allowed_hint(allowed));
    }
    target = static_cast<T>(value.integer);
    return {};
  };
  return {"integer", allowed, ValueForm::integer, read,
          [](const T& number) { return std::to_string(number); }};
}

/// The names of an enumeration, in the order of its enumerators.
template <typename Enum, std::size_t n>
[[nodiscard]] Codec<Enum> choice_codec(const std::array<std::string_view, n>& names) {
  const std::vector<std::string> known(names.begin(), names.end());
  std::string allowed;
  for (const std::string& name : known)
    allowed += (allowed.empty() ? "" : ", ") + toml_string(name);
  const auto read = [known, allowed](const Value& value, Enum& target) -> Faults {
    if (value.kind != Value::Kind::text) return wrong_type(value, "a string");
    const auto found = std::find(known.begin(), known.end(), value.text);
    if (found == known.end()) {
      const auto near = closest(value.text, known);
      const std::string question = near ? "did you mean " + toml_string(*near) + "? " : "";
      return refuse(value, in_quotes(value.text) + " is not known here",
                    question + allowed_hint(allowed));
    }
    target = static_cast<Enum>(found - known.begin());
    return {};
  };
  return {"choice", allowed, ValueForm::text, read, [known](const Enum& value) {
            return toml_string(known[static_cast<std::size_t>(value)]);
          }};
}

/// Faults of a list as a whole: not a list, too few items, too many.
[[nodiscard]] Faults check_list(const Value& value, Range<std::size_t> count);

/// Values of one type, none of them twice (compared without ASCII case). All wrong items are found.
template <typename T>
[[nodiscard]] Codec<std::vector<T>> list_codec(const Codec<T>& item, Range<std::size_t> count) {
  const auto read = [item, count](const Value& value, std::vector<T>& target) -> Faults {
    Faults faults = check_list(value, count);
    if (!faults.empty()) return faults;
    std::vector<T> items(value.items.size());
    std::set<std::string> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
      Faults found = item.read(value.items[i], items[i]);
      if (found.empty() && !seen.insert(ascii_lower(item.show(items[i]))).second) {
        found = refuse(value.items[i], item.show(items[i]) + " is listed twice", {});
      }
      faults.insert(faults.end(), found.begin(), found.end());
    }
    if (faults.empty()) target = std::move(items);
    return faults;
  };
  const auto show = [item](const std::vector<T>& items) {
    std::string text;
    for (const T& each : items) text += (text.empty() ? "" : ", ") + item.show(each);
    return '[' + text + ']';
  };
  return {"list", "each " + item.allowed, ValueForm::list, read, show};
}

}  // namespace bellhop::config
