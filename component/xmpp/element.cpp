#include "component/xmpp/element.hpp"

#include <algorithm>

namespace bellhop::xmpp {

std::string_view Element::attribute(std::string_view name) const {
  const auto found = std::ranges::find(attributes_, name, &Attribute::name);
  return found == attributes_.end() ? std::string_view() : std::string_view(found->value);
}

bool Element::has_attribute(std::string_view name) const {
  return std::ranges::find(attributes_, name, &Attribute::name) != attributes_.end();
}

const Element* Element::child(std::string_view name, std::string_view xmlns) const {
  const auto found =
      std::ranges::find_if(children_, [&](const Element& child) { return child.is(name, xmlns); });
  return found == children_.end() ? nullptr : &*found;
}

const Element* Element::first_child() const {
  return children_.empty() ? nullptr : &children_.front();
}

Element& Element::set(std::string_view name, std::string_view value) {
  const auto found = std::ranges::find(attributes_, name, &Attribute::name);
  if (found == attributes_.end()) {
    attributes_.push_back({std::string(name), std::string(value)});
  } else {
    found->value = value;
  }
  return *this;
}

Element& Element::unset(std::string_view name) {
  std::erase_if(attributes_, [&](const Attribute& attribute) { return attribute.name == name; });
  return *this;
}

Element& Element::set_text(std::string_view text) {
  text_ = text;
  return *this;
}

Element& Element::append_text(std::string_view text) {
  text_ += text;
  return *this;
}

Element& Element::add(Element child) {
  return children_.emplace_back(std::move(child));
}

std::vector<Element> Element::take_children() {
  return std::exchange(children_, {});
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kWhitespace = " \t\r\n";  // XML 1.0 §2.3
  const auto begin = text.find_first_not_of(kWhitespace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhitespace) - begin + 1);
}

}  // namespace bellhop::xmpp
