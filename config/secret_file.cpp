#include "config/secret_file.hpp"

#include <string_view>
#include <utility>

#include "config/file_text.hpp"
#include "config/value_text.hpp"

namespace bellhop::config {
namespace {

constexpr std::size_t kSecretBytesMax = 4096;

}  // namespace

std::variant<Secret, Refusal> read_secret_file(const std::string& path) {
  auto content = read_file(path, kSecretBytesMax);
  if (auto* refusal = std::get_if<Refusal>(&content)) return std::move(*refusal);
  auto& file = std::get<FileText>(content);
  const Secret whole(std::move(file.text));  // wipes what was read when we return
  if (file.readable == Readable::by_everybody) {
    return Refusal{in_quotes(path) + " can be read by everybody",
                   "take that right away: chmod o= " + printable(path)};
  }
  std::string_view line = whole.reveal();
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return Refusal{in_quotes(path) + " holds no secret: it is empty", {}};
  if (line.find('\n') != std::string_view::npos) {
    return Refusal{in_quotes(path) + " has several lines", "allowed: one line, the secret"};
  }
  return Secret(std::string(line));
}

}  // namespace bellhop::config
