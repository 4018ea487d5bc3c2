// Elements for tests, written as XML and read by the real reader.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "component/xmpp/element.hpp"
#include "component/xmpp/xml_reader.hpp"

namespace bellhop::xmpp::test {

inline constexpr std::string_view kHeader =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
    "xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='bellhop.example.org'>";

/// The first-level element `xml` as it would come on a component stream; <broken/> and a test
/// failure if there is none.
inline Element parse_element(std::string_view xml) {
  XmlReader reader{XmlLimits{}};
  const auto fed = reader.feed(std::string(kHeader) + std::string(xml));
  EXPECT_TRUE(fed) << xml;
  EXPECT_TRUE(reader.next());  // the header
  auto event = reader.next();
  if (!event || !std::holds_alternative<Element>(*event)) {
    ADD_FAILURE() << "no element: " << xml;
    return {"broken", ""};
  }
  return std::move(std::get<Element>(*event));
}

}  // namespace bellhop::xmpp::test
