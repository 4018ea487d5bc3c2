// Requests to a running TURN server: who is answered what, and in which order things are refused.
#include "relay/turn/turn_worker.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/relay/turn/served_turn.hpp"

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using bellhop::test::endpoint_of;
using bellhop::test::eventually;
using bellhop::test::Octets;
using bellhop::test::TurnAttribute;
using bellhop::test::TurnClient;
using bellhop::test::TurnCredentials;
using bellhop::test::TurnMessage;
using bellhop::test::TurnRequest;
using bellhop::test::TurnTransport;
using stun::AttributeType;
using stun::Method;
using test::credentials_of;
using test::loopback_settings;
using test::ServedTurn;

const base::IpEndpoint kPeer = endpoint_of("127.0.0.1", 7000);
constexpr Method kSigned[] = {Method::allocate, Method::refresh, Method::create_permission,
                              Method::channel_bind};

TurnRequest request_of(Method method, std::vector<TurnAttribute> attributes = {}) {
  TurnRequest request;
  request.method = method;
  request.attributes = std::move(attributes);
  return request;
}

TurnRequest allocate_request() {
  return request_of(Method::allocate, {TurnAttribute::transport()});
}

// The client knows realm and nonce from now on.
void introduce(TurnClient& client) {
  client.learn(client.request(request_of(Method::refresh)));
}

std::chrono::seconds lifetime_in(const TurnMessage& answer) {
  return std::chrono::seconds(answer.number(AttributeType::lifetime).value_or(9999999));
}

// STN-02: from the address that was asked, which a connected socket makes sure of.
TEST(TurnWorker, AnswersBindingRequestsWithTheAddressTheyCameFrom) {
  ServedTurn turn;
  TurnClient client = turn.client();
  const TurnMessage answer = client.binding();
  EXPECT_EQ(answer.code(), 0);
  EXPECT_EQ(answer.address(AttributeType::xor_mapped_address).text(),
            client.socket().local().text());
  EXPECT_FALSE(answer.has(AttributeType::message_integrity));
  EXPECT_FALSE(answer.has(AttributeType::software));
  EXPECT_TRUE(turn.comes_to(TurnCounter::bindings, 1));
}

// STN-05, STN-12: what is no request gets no answer, whatever its first byte promises.
TEST(TurnWorker, AnswersNothingButRequests) {
  ServedTurn turn;
  TurnClient client = turn.client();
  TurnRequest indication;
  indication.is_signed = false;
  for (const auto kind :
       {stun::MessageClass::indication, stun::MessageClass::success, stun::MessageClass::error}) {
    indication.message_class = kind;
    EXPECT_TRUE(client.is_ignored(client.write(indication)));
  }
  for (const int first : {0, 3, 4, 19, 20, 63, 64, 79, 80, 127, 128, 191, 192, 255}) {
    Octets noise(64, 0x5A);
    noise[0] = static_cast<std::uint8_t>(first);
    EXPECT_TRUE(client.is_ignored(noise)) << first;
  }
  EXPECT_TRUE(client.is_ignored({}));
  TurnRequest unknown;
  unknown.method = static_cast<Method>(0x0AB);
  EXPECT_TRUE(client.is_ignored(client.write(unknown)));
}

// TURN-F01: every cut and every flipped bit of a good request is survived and makes no allocation.
TEST(TurnWorker, SurvivesBrokenRequests) {
  ServedTurn turn;
  TurnClient client = turn.client();
  introduce(client);
  const Octets good = client.write(allocate_request());
  for (std::size_t size = 0; size < good.size(); ++size) {
    client.socket().send({good.data(), size});
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Octets bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    client.socket().send(bad);
  }
  // From an address that has its budget still (STN-17).
  TurnClient other(turn.address(), TurnTransport::udp, endpoint_of("127.0.0.9", 0));
  EXPECT_EQ(other.binding().code(), 0);
  EXPECT_EQ(turn.count(TurnCounter::allocations_made), 0U);
}

