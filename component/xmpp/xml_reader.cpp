#include "component/xmpp/xml_reader.hpp"

#include <expat.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {
namespace {

struct ParserDeleter {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using ParserHandle = std::unique_ptr<XML_ParserStruct, ParserDeleter>;

// Patched Expat puts off the parsing of tokens that came in pieces, against quadratic work, and
// would hold back the end of a stanza until more bytes come. What comes in pieces is bounded here
// by XmlLimits, and a stanza must not wait. Expat without the patch has no such function.
template <typename Handle>
void parse_without_delay(Handle parser) {
  if constexpr (requires { XML_SetReparseDeferralEnabled(parser, XML_FALSE); }) {
    XML_SetReparseDeferralEnabled(parser, XML_FALSE);
  }
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

// Unknown to the sender, so that names cannot be chosen to fall into one place of Expat's tables.
unsigned long make_salt() {
  std::random_device device;
  return (static_cast<unsigned long>(device()) << 16 ^ device()) | 1UL;  // 0 means: none given
}

bool is_whitespace(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// RFC 6120 §4.8.1: which of these it is depends only on where the server got the stanza from.
bool is_content_namespace(std::string_view xmlns) {
  return xmlns == ns::kComponentAccept || xmlns == ns::kClient || xmlns == ns::kServer;
}

bool is_utf8_name(std::string_view name) {
  constexpr std::string_view kUtf8 = "utf-8";
  return std::ranges::equal(name, kUtf8, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// A NUL, or a byte of a UTF-16 byte order mark.
bool hints_at_utf16(char c) {
  return c == '\0' || c == '\xFE' || c == '\xFF';
}

struct QualifiedName {
  std::string_view prefix;  // "" if there is none
  std::string_view local;
};

bool may_begin_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || !is_ascii(c);
}

// Namespaces in XML 1.0 §4: at most one colon, and a name on either side. Expat has checked how the
// whole begins and what follows; "p:0" is a name to it, and "0" alone would be none.
std::optional<QualifiedName> split_name(std::string_view name) {
  const auto colon = name.find(':');
  if (colon == std::string_view::npos) return QualifiedName{{}, name};
  const QualifiedName split{name.substr(0, colon), name.substr(colon + 1)};
  const bool is_bad = split.prefix.empty() || split.local.empty() ||
                      !may_begin_name(split.local.front()) ||
                      split.local.find(':') != std::string_view::npos;
  return is_bad ? std::nullopt : std::optional(split);
}

// xmlns='…' or xmlns:prefix='…'.
std::optional<std::string_view> declared_prefix(std::string_view attribute) {
  if (attribute == "xmlns") return std::string_view();
  if (attribute.starts_with("xmlns:")) return attribute.substr(6);
  return std::nullopt;
}

// Namespaces in XML 1.0 §3: the two reserved names, and no undeclaring of prefixes.
bool may_declare(std::string_view prefix, std::string_view xmlns) {
  if (prefix == "xml") return xmlns == ns::kXml;
  if (prefix == "xmlns" || prefix.find(':') != std::string_view::npos) return false;
  // Strictly kXml has no other prefix, but servers write an element `xml:a` of a client in this
  // way.
  if (xmlns == ns::kXmlns) return false;
  return prefix.empty() || !xmlns.empty();
}

struct RawAttribute {
  std::string_view name;
  std::string_view value;
};

}  // namespace

// Each first-level element is an Expat document of its own, below a root tag that we feed
// ourselves: Expat keeps every element and attribute name it has ever seen until it is reset, so
// one document for a stream of weeks would let strangers fill the memory with invented names. It
// also makes the bytes of one document the bytes of one stanza. Namespaces are resolved here and
// not by Expat, because Expat copies the namespace in front of every prefixed attribute before
// anything can be refused: half a megabyte of input would become gigabytes.
class XmlReader::Parser {
 public:
  explicit Parser(const XmlLimits& limits) : limits_(limits), parser_(XML_ParserCreate("UTF-8")) {
    BELLHOP_ASSERT(parser_ != nullptr);
    install_handlers();
  }

  base::Result<void> feed(std::string_view bytes) {
    while (!failure_ && !bytes.empty()) feed_some(bytes);
    if (failure_) return *failure_;
    return {};
  }

  std::optional<XmlEvent> next() {
    if (events_.empty()) return std::nullopt;
    XmlEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  bool is_between_stanzas() const { return !root_name_.empty() && used_ == 0; }

 private:
  struct Binding {
    std::string prefix;
    std::string xmlns;
    std::size_t level;  // of the declaring element; 0 is the stream's root
  };

  struct OpenElement {
    Element element;
    bool is_content;  // it stands in a content namespace, and so does its parent
  };

  void install_handlers();
  void restart();
  void feed_some(std::string_view& bytes);
  void finish_document(std::size_t consumed);
  void fail(const base::ErrorKind& kind, std::string detail);
  [[nodiscard]] bool is_at_declaration(std::string_view slice) const;
  void fail_as_expat_says(std::string_view slice);
  void exceed(const char* limit);
  void suspend();

  void on_start(const char* name, const char** attributes);
  void on_end();
  void on_text(std::string_view text);
  void on_declaration(const char* version, const char* encoding);

  std::optional<std::vector<RawAttribute>> read_attributes(const char** attributes);
  bool within_limits(std::string_view name);
  bool declare_namespaces(std::span<const RawAttribute> attributes);
  const std::string* find_namespace(std::string_view prefix) const;
  void open_stream(std::string_view name, std::span<const RawAttribute> attributes);
  void open_element(std::string_view name, std::span<const RawAttribute> attributes);
  bool copy_attributes(Element& element, std::span<const RawAttribute> attributes);

  const unsigned long salt_ = make_salt();
  const XmlLimits limits_;
  ParserHandle parser_;
  std::deque<XmlEvent> events_;
  std::optional<base::Error> failure_;

  std::string root_name_;  // with its prefix; empty until the header has come
  bool is_closed_ = false;

  // Of the current document.
  std::size_t root_bytes_ = 0;   // of the root tag that we fed
  std::size_t used_ = 0;         // bytes of the stream
  std::string tail_;             // the last two of them, which may begin a token
  std::size_t stop_offset_ = 0;  // where the last complete event ended, counted from the root tag
  std::optional<XmlEvent> complete_;
  std::vector<OpenElement> open_;
  std::vector<Binding> bindings_;
  std::size_t level_ = 0;  // of nesting below the root tag, skipped elements included
  std::size_t elements_ = 0;
  bool is_skipping_ = false;  // the rest of the stanza is not kept
  bool is_feeding_root_ = false;
};

void XmlReader::Parser::install_handlers() {
  XML_Parser parser = parser_.get();
  parse_without_delay(parser);
  // Expat would ask the system for a salt of its hash tables at every stanza.
  XML_SetHashSalt(parser, salt_);
  XML_SetUserData(parser, this);
  XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_NEVER);
  XML_SetElementHandler(
      parser,
      [](void* self, const XML_Char* name, const XML_Char** attributes) {
        static_cast<Parser*>(self)->on_start(name, attributes);
      },
      [](void* self, const XML_Char*) { static_cast<Parser*>(self)->on_end(); });
  XML_SetCharacterDataHandler(parser, [](void* self, const XML_Char* text, int bytes) {
    static_cast<Parser*>(self)->on_text({text, static_cast<std::size_t>(bytes)});
  });
  XML_SetXmlDeclHandler(parser,
                        [](void* self, const XML_Char* version, const XML_Char* encoding, int) {
                          static_cast<Parser*>(self)->on_declaration(version, encoding);
                        });
  // RFC 6120 §11.1: none of these is allowed on a stream. Without a document type there are no
  // entities but the five predefined ones, so nothing can be expanded.
  XML_SetStartDoctypeDeclHandler(
      parser, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        static_cast<Parser*>(self)->fail(errors::restricted_xml, "document type");
      });
  XML_SetCommentHandler(parser, [](void* self, const XML_Char*) {
    static_cast<Parser*>(self)->fail(errors::restricted_xml, "comment");
  });
  XML_SetProcessingInstructionHandler(parser, [](void* self, const XML_Char*, const XML_Char*) {
    static_cast<Parser*>(self)->fail(errors::restricted_xml, "processing instruction");
  });
}

void XmlReader::Parser::restart() {
  XML_ParserReset(parser_.get(), "UTF-8");
  install_handlers();
  used_ = 0;
  tail_.clear();
  elements_ = 0;
  is_skipping_ = false;
  if (is_closed_) return;
  std::erase_if(bindings_, [](const Binding& binding) { return binding.level > 0; });
  const std::string root = '<' + root_name_ + '>';
  root_bytes_ = root.size();
  is_feeding_root_ = true;
  XML_Parse(parser_.get(), root.data(), static_cast<int>(root.size()), XML_FALSE);
  is_feeding_root_ = false;
}

void XmlReader::Parser::feed_some(std::string_view& bytes) {
  if (is_between_stanzas()) {
    // RFC 6120 §4.6.1: whitespace between stanzas is a keepalive; it must not add up to a limit.
    const auto begin = std::ranges::find_if_not(bytes, is_whitespace);
    bytes.remove_prefix(static_cast<std::size_t>(begin - bytes.begin()));
    if (bytes.empty()) return;
    if (is_closed_) return fail(errors::not_well_formed, "data after the end of the stream");
  }
  // At the first two bytes Expat would follow such a hint, whatever encoding it was told. They go
  // one by one, so that it is the same fault however the bytes come in.
  const bool is_at_start = root_name_.empty() && used_ < 2;
  if (is_at_start && hints_at_utf16(bytes.front())) {
    return fail(errors::unsupported_encoding, "not UTF-8");
  }
  const std::size_t room = is_at_start ? 1 : limits_.stanza_bytes_max + 1 - used_;
  const std::size_t int_max = std::numeric_limits<int>::max();
  const std::string_view slice = bytes.substr(0, std::min(room, int_max));
  switch (XML_Parse(parser_.get(), slice.data(), static_cast<int>(slice.size()), XML_FALSE)) {
    case XML_STATUS_SUSPENDED: {
      const std::size_t consumed = stop_offset_ - root_bytes_ - used_;
      bytes.remove_prefix(consumed);
      return finish_document(consumed);
    }
    case XML_STATUS_OK:
      used_ += slice.size();
      bytes.remove_prefix(slice.size());
      tail_.append(slice.substr(slice.size() - std::min<std::size_t>(slice.size(), 2)));
      tail_.erase(0, tail_.size() - std::min<std::size_t>(tail_.size(), 2));
      if (used_ > limits_.stanza_bytes_max) fail(errors::policy_violation, "stanza too long");
      return;
    default:
      return fail_as_expat_says(slice);
  }
}

void XmlReader::Parser::finish_document(std::size_t consumed) {
  if (used_ + consumed > limits_.stanza_bytes_max) {
    return fail(errors::policy_violation, "stanza too long");
  }
  if (complete_) events_.push_back(std::move(*complete_));
  complete_.reset();
  if (is_closed_) events_.emplace_back(StreamClosed{});
  restart();
}

void XmlReader::Parser::fail(const base::ErrorKind& kind, std::string detail) {
  if (!failure_) failure_.emplace(kind, std::move(detail));
  XML_StopParser(parser_.get(), XML_FALSE);
}

void XmlReader::Parser::exceed(const char* limit) {
  if (root_name_.empty()) return fail(errors::policy_violation, limit);
  is_skipping_ = true;
  if (open_.empty()) return;
  open_.erase(open_.begin() + 1, open_.end());
  open_.front().element.set_text({});
  static_cast<void>(open_.front().element.take_children());
}

// Behind the start of the document a document type is just a wrong token to Expat; to RFC 6120
// §11.1 it is restricted wherever it stands. The index is that of the first byte that does not fit.
bool XmlReader::Parser::is_at_declaration(std::string_view slice) const {
  const auto index = static_cast<std::size_t>(XML_GetCurrentByteIndex(parser_.get()));
  const std::size_t seen = root_bytes_ + used_ - tail_.size();
  const std::string text = tail_ + std::string(slice);
  if (index < seen || index - seen > text.size()) return false;
  return std::string_view(text).substr(0, index - seen).ends_with("<!");
}

void XmlReader::Parser::fail_as_expat_says(std::string_view slice) {
  if (failure_) return;
  const XML_Error code = XML_GetErrorCode(parser_.get());
  const XML_LChar* text = XML_ErrorString(code);
  const base::ErrorKind* kind = &errors::not_well_formed;
  if (code == XML_ERROR_UNDEFINED_ENTITY || is_at_declaration(slice))
    kind = &errors::restricted_xml;
  if (code == XML_ERROR_NO_MEMORY) kind = &errors::policy_violation;
  failure_.emplace(*kind, text == nullptr ? "" : text);
}

// Makes XML_Parse return at the end of the tag that is being handled.
void XmlReader::Parser::suspend() {
  XML_Parser parser = parser_.get();
  stop_offset_ = static_cast<std::size_t>(XML_GetCurrentByteIndex(parser)) +
                 static_cast<std::size_t>(XML_GetCurrentByteCount(parser));
  XML_StopParser(parser, XML_TRUE);
}

void XmlReader::Parser::on_declaration(const char* version, const char* encoding) {
  if (encoding != nullptr && !is_utf8_name(encoding)) {
    return fail(errors::unsupported_encoding, "declared encoding");
  }
  if (version != nullptr && std::string_view(version) != "1.0") {
    fail(errors::not_well_formed, "declared XML version");
  }
}

void XmlReader::Parser::on_start(const char* name, const char** attributes) {
  if (failure_ || is_feeding_root_) return;
  if (!root_name_.empty()) ++level_;
  if (is_skipping_) return;
  const auto read = read_attributes(attributes);
  if (!read || !within_limits(name) || !declare_namespaces(*read)) return;
  if (root_name_.empty()) {
    open_stream(name, *read);
  } else {
    open_element(name, *read);
  }
}

std::optional<std::vector<RawAttribute>> XmlReader::Parser::read_attributes(
    const char** attributes) {
  std::vector<RawAttribute> read;
  for (; *attributes != nullptr; attributes += 2) {
    if (read.size() == limits_.attributes_max) {
      exceed("too many attributes");
      return std::nullopt;
    }
    read.push_back({attributes[0], attributes[1]});
    if (read.back().name.size() > limits_.name_bytes_max) {
      exceed("attribute name too long");
      return std::nullopt;
    }
  }
  return read;
}

bool XmlReader::Parser::within_limits(std::string_view name) {
  if (name.size() > limits_.name_bytes_max) {
    exceed("element name too long");
  } else if (level_ > limits_.depth_max) {
    exceed("nested too deeply");
  } else if (level_ > 0 && ++elements_ > limits_.elements_max) {
    exceed("too many elements");
  }
  return !failure_ && !is_skipping_;
}

bool XmlReader::Parser::declare_namespaces(std::span<const RawAttribute> attributes) {
  for (const RawAttribute& attribute : attributes) {
    const auto prefix = declared_prefix(attribute.name);
    if (!prefix) continue;
    if (attribute.name == "xmlns:" || !may_declare(*prefix, attribute.value)) {
      fail(errors::bad_namespace_prefix, "namespace declaration");
    } else if (attribute.value.size() > limits_.xmlns_bytes_max) {
      exceed("namespace too long");
    } else if (bindings_.size() == limits_.namespaces_max) {
      exceed("too many namespaces");
    } else {
      bindings_.push_back({std::string(*prefix), std::string(attribute.value), level_});
      continue;
    }
    return false;
  }
  return true;
}

// Null: the prefix is not bound.
const std::string* XmlReader::Parser::find_namespace(std::string_view prefix) const {
  static const std::string kNone;
  static const std::string kXml(ns::kXml);
  if (prefix == "xml") return &kXml;
  for (auto binding = bindings_.rbegin(); binding != bindings_.rend(); ++binding) {
    if (binding->prefix == prefix) return &binding->xmlns;
  }
  return prefix.empty() ? &kNone : nullptr;
}

void XmlReader::Parser::open_stream(std::string_view name,
                                    std::span<const RawAttribute> attributes) {
  const auto split = split_name(name);
  const std::string* xmlns = split ? find_namespace(split->prefix) : nullptr;
  if (xmlns == nullptr) return fail(errors::bad_namespace_prefix, "stream header");
  if (*xmlns != ns::kStreams) return fail(errors::invalid_namespace, "stream header");
  if (split->local != "stream") return fail(errors::bad_format, "stream header");

  Element header("stream", *xmlns);
  if (!copy_attributes(header, attributes)) return;
  root_name_ = name;
  complete_ = StreamOpened{.id = std::string(header.attribute("id")),
                           .from = std::string(header.attribute("from")),
                           .xmlns = *find_namespace({}),
                           .version = std::string(header.attribute("version")),
                           .lang = std::string(header.attribute("xml:lang"))};
  suspend();
}

void XmlReader::Parser::open_element(std::string_view name,
                                     std::span<const RawAttribute> attributes) {
  const auto split = split_name(name);
  const std::string* xmlns = split ? find_namespace(split->prefix) : nullptr;
  if (xmlns == nullptr) return fail(errors::bad_namespace_prefix, "element");
  // Which characters beyond ASCII may begin a name depends on the edition of XML; written without
  // its prefix, such a name could break the server's parser.
  if (!split->prefix.empty() && !is_ascii(split->local.front())) return exceed("unusual name");

  const bool is_content =
      is_content_namespace(*xmlns) && (open_.empty() || open_.back().is_content);
  Element element(std::string(split->local),
                  is_content ? ns::kComponentAccept : std::string_view(*xmlns));
  if (!copy_attributes(element, attributes)) return;
  open_.push_back({std::move(element), is_content});
}

bool XmlReader::Parser::copy_attributes(Element& element,
                                        std::span<const RawAttribute> attributes) {
  for (const RawAttribute& attribute : attributes) {
    if (declared_prefix(attribute.name)) continue;
    const auto split = split_name(attribute.name);
    if (!split || find_namespace(split->prefix) == nullptr) {
      fail(errors::bad_namespace_prefix, "attribute");
      return false;
    }
    // No protocol that we speak has prefixed attributes other than xml:lang.
    const bool is_kept = split->prefix.empty() || attribute.name == "xml:lang";
    if (is_kept) element.set(attribute.name, attribute.value);
  }
  return true;
}

void XmlReader::Parser::on_end() {
  if (failure_) return;
  if (level_ == 0) {
    is_closed_ = true;
    return suspend();
  }
  --level_;
  if (level_ > 0 && is_skipping_) return;
  std::erase_if(bindings_, [&](const Binding& binding) { return binding.level > level_; });
  if (level_ == 0) {
    if (!open_.empty()) complete_ = std::move(open_.front().element);
    open_.clear();
    return suspend();
  }
  Element element = std::move(open_.back().element);
  open_.pop_back();
  open_.back().element.add(std::move(element));
}

void XmlReader::Parser::on_text(std::string_view text) {
  if (failure_ || is_skipping_) return;
  if (level_ > 0) {
    open_.back().element.append_text(text);
  } else if (!std::ranges::all_of(text, is_whitespace)) {
    fail(errors::bad_format, "text between stanzas");
  }
}

XmlReader::XmlReader(XmlLimits limits) : parser_(std::make_unique<Parser>(limits)) {}
XmlReader::~XmlReader() = default;
XmlReader::XmlReader(XmlReader&&) noexcept = default;
XmlReader& XmlReader::operator=(XmlReader&&) noexcept = default;

base::Result<void> XmlReader::feed(std::string_view bytes) {
  return parser_->feed(bytes);
}
std::optional<XmlEvent> XmlReader::next() {
  return parser_->next();
}
bool XmlReader::is_between_stanzas() const {
  return parser_->is_between_stanzas();
}

}  // namespace bellhop::xmpp
