// One row per option: what the parser, the environment, --print-config, the reference page, the
// example file and a reload need to know about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/option_type.hpp"

namespace bellhop::config {

/// When a changed value takes effect.
enum class Apply : std::uint8_t {
  live,     ///< on reload, for what happens from then on
  restart,  ///< when the process starts
};

/// A row. Ranges and types are in `value`; the default is what a fresh Settings holds.
struct Option {
  std::string_view section;  ///< the table's name in the file; `component` is an array of tables
  std::string_view key;
  Apply apply;
  OptionValue value;
  std::string_view help;
  std::string_view default_note = {};  ///< says the default where it is not a constant

  [[nodiscard]] bool in_component() const { return section == "component"; }
  /// `proxy.idle_timeout`; for a component's option `component.jid`.
  [[nodiscard]] std::string name() const;
  /// `BELLHOP_PROXY_IDLE_TIMEOUT`; empty for a component's option, which only the file can set.
  [[nodiscard]] std::string environment_name() const;
};

/// A section of the file, in the order of the reference page.
struct SectionInfo {
  std::string_view name;
  std::string_view help;
};

/// Every option; those of one section stand together.
[[nodiscard]] const std::vector<Option>& option_table();
[[nodiscard]] const std::vector<SectionInfo>& section_table();

/// The options of a section in table order; empty for an unknown one.
[[nodiscard]] std::vector<const Option*> options_of(std::string_view section);

/// `component[2].jid`: how the option of one component is named where it matters which one.
[[nodiscard]] std::string component_option(std::size_t index, std::string_view key);

/// Null if there is no such option. Rows live as long as the program.
[[nodiscard]] const Option* find_option(std::string_view section, std::string_view key);

}  // namespace bellhop::config