// TURN-A01, STN-14
TEST(TurnWorker, AsksForCredentials) {
  ServedTurn turn;
  TurnClient client = turn.client();
  for (const Method method : kSigned) {
    const TurnMessage answer = client.request(request_of(method));
    EXPECT_EQ(answer.code(), 401);
    EXPECT_EQ(answer.text(AttributeType::realm), "example.org");
    EXPECT_TRUE(answer.text(AttributeType::nonce).starts_with("obMatJos2w"));
    EXPECT_TRUE(answer.has(AttributeType::password_algorithms));
    for (const auto type : {AttributeType::username, AttributeType::message_integrity,
                            AttributeType::message_integrity_sha256}) {
      EXPECT_FALSE(answer.has(type));
    }
  }
}

// TURN-A02
TEST(TurnWorker, RefusesIntegrityWithoutWhatItIsMadeOf) {
  ServedTurn turn;
  TurnClient client = turn.client();
  introduce(client);
  for (const auto type : {AttributeType::username, AttributeType::realm, AttributeType::nonce}) {
    TurnRequest request = allocate_request();
    request.without = {type};
    const TurnMessage answer = client.request(request);
    EXPECT_EQ(answer.code(), 400);
    EXPECT_FALSE(answer.has(AttributeType::realm));
    EXPECT_FALSE(answer.has(AttributeType::nonce));
  }
}

// TURN-A03
TEST(TurnWorker, TellsNobodyWhetherItWasTheNameOrThePassword) {
  ServedTurn turn;
  TurnClient client = turn.client();
  introduce(client);
  std::vector<std::size_t> sizes;
  for (const auto& [name, password] :
       {std::pair("alice", "wrong"), std::pair("nobody", "ecila"), std::pair("alice", "bob")}) {
    TurnRequest request = allocate_request();
    request.username = name;
    request.password = password;
    const TurnMessage answer = client.request(request);
    EXPECT_EQ(answer.code(), 401);
    EXPECT_EQ(answer.text(AttributeType::realm), "example.org");
    EXPECT_TRUE(answer.has(AttributeType::nonce));
    EXPECT_FALSE(answer.has(AttributeType::message_integrity));
    sizes.push_back(answer.size());
  }
  EXPECT_EQ(sizes[0], sizes[1]);
  TurnRequest elsewhere = allocate_request();
  elsewhere.realm = "example.net";
  EXPECT_EQ(client.request(elsewhere).code(), 401);
  EXPECT_EQ(turn.count(TurnCounter::allocations_made), 0U);
}

// TURN-A04
TEST(TurnWorker, ReplacesNoncesThatAreNotItsOwnOrNotTheClients) {
  ServedTurn turn;
  TurnClient client = turn.client();
  TurnClient other = turn.client();
  introduce(client);
  introduce(other);
  for (const std::string& nonce : {std::string("obMatJos2wAAAnonsense"), other.nonce()}) {
    TurnRequest request = allocate_request();
    request.nonce = nonce;
    const TurnMessage answer = client.request(request);
    EXPECT_EQ(answer.code(), 438);
    EXPECT_EQ(answer.text(AttributeType::realm), "example.org");
    EXPECT_NE(answer.text(AttributeType::nonce), nonce);
    EXPECT_FALSE(answer.has(AttributeType::message_integrity));
  }
  client.set_nonce("obMatJos2wAAAnonsense");
  EXPECT_EQ(client.allocate().code(), 0);  // asks again with the new one
}

// TURN-A04: whoever picks up a request cannot use it from where he is.
TEST(TurnWorker, RefusesRequestsThatAreReplayedFromAnotherAddress) {
  ServedTurn turn;
  TurnClient client = turn.client();
  introduce(client);
  const TurnRequest request = allocate_request();
  const Octets bytes = client.write(request);
  TurnClient thief(turn.address(), TurnTransport::udp, endpoint_of("127.0.0.2", 0));
  thief.socket().send(bytes);
  const auto answer = thief.next();
  ASSERT_TRUE(answer);
  EXPECT_EQ(TurnMessage(*answer).code(), 438);
  EXPECT_EQ(turn.count(TurnCounter::allocations_made), 0U);
}

