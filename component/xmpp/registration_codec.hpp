// In-band registration on the wire (XEP-0077): an account for files, its form, what users submit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "component/xmpp/data_form.hpp"
#include "component/xmpp/element.hpp"
#include "component/xmpp/jid.hpp"
#include "component/xmpp/stanza_error.hpp"
#include "config/secret.hpp"

namespace bellhop::xmpp {

/// Characters of a password that a user chooses: it can be guessed at over HTTP.
inline constexpr std::size_t kPasswordCharactersMin = 12;
/// Bytes of a password; more only costs time to hash.
inline constexpr std::size_t kPasswordBytesMax = 256;
/// JIDs that one user may list.
inline constexpr std::size_t kAllowedPeersMax = 100;

/// What a user may set about their account (REG-05).
struct AccountSettings {
  bool wants_notices = true;            ///< a message when a file comes or runs out
  std::vector<Jid> allowed_peers = {};  ///< who may leave files; empty: whoever may use the service
  friend bool operator==(const AccountSettings&, const AccountSettings&) = default;
};

/// What is on file about a user; there is no way to the password (REG-05).
struct Account {
  AccountSettings settings = {};
  std::string quota_class = {};  ///< for people; may be empty
};

/// What a set asks for.
struct AccountChange {
  /// Of these, `make` demands that Bellhop makes the password.
  enum class Password : std::uint8_t { keep, chosen, make };

  Password password = Password::keep;
  config::Secret chosen = {};  ///< with Password::chosen
  AccountSettings settings = {};
};

/// The content of a set, before it is held against what is on file.
struct RegistrationSubmit {
  /// What the set is about.
  enum class Kind : std::uint8_t { fields, form, removal, called_off };

  Kind kind;
  std::optional<DataForm> form = std::nullopt;            ///< of Kind::form
  std::optional<std::string> username = std::nullopt;     ///< of Kind::fields
  std::optional<config::Secret> password = std::nullopt;  ///< of Kind::fields
};

/// The form: to register without `account`, to change with it (REG-04).
[[nodiscard]] DataForm registration_form(const Jid& user, const Account* account);

/// The answer to a get (REG-01): instructions, `<registered/>`, the fields of old clients, the
/// form.
[[nodiscard]] Element registration_query(const Jid& user, const Account* account);

/// Reads `<query/>` of a set. The form wins over fields (REG-02), `<remove/>` stands alone
/// (REG-03), a form of type cancel calls it off. Errors: errors::bad_request,
/// errors::not_acceptable for an empty one; none is echoed, for it may hold a password.
[[nodiscard]] Decision<RegistrationSubmit> parse_registration(const Element& query);

/// What a submit of fields or a form changes; `account` as in registration_form(). An empty
/// password is made by Bellhop in a form of a new user and kept for a registered one. Errors:
/// errors::not_acceptable with text for bad values and for no password in fields of a new user
/// (REG-02), errors::conflict for a username that is not theirs.
[[nodiscard]] Decision<AccountChange> read_change(const RegistrationSubmit& submit, const Jid& user,
                                                  const Account* account);

/// A password made by Bellhop, shown this once: a form of type result.
[[nodiscard]] DataForm made_password_form(const Jid& user, const config::Secret& password,
                                          std::string_view address);

/// The answer with that form.
[[nodiscard]] Element made_password_query(const Jid& user, const config::Secret& password,
                                          std::string_view address);

}  // namespace bellhop::xmpp
