// What TURN requests may have, check by check in the order of RFC 8656.
#include "relay/turn/turn_rules.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

#include "relay/stun/message_writer.hpp"
#include "tests/unit/relay/stun/raw_message.hpp"

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using stun::AddressFamily;
using stun::AttributeType;
using stun::ErrorCode;
using stun::Octets;

constexpr base::TimePoint kNow{1000h};
const Octets kUdp = stun::attribute(AttributeType::requested_transport, {17, 0, 0, 0});
const Octets kTcp = stun::attribute(AttributeType::requested_transport, {6, 0, 0, 0});
const Octets kEven = stun::attribute(AttributeType::even_port, {0x00});
const Octets kPair = stun::attribute(AttributeType::even_port, {0x80});
const Octets kToken = stun::attribute(AttributeType::reservation_token, {1, 2, 3, 4, 5, 6, 7, 8});
const Octets kWhole = stun::attribute(AttributeType::dont_fragment, {});
const Octets kWantsV4 = stun::attribute(AttributeType::requested_address_family, {1, 0, 0, 0});
const Octets kWantsV6 = stun::attribute(AttributeType::requested_address_family, {2, 0, 0, 0});
const Octets kAlsoV4 = stun::attribute(AttributeType::additional_address_family, {1, 0, 0, 0});
const Octets kAlsoV6 = stun::attribute(AttributeType::additional_address_family, {2, 0, 0, 0});

Octets lifetime(std::uint32_t seconds) {
  Octets value(4);
  stun::store32(value.data(), seconds);
  return stun::attribute(AttributeType::lifetime, value);
}
// 8.8.4.4, or another last number; port 7000.
Octets peer(std::uint8_t last = 4) {
  const std::uint32_t address = 0x08080400U | last;
  Octets value{0, 1, 0, 0, 0, 0, 0, 0};
  stun::store16(value.data() + 2, 7000 ^ 0x2112);
  stun::store32(value.data() + 4, address ^ stun::kMagicCookie);
  return stun::attribute(AttributeType::xor_peer_address, value);
}
Octets peer_of(const char* text) {
  const auto address = base::IpAddress::parse(text).value();
  std::array<std::uint8_t, 64> buffer{};
  stun::MessageWriter writer(buffer, stun::MessageClass::request, stun::Method::binding,
                             stun::kTestId);
  writer.add_xor_address(AttributeType::xor_peer_address, {address, 7000});
  const stun::Bytes bytes = writer.finish();
  return {bytes.begin() + stun::kHeaderBytes, bytes.end()};
}
Octets channel(std::uint16_t number) {
  Octets value(4);
  stun::store16(value.data(), number);
  return stun::attribute(AttributeType::channel_number, value);
}

constexpr PerFamily<bool> kBoth{true, true};
constexpr PerFamily<bool> kV4{true, false};
constexpr PerFamily<bool> kV6{false, true};

class Rules : public testing::Test {
 protected:
  using Result = TurnRules::Decision<AllocateRequest>;

  Result allocate(std::initializer_list<Octets> attributes, Transport transport = Transport::udp,
                  PerFamily<bool> families = kBoth, bool has_tcp = false) {
    const Octets bytes = stun::message_of(attributes, 0x0003);
    const auto message = stun::Message::parse(bytes);
    EXPECT_TRUE(message);
    return TurnRules({.families = families, .has_tcp_relay = has_tcp}, policy_)
        .allocate(*message, transport);
  }
  static int code(const Result& result) {
    const auto* refused = std::get_if<ErrorCode>(&result);
    return refused == nullptr ? 0 : static_cast<int>(*refused);
  }
  static AllocateRequest granted(const Result& result) {
    EXPECT_EQ(code(result), 0);
    return std::get<AllocateRequest>(result);
  }

  std::optional<ErrorCode> permit(std::initializer_list<Octets> attributes,
                                  PerFamily<bool> has = kBoth) {
    const Octets bytes = stun::message_of(attributes, 0x0008);
    return rules_.create_permission(*stun::Message::parse(bytes), has, allocation_, kNow);
  }
  int bind(std::initializer_list<Octets> attributes, PerFamily<bool> has = kBoth) {
    const Octets bytes = stun::message_of(attributes, 0x0009);
    const auto bound = rules_.channel_bind(*stun::Message::parse(bytes), has, allocation_, kNow);
    const auto* refused = std::get_if<ErrorCode>(&bound);
    return refused == nullptr ? std::get<std::uint16_t>(bound) : static_cast<int>(*refused);
  }
  std::optional<SendIndication> send(const Octets& bytes, PerFamily<bool> has = kBoth) {
    return rules_.send(*stun::Message::parse(bytes), has, allocation_, kNow);
  }

