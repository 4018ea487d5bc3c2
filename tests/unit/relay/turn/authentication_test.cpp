// Who sent a request: each check of RFC 8489 §9.2.4, alone and in its order.
#include "relay/turn/authentication.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/unit/relay/stun/raw_message.hpp"
#include "tests/unit/relay/stun/vectors.hpp"

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using stun::AttributeType;
using stun::ErrorCode;
using stun::Integrity;
using stun::Octets;
using stun::PasswordAlgorithm;

constexpr std::string_view kRealm = "example.org";
constexpr std::string_view kName = "1735689600:alice";
constexpr std::string_view kPassword = "HbvWA6hGDtdv3wflBolXLhvzs0w=";
constexpr auto kMd5 = PasswordAlgorithm::md5;
constexpr auto kSha256 = PasswordAlgorithm::sha256;
const base::TimePoint kStart{1000h};
const base::IpEndpoint kClient{base::IpAddress::from_v4(0xC6336407), 40000};

const Octets kOffered{0, 2, 0, 0, 0, 1, 0, 0};
const Octets kChoseSha256{0, 2, 0, 0};
const Octets kChoseMd5{0, 1, 0, 0};

Octets bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

Credentials credentials() {
  Credentials::Options options;
  options.realm = kRealm;
  options.domain = kRealm;
  options.secrets.emplace_back("south");
  options.secrets.emplace_back("north");
  options.users.push_back({"robot", config::Secret("beep")});
  options.users.push_back(
      {std::string(stun::vectors::kUser), config::Secret(std::string(stun::vectors::kPassword))});
  return Credentials(std::move(options));
}

SecurityFeatures features(bool password_algorithms, bool username_anonymity = true) {
  SecurityFeatures set;
  set.password_algorithms = password_algorithms;
  set.username_anonymity = username_anonymity;
  return set;
}

class Authentication : public testing::Test {
 protected:
  explicit Authentication(bool password_algorithms = true)
      : nonces_(features(password_algorithms), 600s) {}

  // What a request says, in the order in which it does.
  struct Request {
    std::string_view username = kName;
    std::string_view password = kPassword;
    std::string_view realm = kRealm;
    PasswordAlgorithm algorithm = kMd5;
    Integrity integrity = Integrity::sha1;
    std::optional<std::string> nonce = std::nullopt;
  };

  [[nodiscard]] std::string nonce(base::TimePoint now = kStart) const {
    const auto text = nonces_.make(kClient, now);
    return {text.begin(), text.end()};
  }

  [[nodiscard]] stun::Key key_of(const Request& request) const {
    return stun::long_term_key(request.algorithm, request.username, request.realm,
                               request.password);
  }

  // An Allocate with the usual attributes and `more`, signed.
  [[nodiscard]] Octets allocate(const Request& request,
                                std::initializer_list<Octets> more = {}) const {
    Octets message = stun::message_of(
        {stun::attribute(AttributeType::requested_transport, {17, 0, 0, 0}),
         stun::attribute(AttributeType::username, bytes(request.username)),
         stun::attribute(AttributeType::realm, bytes(request.realm)),
         stun::attribute(AttributeType::nonce, bytes(request.nonce.value_or(nonce())))},
        0x0003);
    for (const Octets& each : more) message = stun::with(message, each);
    return stun::with_integrity(message, request.integrity, key_of(request).view());
  }

  [[nodiscard]] std::variant<Verified, ErrorCode> check(const Octets& message,
                                                        base::TimePoint now = kStart,
                                                        const Remembered* known = nullptr) const {
    const auto parsed = stun::Message::parse(message);
    EXPECT_TRUE(parsed);
    return authenticator_.check(parsed.value(), kClient, now, known);
  }

  // 0: it was accepted.
  [[nodiscard]] int code(const Octets& message, base::TimePoint now = kStart) const {
    const auto result = check(message, now);
    const auto* refused = std::get_if<ErrorCode>(&result);
    return refused == nullptr ? 0 : static_cast<int>(*refused);
  }

  [[nodiscard]] Octets refusal(ErrorCode code) const {
    std::array<std::uint8_t, 512> buffer{};
    stun::MessageWriter writer(buffer, stun::MessageClass::error, stun::Method::allocate,
                               stun::kTestId);
    authenticator_.write_refusal(writer, code, kClient, kStart);
    const stun::Bytes written = writer.finish();
    return {written.begin(), written.end()};
  }

  Credentials credentials_ = credentials();
  NonceSource nonces_;
  Authenticator authenticator_{credentials_, nonces_};
};

