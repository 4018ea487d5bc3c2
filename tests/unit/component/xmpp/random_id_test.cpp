// Ids and passwords that nobody can guess: their shape, and that they differ.
#include "component/xmpp/random_id.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace bellhop::xmpp {
namespace {

TEST(RandomId, IsHexOf128Bits) {
  EXPECT_TRUE(std::regex_match(random_id(), std::regex("[0-9a-f]{32}")));
}

TEST(RandomId, IsNeverTheSame) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(random_id());
  EXPECT_EQ(ids.size(), 1000U);
}

TEST(RandomPassword, CanBeReadOutAndTyped) {
  const std::regex shape("[0-9abcdefghjkmnpqrstvwxyz]{5}(-[0-9abcdefghjkmnpqrstvwxyz]{5}){3}");
  std::set<std::string> passwords;
  for (int i = 0; i < 100; ++i) {
    passwords.insert(random_password());
    EXPECT_TRUE(std::regex_match(*passwords.begin(), shape)) << *passwords.begin();
  }
  EXPECT_EQ(passwords.size(), 100U);
}

}  // namespace
}  // namespace bellhop::xmpp
