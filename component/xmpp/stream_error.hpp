// Stream errors (RFC 6120 §4.9): read from the server and judged, or written by us.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "component/xmpp/element.hpp"

namespace bellhop::xmpp {

/// `<stream:error/>`.
struct StreamError {
  std::string condition;  ///< a name of RFC 6120 §4.9.3; unknown ones are undefined-condition
  std::string text = {};  ///< hostile text, as received; of see-other-host the other host
};

/// What the stream does next.
enum class StreamErrorAction : std::uint8_t {
  retry_at_once,  ///< the server is well and wants a new stream
  retry,          ///< ordinary back-off (CMP-08)
  retry_late,     ///< an operator has to act: no sooner than 30 s (CMP-06)
  follow,         ///< see-other-host: StreamError::text is host[:port]; only if configured (CMP-15)
};

/// Reads an element `error` in ns::kStreams. Names of RFC 3920 are mapped to today's.
[[nodiscard]] StreamError read_stream_error(const Element& error);

[[nodiscard]] StreamErrorAction action_for(const StreamError& error);

/// One English sentence that tells an operator what is wrong and where to look. It has no text of
/// the server's in it.
[[nodiscard]] std::string_view explain(const StreamError& error);

/// The condition, and text for people, of an error that XmlReader reported.
[[nodiscard]] StreamError to_stream_error(const base::Error& error);

/// `<stream:error>…</stream:error>` for a stream whose header declares the prefix `stream`.
[[nodiscard]] std::string to_xml(const StreamError& error);

}  // namespace bellhop::xmpp
