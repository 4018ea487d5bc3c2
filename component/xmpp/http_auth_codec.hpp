// Confirmation of HTTP requests on the wire (XEP-0070): the question in an IQ or a message, and the
// answers of clients and of people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "component/xmpp/element.hpp"
#include "component/xmpp/stanza.hpp"

namespace bellhop::xmpp {

/// Characters of a transaction id that are shown; more is cut.
inline constexpr std::size_t kTransactionCharactersMax = 64;
/// Bytes of the address of a request; HTTP servers rarely take more.
inline constexpr std::size_t kConfirmUrlBytesMax = 2048;
/// Bytes of a method; the longest that is registered has 17 (UPDATEREDIRECTREF).
inline constexpr std::size_t kConfirmMethodBytesMax = 32;

/// What is to be confirmed; from make_confirm() always fit to be shown.
struct HttpConfirm {
  std::string id;  ///< the transaction id that the HTTP client named
  std::string method;
  std::string url;
  friend bool operator==(const HttpConfirm&, const HttpConfirm&) = default;
};

/// Checks what came by HTTP. The id is made fit for display; a client that compares it with its own
/// then sees that it was tampered with (HVX-05). Errors: errors::bad_request for an empty id, a
/// method that is none, an address that is not printable ASCII or too long.
[[nodiscard]] base::Result<HttpConfirm> make_confirm(std::string_view id, std::string_view method,
                                                     std::string_view url);

/// At most `characters_max` characters of `text`; what is no character, cannot be seen or turns the
/// direction of what follows becomes '?'.
[[nodiscard]] std::string displayable(std::string_view text, std::size_t characters_max);

/// `<confirm/>`, for an IQ of type get to a full JID (XEP-0070 §4.5).
[[nodiscard]] Element to_element(const HttpConfirm& confirm);

/// Reads `<confirm/>` as it is. Errors: errors::bad_request if an attribute is missing.
[[nodiscard]] base::Result<HttpConfirm> parse_confirm(const Element& element);

/// A message of type normal to a bare JID, with `thread` also as its id, a body for people whose
/// client does not know the protocol, and a hint not to store it.
[[nodiscard]] Element make_confirm_message(const Addresses& addresses, std::string_view thread,
                                           const HttpConfirm& confirm);

/// The thread of a message; of an error without one its id, which servers keep; "" for none.
[[nodiscard]] std::string_view thread_of(const Element& message);

/// Whether a message that has our thread and comes from the user who was asked answers `asked`: yes
/// by the same `<confirm/>` or a body "OK", no by an error or a body "No" (HVX-04). Empty: it is no
/// answer. Errors: errors::not_authorized, or what else the error says.
[[nodiscard]] std::optional<base::Result<void>> read_confirm_answer(const Element& message,
                                                                    const HttpConfirm& asked);

}  // namespace bellhop::xmpp
