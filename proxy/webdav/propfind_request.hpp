// The body of PROPFIND (RFC 4918 §9.1, §14.20).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "proxy/webdav/xml_element.hpp"

namespace bellhop::webdav {

/// How many properties one PROPFIND may name: each of them may become an entry for each member.
inline constexpr std::size_t kPropfindNamesMax = 256;

/// What is asked for.
enum class PropfindKind : std::uint8_t {
  all_properties,  ///< values of all dead ones, of the live ones of RFC 4918, and of `names`
  names_only,      ///< names of all, without values
  named,           ///< values of `names`
};

/// Each name stands once, in the order of the request.
struct PropfindRequest {
  PropfindKind kind = PropfindKind::all_properties;
  std::vector<XmlName> names = {};
};

/// Reads a body; an empty one asks for all properties (DAV-21). Unknown elements are as if they
/// were not there (RFC 4918 §17). Errors: those of parse_document(); errors::bad_body unless there
/// is exactly one of prop, propname and allprop (§A.3, §A.4); errors::xml_too_complex for more than
/// kPropfindNamesMax names.
[[nodiscard]] base::Result<PropfindRequest> parse_propfind(std::string_view body);

}  // namespace bellhop::webdav
