// The load program of the stream proxy: works any XEP-0065 proxy over XMPP and SOCKS5, or any TCP
// relay without them, and prints one line of JSON. It is a component of the XMPP server itself, so
// it needs no accounts. README.md beside this file explains modes and fields.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/bulk_transfer.hpp"
#include "tests/bench/component_link.hpp"
#include "tests/bench/echo_route.hpp"
#include "tests/bench/net.hpp"
#include "tests/bench/session_source.hpp"
#include "tests/bench/statistics.hpp"

namespace bellhop::bench {
namespace {

using namespace std::chrono_literals;

struct Options {
  std::string server, domain = "load.localhost", secret;  // the component that we are
  std::string echo_server, echo_domain = "echo.localhost";
  std::string proxy, proxy_jid = "proxy.localhost";
  std::string front, back;  // of a plain relay
  std::vector<pid_t> pids;
  unsigned sources = 8;
  double seconds = 5;
  double warm_up = 0.5;
  std::size_t streams = 1;
  bool verify = false;
  std::uint64_t count = 0;
  std::size_t in_flight = 64;
  std::size_t sessions = 10'000;
  double settle = 2;
  bool bulk = false;
};

Clock::duration to_duration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

/// The sessions that the options ask for, with the component stream that makes them.
class Sessions {
 public:
  explicit Sessions(const Options& options) {
    const Sources sources(static_cast<std::uint8_t>(options.sources));
    if (!options.front.empty()) {
      source_ = std::make_unique<RelaySource>(parse_address(options.front),
                                              parse_address(options.back), sources);
      return;
    }
    link_.emplace(parse_address(options.server), options.domain, options.secret);
    auto bytestreams = std::make_unique<BytestreamSource>(*link_, parse_address(options.proxy),
                                                          options.proxy_jid, sources);
    bytestreams_ = bytestreams.get();
    source_ = std::move(bytestreams);
  }

  [[nodiscard]] std::vector<Session> open(std::size_t count) { return source_->open(count); }
  [[nodiscard]] BytestreamSource& bytestreams() { return *bytestreams_; }