class AuthenticationWithoutAlgorithms : public Authentication {
 protected:
  AuthenticationWithoutAlgorithms() : Authentication(false) {}
};

// TURN-A11, TURN-A07: as all clients in use do it.
TEST_F(Authentication, AcceptsATimeLimitedNameWithSha1) {
  const auto result = check(allocate({}));
  ASSERT_TRUE(std::holds_alternative<Verified>(result));
  const auto& verified = std::get<Verified>(result);
  EXPECT_EQ(verified.username, kName);
  EXPECT_EQ(verified.integrity, Integrity::sha1);
  EXPECT_EQ(verified.secret, 1u);
  EXPECT_EQ(verified.expires, SystemTime{1735689600s});
  EXPECT_EQ(verified.key.size, 16);
}

// TURN-A07: SHA-1 stays what answers have while the request names no algorithm.
TEST_F(Authentication, AcceptsSha256OverAKeyOfMd5) {
  const auto result = check(allocate({.integrity = Integrity::sha256}));
  ASSERT_TRUE(std::holds_alternative<Verified>(result));
  EXPECT_EQ(std::get<Verified>(result).integrity, Integrity::sha1);
}

// TURN-A06, TURN-A07
TEST_F(Authentication, AcceptsEachAlgorithmThatWasOffered) {
  for (const auto algorithm : {kMd5, kSha256}) {
    for (const auto integrity : {Integrity::sha1, Integrity::sha256}) {
      const Octets& chosen = algorithm == kSha256 ? kChoseSha256 : kChoseMd5;
      const auto result =
          check(allocate({.algorithm = algorithm, .integrity = integrity},
                         {stun::attribute(AttributeType::password_algorithms, kOffered),
                          stun::attribute(AttributeType::password_algorithm, chosen)}));
      ASSERT_TRUE(std::holds_alternative<Verified>(result));
      EXPECT_EQ(std::get<Verified>(result).integrity, Integrity::sha256);
      EXPECT_EQ(std::get<Verified>(result).key.size, algorithm == kSha256 ? 32 : 16);
    }
  }
}

TEST_F(Authentication, AcceptsAConfiguredUserWhoDoesNotExpire) {
  const auto result = check(allocate({.username = "robot", .password = "beep"}));
  ASSERT_TRUE(std::holds_alternative<Verified>(result));
  EXPECT_EQ(std::get<Verified>(result).secret, Credentials::kConfiguredUser);
  EXPECT_FALSE(std::get<Verified>(result).expires);
}

// What an expired name is still good for is not decided here.
TEST_F(Authentication, AcceptsAnExpiredNameAndTellsSo) {
  EXPECT_LT(std::get<Verified>(check(allocate({}))).expires, std::chrono::system_clock::now());
}

// TURN-A01
TEST_F(Authentication, Answers401WithoutIntegrity) {
  EXPECT_EQ(code(stun::message_of({}, 0x0003)), 401);
  const Octets unsigned_one =
      stun::message_of({stun::attribute(AttributeType::username, bytes(kName)),
                        stun::attribute(AttributeType::realm, bytes(kRealm)),
                        stun::attribute(AttributeType::nonce, bytes(nonce()))},
                       0x0003);
  EXPECT_EQ(code(unsigned_one), 401);
  EXPECT_EQ(code(stun::with_fingerprint(unsigned_one)), 401);
}

// TURN-A02
TEST_F(Authentication, Answers400WithoutUserRealmOrNonce) {
  const Octets name = stun::attribute(AttributeType::username, bytes(kName));
  const Octets hash = stun::attribute(AttributeType::userhash, Octets(32));
  const Octets realm = stun::attribute(AttributeType::realm, bytes(kRealm));
  const Octets fresh = stun::attribute(AttributeType::nonce, bytes(nonce()));
  const stun::Key key = key_of({});
  for (const auto& message : {stun::message_of({}), stun::message_of({realm, fresh}),
                              stun::message_of({name, fresh}), stun::message_of({hash, fresh}),
                              stun::message_of({name, realm}), stun::message_of({hash, realm})}) {
    for (const auto integrity : {Integrity::sha1, Integrity::sha256}) {
      EXPECT_EQ(code(stun::with_integrity(message, integrity, key.view())), 400);
    }
  }
  // Behind the integrity nothing counts.
  const Octets before =
      stun::with_integrity(stun::message_of({name, realm}), Integrity::sha1, key.view());
  EXPECT_EQ(code(stun::with(before, fresh)), 400);
}

