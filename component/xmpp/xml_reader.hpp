// The XML of a component stream, received: Expat behind a bound on bytes, depth, elements,
// attributes and names (RFC 6120 §11). It does no I/O and no logging.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "component/base/error.hpp"
#include "component/xmpp/element.hpp"

namespace bellhop::xmpp {

/// What one stanza, or the stream's header, may cost. Too many bytes, and anything too large in the
/// header, end the stream with errors::policy_violation. A stanza that is within its bytes and
/// beyond another limit is given without its children and text, so that a request is answered with
/// bad-request, or left out if its own start tag is the reason: otherwise any stranger could end
/// the stream of everybody.
struct XmlLimits {
  std::size_t stanza_bytes_max = 512 * 1024;  ///< from '<' to '>' as received; also of the header
  std::size_t depth_max = 64;                 ///< the stanza itself is at depth 1
  std::size_t elements_max = 2048;            ///< in one stanza, itself included
  std::size_t attributes_max = 64;            ///< of one element, namespace declarations included
  std::size_t name_bytes_max = 256;    ///< of an element's or attribute's name, with its prefix
  std::size_t xmlns_bytes_max = 1024;  ///< of one namespace: it is copied into each element
  std::size_t namespaces_max = 128;    ///< declarations in scope at once, the header's included
};

/// The server's stream header (XEP-0114 §3); attributes are "" if absent.
struct StreamOpened {
  std::string id;
  std::string from;
  std::string xmlns;  ///< the default namespace: must be ns::kComponentAccept (CMP-04)
  std::string version;
  std::string lang;  ///< xml:lang
};

/// `</stream:stream>` has come.
struct StreamClosed {};

/// In this order: StreamOpened once, any number of first-level elements, StreamClosed once.
using XmlEvent = std::variant<StreamOpened, Element, StreamClosed>;

/// One stream, from its first byte; a new stream needs a new reader. Whitespace between stanzas is
/// skipped and costs nothing. First-level elements in jabber:client or jabber:server, and those
/// below them that inherit it, are given xmlns jabber:component:accept (CMP-11); stanzas nested in
/// other namespaces (XEP-0297) keep theirs. `<stream:error/>` is an element in ns::kStreams.
class XmlReader {
 public:
  explicit XmlReader(XmlLimits limits);
  ~XmlReader();
  XmlReader(XmlReader&&) noexcept;
  XmlReader& operator=(XmlReader&&) noexcept;

  /// Takes any fragment of the stream. An element is ready as soon as its last byte is in. Events
  /// of complete elements before an error stay readable. Errors: those in errors::kReaderErrors,
  /// whose name is the stream condition to send; after one, every further call returns the same.
  [[nodiscard]] base::Result<void> feed(std::string_view bytes);

  /// The oldest event not yet taken; none: feed more.
  [[nodiscard]] std::optional<XmlEvent> next();

  /// Whether the bytes so far end outside of any stanza, after the header: the only place where a
  /// stream may be closed or a keepalive be counted as one.
  [[nodiscard]] bool is_between_stanzas() const;

 private:
  class Parser;

  std::unique_ptr<Parser> parser_;  // Expat keeps its address
};

}  // namespace bellhop::xmpp
