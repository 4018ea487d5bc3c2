// What scenarios of the admin side share.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

#include "tests/scenario/conversation.hpp"

namespace bellhop::test {

/// A folder of the test's own, gone with it.
class Folder {
 public:
  Folder() {
    static std::atomic<int> number = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("bellhop-admin-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Settings with admin sockets and a state folder below `folder`; then `more`.
[[nodiscard]] inline Change with_admin(const Folder& folder, const Change& more = {}) {
  return [&folder, more](config::Settings& settings) {
    settings.admin.socket = folder / "admin.sock";
    settings.admin.read_socket = folder / "read.sock";
    settings.monitoring.state_dir = folder / "state";
    if (more) more(settings);
  };
}

}  // namespace bellhop::test
