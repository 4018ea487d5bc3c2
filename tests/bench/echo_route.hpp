// What it costs the XMPP server to route: the part of a set-up that is not the proxy's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "tests/bench/component_link.hpp"
#include "tests/bench/statistics.hpp"

namespace bellhop::bench {

/// IQs from one component of ours through the server to another of ours, which answers.
class EchoRoute {
 public:
  /// Both streams outlive the run.
  EchoRoute(ComponentLink& load, ComponentLink& echo, std::size_t in_flight)
      : load_(load), echo_(echo), in_flight_(in_flight) {}

  /// Keeps that many IQs under way for the time, then waits for the last answers. Throws when the
  /// server refuses to route or stops.
  void run(Clock::duration time);

  [[nodiscard]] const Latencies& latencies() const { return latencies_; }
  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  void ask();
  void on_question(const Stanza& stanza);
  void on_answer(const Stanza& stanza);

  ComponentLink& load_;
  ComponentLink& echo_;
  std::size_t in_flight_;
  std::deque<Clock::time_point> asked_at_;
  Clock::time_point started_at_;
  Clock::time_point ends_at_;
  Latencies latencies_;
  std::uint64_t answered_ = 0;
  double seconds_ = 0;
};

}  // namespace bellhop::bench
