#include "tests/bench/statistics.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace bellhop::bench {
namespace {

std::string read_proc(pid_t pid, std::string_view file) {
  std::ifstream stream("/proc/" + std::to_string(pid) + "/" + std::string(file));
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    // What we quote is names and error texts; a control character in them says nothing.
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + '"';
}

}  // namespace

double Latencies::percentile_us(double share) const {
  if (times_.empty()) return 0;
  std::vector<Clock::duration> times = times_;
  const auto rank = std::ceil(share * static_cast<double>(times.size()));
  const auto at = times.begin() + static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
  std::nth_element(times.begin(), at, times.end());
  return std::chrono::duration<double, std::micro>(*at).count();
}

double cpu_seconds(const std::vector<pid_t>& pids) {
  double ticks = 0;
  for (const pid_t pid : pids) {
    const std::string stat = read_proc(pid, "stat");
    // proc(5): the command in parentheses may hold anything; utime and stime are fields 14 and 15.
    std::istringstream fields(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    ticks += user + system;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::int64_t anonymous_kib(const std::vector<pid_t>& pids) {
  constexpr std::string_view key = "RssAnon:";
  std::int64_t sum = 0;
  for (const pid_t pid : pids) {
    const std::string status = read_proc(pid, "status");
    const auto found = status.find(key);
    if (found != std::string::npos) sum += std::stoll(status.substr(found + key.size()));
  }
  return sum;
}

JsonLine& JsonLine::raw(std::string_view key, std::string_view value) {
  line_ += line_.empty() ? "{" : ", ";
  line_ += quote(key);
  line_ += ": ";
  line_ += value;
  return *this;
}

JsonLine& JsonLine::text(std::string_view key, std::string_view value) {
  return raw(key, quote(value));
}

JsonLine& JsonLine::number(std::string_view key, double value) {
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.6g", std::isfinite(value) ? value : 0.0);
  return raw(key, digits);
}

JsonLine& JsonLine::count(std::string_view key, std::uint64_t value) {
  return raw(key, std::to_string(value));
}

JsonLine& JsonLine::flag(std::string_view key, bool value) {
  return raw(key, value ? "true" : "false");
}

JsonLine& JsonLine::latencies(std::string_view key, const Latencies& value) {
  if (value.empty()) return *this;
  number(std::string(key) + "_p50_us", value.percentile_us(0.5));
  return number(std::string(key) + "_p99_us", value.percentile_us(0.99));
}

JsonLine& JsonLine::counts(std::string_view key,
                           const std::map<std::string, std::uint64_t>& value) {
  JsonLine inner;
  for (const auto& [name, number] : value) inner.count(name, number);
  return raw(key, inner.line_.empty() ? "{}" : inner.line_ + "}");
}

void JsonLine::print() const {
  std::puts((line_ + "}").c_str());
  std::fflush(stdout);
}

}  // namespace bellhop::bench
