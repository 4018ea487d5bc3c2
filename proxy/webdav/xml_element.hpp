// A tree of XML that loses nothing a property's value may hold (RFC 4918 §4.3), and how it is
// written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/webdav/condition.hpp"

namespace bellhop::webdav {

/// An expanded name: what names an element, and so a property (RFC 4918 §4.4).
struct XmlName {
  std::string xmlns;  ///< "" for no namespace
  std::string local;
  friend bool operator==(const XmlName&, const XmlName&) = default;
  friend auto operator<=>(const XmlName&, const XmlName&) = default;
};

/// An attribute that is no namespace declaration. The prefix is empty if and only if the namespace
/// is (Namespaces in XML 1.0 §6.2).
struct XmlAttribute {
  XmlName name;
  std::string prefix;
  std::string value;  ///< normalised by the parser
  friend bool operator==(const XmlAttribute&, const XmlAttribute&) = default;
};

/// `xmlns="…"` or `xmlns:prefix="…"`, where the source had it: a value may speak of prefixes in its
/// text, as XPath does.
struct XmlDeclaration {
  std::string prefix;
  std::string xmlns;
};

/// One element. Mixed content is kept in order: `text` stands before the first child, and each
/// child's `tail` between it and what follows. Comments and processing instructions do not exist
/// here. Within one element a prefix stands for one namespace.
struct XmlElement {
  XmlName name;
  std::string prefix = {};
  std::vector<XmlDeclaration> declarations = {};
  std::vector<XmlAttribute> attributes = {};
  std::string text = {};
  std::vector<XmlElement> children = {};
  std::string tail = {};

  /// Whether it is the element of that name in kDavNamespace.
  [[nodiscard]] bool is_dav(std::string_view local) const {
    return name.local == local && name.xmlns == kDavNamespace;
  }
  /// The first child of that name in kDavNamespace; null if there is none.
  [[nodiscard]] const XmlElement* dav_child(std::string_view local) const;
  /// xml:lang of this very element; null if it has none.
  [[nodiscard]] const std::string* lang() const;

  /// Whether both say the same: names, prefixes, attributes, content. Where a namespace is declared
  /// does not matter.
  friend bool operator==(const XmlElement& a, const XmlElement& b);
};

/// `element` alone, without its tail, and with `lang` as its xml:lang unless it has one or `lang`
/// is empty: how a property is taken out of a request (RFC 4918 §14.26).
[[nodiscard]] XmlElement detach(const XmlElement& element, std::string_view lang);

/// `element` without its tail as text that means the same wherever it is put: every prefix it uses
/// is declared in it, prefixes are those of the source, and characters that need it are escaped. It
/// counts on no default namespace being in scope around it.
[[nodiscard]] std::string to_xml(const XmlElement& element);

}  // namespace bellhop::webdav