// The order of user name, realm and nonce differs between clients.
TEST_F(Authentication, AcceptsAttributesInAnyOrder) {
  const Octets name = stun::attribute(AttributeType::username, bytes(kName));
  const Octets realm = stun::attribute(AttributeType::realm, bytes(kRealm));
  const Octets fresh = stun::attribute(AttributeType::nonce, bytes(nonce()));
  for (const auto& message :
       {stun::message_of({name, realm, fresh}), stun::message_of({realm, fresh, name}),
        stun::message_of({fresh, realm, name}), stun::message_of({name, fresh, realm})}) {
    const Octets complete = stun::with_integrity(message, Integrity::sha1, key_of({}).view());
    EXPECT_EQ(code(complete), 0);
    EXPECT_EQ(code(stun::with_fingerprint(complete)), 0);
  }
}

// TURN-A06
TEST_F(Authentication, Answers400ToAlgorithmsThatAreNotThoseItSent) {
  const auto list = [](const Octets& value) {
    return stun::attribute(AttributeType::password_algorithms, value);
  };
  const auto choice = [](const Octets& value) {
    return stun::attribute(AttributeType::password_algorithm, value);
  };
  EXPECT_EQ(code(allocate({}, {list(kOffered)})), 400);
  EXPECT_EQ(code(allocate({}, {choice(kChoseMd5)})), 400);
  for (const Octets& other :
       {Octets{}, Octets{0, 1, 0, 0}, Octets{0, 2, 0, 0}, Octets{0, 1, 0, 0, 0, 2, 0, 0},
        Octets{0, 2, 0, 0, 0, 1, 0, 1}, Octets{0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0}, Octets(763)}) {
    EXPECT_EQ(code(allocate({}, {list(other), choice(kChoseMd5)})), 400);
  }
  for (const Octets& other : {Octets{}, Octets{0, 1}, Octets{0, 0, 0, 0}, Octets{0, 3, 0, 0},
                              Octets{0, 1, 0, 4, 1, 2, 3, 4}, Octets{0, 1, 0, 1}}) {
    EXPECT_EQ(code(allocate({}, {list(kOffered), choice(other)})), 400);
  }
}

// TURN-A06: this check comes before the user, and before the nonce's age.
TEST_F(Authentication, Answers400BeforeItLooksAtUserAndNonce) {
  const Octets list = stun::attribute(AttributeType::password_algorithms, kOffered);
  EXPECT_EQ(code(allocate({.username = "nobody"}, {list})), 400);
  EXPECT_EQ(code(allocate({.nonce = nonce(kStart - 1h)}, {list})), 400);
}

// A nonce without the bit came without a list.
TEST_F(AuthenticationWithoutAlgorithms, TakesAnAlgorithmAsItIsNamed) {
  EXPECT_EQ(code(allocate({})), 0);
  const Octets list = stun::attribute(AttributeType::password_algorithms, kOffered);
  const Octets sha256 = stun::attribute(AttributeType::password_algorithm, kChoseSha256);
  EXPECT_EQ(code(allocate({.algorithm = kSha256}, {list, sha256})), 0);
  EXPECT_EQ(code(allocate({.algorithm = kMd5}, {list, sha256})), 401);
}

// TURN-A05: who strips the bit off the nonce gains nothing.
TEST_F(Authentication, AnswersABidDownWithAStaleNonce) {
  std::string stripped = nonce();
  stripped[9] = 'A';
  EXPECT_EQ(code(allocate({.nonce = stripped})), 438);
}

// TURN-A03
TEST_F(Authentication, Answers401ToUnknownUsersAndWrongPasswordsAlike) {
  const Request requests[] = {
      {.password = "wrong"},
      {.username = "1735689600:bob"},
      {.username = "1735689601:alice"},
      {.username = "robot"},
      {.username = "nobody"},
      {.username = ""},
      {.username = "alice:1735689600"},
      {.username = "1735689600:\xFF\xFE"},
      {.username = "1735689600:\xC0\x80"},
      {.realm = "example.com"},
      {.realm = ""},
  };
  const Octets expected = refusal(ErrorCode::unauthenticated);
  for (const Request& request : requests) {
    for (const auto integrity : {Integrity::sha1, Integrity::sha256}) {
      Request variant = request;
      variant.integrity = integrity;
      const auto result = check(allocate(variant));
      ASSERT_TRUE(std::holds_alternative<ErrorCode>(result)) << request.username;
      EXPECT_EQ(refusal(std::get<ErrorCode>(result)), expected) << request.username;
    }
  }
}

