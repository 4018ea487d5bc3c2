// The XML of a request's body (RFC 4918 §8.2): Expat behind bounds. Whatever comes from strangers
// is resolved, counted and refused here; no document type is followed and no entity expands.
#pragma once

#include <cstddef>
#include <string_view>

#include "component/base/error.hpp"
#include "proxy/webdav/xml_element.hpp"

namespace bellhop::webdav {

/// What one body may cost.
struct XmlLimits {
  std::size_t bytes_max = 64 * 1024;
  std::size_t depth_max = 64;          ///< the root is at depth 1
  std::size_t elements_max = 4096;     ///< the root included
  std::size_t attributes_max = 64;     ///< of one element, namespace declarations included
  std::size_t name_bytes_max = 256;    ///< of an element or attribute, with its prefix
  std::size_t xmlns_bytes_max = 1024;  ///< of one namespace: it is copied into each element
  std::size_t namespaces_max = 128;    ///< declarations in scope at once
};

/// Reads a whole document in UTF-8, UTF-16 or another encoding that Expat knows; text comes out as
/// UTF-8. Well-formedness includes that of Namespaces in XML 1.0. Errors: errors::xml_too_large,
/// xml_too_complex, xml_not_well_formed, xml_document_type, and xml_external_entity for a document
/// type that names anything outside of the document (DAV-03).
[[nodiscard]] base::Result<XmlElement> parse_document(std::string_view bytes,
                                                      const XmlLimits& limits = {});

}  // namespace bellhop::webdav
