// The propstats that answer PROPFIND and PROPPATCH for one resource (RFC 4918 §9.1, §9.2).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "proxy/webdav/multistatus.hpp"
#include "proxy/webdav/properties.hpp"
#include "proxy/webdav/propfind_request.hpp"
#include "proxy/webdav/proppatch_request.hpp"

namespace bellhop::webdav {

/// A property as its client has set it: a dead one, or a live one that may be set and is kept with
/// its xml:lang (RFC 4918 §14.26). It comes before what the facts say.
struct DeadProperty {
  XmlName name;
  std::string xml;  ///< the whole element, by to_xml()
};

/// DAV-22: 200 for what is there, 404 for what is named and missing.
[[nodiscard]] PropertyResults answer_propfind(const PropfindRequest& request,
                                              const ResourceFacts& facts,
                                              std::span<const DeadProperty> dead);

/// DAV-23: each property by its name, with 200 or with the status and condition of its error.
[[nodiscard]] PropertyResults answer_proppatch(std::span<const PropertyOutcome> outcomes);

}  // namespace bellhop::webdav
