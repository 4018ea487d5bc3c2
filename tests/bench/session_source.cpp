#include "tests/bench/session_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "tests/bench/statistics.hpp"

namespace bellhop::bench {
namespace {

constexpr std::chrono::seconds connect_timeout{10};
constexpr std::size_t open_in_flight = 64;
constexpr int open_rounds = 10;

}  // namespace

std::vector<Session> RelaySource::open(std::size_t count) {
  std::vector<Session> sessions;
  while (sessions.size() < count) {
    Session session{sources_.connect(front_), UniqueFd()};
    await_connected(session.requester.get(), connect_timeout);
    session.target = accept_within(listener_.get(), connect_timeout);
    sessions.push_back(std::move(session));
  }
  return sessions;
}

BytestreamSource::BytestreamSource(ComponentLink& link, const sockaddr_in& proxy,
                                   std::string proxy_jid, Sources sources)
    : to_{.link = link,
          .proxy = proxy,
          .proxy_jid = std::move(proxy_jid),
          // A proxy may remember a sid longer than our last run took.
          .sid_prefix = "s" + std::to_string(getpid()) + "-" +
                        std::to_string(Clock::now().time_since_epoch().count()) + "-",
          .sources = sources} {}

std::vector<Session> BytestreamSource::open(std::size_t count) {
  std::vector<Session> sessions;
  std::string reason = "none";
  for (int round = 0; round < open_rounds && sessions.size() < count; ++round) {
    SetupPlan plan;
    plan.count = count - sessions.size();
    plan.in_flight = std::min<std::size_t>(plan.count, open_in_flight);
    plan.keep = true;
    const SetupReport report = run(plan, sessions);
    if (!report.failures.empty()) reason = report.failures.begin()->first;
  }
  if (sessions.size() < count) {
    throw std::runtime_error("only " + std::to_string(sessions.size()) + " of " +
                             std::to_string(count) + " sessions opened; one reason: " + reason);
  }
  return sessions;
}

SetupReport BytestreamSource::run(const SetupPlan& plan, std::vector<Session>& kept) {
  return SetupRun(to_, plan, kept).run();
}

}  // namespace bellhop::bench
