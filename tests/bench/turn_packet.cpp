#include "tests/bench/turn_packet.hpp"

#include <cstring>

namespace bellhop::bench {

void write_label(std::uint8_t* to, const PacketLabel& label) {
  std::memcpy(to, &label.run, 4);
  std::memcpy(to + 4, &label.flow, 4);
  std::memcpy(to + 8, &label.sequence, 4);
  std::memcpy(to + 12, &label.sent_at, 8);
}

std::optional<PacketLabel> read_label(std::span<const std::uint8_t> payload) {
  if (payload.size() < PacketLabel::bytes) return std::nullopt;
  PacketLabel label;
  std::memcpy(&label.run, payload.data(), 4);
  std::memcpy(&label.flow, payload.data() + 4, 4);
  std::memcpy(&label.sequence, payload.data() + 8, 4);
  std::memcpy(&label.sent_at, payload.data() + 12, 8);
  return label;
}

bool SequenceWindow::accept(std::uint32_t sequence) {
  if (sequence >= next_) {
    const std::uint64_t step = sequence + std::uint64_t{1} - next_;
    seen_ = step < width ? seen_ << step | 1U : 1U;
    next_ = sequence + std::uint64_t{1};
    ++fresh_;
    return true;
  }
  const std::uint64_t behind = next_ - 1 - sequence;
  const std::uint64_t bit = behind < width ? std::uint64_t{1} << behind : 0;
  if (bit == 0 || (seen_ & bit) != 0) {
    ++repeated_;
    return false;
  }
  seen_ |= bit;
  ++fresh_;
  ++late_;
  return true;
}

std::uint64_t Pacer::due_at(std::uint64_t number) const {
  return start_ns_ + static_cast<std::uint64_t>(static_cast<double>(number) * 1e9 / rate_);
}

std::uint64_t Pacer::due(std::uint64_t now_ns) {
  const std::uint64_t next_at = due_at(sent_);
  if (next_at > now_ns) return 0;
  if (now_ns - next_at > behind_max_ns) {
    start_ns_ += now_ns - next_at;
    moved_ns_ += now_ns - next_at;
  }
  const double planned = static_cast<double>(now_ns - start_ns_) * rate_ / 1e9;
  const auto number = static_cast<std::uint64_t>(planned) + 1;
  return number > sent_ ? number - sent_ : 1;
}

std::uint64_t Pacer::wait_ns(std::uint64_t now_ns) const {
  const std::uint64_t at = due_at(sent_);
  return at > now_ns ? at - now_ns : 0;
}

}  // namespace bellhop::bench
