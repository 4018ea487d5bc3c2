// Allocate and Refresh 0, many at a time: how fast a server makes and ends allocations.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/net.hpp"
#include "tests/bench/statistics.hpp"
#include "tests/bench/turn_client.hpp"

namespace bellhop::bench {

struct CyclePlan {
  std::size_t in_flight = 64;
  double seconds = 5;
  std::vector<pid_t> pids;  ///< whose CPU is counted
};

struct CycleReport {
  std::uint64_t completed = 0;  ///< 401, success, success of the Refresh
  std::map<std::string, std::uint64_t> failures;
  double seconds = 0;
  double cpu_seconds = 0;
  Latencies allocated;  ///< signed Allocate sent until its success
};

/// Each cycle has a five-tuple of its own, as each client has.
class CycleRun {
 public:
  /// `client` outlives it.
  CycleRun(TurnClient& client, const sockaddr_in& server, const CyclePlan& plan);

  /// Once. Throws std::system_error when sockets cannot be made.
  [[nodiscard]] CycleReport run();

 private:
  struct Slot {
    UniqueFd fd;
    StunMethod awaited = StunMethod::allocate;
    bool is_signed = false;
    TransactionId id{};
    std::string nonce;
    Clock::time_point asked_at;
  };

  void start(std::size_t index);
  void send_request(Slot& slot, const StunRequest& request);
  void on_readable(std::size_t index);
  void on_answer(Slot& slot, std::size_t index, const StunAnswer& answer);
  void finish(std::size_t index, const std::string& failure);
  void fail_overdue();

  TurnClient& client_;
  sockaddr_in server_;
  CyclePlan plan_;
  SourceSequence sources_;
  Epoll epoll_;
  std::vector<Slot> slots_;
  std::vector<std::uint8_t> input_;
  CycleReport report_;
};

}  // namespace bellhop::bench
