// Whose a user name is, and the password that goes with it: time-limited credentials (TURN REST,
// TURN-A11), Bellhop's own and those of XMPP servers that have the secret, and configured users.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "component/base/ip_address.hpp"
#include "config/secret.hpp"
#include "relay/stun/key.hpp"
#include "relay/turn/user_token.hpp"

namespace bellhop::turn {

using SystemTime = std::chrono::system_clock::time_point;

/// Against whom an allocation counts.
struct Identity {
  /// A bare JID: of the user, if Bellhop made the name. Else made up so that nobody else's limits
  /// are touched: of a name with something after the colon `turn-<that>@<domain>`; of a bare
  /// expiry, which all users of a server have in common, `turn-<address>@<domain>`, an IPv6 address
  /// being cut to its /64 and written with '-'; of a configured user `turn+<name>@<domain>`. What
  /// is no localpart as it stands, or is long, is replaced by a digest.
  std::string user;
  std::string parent_domain;  ///< of the component whose user it is
};

/// Time-limited credentials as XEP-0215 hands them out.
struct IssuedCredentials {
  std::string username;  ///< `EXPIRY:TOKEN`; the token hides the JID from whoever sees packets
  std::string password;
  SystemTime expires;
};

/// Immutable, any thread. Nothing is remembered: a token holds the JID, encrypted with a key made
/// of the secret (AES-SIV, RFC 5297), so what was issued before a restart stays valid and
/// accounted.
class Credentials {
 public:
  struct User {
    std::string name;
    config::Secret password;
  };
  struct Options {
    std::string realm;
    std::vector<config::Secret> secrets;  ///< the first one signs, all are believed; not empty
    std::vector<User> users;              ///< who do not expire
    /// Parent domain of the first component with the service; guests are counted there.
    std::string domain;
  };
  /// What a name stands for, before its password is proven.
  struct Claim {
    std::size_t secret = 0;  ///< which of several, or kConfiguredUser
    stun::Key key;           ///< what the message must have been signed with
  };
  static constexpr std::size_t kConfiguredUser = static_cast<std::size_t>(-1);
  /// RFC 8489 §14.3: fewer than 509.
  static constexpr std::size_t kUsernameBytesMax = 508;
  /// Until the year 2286. More would be milliseconds or a mistake, and good for ever.
  static constexpr std::size_t kExpiryDigitsMax = 10;

  /// Of passwords of users only the keys are kept (TURN-A10).
  explicit Credentials(Options options);

  [[nodiscard]] const std::string& realm() const { return realm_; }
  [[nodiscard]] bool has_users() const { return !users_.empty(); }

  /// One for each secret (or for a configured user one) that could have made `username`; empty:
  /// the name is of neither kind.
  [[nodiscard]] std::vector<Claim> claims(std::string_view username,
                                          stun::PasswordAlgorithm algorithm) const;
  /// When `username` expires, in whole seconds; nothing: it never does (a configured user).
  [[nodiscard]] std::optional<SystemTime> expiry(std::string_view username) const;
  /// Whose name it is, once `claim` has been proven.
  [[nodiscard]] Identity identify(std::string_view username, const Claim& claim,
                                  const base::IpAddress& client) const;
  /// The configured user with that hash of name and realm; nothing: none.
  [[nodiscard]] std::optional<std::string> find_user(const stun::UserHash& hash) const;

  /// For a user of the component with that parent domain. A JID too long for a user name is
  /// replaced by a digest in its domain, so it still counts by itself. `expires` is cut to seconds,
  /// as the name tells it.
  [[nodiscard]] IssuedCredentials issue(std::string_view bare_jid, std::string_view parent_domain,
                                        SystemTime expires) const;

 private:
  struct KnownUser {
    std::string name;
    stun::UserHash hash;
    stun::Key md5;
    stun::Key sha256;
  };
  struct Signer {
    config::Secret secret;
    UserTokens tokens;
  };

  [[nodiscard]] const KnownUser* find_name(std::string_view username) const;
  [[nodiscard]] Identity guest(std::string local) const;

  std::string realm_;
  std::string domain_;
  std::vector<Signer> signers_;
  std::vector<KnownUser> users_;  // by name
  std::vector<std::pair<stun::UserHash, std::size_t>> users_by_hash_;
};

}  // namespace bellhop::turn
