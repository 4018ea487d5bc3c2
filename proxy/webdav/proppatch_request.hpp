// The body of PROPPATCH (RFC 4918 §9.2, §14.19), and how its instructions stand or fall together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "proxy/webdav/xml_element.hpp"

namespace bellhop::webdav {

/// How many properties one PROPPATCH may set and remove.
inline constexpr std::size_t kInstructionsMax = 256;

/// One property of a `set` or `remove`.
struct PropertyInstruction {
  enum class Action : std::uint8_t { set, remove };

  Action action;
  /// The property as to_xml() may store it, with the xml:lang that was in scope (RFC 4918 §14.26);
  /// of a removal only the name counts.
  XmlElement property;
};

/// Reads a body; instructions are in document order (DAV-23), and there is at least one. Errors:
/// those of parse_document(); errors::bad_body for another root, a set or remove without prop, or
/// nothing to do; errors::xml_too_complex for more than kInstructionsMax.
[[nodiscard]] base::Result<std::vector<PropertyInstruction>> parse_proppatch(std::string_view body);

/// What became of one property.
struct PropertyOutcome {
  XmlName name;
  std::optional<base::Error> error;  ///< none: done
};

/// Says whether an instruction can be carried out; changes nothing.
using InstructionCheck = std::function<base::Result<void>(const PropertyInstruction&)>;

/// Checks all instructions. Each property stands once in the result, in order of its first
/// instruction. If any failed, it has its own error and every other has errors::failed_dependency:
/// then none may be carried out (DAV-23).
[[nodiscard]] std::vector<PropertyOutcome> judge_instructions(
    const std::vector<PropertyInstruction>& instructions, const InstructionCheck& check);

}  // namespace bellhop::webdav
