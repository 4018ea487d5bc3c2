// What names and addresses stand for, as the system's resolver tells it.
#include "api/admin/lookup.hpp"

#include <gtest/gtest.h>

#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using base::Deadline;

class LookupTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Lookup> look_up(const std::string& host, Deadline deadline) {
    return runtime::test::run(context_, addresses_of(host, deadline));
  }

  boost::asio::io_context context_;
};

TEST_F(LookupTest, AnAddressIsItself) {
  const auto lookup = look_up("127.0.0.1", Deadline::after(10s));
  EXPECT_EQ(lookup->trouble, "");
  ASSERT_EQ(lookup->addresses.size(), 1U) << "told for each kind of socket, kept once";
  EXPECT_EQ(lookup->addresses[0].text(), "127.0.0.1");
}

TEST_F(LookupTest, WhatIsNoNameHasATrouble) {
  const auto lookup = look_up("no name at all", Deadline::after(10s));
  EXPECT_NE(lookup->trouble, "");
  EXPECT_TRUE(lookup->addresses.empty());
}

TEST_F(LookupTest, AResolverThatIsLateIsNotWaitedFor) {
  const auto lookup = look_up("no name at all", Deadline(base::Clock::now() - 1s));
  EXPECT_EQ(lookup->trouble, "the resolver did not answer in time");
}

TEST(IsHere, KnowsTheAddressesOfThisMachine) {
  const auto loopback = base::IpAddress::parse("127.0.0.1").value();
  const auto other = base::IpAddress::parse("192.0.2.1").value();  // RFC 5737: nobody's
  EXPECT_TRUE(is_here({other, loopback}));
  EXPECT_FALSE(is_here({other}));
  EXPECT_FALSE(is_here({}));
}

}  // namespace
}  // namespace bellhop::admin
