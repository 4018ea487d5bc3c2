// Permissions and channels: how long, how many, and of whom.
#include "relay/turn/allocation.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace bellhop::turn {
namespace {

using namespace std::chrono_literals;
using Bound = Allocation::Bound;

constexpr base::TimePoint kNow{1000h};
constexpr Allocation::Limits kLimits{.permissions_max = 3, .channels_max = 2};

base::IpAddress ip(std::uint32_t last) {
  return base::IpAddress::from_v4(0x08080800 + last);
}
base::IpEndpoint peer(std::uint32_t last, std::uint16_t port = 7000) {
  return {ip(last), port};
}

bool permit(Allocation& allocation, const std::vector<base::IpAddress>& peers,
            base::TimePoint now = kNow) {
  return allocation.permit(peers, now);
}

// TURN-P01
TEST(Allocation, PermitsAnAddressForFiveMinutesWhateverThePort) {
  Allocation allocation(kLimits);
  EXPECT_FALSE(allocation.is_permitted(ip(1), kNow));
  ASSERT_TRUE(permit(allocation, {ip(1)}));
  EXPECT_TRUE(allocation.is_permitted(ip(1), kNow + 300s - 1ns));
  EXPECT_FALSE(allocation.is_permitted(ip(1), kNow + 300s));
  EXPECT_FALSE(allocation.is_permitted(ip(2), kNow));
}

// TURN-P01
TEST(Allocation, IsPermittedLongerOnlyByAsking) {
  Allocation allocation(kLimits);
  ASSERT_TRUE(permit(allocation, {ip(1)}));
  ASSERT_TRUE(permit(allocation, {ip(1)}, kNow + 200s));
  EXPECT_TRUE(allocation.is_permitted(ip(1), kNow + 499s));
  EXPECT_FALSE(allocation.is_permitted(ip(1), kNow + 500s));
}

// TURN-P02, TURN-P04
TEST(Allocation, PermitsAllOrNone) {
  Allocation allocation(kLimits);
  ASSERT_TRUE(permit(allocation, {ip(1), ip(2)}));
  EXPECT_FALSE(permit(allocation, {ip(3), ip(4)}, kNow + 10s));
  EXPECT_FALSE(allocation.is_permitted(ip(3), kNow + 10s));
  EXPECT_EQ(allocation.permissions(kNow + 10s), 2U);
  // One that stands there twice, or is known, takes no room.
  EXPECT_TRUE(permit(allocation, {ip(1), ip(3), ip(3)}, kNow + 10s));
  EXPECT_EQ(allocation.permissions(kNow + 10s), 3U);
}

TEST(Allocation, GivesTheRoomOfExpiredPermissionsToOthers) {
  Allocation allocation(kLimits);
  ASSERT_TRUE(permit(allocation, {ip(1), ip(2), ip(3)}));
  EXPECT_FALSE(permit(allocation, {ip(4)}, kNow + 299s));
  EXPECT_TRUE(permit(allocation, {ip(4)}, kNow + 300s));
  EXPECT_EQ(allocation.permissions(kNow + 300s), 1U);
}

// TURN-C01, TURN-C02
TEST(Allocation, BindsAChannelForTenMinutesAndPermitsForFive) {
  Allocation allocation(kLimits);
  EXPECT_EQ(allocation.bind(0x4000, peer(1), kNow), Bound::done);
  ASSERT_NE(allocation.find_channel(std::uint16_t{0x4000}, kNow), nullptr);
  EXPECT_EQ(allocation.find_channel(peer(1), kNow)->number, 0x4000);
  EXPECT_EQ(allocation.find_channel(peer(1, 7001), kNow), nullptr);
  EXPECT_TRUE(allocation.is_permitted(ip(1), kNow + 299s));
  EXPECT_FALSE(allocation.is_permitted(ip(1), kNow + 300s));
  EXPECT_NE(allocation.find_channel(peer(1), kNow + 600s - 1ns), nullptr);
  EXPECT_EQ(allocation.find_channel(peer(1), kNow + 600s), nullptr);
}

// TURN-C02
TEST(Allocation, RefreshesTheSamePairAndItsPermission) {
  Allocation allocation(kLimits);
  ASSERT_EQ(allocation.bind(0x4000, peer(1), kNow), Bound::done);
  EXPECT_EQ(allocation.bind(0x4000, peer(1), kNow + 500s), Bound::done);
  EXPECT_TRUE(allocation.is_permitted(ip(1), kNow + 799s));
  EXPECT_NE(allocation.find_channel(peer(1), kNow + 1099s), nullptr);
  EXPECT_EQ(allocation.channels(kNow + 500s), 1U);
}

// TURN-C01
TEST(Allocation, RefusesANumberOrAPeerThatIsBoundOtherwise) {
  Allocation allocation(kLimits);
  ASSERT_EQ(allocation.bind(0x4000, peer(1), kNow), Bound::done);
  EXPECT_EQ(allocation.bind(0x4000, peer(2), kNow), Bound::conflict);
  EXPECT_EQ(allocation.bind(0x4001, peer(1), kNow), Bound::conflict);
  EXPECT_FALSE(allocation.is_permitted(ip(2), kNow));
  ASSERT_EQ(allocation.bind(0x4001, peer(1, 7001), kNow), Bound::done);
  EXPECT_EQ(allocation.bind(0x4001, peer(1), kNow), Bound::conflict);
  // Both are free again when they have expired.
  EXPECT_EQ(allocation.bind(0x4000, peer(2), kNow + 600s), Bound::done);
  EXPECT_EQ(allocation.bind(0x4001, peer(1), kNow + 600s), Bound::done);
}

TEST(Allocation, HasRoomForSoManyChannels) {
  Allocation allocation(kLimits);
  ASSERT_EQ(allocation.bind(0x4000, peer(1), kNow), Bound::done);
  ASSERT_EQ(allocation.bind(0x4001, peer(2), kNow), Bound::done);
  EXPECT_EQ(allocation.bind(0x4002, peer(3), kNow), Bound::full);
  EXPECT_FALSE(allocation.is_permitted(ip(3), kNow));
  EXPECT_EQ(allocation.bind(0x4000, peer(1), kNow), Bound::done);
}

// TURN-R02
TEST(Allocation, ForgetsAFamilyAndKeepsTheOther) {
  Allocation allocation(kLimits);
  const base::IpEndpoint v6{base::IpAddress::parse("2a00::1").value(), 7000};
  ASSERT_EQ(allocation.bind(0x4000, peer(1), kNow), Bound::done);
  ASSERT_EQ(allocation.bind(0x4001, v6, kNow), Bound::done);
  allocation.forget_family(stun::AddressFamily::ipv6);
  EXPECT_EQ(allocation.find_channel(0x4001, kNow), nullptr);
  EXPECT_FALSE(allocation.is_permitted(v6.address, kNow));
  EXPECT_NE(allocation.find_channel(0x4000, kNow), nullptr);
  EXPECT_TRUE(allocation.is_permitted(ip(1), kNow));
}

TEST(Allocation, BindsNothingWithoutRoomForThePermission) {
  Allocation allocation(kLimits);
  ASSERT_TRUE(permit(allocation, {ip(1), ip(2), ip(3)}));
  EXPECT_EQ(allocation.bind(0x4000, peer(4), kNow), Bound::full);
  EXPECT_EQ(allocation.find_channel(peer(4), kNow), nullptr);
  EXPECT_EQ(allocation.bind(0x4000, peer(3), kNow), Bound::done);
}

}  // namespace
}  // namespace bellhop::turn