// TURN-A04: by age. The allocation goes on.
TEST(TurnWorker, ReplacesNoncesThatAreTooOld) {
  config::Settings settings = loopback_settings();
  settings.turn.nonce_lifetime = 1s;
  ServedTurn turn(std::move(settings));
  TurnClient client = turn.client();
  ASSERT_EQ(client.allocate().code(), 0);
  const TurnRequest refresh = request_of(Method::refresh);
  EXPECT_TRUE(eventually([&] { return client.request(refresh).code() == 438; }));
  EXPECT_EQ(client.refresh(600s).code(), 0);
  EXPECT_EQ(turn.count(TurnCounter::allocations), 1U);
}

// TURN-A05, TURN-A06, TURN-A07
TEST(TurnWorker, TakesEveryFormOfCredentials) {
  ServedTurn turn;
  for (const bool has_userhash : {false, true}) {
    for (const auto algorithm : {stun::PasswordAlgorithm::md5, stun::PasswordAlgorithm::sha256}) {
      for (const bool names_md5 : {false, true}) {
        TurnCredentials credentials = credentials_of("alice");
        credentials.has_userhash = has_userhash;
        credentials.algorithm = algorithm;
        credentials.names_md5 = names_md5;
        TurnClient client = turn.client(credentials);
        EXPECT_EQ(client.allocate().code(), 0);  // which checks what the answer is signed with
        EXPECT_EQ(client.create_permission({kPeer}).code(), 0);
        EXPECT_EQ(client.refresh(0s).code(), 0);
      }
    }
  }
}

// TURN-A06
TEST(TurnWorker, RefusesAlgorithmsThatAreNotThoseItHasOffered) {
  ServedTurn turn;
  TurnCredentials credentials = credentials_of("alice");
  credentials.algorithm = stun::PasswordAlgorithm::sha256;
  TurnClient client = turn.client(credentials);
  introduce(client);
  for (const auto type : {AttributeType::password_algorithm, AttributeType::password_algorithms}) {
    TurnRequest request = allocate_request();
    request.without = {type};
    EXPECT_EQ(client.request(request).code(), 400);
  }
  TurnRequest bid_down = allocate_request();
  bid_down.without = {AttributeType::password_algorithms};
  bid_down.attributes.push_back(
      TurnAttribute::bytes(AttributeType::password_algorithms, {0, 1, 0, 0}));
  EXPECT_EQ(client.request(bid_down).code(), 400);
}

// TURN-A11, TURN-A12
TEST(TurnWorker, TakesTimedCredentialsOfEverySecretUntilTheyExpire) {
  ServedTurn turn;
  const auto now = std::chrono::system_clock::now();
  for (const std::string_view secret : {test::kSecret, test::kOldSecret}) {
    EXPECT_EQ(turn.client(test::timed(secret, "romeo", now + 60s)).allocate().code(), 0);
  }
  EXPECT_EQ(turn.client(test::timed("east", "romeo", now + 60s)).allocate().code(), 401);
  TurnClient late = turn.client(test::timed(test::kSecret, "romeo", now - 2s));
  const TurnMessage refusal = late.allocate();
  EXPECT_EQ(refusal.code(), 401);
  EXPECT_EQ(refusal.text(AttributeType::realm), "example.org");  // TURN-A03
  EXPECT_TRUE(refusal.has(AttributeType::nonce));
  const auto issued =
      turn.server->credentials().issue("juliet@example.org", "example.org", now + 60s);
  TurnCredentials own;
  own.username = issued.username;
  own.password = issued.password;
  TurnClient juliet = turn.client(own);
  EXPECT_EQ(juliet.allocate().code(), 0);
  std::vector<std::string> users;
  turn.for_each_session([&](auto& session) { users.emplace_back(session.requester()); });
  EXPECT_NE(std::ranges::find(users, "juliet@example.org"), users.end());
  EXPECT_NE(std::ranges::find(users, "turn-romeo@example.org"), users.end());
}

