#include "relay/stun/key.hpp"

#include "relay/digest.hpp"

namespace bellhop::stun {

Key long_term_key(PasswordAlgorithm algorithm, std::string_view user, std::string_view realm,
                  std::string_view password) {
  // RFC 8489 §9.2.2, §18.5.1: the same text for both algorithms.
  const std::initializer_list<Bytes> parts{to_bytes(user), to_bytes(":"), to_bytes(realm),
                                           to_bytes(":"), to_bytes(password)};
  Key key;
  if (algorithm == PasswordAlgorithm::sha256) {
    relay::hash<relay::Sha256>(parts, key.bytes.data());
    key.size = relay::Sha256::kBytes;
  } else {
    relay::hash<relay::Md5>(parts, key.bytes.data());
    key.size = relay::Md5::kBytes;
  }
  return key;
}

UserHash user_hash(std::string_view user, std::string_view realm) {
  UserHash result{};
  relay::hash<relay::Sha256>({to_bytes(user), to_bytes(":"), to_bytes(realm)}, result.data());
  return result;
}

}  // namespace bellhop::stun
