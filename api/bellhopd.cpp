// bellhopd: command line, configuration, limits of the process; then the Daemon.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "api/daemon.hpp"
#include "config/loader.hpp"

extern char** environ;

namespace {

using bellhop::base::Log;
using bellhop::base::LogPrivacy;
using bellhop::base::Severity;
namespace config = bellhop::config;

// sysexits.h: what a service manager and a script tell apart.
constexpr int kExitConfig = 78;
constexpr int kExitUnavailable = 69;

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

Severity severity_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::trace:
      return Severity::trace;
    case config::LogLevel::debug:
      return Severity::debug;
    case config::LogLevel::info:
      return Severity::info;
    case config::LogLevel::warn:
      return Severity::warn;
    case config::LogLevel::error:
      return Severity::error;
  }
  return Severity::info;
}

Log::Options log_options(const config::LogSettings& settings) {
  return {.level = severity_of(settings.level),
          .privacy =
              settings.privacy == config::LogPrivacy::full ? LogPrivacy::full : LogPrivacy::masked,
          .file = settings.file};
}

// A session needs two descriptors, four while bytes are in flight: take what the system gives.
void raise_descriptor_limit(Log& log, const config::ProxySettings& settings) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
  const std::uint64_t wanted = settings.connections_max;
  if (limit.rlim_cur < wanted) {
    log.write(Severity::warn, "descriptor_limit_low",
              {{"limit", limit.rlim_cur}, {"connections_max", wanted}});
  }
}

int serve(config::LoadOutcome loaded, config::LoadOptions options) {
  Log log(log_options(loaded.settings.log));
  raise_descriptor_limit(log, loaded.settings.proxy);
  bellhop::api::Daemon daemon(std::move(loaded.settings), log,
                              {std::move(options), std::move(loaded.origins)});
  daemon.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Bellhop carries the files of an XMPP server's users: an external component.");
  config::LoadOptions options;
  options.path = "/etc/bellhop/bellhop.toml";
  bool is_check = false;
  bool is_print = false;
  bool is_reference = false;
  bool is_example = false;
  app.add_option("-c,--config", options.path, "configuration file")->capture_default_str();
  app.add_option("-s,--set", options.overrides, "key=value: sets one option, wins over the file");
  app.add_flag("--check-config", is_check, "report every problem of the configuration and exit");
  app.add_flag("--print-config", is_print, "print the effective configuration and exit");
  app.add_flag("--print-reference", is_reference, "print the reference of all options and exit");
  app.add_flag("--print-example", is_example, "print a commented example of all options and exit");
  app.set_version_flag("-V,--version", "bellhopd " BELLHOP_VERSION);
  CLI11_PARSE(app, argc, argv);

  if (is_reference) {
    std::cout << config::print_reference();
    return 0;
  }
  if (is_example) {
    std::cout << config::print_example();
    return 0;
  }
  options.environment = environment();
  config::LoadOutcome outcome = config::load_file(options);
  for (const auto& warning : outcome.warnings) {
    std::cerr << "warning: " << to_text(warning) << '\n';
  }
  for (const auto& problem : outcome.problems) std::cerr << to_text(problem) << '\n';
  if (!outcome.problems.empty()) return kExitConfig;
  if (is_print) {
    std::cout << config::print_config(outcome.settings, outcome.origins);
    return 0;
  }
  if (is_check) {
    std::cerr << options.path << ": good\n";
    return 0;
  }
  try {
    return serve(std::move(outcome), std::move(options));
  } catch (const std::exception& failure) {
    std::cerr << "bellhopd: " << failure.what() << '\n';
    return kExitUnavailable;
  }
}
