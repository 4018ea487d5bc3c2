// Packets over all flows for a time, and what became of them: the heart of the TURN load program.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "tests/bench/net.hpp"
#include "tests/bench/statistics.hpp"
#include "tests/bench/turn_packet.hpp"
#include "tests/bench/turn_paths.hpp"
#include "tests/bench/turn_receiver.hpp"
#include "tests/bench/turn_sender.hpp"

namespace bellhop::bench {

/// When the next burst of a flow is sent.
enum class TrafficPace : std::uint8_t {
  even,     ///< `rate` bursts a second, one flow after the other
  flooded,  ///< at once
  closed,   ///< when the one before has arrived, or has been given up
};

struct TrafficPlan {
  BurstShape shape;
  TrafficPace pace = TrafficPace::even;
  double rate = 0;         ///< bursts a second over all flows
  bool alternate = false;  ///< both directions of an allocation one after the other
  bool stamps = false;     ///< measure latencies
  double warm_up = 0.5;    ///< seconds that are not counted
  double seconds = 5;
  std::uint64_t lose = 0;   ///< PacketSender's
  std::vector<pid_t> pids;  ///< whose CPU is counted
};

/// What was counted. Packets are those that were sent in the measured time; they had until after it
/// to arrive.
struct TrafficReport {
  double seconds = 0;
  std::uint64_t sent = 0;
  std::uint64_t refused = 0;   ///< by our own kernel, not part of sent
  std::uint64_t received = 0;  ///< each once
  std::uint64_t repeated = 0;
  std::uint64_t late = 0;      ///< received behind a newer one of their flow
  std::uint64_t strange = 0;   ///< of no flow, or at another socket than the flow's
  std::uint64_t given_up = 0;  ///< bursts (closed pace)
  double behind_seconds = 0;   ///< by which the plan was moved, because the load program was late
  double cpu_seconds = 0;
  double own_cpu_seconds = 0;
  std::uint64_t kernel_drops = 0;  ///< datagrams that found a full receive buffer, anybody's
  Latencies latencies;

  [[nodiscard]] double loss_percent() const;
};

class Traffic {
 public:
  /// `paths` outlives it.
  Traffic(const Paths& paths, const TrafficPlan& plan);

  /// Once.
  [[nodiscard]] TrafficReport run();

 private:
  /// What is known of one flow.
  struct FlowState {
    SequenceWindow window;
    std::uint32_t next_sequence = 0;
    // Closed pace: the burst under way.
    std::uint32_t burst_begin = 0;
    std::size_t burst_missing = 0;
    std::uint64_t burst_deadline = 0;
  };

  void send_until(std::uint64_t end);
  void drain();
  void send_due(std::uint64_t now);
  void send_burst(std::size_t flow, std::uint64_t now);
  void send_next(std::uint64_t count, std::uint64_t now);
  void sleep_until_due() const;
  std::size_t receive(std::uint64_t wait);
  void on_packet(std::size_t socket, std::span<const std::uint8_t> payload, std::uint64_t stamp);
  void on_burst_part(std::size_t flow, const PacketLabel& label);
  void give_up_overdue(std::uint64_t now);

  const Paths& paths_;
  TrafficPlan plan_;
  PacketSender sender_;
  PacketReceiver receiver_;
  UniqueFd epoll_;
  std::vector<epoll_event> events_;
  std::vector<std::size_t> order_;  // of flows
  std::size_t next_in_order_ = 0;
  std::vector<FlowState> flows_;
  std::deque<std::size_t> ready_;  // closed pace: flows that may send
  std::optional<Pacer> pacer_;
  std::uint32_t counted_run_;
  std::uint32_t run_;  // of what is sent now
  std::uint64_t next_look_ = 0;
  TrafficReport report_;
};

/// Datagrams that this machine has thrown away so far because a UDP socket was full.
[[nodiscard]] std::uint64_t udp_receive_drops();

/// Datagrams that the sockets with this local port (in host order) have thrown away so far because
/// they were full.
[[nodiscard]] std::uint64_t udp_receive_drops_at(std::uint16_t port);

/// CPU seconds that this process has used.
[[nodiscard]] double own_cpu_seconds();

/// Nanoseconds of CLOCK_REALTIME.
[[nodiscard]] std::uint64_t realtime_ns();

}  // namespace bellhop::bench
