// The load program of the TURN server: works any TURN server (RFC 8656, UDP, IPv4, long-term
// credentials) and prints one line of JSON. TURN.md beside this file explains modes and fields.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/net.hpp"
#include "tests/bench/statistics.hpp"
#include "tests/bench/turn_client.hpp"
#include "tests/bench/turn_cycles.hpp"
#include "tests/bench/turn_flood.hpp"
#include "tests/bench/turn_hold.hpp"
#include "tests/bench/turn_paths.hpp"
#include "tests/bench/turn_traffic.hpp"

namespace bellhop::bench {
namespace {

struct Options {
  std::string server, user = "bench", password;
  PathPlan paths{.allocations = 200, .peers = 8};
  TrafficPlan traffic;
  CyclePlan cycles;
  HoldPlan hold;
  FloodPlan flood;
  bool direct = false;
  bool hairpin = false;
};

TurnAccount account_of(const Options& options) {
  return {
      .server = parse_address(options.server), .user = options.user, .password = options.password};
}

TrafficReport run_traffic(const Options& options, Paths& paths) {
  TrafficPlan plan = options.traffic;
  plan.rate /= static_cast<double>(plan.shape.packets);  // given in packets
  if (options.direct) {
    paths = make_direct_paths(options.paths);
    return Traffic(paths, plan).run();
  }
  TurnClient client(account_of(options));
  paths = options.hairpin ? make_hairpin_paths(client, options.paths)
                          : make_relay_paths(client, options.paths);
  TrafficReport report = Traffic(paths, plan).run();
  give_back(client, paths);
  return report;
}

int traffic_mode(const Options& options) {
  Paths paths;
  const TrafficReport report = run_traffic(options, paths);
  const auto sent = static_cast<double>(report.sent);
  const auto received = static_cast<double>(report.received);
  JsonLine line;
  line.text("mode", "traffic")
      .count("allocations", paths.allocations)
      .count("flows", paths.flows.size())
      .number("seconds", report.seconds)
      .number("offered_per_s", sent / report.seconds)
      .number("delivered_per_s", received / report.seconds)
      .count("sent", report.sent)
      .count("received", report.received)
      .number("loss_percent", report.loss_percent())
      .count("repeated", report.repeated)
      .count("late", report.late)
      .count("strange", report.strange)
      .count("refused", report.refused)
      .count("given_up", report.given_up)
      .count("kernel_drops", report.kernel_drops)
      .number("behind_s", report.behind_seconds)
      .number("own_busy", report.own_cpu_seconds / report.seconds);
  if (!options.traffic.pids.empty()) {
    line.number("cpu_s", report.cpu_seconds)
        .number("cpu_us_per_packet", report.cpu_seconds * 1e6 / received)
        .number("delivered_per_cpu_s", received / report.cpu_seconds)
        .number("busy", report.cpu_seconds / report.seconds);
  }
  line.latencies("latency", report.latencies).print();
  return report.received > 0 ? 0 : 1;
}

int cycles_mode(const Options& options) {
  const TurnAccount account = account_of(options);
  TurnClient client(account);
  CyclePlan plan = options.cycles;
  plan.pids = options.traffic.pids;
  plan.seconds = options.traffic.seconds;
  const CycleReport report = CycleRun(client, account.server, plan).run();
  const auto completed = static_cast<double>(report.completed);
  JsonLine()
      .text("mode", "cycles")
      .count("in_flight", plan.in_flight)
      .count("completed", report.completed)
      .counts("failures", report.failures)
      .number("seconds", report.seconds)
      .number("cycles_per_s", completed / report.seconds)
      .number("cpu_us_per_cycle", report.cpu_seconds * 1e6 / completed)
      .number("busy", report.cpu_seconds / report.seconds)
      .latencies("allocate", report.allocated)
      .print();
  return report.failures.empty() && report.completed > 0 ? 0 : 1;
}

int hold_mode(const Options& options) {
  TurnClient client(account_of(options));
  HoldPlan plan = options.hold;
  plan.allocations = options.paths.allocations;
  plan.pids = options.traffic.pids;
  const HoldReport report = hold_allocations(client, plan);
  const auto held = static_cast<double>(report.held);
  JsonLine()
      .text("mode", "hold")
      .count("wanted", plan.allocations)
      .count("held", report.held)
      .text("refusal", report.refusal)
      .number("anon_kib_per_allocation", static_cast<double>(report.growth_kib) / held)
      .number("seconds", report.seconds)
      .number("cpu_us_per_allocation", report.cpu_seconds * 1e6 / held)
      .count("asked_again", report.asked_again)
      .count("alive", report.alive)
      .print();
  return report.alive == report.asked_again ? 0 : 1;
}

int flood_mode(const Options& options) {
  FloodPlan plan = options.flood;
  plan.pids = options.traffic.pids;
  const FloodReport report = run_flood(parse_address(options.server), plan);
  const std::uint64_t dropped = std::min(report.kernel_drops, report.requests - 1);
  const auto reached = static_cast<double>(report.requests - dropped);
  const auto answered = static_cast<double>(report.bytes_answered);
  JsonLine()
      .text("mode", "flood")
      .count("requests", report.requests)
      .flag("ended_early", report.ended_early)
      .number("seconds", report.seconds)
      .count("bytes_sent", report.bytes_sent)
      .count("answers", report.answers)
      .count("bytes_answered", report.bytes_answered)
      .number("answered_per_byte", answered / (reached * double{stranger_request_bytes}))
      .number("growth_kib", static_cast<double>(report.growth_kib))
      .number("growth_bytes_per_request", static_cast<double>(report.growth_kib) * 1024 / reached)
      .number("cpu_us_per_request", report.cpu_seconds * 1e6 / reached)
      .count("kernel_drops", report.kernel_drops)
      .print();
  return 0;
}

void add_server(CLI::App& mode, Options& options) {
  mode.add_option("--server", options.server, "address like 127.0.0.1:3478");
  mode.add_option("--user", options.user, "name of the long-term credentials")
      ->capture_default_str();
  mode.add_option("--password", options.password, "their password")->envname("TURN_PASSWORD");
  mode.add_option("--pid", options.traffic.pids, "processes whose CPU and memory are counted")
      ->delimiter(',');
}

void add_shape(CLI::App& mode, TrafficPlan& plan) {
  mode.add_option("--payload", plan.shape.payload_bytes, "bytes of each packet")
      ->check(CLI::Range(std::size_t{PacketLabel::bytes} + 1, std::size_t{1400}))
      ->capture_default_str();
  mode.add_option("--burst", plan.shape.packets, "packets of a flow sent at a time")
      ->check(CLI::Range(std::size_t{1}, BurstShape::train_packets_max))
      ->capture_default_str();
  mode.add_flag("--train", plan.shape.train, "a burst is one train (UDP_SEGMENT, UDP_GRO)");
}

void add_pace(CLI::App& mode, TrafficPlan& plan) {
  const std::map<std::string, TrafficPace> paces{{"even", TrafficPace::even},
                                                 {"flooded", TrafficPace::flooded},
                                                 {"closed", TrafficPace::closed}};
  mode.add_option("--pace", plan.pace, "even: --rate; flooded: at once; closed: upon arrival")
      ->transform(CLI::CheckedTransformer(paces));
  mode.add_option("--rate", plan.rate, "packets a second over all flows (even)");
  mode.add_flag("--alternate", plan.alternate, "directions of an allocation in turn");
  mode.add_flag("--stamps", plan.stamps, "measure latencies");
  mode.add_option("--warm-up", plan.warm_up, "seconds not counted")->capture_default_str();
  mode.add_option("--lose", plan.lose, "count every Nth packet as sent and do not send it")
      ->check(CLI::Range(2U, 1'000'000'000U));
}

void add_traffic(CLI::App& app, Options& options) {
  CLI::App* mode = app.get_subcommand("traffic");
  add_shape(*mode, options.traffic);
  add_pace(*mode, options.traffic);
  mode->add_option("--peers", options.paths.peers, "sockets of all peers")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  mode->add_flag("--direct", options.direct, "without a server");
  mode->add_flag("--hairpin", options.hairpin, "allocations talk to each other in pairs");
}

void add_rest(CLI::App& cycles, CLI::App& hold, CLI::App& flood, Options& options) {
  cycles.add_option("--in-flight", options.cycles.in_flight, "cycles at a time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  hold.add_option("--settle", options.hold.settle, "seconds before memory is read")
      ->capture_default_str();
  flood.add_option("--requests", options.flood.requests, "how many")->capture_default_str();
  flood.add_option("--rate", options.flood.rate, "requests a second")->capture_default_str();
  flood.add_option("--settle", options.flood.settle, "seconds before memory is read")
      ->capture_default_str();
  flood
      .add_option("--growth-max", options.flood.growth_kib_max,
                  "KiB by which the server may grow until the flood ends")
      ->capture_default_str();
}

int main_with(int argc, char** argv) {
  Options options;
  CLI::App app("Load for TURN servers; one line of JSON on standard output.");
  app.require_subcommand(1);
  CLI::App* traffic = app.add_subcommand("traffic", "packets both ways over allocations");
  CLI::App* cycles = app.add_subcommand("cycles", "Allocate, then Refresh 0, many at a time");
  CLI::App* hold = app.add_subcommand("hold", "memory of idle allocations");
  CLI::App* flood = app.add_subcommand("flood", "Allocates from strangers");
  for (CLI::App* mode : {traffic, cycles, hold, flood}) add_server(*mode, options);
  for (CLI::App* mode : {traffic, hold}) {
    mode->add_option("--allocations", options.paths.allocations, "how many")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
  }
  for (CLI::App* mode : {traffic, cycles}) {
    mode->add_option("--seconds", options.traffic.seconds, "how long")->capture_default_str();
  }
  add_traffic(app, options);
  add_rest(*cycles, *hold, *flood, options);
  CLI11_PARSE(app, argc, argv);
  raise_file_limit();
  if (cycles->parsed()) return cycles_mode(options);
  if (hold->parsed()) return hold_mode(options);
  if (flood->parsed()) return flood_mode(options);
  return traffic_mode(options);
}

}  // namespace
}  // namespace bellhop::bench

int main(int argc, char** argv) {
  try {
    return bellhop::bench::main_with(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turn_load: %s\n", error.what());
    return 1;
  }
}
