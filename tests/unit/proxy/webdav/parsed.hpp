// Short ways from text to what a test looks at.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "component/base/error.hpp"
#include "proxy/webdav/xml_document.hpp"

namespace bellhop::webdav {

/// The root of a document that must be well-formed; an empty element and a failure otherwise.
inline XmlElement parsed(std::string_view text) {
  auto document = parse_document(text);
  if (document) return std::move(*document);
  ADD_FAILURE() << document.error().kind().name << ": " << document.error().detail() << '\n'
                << text;
  return XmlElement{.name = {}};
}

/// The name of the error, or "" for none.
template <typename T>
std::string_view refusal(const base::Result<T>& result) {
  return result ? std::string_view() : result.error().kind().name;
}

}  // namespace bellhop::webdav
