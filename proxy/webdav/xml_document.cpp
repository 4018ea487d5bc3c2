#include "proxy/webdav/xml_document.hpp"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/utf8.hpp"
#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

namespace ns = xmpp::ns;

struct ParserDeleter {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using ParserHandle = std::unique_ptr<XML_ParserStruct, ParserDeleter>;

// Unknown to the sender, so that names cannot be chosen to fall into one place of Expat's tables.
unsigned long make_salt() {
  std::random_device device;
  return (static_cast<unsigned long>(device()) << 16 ^ device()) | 1UL;  // 0 means: none given
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

struct SplitName {
  std::string_view prefix;  // "" if there is none
  std::string_view local;
};

// Namespaces in XML 1.0 §4: at most one colon, and a name on either side. Expat has checked how the
// whole begins and what follows: "p:0" is a name to it, and "0" alone would be none.
class NameSplitter {
 public:
  std::optional<SplitName> split(std::string_view name) {
    const auto colon = name.find(':');
    if (colon == std::string_view::npos) return SplitName{{}, name};
    const SplitName split{name.substr(0, colon), name.substr(colon + 1)};
    const bool is_good = !split.prefix.empty() && !split.local.empty() &&
                         split.local.find(':') == std::string_view::npos &&
                         may_begin_name(split.local);
    return is_good ? std::optional(split) : std::nullopt;
  }

 private:
  // Which characters beyond ASCII may begin a name depends on the edition of XML; what is kept must
  // please the parsers of those who ask for it later, so Expat is asked.
  bool may_begin_name(std::string_view text) {
    const char first = text.front();
    if (is_ascii(first)) {
      return (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '_';
    }
    const std::string document =
        '<' + std::string(text.substr(0, xmpp::decode_utf8(text).bytes)) + "/>";
    if (asked_) {
      XML_ParserReset(asked_.get(), "UTF-8");
    } else {
      asked_.reset(XML_ParserCreate("UTF-8"));
      BELLHOP_ASSERT(asked_ != nullptr);
    }
    return XML_Parse(asked_.get(), document.data(), static_cast<int>(document.size()), XML_TRUE) ==
           XML_STATUS_OK;
  }

  ParserHandle asked_;
};

bool is_declaration(const SplitName& name) {
  return name.prefix == "xmlns" || (name.prefix.empty() && name.local == "xmlns");
}

// Namespaces in XML 1.0 §3: the two reserved names, and no undeclaring of prefixes.
bool may_declare(std::string_view prefix, std::string_view xmlns) {
  if (prefix == "xml") return xmlns == ns::kXml;
  if (prefix == "xmlns" || xmlns == ns::kXml || xmlns == ns::kXmlns) return false;
  return prefix.empty() || !xmlns.empty();
}

struct RawAttribute {
  SplitName name;
  std::string_view value;
};

// One document from its first byte to its last. Namespaces are resolved here and not by Expat,
// because Expat copies the namespace in front of every prefixed name before anything can be
// refused: a small body would become hundreds of megabytes.
class Parser {
 public:
  explicit Parser(const XmlLimits& limits) : limits_(limits), parser_(XML_ParserCreate(nullptr)) {
    BELLHOP_ASSERT(parser_ != nullptr);
    XML_Parser parser = parser_.get();
    XML_SetHashSalt(parser, make_salt());
    XML_SetUserData(parser, this);
    XML_SetElementHandler(
        parser,
        [](void* self, const char* name, const char** attributes) {
          static_cast<Parser*>(self)->on_start(name, attributes);
        },
        [](void* self, const char*) { static_cast<Parser*>(self)->on_end(); });
    XML_SetCharacterDataHandler(parser, [](void* self, const char* text, int size) {
      static_cast<Parser*>(self)->on_text({text, static_cast<std::size_t>(size)});
    });
    XML_SetDoctypeDeclHandler(
        parser,
        [](void* self, const char*, const char* system_id, const char* public_id, int) {
          static_cast<Parser*>(self)->on_doctype(system_id != nullptr || public_id != nullptr);
        },
        [](void* self) { static_cast<Parser*>(self)->fail(errors::xml_document_type); });
    XML_SetEntityDeclHandler(parser, [](void* self, const char*, int, const char*, int, const char*,
                                        const char* system_id, const char* public_id, const char*) {
      static_cast<Parser*>(self)->on_entity(system_id != nullptr || public_id != nullptr);
    });
  }

  base::Result<XmlElement> parse(std::string_view bytes) {
    const XML_Status status =
        XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()), XML_TRUE);
    if (failure_) return *failure_;
    if (status != XML_STATUS_OK) {
      const XML_LChar* text = XML_ErrorString(XML_GetErrorCode(parser_.get()));
      return base::Error(errors::xml_not_well_formed, text == nullptr ? "" : text);
    }
    return std::move(*root_);
  }

 private:
  void fail(const base::ErrorKind& kind, const char* detail = "") {
    if (!failure_) failure_.emplace(kind, detail);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  // RFC 4918 §20.6. An external subset is an external entity (XML 1.0 §4.2.2); whether an internal
  // one declares such an entity shows while it is read, and in any case it is refused at its end.
  void on_doctype(bool is_external) {
    if (is_external) fail(errors::xml_external_entity, "external document type");
  }

  void on_entity(bool is_external) {
    fail(is_external ? errors::xml_external_entity : errors::xml_document_type,
         "entity declaration");
  }

  void on_start(const char* name, const char** attributes);
  void on_end();
  void on_text(std::string_view text);

  bool read_attributes(const char** attributes);
  bool declare_namespaces(XmlElement& element);
  bool resolve(XmlName& name, const SplitName& source, bool is_attribute);
  bool add_attributes(XmlElement& element);

  const XmlLimits& limits_;
  ParserHandle parser_;
  NameSplitter names_;
  std::optional<base::Error> failure_;
  std::vector<RawAttribute> raw_;  // of the element that begins
  std::vector<XmlElement> open_;
  std::vector<XmlDeclaration> bindings_;  // all in scope, innermost last
  std::size_t elements_ = 0;
  std::optional<XmlElement> root_;
};

void Parser::on_start(const char* name, const char** attributes) {
  if (failure_) return;
  if (open_.size() == limits_.depth_max) return fail(errors::xml_too_complex, "depth");
  if (++elements_ > limits_.elements_max) return fail(errors::xml_too_complex, "elements");
  const std::string_view whole(name);
  if (whole.size() > limits_.name_bytes_max) return fail(errors::xml_too_complex, "name");
  const auto split = names_.split(whole);
  if (!split) return fail(errors::xml_not_well_formed, "element name");
  XmlElement element{.name = {}, .prefix = std::string(split->prefix)};
  if (read_attributes(attributes) && declare_namespaces(element) &&
      resolve(element.name, *split, false) && add_attributes(element)) {
    open_.push_back(std::move(element));
  }
}

bool Parser::read_attributes(const char** attributes) {
  raw_.clear();
  for (; *attributes != nullptr; attributes += 2) {
    const std::string_view name(attributes[0]);
    if (raw_.size() == limits_.attributes_max || name.size() > limits_.name_bytes_max) {
      fail(errors::xml_too_complex, "attributes");
      return false;
    }
    const auto split = names_.split(name);
    if (!split) {
      fail(errors::xml_not_well_formed, "attribute name");
      return false;
    }
    raw_.push_back({*split, attributes[1]});
  }
  return true;
}

bool Parser::declare_namespaces(XmlElement& element) {
  for (const RawAttribute& raw : raw_) {
    if (!is_declaration(raw.name)) continue;
    const std::string_view prefix = raw.name.prefix.empty() ? "" : raw.name.local;
    if (!may_declare(prefix, raw.value)) {
      fail(errors::xml_not_well_formed, "namespace declaration");
      return false;
    }
    if (raw.value.size() > limits_.xmlns_bytes_max || bindings_.size() == limits_.namespaces_max) {
      fail(errors::xml_too_complex, "namespaces");
      return false;
    }
    bindings_.push_back({std::string(prefix), std::string(raw.value)});
    element.declarations.push_back(bindings_.back());
  }
  return true;
}

bool Parser::resolve(XmlName& name, const SplitName& source, bool is_attribute) {
  name.local = source.local;
  if (source.prefix == "xml") {
    name.xmlns = ns::kXml;
    return true;
  }
  // Namespaces in XML 1.0 §6.2: the default namespace is not for attributes.
  if (is_attribute && source.prefix.empty()) return true;
  const auto found = std::find_if(
      bindings_.rbegin(), bindings_.rend(),
      [&source](const XmlDeclaration& binding) { return binding.prefix == source.prefix; });
  if (found != bindings_.rend()) {
    name.xmlns = found->xmlns;
  } else if (!source.prefix.empty()) {
    fail(errors::xml_not_well_formed, "unbound prefix");
    return false;
  }
  return true;
}

bool Parser::add_attributes(XmlElement& element) {
  for (const RawAttribute& raw : raw_) {
    if (is_declaration(raw.name)) continue;
    XmlAttribute attribute{
        .name = {}, .prefix = std::string(raw.name.prefix), .value = std::string(raw.value)};
    if (!resolve(attribute.name, raw.name, true)) return false;
    // Namespaces in XML 1.0 §6.3: Expat has compared the names as they are written only.
    if (std::ranges::find(element.attributes, attribute.name, &XmlAttribute::name) !=
        element.attributes.end()) {
      fail(errors::xml_not_well_formed, "an attribute twice");
      return false;
    }
    element.attributes.push_back(std::move(attribute));
  }
  return true;
}

void Parser::on_end() {
  if (failure_) return;
  XmlElement element = std::move(open_.back());
  open_.pop_back();
  bindings_.resize(bindings_.size() - element.declarations.size());
  if (open_.empty()) {
    root_ = std::move(element);
  } else {
    open_.back().children.push_back(std::move(element));
  }
}

void Parser::on_text(std::string_view text) {
  if (failure_ || open_.empty()) return;
  XmlElement& parent = open_.back();
  (parent.children.empty() ? parent.text : parent.children.back().tail) += text;
}

}  // namespace

base::Result<XmlElement> parse_document(std::string_view bytes, const XmlLimits& limits) {
  if (bytes.size() > limits.bytes_max) return base::Error(errors::xml_too_large);
  return Parser(limits).parse(bytes);
}

}  // namespace bellhop::webdav
