// The long-term credential mechanism, server side (RFC 8489 §9.2.4), in the RFC's order.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "relay/stun/message.hpp"
#include "relay/stun/message_writer.hpp"
#include "relay/turn/credentials.hpp"
#include "relay/turn/nonce.hpp"

namespace bellhop::turn {

/// Who sent a request, proven.
struct Verified {
  std::string username;
  stun::Key key;
  stun::Integrity integrity = stun::Integrity::sha1;  ///< of the answer (TURN-A07)
  /// For Credentials::identify(); 0, and without meaning, where the key was remembered.
  std::size_t secret = 0;
  /// May be past: the caller decides what it is still good for (TURN-A12, TURN-A13).
  std::optional<SystemTime> expires;
};

/// What an allocation remembers of who made it, so that its later requests cost one HMAC.
struct Remembered {
  std::string_view username;
  const stun::Key& key;
};

/// One shard may share it with others: immutable.
class Authenticator {
 public:
  /// Both outlive it.
  Authenticator(const Credentials& credentials, const NonceSource& nonces)
      : credentials_(credentials), nonces_(nonces) {}

  /// Who sent `request`, or the code of the answer: 400, 401 or 438 (TURN-A01 to TURN-A07). An
  /// expired name is verified like others. `known` is asked first, and costs one HMAC; null:
  /// nothing is remembered. By how long it takes nobody can tell a name that is not there from a
  /// wrong password.
  [[nodiscard]] std::variant<Verified, stun::ErrorCode> check(const stun::Message& request,
                                                              const base::IpEndpoint& client,
                                                              base::TimePoint now,
                                                              const Remembered* known) const;

  /// Adds ERROR-CODE and, for 401 and 438, REALM, NONCE and PASSWORD-ALGORITHMS; no integrity.
  void write_refusal(stun::MessageWriter& writer, stun::ErrorCode code,
                     const base::IpEndpoint& client, base::TimePoint now) const;

 private:
  [[nodiscard]] std::string username_of(const stun::Message& request) const;
  [[nodiscard]] std::optional<Credentials::Claim> prove(const stun::Message& request,
                                                        std::string_view username,
                                                        stun::PasswordAlgorithm algorithm,
                                                        const Remembered* known) const;

  const Credentials& credentials_;
  const NonceSource& nonces_;
};

}  // namespace bellhop::turn
