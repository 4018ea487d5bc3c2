// Addresses as typed, and why nothing is to be reached at one.
#include "api/ctl/address.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>

#include "component/base/unique_fd.hpp"

namespace bellhop::ctl {
namespace {

Address address(std::string_view text) {
  const auto parsed = parse_address(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Address{};
}

TEST(Address, ReadsUnixSockets) {
  EXPECT_EQ(address("unix:/run/bellhop/admin.sock").path, "/run/bellhop/admin.sock");
  EXPECT_EQ(address("unix:///run/x").path, "/run/x");
  EXPECT_EQ(address("unix:relative").grpc_target(), "unix:relative");
  EXPECT_TRUE(address(kDefaultAddress).is_unix());
}

TEST(Address, ReadsHostsAndPorts) {
  EXPECT_EQ(address("bellhop.example.org:5280").host, "bellhop.example.org");
  EXPECT_EQ(address("bellhop.example.org:5280").grpc_target(), "dns:///bellhop.example.org:5280");
  EXPECT_EQ(address("[2001:db8::1]:443").host, "2001:db8::1");
  EXPECT_EQ(address("[2001:db8::1]:443").text(), "[2001:db8::1]:443");
  EXPECT_EQ(address("127.0.0.1:65535").port, "65535");
}

TEST(Address, RefusesWhatIsNone) {
  for (const char* text : {"", "unix:", "unix://", "nowhere", ":5280", "host:", "host:0",
                           "host:65536", "host:+1", "host:99999999", "[::1]", "[nonsense]:1",
                           "::1:5280", "a/b:1", "ho st:1", "dns:///x:1", "host:1 "}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  EXPECT_FALSE(parse_address(std::string(256, 'a') + ":1"));
  EXPECT_FALSE(parse_address(std::string_view("unix:/a\0b", 9)));
}

TEST(Address, TakesTheLongestSocketPathAndNoLongerOne) {
  EXPECT_TRUE(parse_address("unix:" + std::string(kSocketPathBytesMax, 'x')));
  EXPECT_FALSE(parse_address("unix:" + std::string(kSocketPathBytesMax + 1, 'x')));
}

TEST(Address, KnowsWhatStaysOnTheMachine) {
  for (const char* text : {"unix:/x", "localhost:1", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1"}) {
    EXPECT_TRUE(address(text).is_loopback()) << text;
  }
  for (const char* text : {"128.0.0.1:1", "localhost.example.org:1", "[::2]:1", "10.0.0.1:1",
                           "127.0.0.1.example.org:1"}) {
    EXPECT_FALSE(address(text).is_loopback()) << text;
  }
}

TEST(Address, ProbesWhyASocketCannotBeReached) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("bellhopctl-probe-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const Address place{.path = (folder / "s").string(), .host = {}, .port = {}};
  EXPECT_EQ(probe(place), Obstacle::socket_missing);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, place.path.data(), place.path.size());
  const base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::bind(fd.value(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  EXPECT_EQ(probe(place), Obstacle::refused);
  ASSERT_EQ(::listen(fd.value(), 1), 0);
  EXPECT_EQ(probe(place), Obstacle::none);
  EXPECT_EQ(probe(address("127.0.0.1:1")), Obstacle::unknown);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace bellhop::ctl