  relay::PeerPolicy policy_{{}};
  TurnRules rules_{{.families = kBoth}, policy_};
  Allocation allocation_{{.permissions_max = 4, .channels_max = 2}};
};

// TURN-A14
TEST_F(Rules, WantATransportThatIsThere) {
  EXPECT_EQ(code(allocate({})), 400);
  EXPECT_EQ(code(allocate({stun::attribute(AttributeType::requested_transport, {17})})), 400);
  EXPECT_EQ(code(allocate({stun::attribute(AttributeType::requested_transport, {1, 0, 0, 0})})),
            442);
  EXPECT_EQ(code(allocate({kUdp})), 0);
  // The transport comes before whatever else is wrong.
  EXPECT_EQ(code(allocate({kPair, kToken, kWantsV4, kAlsoV6})), 400);
}

// TURN-T01, TURN-T02
TEST_F(Rules, GrantTcpOverTcpAloneAndWhereItIsOn) {
  EXPECT_EQ(code(allocate({kTcp}, Transport::tcp)), 442);
  EXPECT_EQ(code(allocate({kTcp}, Transport::udp, kBoth, true)), 400);
  EXPECT_TRUE(granted(allocate({kTcp}, Transport::tcp, kBoth, true)).is_tcp);
  EXPECT_TRUE(granted(allocate({kTcp}, Transport::tls, kBoth, true)).is_tcp);
  for (const Octets& udp_only : {kWhole, kEven, kToken}) {
    EXPECT_EQ(code(allocate({kTcp, udp_only}, Transport::tcp, kBoth, true)), 400);
  }
}

// TURN-A14
TEST_F(Rules, RefuseATokenBesideWishesOfItsOwn) {
  EXPECT_TRUE(granted(allocate({kUdp, kToken})).token);
  for (const Octets& other : {kEven, kPair, kWantsV4, kAlsoV6}) {
    EXPECT_EQ(code(allocate({kUdp, kToken, other})), 400);
  }
  const Octets short_token = stun::attribute(AttributeType::reservation_token, {1, 2, 3, 4});
  EXPECT_EQ(code(allocate({kUdp, short_token})), 400);
  EXPECT_EQ(code(allocate({kUdp, stun::attribute(AttributeType::even_port, {0, 0})})), 400);
}

// TURN-A14, TURN-A16
TEST_F(Rules, ChooseTheFamilies) {
  const AllocateRequest plain = granted(allocate({kUdp}));
  EXPECT_TRUE(plain.families.v4 && !plain.families.v6 && !plain.is_dual);
  const AllocateRequest six = granted(allocate({kUdp, kWantsV6}));
  EXPECT_TRUE(!six.families.v4 && six.families.v6);
  const AllocateRequest both = granted(allocate({kUdp, kAlsoV6}));
  EXPECT_TRUE(both.families.v4 && both.families.v6 && both.is_dual);
  EXPECT_EQ(code(allocate({kUdp, kWantsV4, kAlsoV6})), 400);
  EXPECT_EQ(code(allocate({kUdp, kAlsoV4})), 400);
  EXPECT_EQ(code(allocate({kUdp, kPair, kAlsoV6})), 400);
  EXPECT_EQ(code(allocate({kUdp, kEven, kAlsoV6})), 0);
  const Octets unknown = stun::attribute(AttributeType::requested_address_family, {3, 0, 0, 0});
  EXPECT_EQ(code(allocate({kUdp, unknown})), 440);
}

// TURN-A16
TEST_F(Rules, SayWhichFamilyIsNotThere) {
  EXPECT_EQ(code(allocate({kUdp}, Transport::udp, kV6)), 440);
  EXPECT_EQ(code(allocate({kUdp, kWantsV6}, Transport::udp, kV4)), 440);
  const AllocateRequest half = granted(allocate({kUdp, kAlsoV6}, Transport::udp, kV4));
  EXPECT_TRUE(half.families.v4 && !half.families.v6 && half.is_dual);
}

// TURN-A17
TEST_F(Rules, GrantALifetimeBetweenDefaultAndMaximum) {
  EXPECT_EQ(granted(allocate({kUdp})).lifetime, 600s);
  EXPECT_EQ(granted(allocate({kUdp, lifetime(0)})).lifetime, 600s);
  EXPECT_EQ(granted(allocate({kUdp, lifetime(777)})).lifetime, 777s);
  EXPECT_EQ(granted(allocate({kUdp, lifetime(3600)})).lifetime, 3600s);
  EXPECT_EQ(granted(allocate({kUdp, lifetime(0xFFFFFFFF)})).lifetime, 3600s);
}

