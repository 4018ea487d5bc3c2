#include "config/user_file.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "config/file_text.hpp"
#include "config/value_text.hpp"

namespace bellhop::config {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1024} * 1024;
constexpr std::size_t kUsersMax = 10000;
// RFC 8489 §14.3: a USERNAME has fewer than 509 bytes.
constexpr std::size_t kNameBytesMax = 508;
constexpr std::size_t kPasswordBytesMax = 256;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

bool is_number(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// What is wrong with a line, or nothing.
std::string_view fault_of(std::string_view name, std::string_view password) {
  if (name.empty()) return "has no name";
  if (name.size() > kNameBytesMax) return "has a name that is too long";
  if (is_number(name)) return "has a number as name, which stands for a time of expiry";
  if (password.empty()) return "has no password";
  if (password.size() > kPasswordBytesMax) return "has a password that is too long";
  if (has_control(name) || has_control(password)) return "has a control character";
  return {};
}

class UserFile {
 public:
  explicit UserFile(const std::string& path) : path_(path) {}

  std::variant<std::vector<TurnUser>, Refusal> read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      const std::string_view fault = read_line(without_line_end(text.substr(0, end)));
      if (!fault.empty()) return refuse(fault);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(users_);
  }

 private:
  std::string_view read_line(std::string_view line) {
    if (line.find_first_not_of(" \t") == std::string_view::npos || line.front() == '#') return {};
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return "has no colon";
    const std::string_view name = line.substr(0, colon);
    const std::string_view password = line.substr(colon + 1);
    if (const auto fault = fault_of(name, password); !fault.empty()) return fault;
    if (!names_.emplace(name).second) return "has a name that came before";
    if (users_.size() == kUsersMax) return "is one user too many";
    users_.push_back({std::string(name), Secret(std::string(password))});
    return {};
  }

  [[nodiscard]] Refusal refuse(std::string_view fault) const {
    return {"line " + std::to_string(line_) + " of " + in_quotes(path_) + ' ' + std::string(fault),
            "allowed: lines \"name:password\", at most " + std::to_string(kUsersMax)};
  }

  const std::string& path_;
  std::size_t line_ = 0;
  std::set<std::string, std::less<>> names_;
  std::vector<TurnUser> users_;
};

}  // namespace

std::variant<std::vector<TurnUser>, Refusal> read_user_file(const std::string& path) {
  auto content = read_file(path, kFileBytesMax);
  if (auto* refusal = std::get_if<Refusal>(&content)) return std::move(*refusal);
  auto& file = std::get<FileText>(content);
  const Secret whole(std::move(file.text));  // wipes what was read when we return
  if (file.readable == Readable::by_everybody) {
    return Refusal{in_quotes(path) + " can be read by everybody",
                   "take that right away: chmod o= " + printable(path)};
  }
  return UserFile(path).read(whole.reveal());
}

}  // namespace bellhop::config
