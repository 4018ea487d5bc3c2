#include "config/print.hpp"

#include <string_view>

#include "config/option_table.hpp"
#include "config/value_text.hpp"

namespace bellhop::config {
namespace {

constexpr std::size_t kColumnsMax = 98;

// Wraps at blanks; every line begins with `indent`.
std::string wrapped(std::string_view text, std::string_view indent) {
  std::string result;
  std::string line;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!line.empty() && indent.size() + line.size() + 1 + word.size() > kColumnsMax) {
      result += std::string(indent) + line + '\n';
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result + std::string(indent) + line + '\n';
}

bool is_secret(const Option& option) {
  return option.in_component() && option.key.starts_with("secret");
}

std::string default_of(const Option& option) {
  return option.value.show(Settings{}, {});
}

std::string apply_text(Apply apply) {
  return apply == Apply::live ? "applies on reload" : "needs a restart";
}

std::string section_header(std::string_view section) {
  const std::string name(section);
  return section == "component" ? "[[component]]" : '[' + name + ']';
}

std::string origin_text(const Origins& origins, const std::string& name) {
  const auto found = origins.find(name);
  return found == origins.end() ? "default" : to_text(found->second);
}

std::string config_line(const Option& option, const std::string& value, const std::string& origin) {
  return std::string(option.key) + " = " + value + "  # " + printable(origin) + '\n';
}

std::string component_text(const Settings& settings, std::size_t index, const Origins& origins) {
  const ComponentDraft component{settings.components[index], {}, {}};
  std::string text = "[[component]]\n";
  for (const Option* option : options_of("component")) {
    if (option->key == "secret") text += "# secret = (not shown)\n";
    if (is_secret(*option)) continue;
    text += config_line(*option, option->value.show(settings, component),
                        origin_text(origins, component_option(index, option->key)));
  }
  return text + '\n';
}

// What a person needs to know to set the option, in one line.
std::string facts(const Option& option) {
  std::string text = option.value.type_name + ": " + option.value.allowed;
  if (!option.default_note.empty()) text += "; default: " + std::string(option.default_note);
  return text + "; " + apply_text(option.apply);
}

std::string reference_entry(const Option& option) {
  std::string text = "### `" + std::string(option.key) + "`\n\n";
  text += wrapped(option.help, "") + '\n';
  const std::string shown = option.default_note.empty() ? '`' + default_of(option) + '`'
                                                        : std::string(option.default_note);
  text += "- default: " + shown + '\n';
  text += wrapped(option.value.type_name + ": " + option.value.allowed, "- ");
  text += "- " + apply_text(option.apply) + '\n';
  if (!option.in_component()) text += "- environment: `" + option.environment_name() + "`\n";
  return text + '\n';
}

// The few values that the example sets; they make it a working file once the secret exists.
std::string_view example_value(const Option& option) {
  const std::string name = option.name();
  if (name == "component.jid") return "\"bellhop.example.org\"";
  if (name == "component.server") return "\"127.0.0.1:5347\"";
  if (name == "component.secret_file") return "\"/etc/bellhop/secret\"";
  if (name == "public.host") return "\"bellhop.example.org\"";
  return {};
}

// A default that the file does not set is shown as a comment; where there is none, a sample.
std::string commented_value(const Option& option) {
  const std::string name = option.name();
  if (name == "component.secret") return "\"...\"";
  if (name == "component.secret_env") return "\"BELLHOP_SECRET\"";
  if (name == "component.parent_domain") return "\"example.org\"";
  return default_of(option);
}

std::string example_entry(const Option& option) {
  std::string text = wrapped(option.help, "# ") + wrapped('(' + facts(option) + ')', "# ");
  const std::string_view set = example_value(option);
  text += set.empty() ? "#" + std::string(option.key) + " = " + commented_value(option)
                      : std::string(option.key) + " = " + std::string(set);
  return text + "\n\n";
}

}  // namespace

std::string print_config(const Settings& settings, const Origins& origins) {
  std::string text;
  for (std::size_t i = 0; i < settings.components.size(); ++i) {
    text += component_text(settings, i, origins);
  }
  for (const SectionInfo& section : section_table()) {
    if (section.name == "component") continue;
    text += section_header(section.name) + '\n';
    for (const Option* option : options_of(section.name)) {
      text += config_line(*option, option->value.show(settings, {}),
                          origin_text(origins, option->name()));
    }
    text += '\n';
  }
  text.pop_back();
  return text;
}

std::string print_reference() {
  std::string text =
      "# Configuration reference\n\n"
      "Generated by `bellhopd --print-reference`; change config/option_table.cpp instead.\n\n"
      "The file is TOML. A value on the command line (`section.key=value`) wins over the\n"
      "environment, the environment over the file. Lists in both are separated by commas.\n"
      "Relative paths in the file start at its folder. Durations have a unit (`500ms`, `15s`,\n"
      "`10min`, `1h`, `1d`) or are seconds; byte sizes have one (`KiB`, `MiB`, `GiB`, `TiB`) or "
      "are\n"
      "bytes. An unknown key or section is an error.\n";
  for (const SectionInfo& section : section_table()) {
    text += "\n## `" + section_header(section.name) + "`\n\n" + wrapped(section.help, "") + '\n';
    for (const Option* option : options_of(section.name)) text += reference_entry(*option);
    text.pop_back();
  }
  return text;
}

std::string print_example() {
  std::string text =
      "# Bellhop's configuration with every option. A line that begins with \"#key =\" shows the\n"
      "# default, or a sample where there is none. Generated by bellhopd --print-example; checked\n"
      "# with bellhopd --check-config.\n";
  for (const SectionInfo& section : section_table()) {
    text += '\n' + wrapped(section.help, "# ") + section_header(section.name) + "\n\n";
    for (const Option* option : options_of(section.name)) text += example_entry(*option);
    text.pop_back();
  }
  return text;
}

}  // namespace bellhop::config