// TURN-A19
TEST_F(Rules, TellEvenPortsFromPairs) {
  const AllocateRequest even = granted(allocate({kUdp, kEven}));
  EXPECT_TRUE(even.wants_even_port && !even.reserves_next);
  const AllocateRequest pair = granted(allocate({kUdp, kPair}));
  EXPECT_TRUE(pair.wants_even_port && pair.reserves_next);
}

// TURN-R01, TURN-R02
TEST_F(Rules, RefreshEndsOrProlongs) {
  const auto refresh = [this](std::initializer_list<Octets> attributes, PerFamily<bool> has) {
    const Octets bytes = stun::message_of(attributes, 0x0004);
    return rules_.refresh(*stun::Message::parse(bytes), has);
  };
  EXPECT_EQ(std::get<0>(refresh({lifetime(0)}, kBoth)).lifetime, 0s);
  EXPECT_EQ(std::get<0>(refresh({}, kBoth)).lifetime, 600s);
  EXPECT_EQ(std::get<0>(refresh({lifetime(1000)}, kBoth)).lifetime, 1000s);
  const auto half = std::get<0>(refresh({lifetime(0), kWantsV6}, kBoth));
  EXPECT_EQ(half.family, AddressFamily::ipv6);
  EXPECT_FALSE(std::get<0>(refresh({lifetime(9), kWantsV6}, kBoth)).family);
  EXPECT_EQ(std::get<1>(refresh({lifetime(0), kWantsV6}, kV4)),
            ErrorCode::peer_address_family_mismatch);
  const Octets unknown = stun::attribute(AttributeType::requested_address_family, {9, 0, 0, 0});
  EXPECT_EQ(std::get<1>(refresh({unknown}, kV4)), ErrorCode::bad_request);
}

// TURN-P02
TEST_F(Rules, PermitPeersThatMayBeReached) {
  EXPECT_EQ(permit({}), ErrorCode::bad_request);
  EXPECT_EQ(permit({stun::attribute(AttributeType::xor_peer_address, {0, 1, 2})}),
            ErrorCode::bad_request);
  EXPECT_EQ(permit({peer_of("10.0.0.1")}), ErrorCode::forbidden);
  EXPECT_EQ(permit({peer_of("2a00:1450::1")}, kV4), ErrorCode::peer_address_family_mismatch);
  EXPECT_EQ(permit({peer()}), std::nullopt);
  EXPECT_TRUE(allocation_.is_permitted(base::IpAddress::from_v4(0x08080404), kNow));
}

// TURN-P02: all or nothing, and what cannot be read weighs more than what may not be reached.
TEST_F(Rules, PermitNothingWhenOnePeerIsWrong) {
  EXPECT_EQ(permit({peer(), peer_of("127.0.0.1"), peer(5)}), ErrorCode::forbidden);
  EXPECT_EQ(permit({peer(), peer_of("2a00:1450::1")}, kV4),
            ErrorCode::peer_address_family_mismatch);
  EXPECT_EQ(permit({peer_of("127.0.0.1"),
                    stun::attribute(AttributeType::xor_peer_address, {0, 7, 0, 0})}),
            ErrorCode::bad_request);
  EXPECT_EQ(allocation_.permissions(kNow), 0U);
}

// TURN-P04
TEST_F(Rules, PermitUpToTheMaximum) {
  EXPECT_EQ(permit({peer(1), peer(2), peer(3), peer(4)}), std::nullopt);
  EXPECT_EQ(permit({peer(5)}), ErrorCode::insufficient_capacity);
  EXPECT_EQ(permit({peer(1)}), std::nullopt);
  const Octets many = [] {
    Octets message = stun::message_of({}, 0x0008);
    for (int i = 0; i < 100; ++i) message = stun::with(message, peer(1));
    return message;
  }();
  EXPECT_EQ(rules_.create_permission(*stun::Message::parse(many), kBoth, allocation_, kNow),
            ErrorCode::insufficient_capacity);
}

