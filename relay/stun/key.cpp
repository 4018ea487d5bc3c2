#include "relay/stun/key.hpp"

#include "relay/stun/digest.hpp"

namespace bellhop::stun {

Key long_term_key(PasswordAlgorithm algorithm, std::string_view user, std::string_view realm,
                  std::string_view password) {
  // RFC 8489 §9.2.2, §18.5.1: the same text for both algorithms.
  const std::initializer_list<Bytes> parts{to_bytes(user), to_bytes(":"), to_bytes(realm),
                                           to_bytes(":"), to_bytes(password)};
  Key key;
  if (algorithm == PasswordAlgorithm::sha256) {
    hash<Sha256>(parts, key.bytes.data());
    key.size = Sha256::kBytes;
  } else {
    hash<Md5>(parts, key.bytes.data());
    key.size = Md5::kBytes;
  }
  return key;
}

UserHash user_hash(std::string_view user, std::string_view realm) {
  UserHash result{};
  hash<Sha256>({to_bytes(user), to_bytes(":"), to_bytes(realm)}, result.data());
  return result;
}

}  // namespace bellhop::stun
