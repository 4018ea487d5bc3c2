// The service manager's side of sd_notify(): a datagram socket of our own.
#include "api/sd_notify.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "component/base/unique_fd.hpp"

namespace bellhop::api {
namespace {

class Manager {
 public:
  // `name` begins with '@' for an abstract socket, else it is a path.
  explicit Manager(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(fd_.value(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Manager() { ::unsetenv("NOTIFY_SOCKET"); }

  [[nodiscard]] std::string received() const {
    std::array<char, 128> buffer;
    const ssize_t n = ::recv(fd_.value(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    return n < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(n));
  }

 private:
  base::UniqueFd fd_;
};

TEST(SdNotify, ReachesASocketInTheFileSystem) {
  const auto path =
      std::filesystem::temp_directory_path() / ("bellhop-notify-" + std::to_string(::getpid()));
  {
    const Manager manager(path.string());
    sd_notify("READY=1");
    EXPECT_EQ(manager.received(), "READY=1");
  }
  std::filesystem::remove(path);
}

TEST(SdNotify, ReachesAnAbstractSocket) {
  const Manager manager("@bellhop-notify-" + std::to_string(::getpid()));
  sd_notify("STOPPING=1");
  EXPECT_EQ(manager.received(), "STOPPING=1");
}

TEST(SdNotify, DoesNothingWithoutAManagerOrWithANonsensicalName) {
  const std::string name = "@bellhop-silent-" + std::to_string(::getpid());
  const Manager manager(name);
  ::unsetenv("NOTIFY_SOCKET");
  sd_notify("READY=1");
  ::setenv("NOTIFY_SOCKET", "relative/path", 1);
  sd_notify("READY=1");
  ::setenv("NOTIFY_SOCKET", ("/" + std::string(200, 'x')).c_str(), 1);
  sd_notify("READY=1");
  EXPECT_EQ(manager.received(), "nothing");
}

}  // namespace
}  // namespace bellhop::api
