// What the kernel says of the interfaces.
#include "component/base/machine_addresses.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace bellhop::base {
namespace {

TEST(MachineAddresses, ContainLoopback) {
  const auto addresses = machine_addresses();
  const auto loopback = IpAddress::parse("127.0.0.1").value();
  EXPECT_NE(std::find(addresses.begin(), addresses.end(), loopback), addresses.end());
}

}  // namespace
}  // namespace bellhop::base
