// Set-ups of XEP-0065 sessions through a proxy, many at a time in one thread.
#pragma once

#include <netinet/in.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/component_link.hpp"
#include "tests/bench/net.hpp"
#include "tests/bench/statistics.hpp"

namespace bellhop::bench {

/// Two connections between which the relay under test carries bytes both ways.
struct Session {
  UniqueFd requester;
  UniqueFd target;
};

/// What a run of set-ups has shown.
struct SetupReport {
  std::uint64_t attempts = 0;
  std::uint64_t completed = 0;
  std::map<std::string, std::uint64_t> failures;  ///< by what went wrong; names as in README.md
  Latencies reply;       ///< SOCKS5: CONNECT request sent -> its reply complete
  Latencies activation;  ///< activation sent -> its result
  Latencies first_byte;  ///< activation sent -> a byte, sent upon the result, is at the other side
  // The rate is in_time / seconds: what ends later than planned, after time-outs, is left out.
  std::uint64_t in_time = 0;  ///< completed within the plan's duration
  double seconds = 0;         ///< start -> the last of those
};

/// How many set-ups and how.
struct SetupPlan {
  std::uint64_t count = 0;                            ///< attempts; 0: no limit
  Clock::duration duration = Clock::duration::max();  ///< no attempt is started after that
  std::size_t in_flight = 1;
  bool keep = false;  ///< false: carry one byte, then close; true: hand the session over
};

/// Where set-ups go. What is referred to outlives the run.
struct SetupTarget {
  ComponentLink& link;
  sockaddr_in proxy;
  std::string proxy_jid;
  std::string sid_prefix;  ///< no proxy has seen it before
  Sources sources;
  std::uint64_t next_number = 0;  ///< of the next attempt, over all runs
};

enum class Role : std::uint8_t { requester, target };

/// One connection of an attempt.
struct Side {
  enum class State : std::uint8_t { connecting, greeted, requested, replied };
  UniqueFd fd;
  State state = State::connecting;
  std::array<char, 64> input{};
  std::size_t input_size = 0;
  Clock::time_point requested_at;
};

/// One set-up: both sides shake hands at the same time, then the requester activates, sends a byte
/// and closes; it ends when the target has seen the byte and the end of the stream.
struct Attempt {
  enum class Phase : std::uint8_t { unused, handshaking, activating, active, closing };
  Phase phase = Phase::unused;
  std::array<Side, 2> sides;
  std::uint64_t number = 0;  // of all attempts; also makes the sid and the JIDs
  std::string dst_addr;
  Clock::time_point started_at;
  Clock::time_point activated_at;

  Side& side(Role role) { return sides[static_cast<std::size_t>(role)]; }
};

/// All attempts of one run.
class SetupRun {
 public:
  /// All three outlive the run. Sessions that a plan with `keep` opens are appended to `kept`.
  SetupRun(SetupTarget& to, const SetupPlan& plan, std::vector<Session>& kept)
      : to_(to), plan_(plan), kept_(kept), attempts_(plan.in_flight) {}

  /// Once. Throws std::runtime_error when the component stream breaks; everything else that goes
  /// wrong is counted in the report.
  [[nodiscard]] SetupReport run();

 private:
  // A token names the slot, the side and (in the upper half) the attempt, because an event of an
  // attempt that has ended may still be in the batch at hand.
  static constexpr std::uint64_t link_token = ~std::uint64_t{0};
  static std::uint64_t token(std::size_t slot, std::uint64_t number, Role role) {
    return number << 32U | slot << 1U | static_cast<std::uint64_t>(role);
  }

  [[nodiscard]] bool may_start() const;
  [[nodiscard]] bool ramping() const { return report_.attempts < attempts_.size(); }
  void start_due();
  void start(std::size_t slot);
  void on_event(const epoll_event& event);
  void on_connected(Attempt& attempt, Side& side);
  void on_readable(Attempt& attempt, Role role);
  void on_input(Attempt& attempt, Role role);
  void on_end(Attempt& attempt, Role role);
  void send_request(Attempt& attempt, Side& side);
  void check_reply(Attempt& attempt, Side& side);
  void activate(Attempt& attempt);
  void on_stanza(const Stanza& stanza);
  void on_activated(Attempt& attempt);
  void on_first_byte(Attempt& attempt);
  void fail(Attempt& attempt, const std::string& reason);
  void complete(Attempt& attempt);
  void finish(Attempt& attempt);
  void fail_overdue();

  SetupTarget& to_;
  const SetupPlan& plan_;
  std::vector<Session>& kept_;
  std::vector<Attempt> attempts_;
  std::vector<std::size_t> free_slots_;
  Epoll epoll_;
  SetupReport report_;
  Clock::time_point started_at_;
};

}  // namespace bellhop::bench