// TURN-A13
TEST(TurnWorker, ProlongsNoAllocationOfExpiredCredentials) {
  ServedTurn turn;
  const auto soon = std::chrono::system_clock::now() + 2s;
  TurnClient client = turn.client(test::timed(test::kSecret, "romeo", soon));
  ASSERT_EQ(client.allocate().code(), 0);
  ASSERT_TRUE(eventually([&] { return client.refresh(600s).code() == 401; }));
  EXPECT_EQ(client.create_permission({kPeer}).code(), 0);
  EXPECT_EQ(client.channel_bind(0x4000, kPeer).code(), 0);
  EXPECT_EQ(client.refresh(0s).code(), 0);
  EXPECT_TRUE(turn.comes_to(TurnCounter::allocations, 0));
}

// TURN-A14: what of an Allocate request is looked at first; each row has all that is behind it
// wrong, too.
TEST(TurnWorker, RefusesAllocateInTheOrderOfTheRfc) {
  ServedTurn turn;
  using A = TurnAttribute;
  const A tcp = A::transport(6);
  const A sctp = A::transport(132);
  const A short_transport = A::bytes(AttributeType::requested_transport, {17});
  const A token = A::bytes(AttributeType::reservation_token, {1, 2, 3, 4, 5, 6, 7, 8});
  const A pair = A::bytes(AttributeType::even_port, {0x80});
  const A v4 = A::family(stun::AddressFamily::ipv4);
  const A nobodys = A::number(AttributeType::requested_address_family, 0x05000000);
  const A also_v6 = A::number(AttributeType::additional_address_family, 0x02000000);
  const A also_v4 = A::number(AttributeType::additional_address_family, 0x01000000);
  const A unknown = A::bytes(static_cast<AttributeType>(0x7777), {1, 2, 3, 4});
  const struct {
    int code;
    std::vector<A> attributes;
  } rows[] = {
      {420, {unknown, sctp, token, pair}},  // before all that TURN wants
      {400, {token, pair}},                 // no transport
      {400, {short_transport, token}},
      {442, {sctp, token, pair, nobodys}},
      {442, {tcp, token, pair, nobodys}},  // switched off
      {400, {A::transport(), token, pair, nobodys}},
      {400, {A::transport(), token, v4}},
      {400, {A::transport(), token, also_v6}},
      {400, {A::transport(), nobodys, also_v6}},
      {440, {A::transport(), nobodys}},
      {400, {A::transport(), pair, also_v6}},
      {400, {A::transport(), also_v4}},
      {508, {A::transport(), token}},
  };
  TurnClient client = turn.client();
  introduce(client);
  for (const auto& row : rows) {
    const TurnMessage answer = client.request(request_of(Method::allocate, row.attributes));
    EXPECT_EQ(answer.code(), row.code) << "row " << &row - rows;
    EXPECT_TRUE(client.has_signed(answer));
    EXPECT_EQ(answer.has(AttributeType::unknown_attributes), row.code == 420);
  }
  EXPECT_EQ(turn.count(TurnCounter::allocations_made), 0U);
  ASSERT_EQ(client.allocate().code(), 0);
  for (const auto& row : rows) {
    if (row.code == 420) continue;  // of a message, not of an Allocate
    EXPECT_EQ(client.request(request_of(Method::allocate, row.attributes)).code(), 437);
  }
  TurnRequest unsigned_one = allocate_request();
  unsigned_one.is_signed = false;
  EXPECT_EQ(client.request(unsigned_one).code(), 401);
}

// TURN-A15, TURN-A17, TURN-A18
TEST(TurnWorker, AnswersAllocateWithAllThatTheClientNeeds) {
  ServedTurn turn;
  TurnClient client = turn.client();
  const TurnMessage answer = client.allocate();
  ASSERT_EQ(answer.code(), 0);
  EXPECT_EQ(answer.addresses(AttributeType::xor_relayed_address).size(), 1U);
  const base::IpEndpoint relayed = answer.address(AttributeType::xor_relayed_address);
  EXPECT_EQ(relayed.address, kPeer.address);
  EXPECT_GE(relayed.port, 49152);
  EXPECT_EQ(answer.address(AttributeType::xor_mapped_address).text(),
            client.socket().local().text());
  EXPECT_EQ(lifetime_in(answer), 600s);
  EXPECT_FALSE(answer.has(AttributeType::reservation_token));
  EXPECT_TRUE(client.has_signed(answer));
  const auto lifetime_for = [&](std::chrono::seconds wanted) {
    return lifetime_in(turn.client().allocate({TurnAttribute::lifetime(wanted)}));
  };
  EXPECT_EQ(lifetime_for(1s), 600s);
  EXPECT_EQ(lifetime_for(601s), 601s);
  EXPECT_EQ(lifetime_for(4294967295s), 3600s);
  EXPECT_EQ(lifetime_in(client.refresh(3599s)), 3599s);
  EXPECT_EQ(lifetime_in(client.refresh(3601s)), 3600s);
}

