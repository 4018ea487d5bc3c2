// SHA-256 in pieces, against the examples of FIPS 180-2.
#include "proxy/files/sha256.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace bellhop::files {
namespace {

constexpr std::string_view kOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kOfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(Sha256().finish(), kOfNothing);
  Sha256 digest;
  digest.update(std::string_view("abc"));
  EXPECT_EQ(digest.finish(), kOfAbc);
}

TEST(Sha256, IsTheSameForAnyPieces) {
  const std::string_view text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256 digest;
    digest.update(text.substr(0, cut));
    digest.update(text.substr(cut));
    EXPECT_EQ(digest.finish(), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        << cut;
  }
}

TEST(Sha256, GoesOnWhereItWasMovedTo) {
  Sha256 first;
  first.update(std::string_view("a"));
  Sha256 second = std::move(first);
  second.update(std::string_view("bc"));
  EXPECT_EQ(second.finish(), kOfAbc);
}

}  // namespace
}  // namespace bellhop::files
