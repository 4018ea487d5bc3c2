#include "proxy/files/retention.hpp"

#include <algorithm>
#include <chrono>

namespace bellhop::files {
namespace {

Second seconds(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

}  // namespace

Second retention_of(const config::FilesSettings& settings, Purpose purpose, std::uint64_t size) {
  if (purpose == Purpose::permanent) return 0;
  if (purpose == Purpose::profile) return seconds(settings.profile_retention);
  const Second longest = seconds(settings.retention);
  if (longest == 0) return 0;
  const Second shortest = std::min(seconds(settings.retention_min), longest);
  const auto part = static_cast<double>(std::min(size, settings.file_bytes_max)) /
                    static_cast<double>(settings.file_bytes_max);
  // The third power: a file of half the size is kept an eighth of the difference longer.
  const double left = 1 - part;
  return shortest +
         static_cast<Second>(static_cast<double>(longest - shortest) * left * left * left);
}

Second expiry_of(const FileFacts& facts, Second stored) {
  const Second by_age = facts.retention == 0 ? 0 : stored + facts.retention;
  if (facts.expires_at_latest == 0) return by_age;
  return by_age == 0 ? facts.expires_at_latest : std::min(by_age, facts.expires_at_latest);
}

}  // namespace bellhop::files