 private:
  std::optional<ComponentLink> link_;
  std::unique_ptr<SessionSource> source_;
  BytestreamSource* bytestreams_ = nullptr;  // source_, when it is one
};

struct BulkOutcome {
  BulkSample sample;
  bool sound = false;
};

BulkOutcome run_bulk(Sessions& sessions, const Options& options) {
  BulkTransfer transfer(sessions.open(options.streams), options.verify);
  std::this_thread::sleep_for(to_duration(options.warm_up));
  BulkOutcome outcome;
  outcome.sample = transfer.measure(to_duration(options.seconds), options.pids);
  outcome.sound = transfer.finish();
  return outcome;
}

int stream_mode(const Options& options) {
  Sessions sessions(options);
  const BulkOutcome outcome = run_bulk(sessions, options);
  JsonLine()
      .text("mode", "stream")
      .count("streams", options.streams)
      .flag("verified", options.verify)
      .flag("complete", outcome.sound)
      .number("seconds", outcome.sample.seconds)
      .number("gib", outcome.sample.gib)
      .number("gib_per_s", outcome.sample.gib_per_second())
      .number("cpu_s", outcome.sample.cpu_seconds)
      .number("cpu_s_per_gib", outcome.sample.cpu_seconds_per_gib())
      .print();
  return outcome.sound ? 0 : 1;
}

int setup_mode(const Options& options) {
  Sessions sessions(options);
  SetupPlan plan;
  plan.count = options.count;
  plan.in_flight = options.in_flight;
  if (options.count == 0) plan.duration = to_duration(options.seconds);
  std::vector<Session> none;
  const double cpu_before = cpu_seconds(options.pids);
  const SetupReport report = sessions.bytestreams().run(plan, none);
  const double cpu = cpu_seconds(options.pids) - cpu_before;
  const auto completed = static_cast<double>(report.completed);
  const auto in_time = static_cast<double>(report.in_time);
  JsonLine()
      .text("mode", "setup")
      .count("in_flight", options.in_flight)
      .count("attempts", report.attempts)
      .count("completed", report.completed)
      .counts("failures", report.failures)
      .number("seconds", report.seconds)
      .number("setups_per_s", in_time / std::max(report.seconds, 1e-9))
      .number("cpu_us_per_setup", completed > 0 ? cpu * 1e6 / completed : 0)
      .latencies("reply", report.reply)
      .latencies("activation", report.activation)
      .latencies("first_byte", report.first_byte)
      .print();
  return report.failures.empty() ? 0 : 1;
}

/// What idle sessions cost a stream: against the mean of before and after, because the speed of a
/// machine drifts over such a time.
void report_loss(JsonLine& line, const BulkSample& before, const BulkSample& during,
                 const BulkSample& after) {
  const double without = (before.gib_per_second() + after.gib_per_second()) / 2;
  line.number("bulk_without_gib_per_s", without)
      .number("bulk_with_gib_per_s", during.gib_per_second())
      .number("loss_percent", 100 * (1 - during.gib_per_second() / without))
      .number("cpu_s_per_gib_without",
              (before.cpu_seconds_per_gib() + after.cpu_seconds_per_gib()) / 2)
      .number("cpu_s_per_gib_with", during.cpu_seconds_per_gib());
}

int idle_mode(const Options& options) {
  Sessions sessions(options);
  // What a first few sessions allocate once for all is no cost of a session.
  sessions.open(std::min<std::size_t>(options.sessions, 64)).clear();
  JsonLine line;
  line.text("mode", "idle").count("sessions", options.sessions);
  std::vector<BulkSample> bulk;
  bool sound = true;
  const auto sample_bulk = [&] {
    if (!options.bulk) return;
    const BulkOutcome outcome = run_bulk(sessions, options);
    bulk.push_back(outcome.sample);
    sound = sound && outcome.sound;
  };
  sample_bulk();
  std::this_thread::sleep_for(to_duration(options.settle));
  const std::int64_t before = anonymous_kib(options.pids);
  std::vector<Session> held = sessions.open(options.sessions);
  std::this_thread::sleep_for(to_duration(options.settle));
  const auto grown = static_cast<double>(anonymous_kib(options.pids) - before);
  line.number("anon_kib_per_session", grown / static_cast<double>(options.sessions));
  sample_bulk();
  held.clear();
  std::this_thread::sleep_for(to_duration(options.settle));
  sample_bulk();
  if (options.bulk) report_loss(line, bulk[0], bulk[1], bulk[2]);
  line.flag("complete", sound).print();
  return sound ? 0 : 1;
}

int route_mode(const Options& options) {
  ComponentLink load(parse_address(options.server), options.domain, options.secret);
  const std::string& echo_server =
      options.echo_server.empty() ? options.server : options.echo_server;
  ComponentLink echo(parse_address(echo_server), options.echo_domain, options.secret);
  EchoRoute route(load, echo, options.in_flight);
  const double cpu_before = cpu_seconds(options.pids);
  route.run(to_duration(options.seconds));
  const double cpu = cpu_seconds(options.pids) - cpu_before;
  const auto answered = static_cast<double>(route.answered());
  JsonLine()
      .text("mode", "route")
      .count("in_flight", options.in_flight)
      .count("answered", route.answered())
      .number("iqs_per_s", answered / route.seconds())
      .number("cpu_us_per_iq", cpu * 1e6 / answered)
      .latencies("round_trip", route.latencies())
      .print();
  return 0;
}

void add_component(CLI::App& mode, Options& options) {
  mode.add_option("--server", options.server, "component port of the XMPP server")->required();
  mode.add_option("--domain", options.domain, "our component's domain")->capture_default_str();
  mode.add_option("--secret", options.secret, "our component's secret")
      ->envname("S5B_LOAD_SECRET")
      ->required();
}

void add_proxy(CLI::App& mode, Options& options) {
  mode.add_option("--proxy", options.proxy, "SOCKS5 address of the proxy")->required();
  mode.add_option("--proxy-jid", options.proxy_jid, "JID of the proxy")->capture_default_str();
}

void add_relay(CLI::App& mode, Options& options) {
  mode.add_option("--front", options.front, "address that the relay listens on")->required();
  mode.add_option("--back", options.back, "address that the relay connects to")->required();
}

void add_bulk(CLI::App& mode, Options& options) {
  mode.add_option("--streams", options.streams, "streams at once")->capture_default_str();
  mode.add_option("--warm-up", options.warm_up, "seconds before the measured ones")
      ->capture_default_str();
  mode.add_flag("--verify", options.verify, "compare every byte (costs the load program)");
}

void add_idle(CLI::App& mode, Options& options) {
  mode.add_option("--sessions", options.sessions, "sessions held")->capture_default_str();
  mode.add_option("--settle", options.settle, "seconds before memory is read")
      ->capture_default_str();
  mode.add_flag("--bulk", options.bulk, "measure streams without and with the idle sessions");
}

void add_in_flight(CLI::App& mode, Options& options) {
  mode.add_option("--in-flight", options.in_flight, "at once")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
}

void add_echo(CLI::App& mode, Options& options) {
  mode.add_option("--echo-server", options.echo_server, "component port of the echo, if another");
  mode.add_option("--echo-domain", options.echo_domain, "domain of the echo, with our secret")
      ->capture_default_str();
}

/// Adds a mode with the options that all have.
CLI::App& add_mode(CLI::App& app, Options& options, const char* name, const char* help) {
  CLI::App& mode = *app.add_subcommand(name, help);
  mode.add_option("--pid", options.pids, "processes whose CPU and memory are counted")
      ->delimiter(',');
  mode.add_option("--sources", options.sources, "local addresses 127.0.0.2… used; 0 off loopback")
      ->check(CLI::Range(0, 250))
      ->capture_default_str();
  mode.add_option("--seconds", options.seconds, "how long to measure")->capture_default_str();
  return mode;
}

int main_with(int argc, char** argv) {
  Options options;
  CLI::App app("Load for XEP-0065 proxies and TCP relays; one line of JSON on standard output.");
  app.require_subcommand(1);
  const auto add = [&](const char* name, const char* help) {
    return &add_mode(app, options, name, help);
  };
  CLI::App* stream = add("stream", "bulk streams through an XEP-0065 proxy");
  CLI::App* raw = add("raw", "bulk streams through a TCP relay");
  CLI::App* setup = add("setup", "whole set-ups: two handshakes, activation, one byte, close");
  CLI::App* idle = add("idle", "memory of idle sessions, and what they cost a bulk stream");
  CLI::App* raw_idle = add("raw-idle", "the same through a TCP relay");
  CLI::App* route = add("route", "IQs through the XMPP server to an echo of our own");
  for (CLI::App* mode : {stream, setup, idle, route}) add_component(*mode, options);
  for (CLI::App* mode : {stream, setup, idle}) add_proxy(*mode, options);
  for (CLI::App* mode : {raw, raw_idle}) add_relay(*mode, options);
  for (CLI::App* mode : {stream, raw, idle, raw_idle}) add_bulk(*mode, options);
  for (CLI::App* mode : {idle, raw_idle}) add_idle(*mode, options);
  for (CLI::App* mode : {setup, route}) add_in_flight(*mode, options);
  setup->add_option("--count", options.count, "set-ups, instead of a time");
  add_echo(*route, options);
  CLI11_PARSE(app, argc, argv);
  raise_file_limit();
  if (setup->parsed()) return setup_mode(options);
  if (route->parsed()) return route_mode(options);
  if (idle->parsed() || raw_idle->parsed()) return idle_mode(options);
  return stream_mode(options);
}

}  // namespace
}  // namespace bellhop::bench

int main(int argc, char** argv) {
  try {
    return bellhop::bench::main_with(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "s5b_load: %s\n", error.what());
    return 1;
  }
}
