#include "proxy/files/file_words.hpp"

#include <array>
#include <string_view>

#include "component/xmpp/date_time.hpp"

namespace bellhop::files {
namespace {

std::string counted(std::uint64_t count, std::string_view unit) {
  std::string text = std::to_string(count);
  text.append(1, ' ').append(unit);
  if (count != 1) text += 's';
  return text;
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  constexpr std::uint64_t kStep = 1024;
  if (bytes < kStep) return counted(bytes, "byte");
  std::size_t unit = 0;
  std::uint64_t whole = bytes / kStep;
  std::uint64_t rest = bytes % kStep;
  for (; whole >= kStep; ++unit) {
    rest = whole % kStep;
    whole /= kStep;
  }
  std::string text = std::to_string(whole);
  const std::uint64_t tenth = rest * 10 / kStep;
  if (whole < 10 && tenth > 0) text.append(1, '.').append(std::to_string(tenth));
  return text.append(1, ' ').append(kUnits[unit]);
}

std::string files_text(std::uint64_t files) {
  return counted(files, "file");
}

std::string moment_text(Second moment) {
  if (moment == 0) return "never";
  // CCYY-MM-DDThh:mm:ssZ
  std::string text = xmpp::format_date_time(std::chrono::sys_seconds(std::chrono::seconds(moment)));
  constexpr std::size_t kToMinutes = 16;
  text.resize(kToMinutes);
  text[10] = ' ';
  return text + " UTC";
}

std::string duration_text(std::chrono::milliseconds duration) {
  struct Unit {
    std::int64_t seconds;
    std::string_view name;
  };
  constexpr std::array kUnits{Unit{86'400, "day"}, Unit{3'600, "hour"}, Unit{60, "minute"}};
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  for (const Unit& unit : kUnits) {
    const bool is_whole = seconds >= unit.seconds && seconds % unit.seconds == 0;
    if (is_whole) return counted(static_cast<std::uint64_t>(seconds / unit.seconds), unit.name);
  }
  return counted(static_cast<std::uint64_t>(seconds), "second");
}

}  // namespace bellhop::files
