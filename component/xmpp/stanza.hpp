// Stanzas as values: the checked view of an IQ, addresses of any stanza, and builders of replies
// (RFC 6120 §8).
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "component/xmpp/element.hpp"
#include "component/xmpp/jid.hpp"
#include "component/xmpp/stanza_error.hpp"

namespace bellhop::xmpp {

/// STZ-07: an error reply repeats the request's child if that is at most this many bytes of XML;
/// a larger one is repeated without its children, or left out if its attributes alone are larger.
inline constexpr std::size_t kEchoBytesMax = 4096;

/// RFC 6120 §8.2.3.
enum class IqType : std::uint8_t { get, set, result, error };

/// The `type` attribute of that IQ.
[[nodiscard]] std::string_view to_string(IqType type);

/// An IQ that is valid by RFC 6120 §8.2.3 and addressed to us: a request has exactly one child.
struct Iq {
  IqType type;
  std::string id;  ///< never empty
  Jid from;
  Jid to;
  Element element;  ///< the whole stanza

  /// The only child of a request; the child of a result, if any; of an error the child that is not
  /// `<error/>`, if any.
  [[nodiscard]] const Element* payload() const;
  /// Whether it must be answered.
  [[nodiscard]] bool is_request() const { return type == IqType::get || type == IqType::set; }
};

/// Why a stanza is no usable IQ, and what to send for it.
struct IqProblem {
  base::Error error;             ///< for counters and the log
  std::optional<Element> reply;  ///< to be sent as it is; none: drop the stanza (STZ-05, STZ-08)
};

/// Makes boost::system::result<…, IqProblem>::value() on a problem a bug of ours.
[[noreturn]] void throw_exception_from_error(const IqProblem&, const boost::source_location&);

/// Checks an `<iq/>` for the component whose prepared domain is `own_domain`. Dropped (no reply):
/// no or malformed `from` or `to`, `to` at another domain, a result or error without id. Answered
/// with bad-request: unknown or missing type, no id, not exactly one child (STZ-04, STZ-08).
[[nodiscard]] boost::system::result<Iq, IqProblem> parse_iq(Element stanza,
                                                            std::string_view own_domain);

/// Sender and recipient of any stanza.
struct Addresses {
  Jid from;
  Jid to;
};

/// Errors: errors::bad_request for a missing address, errors::jid_malformed, errors::item_not_found
/// for a `to` at another domain. All mean: drop the stanza and count it (STZ-08).
[[nodiscard]] base::Result<Addresses> parse_addresses(const Element& stanza,
                                                      std::string_view own_domain);

/// Whether `stanza` may never be answered, not even with an error (STZ-05): its type is `error`, or
/// it is an IQ result.
[[nodiscard]] bool is_reply(const Element& stanza);

/// A request of ours. `type` is get or set.
[[nodiscard]] Element make_request(IqType type, const Addresses& addresses, std::string_view id,
                                   Element payload);

/// The result of a request: addresses swapped exactly as they came, the same id (STZ-01).
[[nodiscard]] Element make_result(const Iq& request, std::optional<Element> payload = {});

/// The error reply to a request, with the request's child within kEchoBytesMax (STZ-07) unless
/// `extras` hides it.
[[nodiscard]] Element make_error(const Iq& request, const base::Error& error,
                                 const ErrorExtras& extras = {});

}  // namespace bellhop::xmpp