TEST_F(Authentication, Answers401ToNamesTooLongToBeOnes) {
  const std::string longest = std::string(kName.substr(0, 11)) + std::string(497, 'a');
  EXPECT_EQ(code(allocate({.username = longest})), 401);
  EXPECT_EQ(code(allocate({.username = longest + "a"})), 401);
  EXPECT_EQ(code(allocate({.username = std::string(60'000, '1')})), 401);
}

// A name that nobody has is checked with a key of zeros, which is no password.
TEST_F(Authentication, Answers401ToMessagesSignedWithZeros) {
  for (const std::string_view name : {"nobody", "", "robot", "1735689600:alice"}) {
    const Octets message = stun::message_of({stun::attribute(AttributeType::username, bytes(name)),
                                             stun::attribute(AttributeType::realm, bytes(kRealm)),
                                             stun::attribute(AttributeType::nonce, bytes(nonce()))},
                                            0x0003);
    for (const std::size_t size : {0u, 16u, 32u, 64u}) {
      for (const auto integrity : {Integrity::sha1, Integrity::sha256}) {
        EXPECT_EQ(code(stun::with_integrity(message, integrity, Octets(size))), 401) << name;
      }
    }
  }
}

// TURN-A03: a realm that is not ours is another's, also when our key has signed.
TEST_F(Authentication, Answers401ToOurKeyUnderAForeignRealm) {
  const Octets message =
      stun::message_of({stun::attribute(AttributeType::username, bytes(kName)),
                        stun::attribute(AttributeType::realm, bytes("example.com")),
                        stun::attribute(AttributeType::nonce, bytes(nonce()))},
                       0x0003);
  EXPECT_EQ(code(stun::with_integrity(message, Integrity::sha1, key_of({}).view())), 401);
}

// TURN-A04
TEST_F(Authentication, Answers438ToAStaleOrForeignNonce) {
  EXPECT_EQ(code(allocate({}), kStart + 600s), 0);
  EXPECT_EQ(code(allocate({}), kStart + 601s), 438);
  for (const std::string& other :
       {std::string(), std::string("f//499k954d6OL34oL9FSTvy64sA"), std::string("obMatJos2"),
        std::string("obMatJos2gAAA"), std::string(29, 'x'), std::string(763, 'x')}) {
    EXPECT_EQ(code(allocate({.nonce = other})), 438) << other;
  }
  const base::IpEndpoint another{kClient.address, 40001};
  const auto text = nonces_.make(another, kStart);
  EXPECT_EQ(code(allocate({.nonce = std::string(text.begin(), text.end())})), 438);
}

// TURN-A04: only who has the password learns that the nonce is stale.
TEST_F(Authentication, Answers401BeforeItLooksAtTheNonce) {
  EXPECT_EQ(code(allocate({.password = "wrong", .nonce = "stale"})), 401);
  EXPECT_EQ(code(allocate({.username = "nobody", .nonce = "stale"})), 401);
}

// RFC 8489 §14.4: USERHASH stands in for USERNAME.
TEST_F(Authentication, FindsConfiguredUsersByHash) {
  const auto hash = stun::user_hash("robot", kRealm);
  const auto signed_by = [&](Octets value, std::string_view password) {
    const Octets message = stun::message_of({stun::attribute(AttributeType::userhash, value),
                                             stun::attribute(AttributeType::realm, bytes(kRealm)),
                                             stun::attribute(AttributeType::nonce, bytes(nonce()))},
                                            0x0003);
    const auto key = stun::long_term_key(kMd5, "robot", kRealm, password);
    return stun::with_integrity(message, Integrity::sha1, key.view());
  };
  const auto result = check(signed_by({hash.begin(), hash.end()}, "beep"));
  ASSERT_TRUE(std::holds_alternative<Verified>(result));
  EXPECT_EQ(std::get<Verified>(result).username, "robot");
  EXPECT_EQ(code(signed_by({hash.begin(), hash.end()}, "boop")), 401);
  EXPECT_EQ(code(signed_by({hash.begin(), hash.end() - 1}, "beep")), 401);
  EXPECT_EQ(code(signed_by({}, "beep")), 401);
  EXPECT_EQ(code(signed_by(Octets(32), "beep")), 401);
}

TEST_F(Authentication, KnowsTheUserOfTheRfcsExamples) {
  // The key of the first is of MD5; the second does not say that its key is of SHA-256, and its
  // nonce has no bit for that.
  EXPECT_EQ(code(stun::vectors::bytes_of(stun::vectors::kLongTermRequest)), 438);
  EXPECT_EQ(code(stun::vectors::bytes_of(stun::vectors::kSha256Request)), 401);
}

TEST_F(Authentication, RefusesARequestWithAnyBitChanged) {
  const Octets good = allocate({});
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    Octets changed = good;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
    const auto parsed = stun::Message::parse(changed);
    if (!parsed) continue;
    const auto result = authenticator_.check(*parsed, kClient, kStart, nullptr);
    EXPECT_TRUE(std::holds_alternative<ErrorCode>(result)) << bit;
  }
}

// What an allocation remembers stands in for the credentials, which could not have made this key.
TEST_F(Authentication, AsksARememberedKeyFirst) {
  const Request request{.username = "1735689600:carol", .password = "of a secret since removed"};
  const stun::Key key = key_of(request);
  const Remembered known{.username = request.username, .key = key};
  EXPECT_EQ(code(allocate(request)), 401);
  const auto result = check(allocate(request), kStart, &known);
  ASSERT_TRUE(std::holds_alternative<Verified>(result));
  EXPECT_EQ(std::get<Verified>(result).username, request.username);
  EXPECT_EQ(std::get<Verified>(result).expires, SystemTime{1735689600s});
  // The nonce and the realm are looked at all the same.
  EXPECT_EQ(std::get<ErrorCode>(check(allocate(request), kStart + 601s, &known)),
            ErrorCode::stale_nonce);
}

TEST_F(Authentication, TakesARememberedKeyForItsUserAndAlgorithmOnly) {
  const Request request{.username = "1735689600:carol", .password = "of a secret since removed"};
  const stun::Key key = key_of(request);
  const Remembered another{.username = "1735689600:dave", .key = key};
  EXPECT_EQ(std::get<ErrorCode>(check(allocate(request), kStart, &another)),
            ErrorCode::unauthenticated);
  const Remembered known{.username = request.username, .key = key};
  EXPECT_EQ(
      std::get<ErrorCode>(check(
          allocate(request, {stun::attribute(AttributeType::password_algorithms, kOffered),
                             stun::attribute(AttributeType::password_algorithm, kChoseSha256)}),
          kStart, &known)),
      ErrorCode::unauthenticated);
}

TEST_F(Authentication, FindsOtherCredentialsBesideTheRememberedOnes) {
  const stun::Key key = key_of({.username = "1735689600:carol"});
  const Remembered known{.username = "1735689600:carol", .key = key};
  EXPECT_TRUE(std::holds_alternative<Verified>(check(allocate({}), kStart, &known)));
  // The same user with another algorithm.
  const Remembered same{.username = kName, .key = key};
  EXPECT_TRUE(std::holds_alternative<Verified>(check(allocate({}), kStart, &same)));
}

// TURN-A01, TURN-A04, STN-17: what the client needs, and nothing that costs bytes.
TEST_F(Authentication, WritesRealmNonceAndAlgorithmsInto401And438) {
  for (const auto error : {ErrorCode::unauthenticated, ErrorCode::stale_nonce}) {
    const Octets answer = refusal(error);
    const auto message = stun::Message::parse(answer);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->error_code(), static_cast<int>(error));
    EXPECT_EQ(stun::to_text(message->find(AttributeType::realm).value()), kRealm);
    const auto fresh = message->find(AttributeType::nonce);
    ASSERT_TRUE(fresh);
    EXPECT_TRUE(nonces_.is_valid(stun::to_text(*fresh), kClient, kStart));
    const auto offered = message->find(AttributeType::password_algorithms);
    ASSERT_TRUE(offered);
    EXPECT_EQ(Octets(offered->begin(), offered->end()), kOffered);
    EXPECT_EQ(message->integrity(), Integrity::none);
    EXPECT_FALSE(message->has(AttributeType::username) || message->has(AttributeType::userhash));
    EXPECT_LE(answer.size(), 100u);
  }
}

// TURN-A02
TEST_F(Authentication, WritesNothingButTheCodeIntoOtherAnswers) {
  for (const auto error : {ErrorCode::bad_request, ErrorCode::wrong_credentials}) {
    const Octets answer = refusal(error);
    EXPECT_EQ(stun::attributes_of(answer).size(), 1u);
    EXPECT_EQ(stun::Message::parse(answer)->error_code(), static_cast<int>(error));
  }
}

TEST_F(AuthenticationWithoutAlgorithms, OffersNoneInItsAnswers) {
  const Octets answer = refusal(ErrorCode::unauthenticated);
  const auto message = stun::Message::parse(answer);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->has(AttributeType::password_algorithms));
  EXPECT_TRUE(
      stun::to_text(message->find(AttributeType::nonce).value()).starts_with("obMatJos2QAAA"));
}

}  // namespace
}  // namespace bellhop::turn
