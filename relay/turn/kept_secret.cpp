#include "relay/turn/kept_secret.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "component/base/random.hpp"
#include "component/base/unique_fd.hpp"
#include "component/base/url_base64.hpp"
#include "config/secret_file.hpp"

namespace bellhop::turn {
namespace {

constexpr std::size_t kSecretBytes = 32;

[[noreturn]] void fail(const std::string& path) {
  throw std::runtime_error("cannot keep the secret of TURN in " + path + ": " +
                           std::strerror(errno));
}

}  // namespace

config::Secret kept_secret(const std::string& path) {
  config::Secret made(base::to_url_base64(base::random_bytes(kSecretBytes)));
  if (path.empty()) return made;
  std::error_code ignored;  // open() says what is wrong
  const auto folder = std::filesystem::path(path).parent_path();
  const bool is_made = std::filesystem::create_directory(folder, ignored);
  if (is_made) std::filesystem::permissions(folder, std::filesystem::perms(0750), ignored);
  const base::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file) {
    const std::string_view text = made.reveal();
    const bool is_kept =
        ::write(file.value(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(file.value()) == 0;
    if (!is_kept) {
      (void)::unlink(path.c_str());
      fail(path);
    }
    return made;
  }
  if (errno != EEXIST) fail(path);
  auto read = config::read_secret_file(path);
  if (auto* secret = std::get_if<config::Secret>(&read)) return std::move(*secret);
  throw std::runtime_error("cannot read the secret of TURN: " +
                           std::get<config::Refusal>(read).message);
}

}  // namespace bellhop::turn
