#include "relay/turn/credentials.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

#include "component/base/error.hpp"
#include "component/xmpp/digest.hpp"
#include "component/xmpp/utf8.hpp"
#include "relay/hmac.hpp"

namespace bellhop::turn {
namespace {

// Digests in JIDs are long enough that nobody finds another text with the same one.
constexpr std::size_t kDigestBytes = 16;
// Longest part of a made-up JID that is shown as it is.
constexpr std::size_t kShownBytesMax = 64;
// What base64 leaves of a user name, behind the longest expiry and its colon.
constexpr std::size_t kTokenBytesMax =
    Credentials::kUsernameBytesMax - Credentials::kExpiryDigitsMax - 1;
constexpr std::size_t kSealedBytesMax = kTokenBytesMax * 3 / 4 - UserTokens::kOverheadBytes;

// `EXPIRY` or `EXPIRY:NAME`, taken apart.
struct TimedName {
  std::uint64_t expiry = 0;
  std::string_view digits;
  std::string_view rest;  // behind the colon; empty without
};

std::optional<TimedName> parse_timed(std::string_view username) {
  TimedName name;
  const std::size_t colon = username.find(':');
  name.digits = username.substr(0, colon);
  if (colon != std::string_view::npos) name.rest = username.substr(colon + 1);
  if (name.digits.empty() || name.digits.size() > Credentials::kExpiryDigitsMax) {
    return std::nullopt;
  }
  const char* end = name.digits.data() + name.digits.size();
  // An unsigned number: from_chars() takes digits only, no sign and no blank.
  const auto [parsed, error] = std::from_chars(name.digits.data(), end, name.expiry);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return name;
}

// Ten digits reach a bit further than a clock of nanoseconds.
SystemTime to_time(std::uint64_t expiry) {
  constexpr auto kMax =
      std::chrono::floor<std::chrono::seconds>(SystemTime::max().time_since_epoch());
  const auto seconds = std::chrono::seconds(static_cast<std::int64_t>(expiry));
  return SystemTime(std::min(seconds, kMax));
}

// TURN REST (TURN-A11): base64(HMAC-SHA1(secret, user name as sent)).
std::string password_of(const config::Secret& secret, std::string_view username) {
  return xmpp::to_base64(relay::to_text(relay::hmac_sha1(secret.reveal(), username)));
}

std::string digest_of(std::string_view text) {
  return xmpp::to_hex(xmpp::digest(EVP_sha256(), text).substr(0, kDigestBytes));
}

// Of what any preparation of a localpart leaves alone; capitals would lose their difference.
bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= kShownBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

std::string shown(std::string_view text) {
  return is_plain(text) ? std::string(text) : digest_of(text);
}

std::string to_local(const base::IpAddress& address) {
  std::string text = address.subscriber().text();
  std::ranges::replace(text, ':', '-');
  return text;
}

std::string_view domain_of(std::string_view bare_jid) {
  return bare_jid.substr(bare_jid.find('@') + 1);
}

// What a token holds: `JID`, or `JID/DOMAIN` if the component is not of the JID's own domain. A
// bare JID has no slash.
std::string pack(std::string_view bare_jid, std::string_view parent_domain) {
  std::string text(bare_jid);
  if (domain_of(bare_jid) != parent_domain) text.append("/").append(parent_domain);
  return text;
}

Identity unpack(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view jid = text.substr(0, slash);
  const std::string_view domain =
      slash == std::string_view::npos ? domain_of(jid) : text.substr(slash + 1);
  return {std::string(jid), std::string(domain)};
}

// The first form that a user name has room for; empty: no domain of that length is in the DNS.
std::string pack_within_bounds(std::string_view bare_jid, std::string_view parent_domain) {
  const std::string local = "jid-" + digest_of(bare_jid) + "@";
  for (std::string text : {pack(bare_jid, parent_domain),
                           pack(local + std::string(domain_of(bare_jid)), parent_domain),
                           pack(local + std::string(parent_domain), parent_domain)}) {
    if (text.size() <= kSealedBytesMax) return text;
  }
  return {};
}

}  // namespace

Credentials::Credentials(Options options)
    : realm_(std::move(options.realm)), domain_(std::move(options.domain)) {
  BELLHOP_ASSERT(!options.secrets.empty());
  for (config::Secret& secret : options.secrets) {
    UserTokens tokens(secret);
    signers_.push_back(Signer{std::move(secret), std::move(tokens)});
  }
  for (const User& user : options.users) {
    const std::string_view password = user.password.reveal();
    users_.push_back(KnownUser{
        user.name, stun::user_hash(user.name, realm_),
        stun::long_term_key(stun::PasswordAlgorithm::md5, user.name, realm_, password),
        stun::long_term_key(stun::PasswordAlgorithm::sha256, user.name, realm_, password)});
  }
  std::ranges::stable_sort(users_, {}, &KnownUser::name);
  for (std::size_t i = 0; i < users_.size(); ++i) users_by_hash_.emplace_back(users_[i].hash, i);
  std::ranges::sort(users_by_hash_);
}

std::vector<Credentials::Claim> Credentials::claims(std::string_view username,
                                                    stun::PasswordAlgorithm algorithm) const {
  const bool is_name = !username.empty() && username.size() <= kUsernameBytesMax;
  if (!is_name || !xmpp::is_utf8(username)) return {};
  if (const KnownUser* user = find_name(username)) {
    const bool is_md5 = algorithm == stun::PasswordAlgorithm::md5;
    return {Claim{kConfiguredUser, is_md5 ? user->md5 : user->sha256}};
  }
  std::vector<Claim> claims;
  if (!parse_timed(username)) return claims;
  for (std::size_t i = 0; i < signers_.size(); ++i) {
    const std::string password = password_of(signers_[i].secret, username);
    claims.push_back(Claim{i, stun::long_term_key(algorithm, username, realm_, password)});
  }
  return claims;
}

std::optional<SystemTime> Credentials::expiry(std::string_view username) const {
  if (find_name(username) != nullptr) return std::nullopt;
  const auto name = parse_timed(username);
  if (!name) return std::nullopt;
  return to_time(name->expiry);
}

Identity Credentials::identify(std::string_view username, const Claim& claim,
                               const base::IpAddress& client) const {
  if (claim.secret == kConfiguredUser) return guest("turn+" + shown(username));
  BELLHOP_ASSERT(claim.secret < signers_.size());
  const auto name = parse_timed(username);
  if (!name || name->rest.empty()) return guest("turn-" + to_local(client));
  // The token is tied to its expiry, which makes each one look different, too.
  const auto text = signers_[claim.secret].tokens.open(name->rest, name->digits);
  return text ? unpack(*text) : guest("turn-" + shown(name->rest));
}

std::optional<std::string> Credentials::find_user(const stun::UserHash& hash) const {
  const auto found = std::ranges::lower_bound(users_by_hash_, hash, {},
                                              &std::pair<stun::UserHash, std::size_t>::first);
  if (found == users_by_hash_.end() || found->first != hash) return std::nullopt;
  return users_[found->second].name;
}

IssuedCredentials Credentials::issue(std::string_view bare_jid, std::string_view parent_domain,
                                     SystemTime expires) const {
  const auto seconds =
      std::max(std::chrono::floor<std::chrono::seconds>(expires.time_since_epoch()),
               std::chrono::seconds{0});
  const std::string digits = std::to_string(seconds.count());
  const std::string text = pack_within_bounds(bare_jid, parent_domain);
  const Signer& signer = signers_.front();

  IssuedCredentials issued;
  issued.username = digits + ":";
  // Without a token it is the name of a guest, who counts by himself as well.
  issued.username += text.empty() ? digest_of(bare_jid) : signer.tokens.seal(text, digits);
  issued.password = password_of(signer.secret, issued.username);
  issued.expires = SystemTime(seconds);
  return issued;
}

const Credentials::KnownUser* Credentials::find_name(std::string_view username) const {
  const auto found = std::ranges::lower_bound(users_, username, {}, &KnownUser::name);
  return found != users_.end() && found->name == username ? &*found : nullptr;
}

Identity Credentials::guest(std::string local) const {
  return {std::move(local) + "@" + domain_, domain_};
}

}  // namespace bellhop::turn
