#include "relay/turn/authentication.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bellhop::turn {
namespace {

using stun::AttributeType;
using stun::ErrorCode;
using stun::PasswordAlgorithm;

// RFC 8489 §14.11: what we offer, the better one first; each is a number and the length of its
// parameters, of which both have none (§18.5.1).
constexpr std::array<std::uint8_t, 8> kOffered{0, 2, 0, 0, 0, 1, 0, 0};
constexpr std::uint32_t kSha256WithoutParameters = 0x0002'0000;
constexpr std::uint32_t kMd5WithoutParameters = 0x0001'0000;

// RFC 8489 §9.2, §18.1: `obMatJos2`, then 24 bits in base64, the first being password algorithms:
// the upper half of the alphabet has it.
bool promises_algorithms(std::string_view nonce) {
  constexpr std::string_view kCookie = "obMatJos2";
  constexpr std::string_view kUpperHalf = "ghijklmnopqrstuvwxyz0123456789+/-_";
  return nonce.size() > kCookie.size() && nonce.starts_with(kCookie) &&
         kUpperHalf.find(nonce[kCookie.size()]) != std::string_view::npos;
}

// RFC 8489 §14.12; nothing: not one of those we offer.
std::optional<PasswordAlgorithm> chosen_algorithm(const stun::Message& request) {
  const auto value = request.find_u32(AttributeType::password_algorithm);
  if (value == kSha256WithoutParameters) return PasswordAlgorithm::sha256;
  if (value == kMd5WithoutParameters) return PasswordAlgorithm::md5;
  return std::nullopt;
}

bool names_algorithms(const stun::Message& request) {
  return request.has(AttributeType::password_algorithm) ||
         request.has(AttributeType::password_algorithms);
}

// The third check of RFC 8489 §9.2.4 (TURN-A06): which hash makes the key; nothing: 400.
std::optional<PasswordAlgorithm> algorithm_of(const stun::Message& request,
                                              std::string_view nonce) {
  if (!names_algorithms(request)) return PasswordAlgorithm::md5;
  const auto chosen = chosen_algorithm(request);
  // A nonce without that bit came without a list, so there is nothing to compare with. If it is not
  // ours, it is stale; if it is, the client may still say what it used.
  if (!promises_algorithms(nonce)) return chosen.value_or(PasswordAlgorithm::md5);
  const auto listed = request.find(AttributeType::password_algorithms);
  if (!listed || !std::ranges::equal(*listed, kOffered)) return std::nullopt;
  return chosen;
}

// As long as the one that a message of a known user would be checked with.
stun::Key nobodys_key(PasswordAlgorithm algorithm) {
  stun::Key key;
  key.size = algorithm == PasswordAlgorithm::sha256 ? 32 : 16;
  return key;
}

bool is_made_with(const stun::Key& key, PasswordAlgorithm algorithm) {
  return key.size == nobodys_key(algorithm).size;
}

}  // namespace

std::variant<Verified, ErrorCode> Authenticator::check(const stun::Message& request,
                                                       const base::IpEndpoint& client,
                                                       base::TimePoint now,
                                                       const Remembered* known) const {
  // RFC 8489 §9.2.4, in its order.
  // 1. TURN-A01: neither MESSAGE-INTEGRITY nor MESSAGE-INTEGRITY-SHA256: 401.
  if (request.integrity() == stun::Integrity::none) return ErrorCode::unauthenticated;

  // 2. TURN-A02: but no user name, realm or nonce to check it with: 400.
  const bool has_user =
      request.has(AttributeType::username) || request.has(AttributeType::userhash);
  const auto realm = request.find(AttributeType::realm);
  const auto nonce = request.find(AttributeType::nonce);
  if (!has_user || !realm || !nonce) return ErrorCode::bad_request;

  // 3. TURN-A06: password algorithms that are not those which we sent: 400.
  const auto algorithm = algorithm_of(request, stun::to_text(*nonce));
  if (!algorithm) return ErrorCode::bad_request;

  // 4., 5. TURN-A03: a user that we do not know, or a wrong password: 401. A key of another realm
  // is made of another password, so a realm that is not ours is wrong whatever signed it.
  Verified verified;
  verified.username = username_of(request);
  const auto claim = prove(request, verified.username, *algorithm, known);
  if (!claim || stun::to_text(*realm) != credentials_.realm()) return ErrorCode::unauthenticated;
  verified.key = claim->key;
  verified.secret = claim->secret;

  // 6. TURN-A04: a nonce that is too old, of another source, or none of ours: 438.
  if (!nonces_.is_valid(stun::to_text(*nonce), client, now)) return ErrorCode::stale_nonce;

  // TURN-A07
  verified.integrity = names_algorithms(request) ? stun::Integrity::sha256 : stun::Integrity::sha1;
  verified.expires = credentials_.expiry(verified.username);
  return verified;
}

// What signed the message, if `username` could have.
std::optional<Credentials::Claim> Authenticator::prove(const stun::Message& request,
                                                       std::string_view username,
                                                       PasswordAlgorithm algorithm,
                                                       const Remembered* known) const {
  const bool is_known = known != nullptr && known->username == username &&
                        is_made_with(known->key, algorithm) &&
                        request.has_integrity_of(known->key.view());
  if (is_known) return Credentials::Claim{0, known->key};
  const auto claims = credentials_.claims(username, algorithm);
  for (const Credentials::Claim& claim : claims) {
    if (request.has_integrity_of(claim.key.view())) return claim;
  }
  // Nobody's message is checked like everybody's, and nobody has the key.
  if (claims.empty()) (void)request.has_integrity_of(nobodys_key(algorithm).view());
  return std::nullopt;
}

void Authenticator::write_refusal(stun::MessageWriter& writer, ErrorCode code,
                                  const base::IpEndpoint& client, base::TimePoint now) const {
  writer.add_error(code);
  if (code != ErrorCode::unauthenticated && code != ErrorCode::stale_nonce) return;
  const NonceSource::Text nonce = nonces_.make(client, now);
  writer.add_text(AttributeType::realm, credentials_.realm());
  writer.add_text(AttributeType::nonce, std::string_view(nonce.data(), nonce.size()));
  if (nonces_.features().password_algorithms) {
    writer.add(AttributeType::password_algorithms, kOffered);
  }
}

// Empty, which is nobody's name, if there is none that could be.
std::string Authenticator::username_of(const stun::Message& request) const {
  if (const auto name = request.find(AttributeType::username)) {
    // RFC 8489 §14.3: fewer than 509 bytes.
    const bool is_too_long = name->size() > Credentials::kUsernameBytesMax;
    return is_too_long ? std::string() : std::string(stun::to_text(*name));
  }
  const auto value = request.find(AttributeType::userhash);
  stun::UserHash hash{};
  if (!value || value->size() != hash.size()) return {};
  std::ranges::copy(*value, hash.begin());
  return credentials_.find_user(hash).value_or(std::string());
}

}  // namespace bellhop::turn
