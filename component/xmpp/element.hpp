// A small owned tree of XML elements: what the reader makes and the writer writes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bellhop::xmpp {

/// `name` has no prefix, except in "xml:lang". Other prefixed attributes do not exist here: the
/// reader drops them.
struct Attribute {
  std::string name;
  std::string value;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// One element: name, namespace, attributes, children, and its own character data joined together
/// (XMPP has no mixed content worth keeping in order).
class Element {
 public:
  /// `name` must be an XML name without a prefix; `xmlns` may be empty.
  Element(std::string name, std::string_view xmlns) : name_(std::move(name)), xmlns_(xmlns) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& xmlns() const { return xmlns_; }
  [[nodiscard]] bool is(std::string_view name, std::string_view xmlns) const {
    return name_ == name && xmlns_ == xmlns;
  }
  /// The character data of this element, without that of its children; unescaped, untrimmed.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<Attribute>& attributes() const { return attributes_; }
  [[nodiscard]] const std::vector<Element>& children() const { return children_; }

  /// The value of an attribute, "" if it is absent; valid until this element changes.
  [[nodiscard]] std::string_view attribute(std::string_view name) const;
  [[nodiscard]] bool has_attribute(std::string_view name) const;
  /// The first child of that name and namespace; null if there is none.
  [[nodiscard]] const Element* child(std::string_view name, std::string_view xmlns) const;
  /// The first child of any name; null if there is none.
  [[nodiscard]] const Element* first_child() const;

  /// Sets or replaces an attribute. Returns this element, for chaining.
  Element& set(std::string_view name, std::string_view value);
  /// Removes an attribute if it is there.
  Element& unset(std::string_view name);
  /// Replaces the character data. Returns this element, for chaining.
  Element& set_text(std::string_view text);
  Element& append_text(std::string_view text);
  /// Appends a child and returns it; the reference holds until the next add() to the same parent.
  Element& add(Element child);
  /// Moves every child out, leaving none.
  [[nodiscard]] std::vector<Element> take_children();

  friend bool operator==(const Element&, const Element&) = default;

 private:
  std::string name_;
  std::string xmlns_;
  std::string text_;
  std::vector<Attribute> attributes_;
  std::vector<Element> children_;
};

/// `text` without XML whitespace (space, tab, CR, LF) at both ends; a view of the argument.
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace bellhop::xmpp
