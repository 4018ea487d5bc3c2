#include "tests/bench/turn_hold.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "tests/bench/net.hpp"
#include "tests/bench/statistics.hpp"
#include "tests/bench/turn_paths.hpp"

namespace bellhop::bench {
namespace {

constexpr std::size_t first_ones = 64;  // what they allocate once for all is no cost of each
constexpr std::size_t asked_again = 100;
constexpr std::uint32_t lifetime_seconds = 600;
constexpr std::uint16_t peer_port = 40'000;  // nobody is there, and nothing is sent

/// Makes allocations until there are `count`; the reason when one is refused.
std::string make(TurnClient& client, SourceSequence& sources, std::size_t count,
                 std::vector<Allocation>& held) {
  sockaddr_in peer = loopback_address(peer_host);
  peer.sin_port = htons(peer_port);
  while (held.size() < count) {
    try {
      Allocation allocation = client.allocate(sources.next());
      client.bind_channel(allocation, first_channel, peer);
      held.push_back(std::move(allocation));
    } catch (const std::exception& refusal) {
      return refusal.what();
    }
  }
  return {};
}

std::size_t count_alive(TurnClient& client, std::vector<Allocation>& held, std::size_t wanted) {
  std::size_t alive = 0;
  for (std::size_t i = 0; i < wanted; ++i) {
    try {
      client.refresh(held[i * held.size() / wanted], lifetime_seconds);
      ++alive;
    } catch (const std::runtime_error&) {
      continue;  // counted by not being counted
    }
  }
  return alive;
}

void give_back(TurnClient& client, std::vector<Allocation>& held) {
  for (Allocation& allocation : held) client.refresh(allocation, 0);
  held.clear();
}

}  // namespace

HoldReport hold_allocations(TurnClient& client, const HoldPlan& plan) {
  SourceSequence sources;
  std::vector<Allocation> held;
  HoldReport report;
  report.refusal = make(client, sources, std::min(first_ones, plan.allocations), held);
  if (!report.refusal.empty()) throw std::runtime_error(report.refusal);
  give_back(client, held);
  const auto settle = std::chrono::duration<double>(plan.settle);
  std::this_thread::sleep_for(settle);
  const std::int64_t memory_before = anonymous_kib(plan.pids);
  const double cpu_before = cpu_seconds(plan.pids);
  const auto begin = Clock::now();
  report.refusal = make(client, sources, plan.allocations, held);
  report.held = held.size();
  report.seconds = seconds_between(begin, Clock::now());
  report.cpu_seconds = cpu_seconds(plan.pids) - cpu_before;
  std::this_thread::sleep_for(settle);
  report.growth_kib = anonymous_kib(plan.pids) - memory_before;
  report.asked_again = std::min(asked_again, held.size());
  report.alive = count_alive(client, held, report.asked_again);
  if (report.alive == report.asked_again) give_back(client, held);
  return report;
}

}  // namespace bellhop::bench
