// The one error model (README.md, "Errors"): an ErrorKind is a constexpr row beside its feature, an
// Error points to a row and carries detail for the log. Only the edges (xmpp/stanza_error, later
// HTTP, STUN and gRPC) turn an Error into a reply.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace bellhop::base {

/// RFC 6120 §8.3.2: what the sender may do about an error.
enum class StanzaErrorType : std::uint8_t { auth, cancel, modify, wait };

/// The canonical gRPC status codes that Bellhop answers with (numbers are the protocol's).
enum class GrpcCode : std::uint8_t {
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
};

/// One row of the error table. All text is static and safe to send to a stranger.
struct ErrorKind {
  std::string_view name;       ///< stable, kebab-case; the `reason` of counters and logs
  StanzaErrorType type;        ///< RFC 6120 §8.3.2
  std::string_view condition;  ///< RFC 6120 §8.3.3 element name
  GrpcCode grpc_code;
  std::string_view text;  ///< default text for people, English, one sentence
};

/// No error: what error() of a successful result is.
inline constexpr ErrorKind kNoError{"", StanzaErrorType::cancel, "", GrpcCode::internal, ""};

/// A refusal or a parse failure: which row, and detail that goes to the log only.
class Error {
 public:
  Error() : kind_(&kNoError) {}                          // boost::system::result asks for it
  Error(const ErrorKind& kind, std::string detail = {})  // NOLINT: a kind *is* an error
      : kind_(&kind), detail_(std::move(detail)) {}

  [[nodiscard]] const ErrorKind& kind() const { return *kind_; }
  [[nodiscard]] bool is(const ErrorKind& kind) const { return kind_ == &kind; }
  /// For the log; may quote hostile input (bounded by whoever made it); never sent to a peer.
  [[nodiscard]] const std::string& detail() const { return detail_; }

 private:
  const ErrorKind* kind_;  // rows are constexpr objects with static storage
  std::string detail_;
};

/// Found by boost::system::result when value() is called on an error: that is a bug of ours.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location&);

/// A decision: the value, or why not. Never carries an I/O error (those are error_code).
template <typename T>
using Result = boost::system::result<T, Error>;

/// Ends the process with one line on standard error. For BELLHOP_ASSERT only.
[[noreturn]] void assertion_failed(const char* expression, std::source_location where);

}  // namespace bellhop::base

/// A broken invariant of our own, checked in release builds too. Never applied to input.
#define BELLHOP_ASSERT(expression)     \
  ((expression) ? static_cast<void>(0) \
                : ::bellhop::base::assertion_failed(#expression, std::source_location::current()))
