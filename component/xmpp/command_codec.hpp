// Ad-hoc commands on the wire (XEP-0050): what a user asks, what is answered, why it is refused.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "component/xmpp/data_form.hpp"
#include "component/xmpp/element.hpp"
#include "component/xmpp/errors.hpp"
#include "component/xmpp/stanza.hpp"
#include "component/xmpp/stanza_error.hpp"

namespace bellhop::xmpp {

/// RFC 5646 §4.4.1: every registered tag fits; longer ones are cut by nobody, they are refused.
inline constexpr std::size_t kLanguageBytesMax = 35;

namespace errors {

// XEP-0050 §4.4. `name` is the name of the application condition.
inline constexpr ErrorKind malformed_action{"malformed-action", StanzaErrorType::modify,
                                            "bad-request", GrpcCode::invalid_argument,
                                            "This is not an action of a command."};
inline constexpr ErrorKind bad_action{"bad-action", StanzaErrorType::modify, "bad-request",
                                      GrpcCode::failed_precondition,
                                      "This action is not possible now."};
inline constexpr ErrorKind bad_locale{"bad-locale", StanzaErrorType::modify, "bad-request",
                                      GrpcCode::invalid_argument, "This is not a language."};
inline constexpr ErrorKind bad_payload{"bad-payload", StanzaErrorType::modify, "bad-request",
                                       GrpcCode::invalid_argument,
                                       "The form is not filled in as it has to be."};
inline constexpr ErrorKind bad_sessionid{"bad-sessionid", StanzaErrorType::modify, "bad-request",
                                         GrpcCode::not_found,
                                         "This is not a session of yours with this command."};
inline constexpr ErrorKind session_expired{"session-expired", StanzaErrorType::cancel,
                                           "not-allowed", GrpcCode::not_found,
                                           "This session has ended; start the command again."};

inline constexpr std::array kCommandErrors{
    &malformed_action, &bad_action, &bad_locale, &bad_payload, &bad_sessionid, &session_expired,
};

}  // namespace errors

/// One of errors::kCommandErrors with its application condition; `text` replaces the row's.
[[nodiscard]] Refusal command_refusal(const base::ErrorKind& kind, std::string detail = {},
                                      std::string text = {});

/// XEP-0050 §4.1.
enum class CommandAction : std::uint8_t { cancel, complete, execute, next, prev };
/// XEP-0050 §4.1.
enum class CommandStatus : std::uint8_t { canceled, completed, executing };
/// XEP-0050 §4.3.
enum class NoteType : std::uint8_t { error, info, warn };

/// A sentence for the user beside or instead of a form.
struct CommandNote {
  NoteType type = NoteType::info;
  std::string text;
  friend bool operator==(const CommandNote&, const CommandNote&) = default;
};

/// What a user asks of a command.
struct CommandRequest {
  std::string node;        ///< never empty
  std::string session_id;  ///< empty: a new session
  CommandAction action = CommandAction::execute;
  std::string lang;              ///< as asked, a well-formed tag; empty: none asked
  std::optional<DataForm> form;  ///< of any type
};

/// Reads `<command/>` in an IQ that was routed by it. Errors: errors::bad_request without node,
/// errors::malformed_action, bad_locale for what is no language tag, bad_payload for a malformed
/// form or more than one.
[[nodiscard]] Decision<CommandRequest> parse_command(const Iq& iq);

/// What a user may do at a stage beside cancelling (XEP-0050 §4.2).
struct CommandActions {
  bool may_go_back = false;
  bool may_go_on = false;
  bool may_complete = false;
  CommandAction execute = CommandAction::complete;  ///< what "execute" stands for; one of these
  friend bool operator==(const CommandActions&, const CommandActions&) = default;
};

/// What is answered.
struct CommandAnswer {
  std::string node;
  std::string session_id;
  std::string lang;  ///< of all its text
  CommandStatus status;
  std::optional<CommandActions> actions = std::nullopt;  ///< while executing
  std::vector<CommandNote> notes = {};
  std::optional<DataForm> form = std::nullopt;
};

/// `<command/>` with actions, notes and form in the order of XEP-0050 §2.4 (ADH-02).
[[nodiscard]] Element to_element(const CommandAnswer& answer);

/// The one of `offered` (not empty) that serves `asked` best: the same, else the same language in
/// another country, else the first (ADH-10). Case does not count.
[[nodiscard]] const std::string& choose_language(std::string_view asked,
                                                 const std::vector<std::string>& offered);

}  // namespace bellhop::xmpp