// TURN-A20, STN-13
TEST(TurnWorker, AnswersARepeatedAllocateAgainAndAnotherNot) {
  ServedTurn turn;
  TurnClient client = turn.client();
  introduce(client);
  TurnRequest request = allocate_request();
  request.id = stun::TransactionId{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const TurnMessage first = client.request(request);
  ASSERT_EQ(first.code(), 0);
  const TurnMessage again = client.request(request);
  EXPECT_EQ(again.code(), 0);
  EXPECT_EQ(again.address(AttributeType::xor_relayed_address).text(),
            first.address(AttributeType::xor_relayed_address).text());
  EXPECT_EQ(lifetime_in(again), lifetime_in(first));
  EXPECT_EQ(client.allocate().code(), 437);
  EXPECT_EQ(turn.count(TurnCounter::allocations_made), 1U);
  EXPECT_EQ(turn.count(TurnCounter::refused_mismatch), 1U);
}

// TURN-A20: also of several that come before the first is answered.
TEST(TurnWorker, MakesOneAllocationOfRepeatsThatComeTogether) {
  ServedTurn turn;
  TurnClient client = turn.client();
  introduce(client);
  const Octets bytes = client.write(allocate_request());
  const Octets other = client.write(allocate_request());
  {
    test::HeldShard held(turn, 1);
    for (int i = 0; i < 5; ++i) client.socket().send(bytes);
    client.socket().send(other);
  }
  const auto answer = client.next();
  ASSERT_TRUE(answer);
  EXPECT_EQ(TurnMessage(*answer).code(), 0);
  EXPECT_EQ(client.binding().code(), 0);
  EXPECT_EQ(turn.count(TurnCounter::allocations_made), 1U);
}

// TURN-A08
TEST(TurnWorker, KeepsUsersFromAllocationsOfOthers) {
  ServedTurn turn;
  TurnClient client = turn.client("alice");
  ASSERT_EQ(client.allocate().code(), 0);
  client.set_credentials(credentials_of("bob"));
  EXPECT_EQ(client.refresh(0s).code(), 441);
  EXPECT_EQ(client.create_permission({kPeer}).code(), 441);
  EXPECT_EQ(client.channel_bind(0x4000, kPeer).code(), 441);
  EXPECT_EQ(client.allocate().code(), 437);
  EXPECT_EQ(turn.count(TurnCounter::allocations), 1U);
}

// TURN-A09
TEST(TurnWorker, RefusesWhatIsForAnAllocationWhereThereIsNone) {
  ServedTurn turn;
  TurnClient client = turn.client();
  EXPECT_EQ(client.refresh(600s).code(), 437);
  EXPECT_EQ(client.refresh(0s).code(), 437);
  EXPECT_EQ(client.create_permission({kPeer}).code(), 437);
  EXPECT_EQ(client.channel_bind(0x4000, kPeer).code(), 437);
  client.send(kPeer, "lost");
  client.send_channel(0x4000, "lost");
  EXPECT_TRUE(turn.comes_to(TurnCounter::dropped_no_allocation, 2));
}

// TURN-A19: the token is good on every shard, once.
TEST(TurnWorker, LendsEvenPortsAndTheNextOneForAToken) {
  config::Settings settings = loopback_settings();
  settings.turn.threads = 2;
  ServedTurn turn(std::move(settings));
  for (int i = 0; i < 3; ++i) {
    const TurnMessage even =
        turn.client().allocate({TurnAttribute::bytes(AttributeType::even_port, {0})});
    ASSERT_EQ(even.code(), 0);
    EXPECT_EQ(even.address(AttributeType::xor_relayed_address).port % 2, 0);
    EXPECT_FALSE(even.has(AttributeType::reservation_token));
    const TurnMessage pair =
        turn.client().allocate({TurnAttribute::bytes(AttributeType::even_port, {0x80})});
    ASSERT_EQ(pair.code(), 0);
    const base::IpEndpoint first = pair.address(AttributeType::xor_relayed_address);
    EXPECT_EQ(first.port % 2, 0);
    const std::string token = pair.text(AttributeType::reservation_token);
    ASSERT_EQ(token.size(), 8U);
    const TurnAttribute wanted = TurnAttribute::text(AttributeType::reservation_token, token);
    const TurnMessage next = turn.client("bob").allocate({wanted});
    ASSERT_EQ(next.code(), 0);
    EXPECT_EQ(next.address(AttributeType::xor_relayed_address).port, first.port + 1);
    EXPECT_EQ(turn.client("bob").allocate({wanted}).code(), 508);
  }
}

const TurnAttribute kAlsoV6 =
    TurnAttribute::number(AttributeType::additional_address_family, 0x02000000);

TurnRequest refresh_half(stun::AddressFamily family, std::chrono::seconds lifetime) {
  return request_of(Method::refresh,
                    {TurnAttribute::lifetime(lifetime), TurnAttribute::family(family)});
}

// TURN-A16, TURN-R02
TEST(TurnWorker, EndsTheHalvesOfADualAllocationOneByOne) {
  ServedTurn turn;
  TurnClient client = turn.client();
  const TurnMessage answer = client.allocate({kAlsoV6});
  ASSERT_EQ(answer.code(), 0);
  const auto relayed = answer.addresses(AttributeType::xor_relayed_address);
  ASSERT_EQ(relayed.size(), 2U);
  EXPECT_NE(relayed[0].address.is_v4(), relayed[1].address.is_v4());
  EXPECT_FALSE(answer.has(AttributeType::address_error_code));
  const base::IpEndpoint peer_v6 = endpoint_of("::1", 7000);
  EXPECT_EQ(client.create_permission({kPeer, peer_v6}).code(), 0);
  EXPECT_EQ(client.ask(refresh_half(stun::AddressFamily::ipv6, 0s)).code(), 0);
  EXPECT_EQ(client.create_permission({peer_v6}).code(), 443);
  EXPECT_EQ(client.channel_bind(0x4000, peer_v6).code(), 443);
  EXPECT_EQ(client.ask(refresh_half(stun::AddressFamily::ipv6, 600s)).code(), 443);
  EXPECT_EQ(client.create_permission({kPeer}).code(), 0);
  EXPECT_EQ(client.ask(refresh_half(stun::AddressFamily::ipv4, 600s)).code(), 0);
  EXPECT_EQ(client.ask(refresh_half(stun::AddressFamily::ipv4, 0s)).code(), 0);
  EXPECT_EQ(client.refresh(600s).code(), 437);
}

// TURN-A16
TEST(TurnWorker, SaysWhichHalfOfADualAllocationIsMissing) {
  config::Settings settings = loopback_settings();
  settings.turn.relay_addresses = {"127.0.0.1"};
  ServedTurn turn(std::move(settings));
  if (turn.server->places().v6()) GTEST_SKIP() << "this machine has a public IPv6 address";
  TurnClient client = turn.client();
  const TurnMessage answer = client.allocate({kAlsoV6});
  ASSERT_EQ(answer.code(), 0);
  EXPECT_EQ(answer.addresses(AttributeType::xor_relayed_address).size(), 1U);
  const std::string missing = answer.text(AttributeType::address_error_code);
  EXPECT_EQ(missing.substr(0, 4), std::string({2, 0, 4, 40}));
  const auto only_v6 = TurnAttribute::family(stun::AddressFamily::ipv6);
  EXPECT_EQ(turn.client().allocate({only_v6}).code(), 440);
}

// TURN-A21: of one user, of all, and again when one has ended.
TEST(TurnWorker, LendsNoMoreThanUsersAndServerMayHave) {
  config::Settings settings = loopback_settings();
  settings.turn.allocations_per_user_max = 2;
  settings.turn.allocations_max = 3;
  ServedTurn turn(std::move(settings));
  TurnClient one = turn.client("alice");
  ASSERT_EQ(one.allocate().code(), 0);
  TurnClient two = turn.client("alice");
  ASSERT_EQ(two.allocate().code(), 0);
  EXPECT_EQ(turn.client("alice").allocate().code(), 486);
  TurnClient bobs = turn.client("bob");
  ASSERT_EQ(bobs.allocate().code(), 0);
  EXPECT_EQ(turn.client("carol").allocate().code(), 508);
  EXPECT_EQ(one.refresh(0s).code(), 0);
  EXPECT_EQ(turn.client("carol").allocate().code(), 0);
  EXPECT_EQ(turn.client("bob").allocate().code(), 508);
  EXPECT_EQ(turn.count(TurnCounter::refused_quota), 1U);
  EXPECT_EQ(turn.count(TurnCounter::refused_capacity), 2U);
}

// TURN-A14: no port is left.
TEST(TurnWorker, RefusesWhenPortsHaveRunOut) {
  config::Settings settings = loopback_settings();
  settings.turn.port_min = 49200;
  settings.turn.port_max = 49201;
  ServedTurn turn(std::move(settings));
  TurnClient one = turn.client();
  const int first = one.allocate().code();
  if (first == 508) GTEST_SKIP() << "another process has port 49200 or 49201";
  ASSERT_EQ(first, 0);
  TurnClient two = turn.client();
  ASSERT_EQ(two.allocate().code(), 0);
  EXPECT_EQ(turn.client().allocate().code(), 508);
  EXPECT_EQ(one.refresh(0s).code(), 0);
  EXPECT_EQ(turn.client().allocate().code(), 0);
}

// TURN-R01, TURN-R03
TEST(TurnWorker, ForgetsAnAllocationThatIsRefreshedToZero) {
  ServedTurn turn;
  TurnClient client = turn.client();
  const TurnMessage first = client.allocate();
  ASSERT_EQ(first.code(), 0);
  const TurnMessage answer = client.refresh(0s);
  EXPECT_EQ(answer.code(), 0);
  EXPECT_EQ(lifetime_in(answer), 0s);
  EXPECT_TRUE(turn.comes_to(TurnCounter::allocations, 0));
  EXPECT_EQ(client.refresh(600s).code(), 437);
  const TurnMessage second = client.allocate();
  EXPECT_EQ(second.code(), 0);
  EXPECT_NE(second.address(AttributeType::xor_relayed_address).text(),
            first.address(AttributeType::xor_relayed_address).text());
}

// TURN-R03
TEST(TurnWorker, ForgetsAnAllocationThatNobodyRefreshes) {
  config::Settings settings = loopback_settings();
  settings.turn.allocation_lifetime = 2s;
  ServedTurn turn(std::move(settings));
  TurnClient kept = turn.client("alice");
  TurnClient left = turn.client("bob");
  ASSERT_EQ(kept.allocate().code(), 0);
  ASSERT_EQ(left.allocate().code(), 0);
  EXPECT_TRUE(eventually([&] {
    EXPECT_EQ(kept.refresh(2s).code(), 0);
    return turn.count(TurnCounter::allocations) == 1;
  }));
  EXPECT_EQ(left.refresh(2s).code(), 437);
  EXPECT_EQ(kept.refresh(2s).code(), 0);
}

// TURN-R01: the lifetime of the last Refresh counts, also where it is shorter.
TEST(TurnWorker, ShortensALifetimeWhenItIsAskedTo) {
  config::Settings settings = loopback_settings();
  settings.turn.allocation_lifetime = 1s;
  ServedTurn turn(std::move(settings));
  TurnClient client = turn.client();
  ASSERT_EQ(lifetime_in(client.allocate({TurnAttribute::lifetime(3600s)})), 3600s);
  EXPECT_EQ(lifetime_in(client.refresh(1s)), 1s);
  EXPECT_TRUE(turn.comes_to(TurnCounter::allocations, 0));
  EXPECT_EQ(client.create_permission({kPeer}).code(), 437);
}

// STN-06, STN-10
TEST(TurnWorker, SaysWhatItIsOnlyWhenItIsToldTo) {
  config::Settings settings = loopback_settings();
  settings.turn.software = true;
  ServedTurn turn(std::move(settings));
  TurnClient client = turn.client();
  EXPECT_EQ(client.binding().text(AttributeType::software), "Bellhop");
  TurnRequest request = allocate_request();
  request.has_fingerprint = true;
  const TurnMessage refusal = client.request(request);
  EXPECT_EQ(refusal.text(AttributeType::software), "Bellhop");
  EXPECT_TRUE(refusal.has(AttributeType::fingerprint));
  client.learn(refusal);
  EXPECT_TRUE(client.request(request).has(AttributeType::fingerprint));
}

// STN-16
TEST(TurnWorker, SendsClientsElsewhereWhileItIsClosed) {
  config::Settings settings = loopback_settings();
  settings.turn.alternate_servers = {{"198.51.100.9", 3479}};
  settings.turn.listen.push_back({"::1", 0});
  ServedTurn turn(std::move(settings));
  turn.on_control([&] { turn.server->set_open(false); });
  TurnClient client = turn.client();
  const TurnMessage answer = client.allocate();
  EXPECT_EQ(answer.code(), 300);
  const auto where = answer.message().find(AttributeType::alternate_server);
  ASSERT_TRUE(where);
  EXPECT_EQ(Octets(where->begin(), where->end()), (Octets{0, 1, 0x0D, 0x97, 198, 51, 100, 9}));
  EXPECT_EQ(client.binding().code(), 0);
  // RFC 8489 §14.15: of the same family, which there is none of.
  TurnClient by_v6(turn.server->bound().plain.back());
  by_v6.set_credentials(credentials_of("alice"));
  EXPECT_EQ(by_v6.allocate().code(), 508);
  turn.on_control([&] { turn.server->set_open(true); });
  EXPECT_EQ(turn.client().allocate().code(), 0);
}

// STN-17: whoever floods the server gets a bounded answer, and leaves nothing in it.
TEST(TurnWorker, KeepsNothingOfAFloodAndSendsNoMoreThanItGot) {
  ServedTurn turn;
  TurnClient client = turn.client();
  const Octets binding = client.write({});
  TurnRequest signed_wrongly = allocate_request();
  signed_wrongly.realm = "example.org";
  signed_wrongly.nonce = "obMatJos2wAAAnonsense";
  signed_wrongly.password = "wrong";
  const Octets allocate = client.write(signed_wrongly);
  const Octets unsigned_one = client.write(request_of(Method::allocate));
  std::size_t sent = 0;
  const auto flood = [&](const Octets& bytes) {
    for (int i = 0; i < 500; ++i) {
      client.socket().send(bytes);
      sent += bytes.size();
    }
  };
  flood(binding);
  flood(unsigned_one);
  EXPECT_TRUE(eventually([&] { return turn.count(TurnCounter::silent) > 0; }));
  const std::size_t before = ::mallinfo2().uordblks;
  flood(unsigned_one);
  flood(allocate);
  EXPECT_LT(::mallinfo2().uordblks, before + 64 * 1024);
  std::size_t received = 0;
  while (const auto bytes = client.next(200ms)) received += bytes->size();
  EXPECT_GT(received, 0U);
  EXPECT_LE(received, sent + relay::SourceBudget::kBurstBytes);
  EXPECT_EQ(turn.count(TurnCounter::allocations_made), 0U);
  EXPECT_EQ(turn.on_control([&] { return turn.server->allocations(); }), 0U);
  // Another source is served as if nothing had been.
  TurnClient other(turn.address(), TurnTransport::udp, endpoint_of("127.0.0.9", 0));
  other.set_credentials(credentials_of("alice"));
  EXPECT_EQ(other.allocate().code(), 0);
}

}  // namespace
}  // namespace bellhop::turn