// TURN-C01
TEST_F(Rules, BindChannelsOfTheRangeInUse) {
  EXPECT_EQ(bind({peer()}), 400);
  EXPECT_EQ(bind({channel(0x4000)}), 400);
  for (const int wrong : {0, 0x3FFF, 0x7FFF, 0x8000, 0xFFFF}) {
    EXPECT_EQ(bind({channel(static_cast<std::uint16_t>(wrong)), peer()}), 400) << wrong;
  }
  EXPECT_EQ(bind({channel(0x4000), peer_of("192.168.1.1")}), 403);
  EXPECT_EQ(bind({channel(0x4000), peer_of("2a00:1450::1")}, kV4), 443);
  EXPECT_EQ(bind({channel(0x4000), peer(1)}), 0x4000);
  EXPECT_EQ(bind({channel(0x4000), peer(1)}), 0x4000);
  EXPECT_EQ(bind({channel(0x4000), peer(2)}), 400);
  EXPECT_EQ(bind({channel(0x7FFE), peer(1)}), 400);
  EXPECT_EQ(bind({channel(0x7FFE), peer(2)}), 0x7FFE);
  EXPECT_EQ(bind({channel(0x5000), peer(3)}), 508);
}

// TURN-T03
TEST_F(Rules, CheckAConnectInTheOrderOfTheRfc) {
  TcpPeers peers;
  const auto connect = [&](std::initializer_list<Octets> attributes, PerFamily<bool> has = kV4) {
    const Octets bytes = stun::message_of(attributes, 0x000A);
    const auto result = rules_.connect(*stun::Message::parse(bytes), has, peers);
    const auto* refused = std::get_if<ErrorCode>(&result);
    return refused == nullptr ? 0 : static_cast<int>(*refused);
  };
  EXPECT_EQ(connect({}), 400);
  EXPECT_EQ(connect({stun::attribute(AttributeType::xor_peer_address, {0, 1, 0})}), 400);
  EXPECT_EQ(connect({peer_of("2001:db8::1")}), 443);
  EXPECT_EQ(connect({peer()}, kV6), 443);
  EXPECT_EQ(connect({peer_of("127.0.0.1")}), 403);
  EXPECT_EQ(connect({peer_of("64:ff9b::10.0.0.1")}, kV6), 403);
  EXPECT_EQ(connect({peer()}), 0);
  // 446 comes before all that the peer's address is refused for.
  peers.begin(1, {base::IpAddress::parse("127.0.0.1").value(), 7000}, kNow);
  EXPECT_EQ(connect({peer_of("127.0.0.1")}), 446);
  EXPECT_EQ(connect({peer_of("127.0.0.2")}), 403);
}

// TURN-T07
TEST_F(Rules, WantAConnectionIdOverAStream) {
  const auto bind = [](std::initializer_list<Octets> attributes, Transport transport) {
    const Octets bytes = stun::message_of(attributes, 0x000B);
    return TurnRules::connection_bind(*stun::Message::parse(bytes), transport);
  };
  const Octets id = stun::attribute(AttributeType::connection_id, {1, 2, 3, 4});
  const Octets cut = stun::attribute(AttributeType::connection_id, {1, 2, 3});
  using Bound = TurnRules::Decision<ConnectionId>;
  EXPECT_EQ(bind({id}, Transport::udp), Bound(ErrorCode::bad_request));
  EXPECT_EQ(bind({}, Transport::tcp), Bound(ErrorCode::bad_request));
  EXPECT_EQ(bind({cut}, Transport::tcp), Bound(ErrorCode::bad_request));
  EXPECT_EQ(bind({id}, Transport::tcp), Bound(ConnectionId{0x01020304}));
  EXPECT_EQ(bind({id}, Transport::tls), Bound(ConnectionId{0x01020304}));
}

// TURN-D01
TEST_F(Rules, SendOnlyWhatIsWholeAndPermitted) {
  const Octets data = stun::attribute(AttributeType::data, {'h', 'i'});
  const auto indication = [](std::initializer_list<Octets> attributes) {
    return stun::message_of(attributes, 0x0016);
  };
  EXPECT_FALSE(send(indication({peer(), data})));
  ASSERT_EQ(permit({peer()}), std::nullopt);
  EXPECT_FALSE(send(indication({peer()})));
  EXPECT_FALSE(send(indication({data})));
  EXPECT_FALSE(send(indication({peer(9), data})));
  EXPECT_FALSE(send(indication({peer(), data, stun::attribute(0x7777, {})})));
  EXPECT_FALSE(send(indication({peer(), data}), kV6));
  const Octets good = indication({data, peer(), kWhole});  // DATA first, as some clients send it
  const auto sent = send(good);
  ASSERT_TRUE(sent);
  EXPECT_EQ(stun::to_text(sent->data), "hi");
  EXPECT_EQ(sent->peer.port, 7000);
  EXPECT_TRUE(sent->dont_fragment);
  const Octets empty = indication({peer(), stun::attribute(AttributeType::data, {})});
  ASSERT_TRUE(send(empty));
  EXPECT_TRUE(send(empty)->data.empty());
}

}  // namespace
}  // namespace bellhop::turn
