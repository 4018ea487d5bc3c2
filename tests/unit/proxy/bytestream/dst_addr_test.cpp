// The hash that names a bytestream.
#include "proxy/bytestream/dst_addr.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <unordered_set>

namespace bellhop::bytestream {
namespace {

using namespace std::string_view_literals;

std::string hash(std::string_view sid, std::string_view requester, std::string_view target) {
  return DstAddr::of(sid, xmpp::Jid::parse(requester).value(), xmpp::Jid::parse(target).value())
      .hex();
}

// S5B-17
TEST(DstAddr, IsThatOfTheSpecification) {
  EXPECT_EQ(hash("vxf9n471bn46", "requester@example.com/foo", "target@example.org/bar"),
            "98b8d688d0f5d895fd41c5e7309a2e9e33ba32ff");
}

// S5B-16
TEST(DstAddr, TakesOccupantsOfRoomsAsTheyAreNamed) {
  EXPECT_EQ(hash("yia72g3v49j7", "requester@example.com/foo", "room@conference.example.net/Tget"),
            "416781edf1ae50bad01cb8509ba35b43952bc345");
}

// JS5-02
TEST(DstAddr, TellsTheTwoOrdersOfItsPartiesApart) {
  constexpr std::string_view kRomeo = "romeo@montague.lit/orchard";
  constexpr std::string_view kJuliet = "juliet@capulet.lit/balcony";
  EXPECT_EQ(hash("vj3hs98y", kRomeo, kJuliet), "972b7bf47291ca609517f67f86b5081086052dad");
  EXPECT_EQ(hash("vj3hs98y", kJuliet, kRomeo), "1a12fb7bc625e55f3ed5b29a53dbe0e4aa7d80ba");
}

// S5B-18
TEST(DstAddr, IsTakenOverPreparedJids) {
  EXPECT_EQ(hash("vxf9n471bn46", "Requester@EXAMPLE.com/foo", "TARGET@Example.ORG./bar"),
            "98b8d688d0f5d895fd41c5e7309a2e9e33ba32ff");
  EXPECT_NE(hash("vxf9n471bn46", "requester@example.com/Foo", "target@example.org/bar"),
            "98b8d688d0f5d895fd41c5e7309a2e9e33ba32ff");
}

// S5B-06: the sid is used exactly as received.
TEST(DstAddr, TrimsNothingOfTheSid) {
  std::unordered_set<std::string> seen;
  for (const std::string_view sid : {"sid"sv, " sid"sv, "sid "sv, "SID"sv, "sid\0"sv, "s\tid"sv}) {
    EXPECT_TRUE(seen.insert(hash(sid, "a@example.org", "b@example.org")).second) << sid;
  }
}

// S5B-25
TEST(DstAddr, IsReadFromDigitsOfEitherCase) {
  const auto lower = DstAddr::from_hex("98b8d688d0f5d895fd41c5e7309a2e9e33ba32ff");
  const auto upper = DstAddr::from_hex("98B8D688D0F5D895FD41C5E7309A2E9E33BA32FF");
  ASSERT_TRUE(lower && upper);
  EXPECT_EQ(*lower, *upper);
  EXPECT_EQ(upper->hex(), "98b8d688d0f5d895fd41c5e7309a2e9e33ba32ff");
  EXPECT_EQ(lower->bytes()[0], 0x98);
  EXPECT_EQ(lower->bytes()[19], 0xff);
}

// S5B-25
TEST(DstAddr, IsNotReadFromAnythingElse) {
  const std::string digits(40, 'a');
  EXPECT_FALSE(DstAddr::from_hex(""));
  EXPECT_FALSE(DstAddr::from_hex(digits.substr(1)));
  EXPECT_FALSE(DstAddr::from_hex(digits + "a"));
  for (std::size_t at = 0; at < digits.size(); ++at) {
    for (const char wrong : {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\x80'}) {
      std::string text = digits;
      text[at] = wrong;
      EXPECT_FALSE(DstAddr::from_hex(text)) << at;
    }
  }
}

// S5B-39: a log shows too little to connect with.
TEST(DstAddr, IsShownByEightDigits) {
  EXPECT_EQ(DstAddr::from_hex("98b8d688d0f5d895fd41c5e7309a2e9e33ba32ff")->short_text(),
            "98b8d688");
}

TEST(DstAddr, IsFoundInAHashTable) {
  const auto one = DstAddr::from_hex(std::string(40, 'a')).value();
  const auto other = DstAddr::from_hex(std::string(39, 'a') + "b").value();
  const std::unordered_set<DstAddr> known{one};
  EXPECT_TRUE(known.contains(one));
  EXPECT_FALSE(known.contains(other));
}

}  // namespace
}  // namespace bellhop::bytestream
