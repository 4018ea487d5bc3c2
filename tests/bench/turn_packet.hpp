// What the packets of the TURN load program carry, and what is counted of those that arrive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace bellhop::bench {

/// In front of each payload; the rest of it is zeros.
struct PacketLabel {
  static constexpr std::size_t bytes = 20;

  std::uint32_t run = 0;       ///< tells the packets of this run, and its warm-up, from all others
  std::uint32_t flow = 0;      ///< index of the flow
  std::uint32_t sequence = 0;  ///< within the flow, from 0
  std::uint64_t sent_at = 0;   ///< nanoseconds of CLOCK_REALTIME, like the kernel's time stamps
};

/// Writes `PacketLabel::bytes` bytes, in the byte order of the machine: it talks to itself.
void write_label(std::uint8_t* to, const PacketLabel& label);

/// Nothing if there are too few bytes for one.
[[nodiscard]] std::optional<PacketLabel> read_label(std::span<const std::uint8_t> payload);

/// Which packets of one flow have arrived: each counts once, however often it comes.
class SequenceWindow {
 public:
  /// How far behind the newest a packet may come and be known for a new one or a repeated one.
  static constexpr std::uint32_t width = 64;

  /// True: it has not been here. One that is further behind counts as repeated.
  bool accept(std::uint32_t sequence);

  [[nodiscard]] std::uint64_t fresh() const { return fresh_; }
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }
  /// Fresh ones that came behind a newer one.
  [[nodiscard]] std::uint64_t late() const { return late_; }

 private:
  std::uint64_t seen_ = 0;  // bit n: the packet n before the newest
  std::uint64_t next_ = 0;  // one beyond the newest
  std::uint64_t fresh_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t late_ = 0;
};

/// Says how many packets are due when `rate` a second are to be sent, evenly.
class Pacer {
 public:
  /// Behind by more than this the plan is moved: a burst that makes up for the load program's own
  /// pause would be charged to the server as loss.
  static constexpr std::uint64_t behind_max_ns = 2'000'000;

  /// @param rate packets a second, above 0
  Pacer(double rate, std::uint64_t now_ns) : rate_(rate), start_ns_(now_ns) {}

  /// How many to send now.
  [[nodiscard]] std::uint64_t due(std::uint64_t now_ns);
  void sent(std::uint64_t count) { sent_ += count; }
  /// Nanoseconds until the next one is due; 0: it is.
  [[nodiscard]] std::uint64_t wait_ns(std::uint64_t now_ns) const;
  /// By how much the plan was moved, altogether.
  [[nodiscard]] std::uint64_t moved_ns() const { return moved_ns_; }

 private:
  [[nodiscard]] std::uint64_t due_at(std::uint64_t number) const;

  double rate_;
  std::uint64_t start_ns_;
  std::uint64_t sent_ = 0;
  std::uint64_t moved_ns_ = 0;
};

}  // namespace bellhop::bench
