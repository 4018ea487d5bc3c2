// base::Error -> <error/> (the only place that does it), and <error/> from a peer -> value
// (RFC 6120 §8.3, XEP-0086).
#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "component/base/error.hpp"
#include "component/xmpp/element.hpp"

namespace bellhop::xmpp {

/// What an error reply says beyond its row.
struct ErrorExtras {
  std::string text = {};  ///< instead of the row's text; must be fit for a stranger
  std::optional<Element> application =
      std::nullopt;            ///< condition in its own namespace, after the RFC's (STZ-14)
  bool hides_request = false;  ///< the request holds a secret: the reply does not repeat it
};

/// Why a request is refused, with what its error reply says beyond the row. A plain Error becomes
/// one by itself.
class Refusal : public base::Error {
 public:
  Refusal() = default;
  Refusal(base::Error error, ErrorExtras extras = {})  // NOLINT: an error *is* a refusal
      : base::Error(std::move(error)), extras_(std::move(extras)) {}

  [[nodiscard]] const ErrorExtras& extras() const { return extras_; }

 private:
  ErrorExtras extras_;
};

/// A decision about a request: the value, or why it is refused.
template <typename T>
using Decision = boost::system::result<T, Refusal>;

/// `<error type><condition/><text xml:lang='en'/>…</error>` in ns::kComponentAccept. The error's
/// detail is not in it, nor a `code` (BAS-10).
[[nodiscard]] Element to_element(const base::Error& error, const ErrorExtras& extras = {});

/// An error that a peer or a server on the way has sent.
struct ReceivedError {
  std::string condition;          ///< of RFC 6120 §8.3.3, or payment-required of RFC 3920
  base::StanzaErrorType type;     ///< as sent; if absent or unknown, the usual one of the condition
  std::string text;               ///< hostile text, as received
  std::string application;        ///< name of the application condition, if any
  std::string application_xmlns;  ///< its namespace
};

/// Reads the `<error/>` child of a stanza. Without a condition of the RFC the old numeric `code`
/// decides (XEP-0086 §3); without either, or without any `<error/>`, it is undefined-condition.
[[nodiscard]] ReceivedError read_error(const Element& stanza);

/// What a peer has sent as an error of ours: the row of its condition, errors::undefined_condition
/// for unknown ones; the detail is its text, cut to 256 bytes.
[[nodiscard]] base::Error to_error(const ReceivedError& received);

/// RFC 6120 §8.3.2: the `type` attribute.
[[nodiscard]] std::string_view to_string(base::StanzaErrorType type);

}  // namespace bellhop::xmpp
