#include "tests/scenario/running_daemon.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "api/daemon.hpp"

namespace bellhop::test {
namespace {

// Each log a file of its own: two daemons may run in one process, many processes side by side.
std::string unique_log_file() {
  static std::atomic<int> number = 0;
  const std::string name =
      "bellhop-scenario-" + std::to_string(::getpid()) + "-" + std::to_string(++number) + ".log";
  return (std::filesystem::temp_directory_path() / name).string();
}

// A daemon of a test opens no admin sockets and keeps nothing, unless the test said where.
config::Settings without_admin(config::Settings settings) {
  const config::Settings defaults;
  const config::AdminSettings& admin = defaults.admin;
  if (settings.admin.socket == admin.socket) settings.admin.socket = "";
  if (settings.admin.http_listen == admin.http_listen) settings.admin.http_listen = {};
  std::string& state_dir = settings.monitoring.state_dir;
  if (state_dir == defaults.monitoring.state_dir) state_dir = "";
  return settings;
}

base::Severity severity_of(config::LogLevel level) {
  return static_cast<base::Severity>(level);
}

}  // namespace

struct RunningDaemon::Parts {
  explicit Parts(config::Settings wanted)
      : settings(without_admin(std::move(wanted))),
        file(unique_log_file()),
        log({.level = severity_of(settings.log.level), .privacy = {}, .file = file}),
        daemon(settings, log),
        thread([this] {
          daemon.run();
          has_ended = true;
        }) {}

  config::Settings settings;
  std::string file;
  base::Log log;
  api::Daemon daemon;
  std::atomic<bool> has_ended = false;
  int exceptions_before = std::uncaught_exceptions();
  std::thread thread;
};

RunningDaemon::RunningDaemon(config::Settings settings)
    : parts_(std::make_unique<Parts>(std::move(settings))) {}

RunningDaemon::~RunningDaemon() {
  request_stop();
  request_stop();  // the second one cuts the drain short
  parts_->thread.join();
  const bool has_failed =
      ::testing::Test::HasFailure() || std::uncaught_exceptions() > parts_->exceptions_before;
  if (has_failed) std::fputs(log().c_str(), stderr);
  std::filesystem::remove(parts_->file);
}

std::uint16_t RunningDaemon::port() const {
  return parts_->daemon.bound().front().port;
}

void RunningDaemon::request_stop() {
  parts_->daemon.request_stop();
}

bool RunningDaemon::has_ended() const {
  return parts_->has_ended;
}

void RunningDaemon::expect_end() {
  if (!eventually([this] { return has_ended(); })) throw Missed("the daemon goes on");
}

std::string RunningDaemon::log() const {
  std::ostringstream text;
  text << std::ifstream(parts_->file).rdbuf();
  return text.str();
}

std::vector<std::string> RunningDaemon::lines(std::string_view event) const {
  const std::string mark = " event=" + std::string(event) + " ";
  std::vector<std::string> found;
  std::istringstream text(log());
  // A line that is just being written has no end yet.
  for (std::string line; std::getline(text, line) && !text.eof();) {
    if ((line + " ").find(mark) != std::string::npos) found.push_back(line);
  }
  return found;
}

std::string RunningDaemon::line(std::string_view event, std::size_t count) const {
  std::vector<std::string> found;
  const bool is_there = eventually([&] {
    found = lines(event);
    return found.size() >= count;
  });
  if (!is_there) throw Missed("no line in the log: " + std::string(event));
  return found[count - 1];
}

std::uint64_t RunningDaemon::counter(std::string_view metric, std::string_view reason) const {
  std::uint64_t sum = 0;
  for (const auto& reading : parts_->daemon.counters().read()) {
    if (reading.name.metric != metric) continue;
    if (reason.empty() || reading.name.reason == reason) sum += reading.value;
  }
  return sum;
}

std::string field(std::string_view line, std::string_view key) {
  const std::string mark = " " + std::string(key) + "=";
  const auto begin = line.find(mark);
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin + mark.size());
  if (!line.starts_with('"')) return std::string(line.substr(0, line.find(' ')));
  line.remove_prefix(1);
  return std::string(line.substr(0, line.find('"')));
}

std::int64_t number(std::string_view line, std::string_view key) {
  const std::string text = field(line, key);
  return text.empty() ? -1 : std::stoll(text);
}

}  // namespace bellhop::test
