#include "proxy/webdav/xml_element.hpp"

#include <algorithm>
#include <utility>

#include "component/base/error.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"

namespace bellhop::webdav {
namespace {

namespace ns = xmpp::ns;

struct Binding {
  std::string_view prefix;
  std::string_view xmlns;
};

// What prefixes mean, innermost last. Views of the tree that is written.
using Scope = std::vector<Binding>;

const Binding* find(const Scope& scope, std::string_view prefix) {
  const auto found = std::find_if(scope.rbegin(), scope.rend(), [prefix](const Binding& binding) {
    return binding.prefix == prefix;
  });
  return found == scope.rend() ? nullptr : &*found;
}

bool resolves(const Scope& scope, const Binding& wanted) {
  const Binding* found = find(scope, wanted.prefix);
  return found != nullptr && found->xmlns == wanted.xmlns;
}

// Where any text begins: only xml has a meaning, and no prefix means no namespace.
Scope outermost_scope() {
  return {{"xml", ns::kXml}, {"", ""}};
}

template <typename Visit>
void for_each_use(const XmlElement& element, Visit visit) {
  visit(Binding{element.prefix, element.name.xmlns});
  for (const XmlAttribute& attribute : element.attributes) {
    if (!attribute.prefix.empty()) visit(Binding{attribute.prefix, attribute.name.xmlns});
  }
}

// Collects into `outer` what `element` takes from around itself: the first use of each prefix that
// nothing inside declares. `scope` is what is declared inside, down to here.
void collect_outer(const XmlElement& element, Scope& scope, Scope& outer) {
  const std::size_t depth = scope.size();
  for (const XmlDeclaration& declared : element.declarations) {
    scope.push_back({declared.prefix, declared.xmlns});
  }
  for_each_use(element, [&](const Binding& used) {
    if (used.prefix == "xml" || find(scope, used.prefix) != nullptr) return;
    if (find(outer, used.prefix) == nullptr) outer.push_back(used);
  });
  for (const XmlElement& child : element.children) collect_outer(child, scope, outer);
  scope.resize(depth);
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void write_root(const XmlElement& element) {
    Scope inside;
    Scope outer;
    collect_outer(element, inside, outer);
    write(element, outer);
  }

 private:
  // Recursion is as deep as the tree, which the parser bounds.
  void write(const XmlElement& element, const Scope& extra) {
    const std::size_t depth = scope_.size();
    const Scope fresh = declarations_of(element, extra);
    write_start(element, fresh);
    scope_.insert(scope_.end(), fresh.begin(), fresh.end());
    if (element.text.empty() && element.children.empty()) {
      out_ += "/>";
    } else {
      out_ += '>';
      out_ += xmpp::escape_text(element.text);
      for (const XmlElement& child : element.children) {
        write(child, {});
        out_ += xmpp::escape_text(child.tail);
      }
      out_ += "</";
      write_name(element.prefix, element.name.local);
      out_ += '>';
    }
    scope_.resize(depth);
  }

  // The element's own, those that the root takes from around itself, and, for a tree that was put
  // together from several sources, what its names need besides.
  Scope declarations_of(const XmlElement& element, const Scope& extra) const {
    Scope fresh;
    for (const XmlDeclaration& declared : element.declarations) {
      fresh.push_back({declared.prefix, declared.xmlns});
    }
    for (const Binding& binding : extra) {
      if (!resolves(scope_, binding)) fresh.push_back(binding);
    }
    for_each_use(element, [&](const Binding& used) {
      const Binding* declared = find(fresh, used.prefix);
      if (declared == nullptr && resolves(scope_, used)) return;
      if (declared == nullptr) return fresh.push_back(used);
      BELLHOP_ASSERT(declared->xmlns == used.xmlns);
    });
    return fresh;
  }

  void write_start(const XmlElement& element, const Scope& fresh) {
    out_ += '<';
    write_name(element.prefix, element.name.local);
    for (const Binding& binding : fresh) {
      out_ += binding.prefix.empty() ? " xmlns" : " xmlns:";
      out_ += binding.prefix;
      write_value(binding.xmlns);
    }
    for (const XmlAttribute& attribute : element.attributes) {
      out_ += ' ';
      write_name(attribute.prefix, attribute.name.local);
      write_value(attribute.value);
    }
  }

  void write_name(std::string_view prefix, std::string_view local) {
    out_ += prefix;
    if (!prefix.empty()) out_ += ':';
    out_ += local;
  }

  void write_value(std::string_view value) {
    out_ += "=\"";
    out_ += xmpp::escape(value);
    out_ += '"';
  }

  std::string& out_;
  Scope scope_ = outermost_scope();
};

}  // namespace

const XmlElement* XmlElement::dav_child(std::string_view local) const {
  const auto found = std::ranges::find_if(
      children, [local](const XmlElement& child) { return child.is_dav(local); });
  return found == children.end() ? nullptr : &*found;
}

const std::string* XmlElement::lang() const {
  const auto found = std::ranges::find_if(attributes, [](const XmlAttribute& attribute) {
    return attribute.name.local == "lang" && attribute.name.xmlns == ns::kXml;
  });
  return found == attributes.end() ? nullptr : &found->value;
}

bool operator==(const XmlElement& a, const XmlElement& b) {
  return a.name == b.name && a.prefix == b.prefix && a.attributes == b.attributes &&
         a.text == b.text && a.children == b.children && a.tail == b.tail;
}

XmlElement detach(const XmlElement& element, std::string_view lang) {
  XmlElement alone = element;
  alone.tail.clear();
  if (!lang.empty() && alone.lang() == nullptr) {
    alone.attributes.push_back(
        {.name = {std::string(ns::kXml), "lang"}, .prefix = "xml", .value = std::string(lang)});
  }
  return alone;
}

std::string to_xml(const XmlElement& element) {
  std::string out;
  Writer(out).write_root(element);
  return out;
}

}  // namespace bellhop::webdav
