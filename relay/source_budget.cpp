#include "relay/source_budget.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "component/base/random.hpp"
#include "relay/sip_hash.hpp"

namespace bellhop::relay {
namespace {

constexpr std::int64_t kBurst = SourceBudget::kBurstBytes;
constexpr std::chrono::seconds kSlot{5};

// The last bytes of an IPv6 address do not tell customers apart: many have a /56.
constexpr std::size_t kV6BytesKept = 7;

// How much more was sent than received, counted from the beginning of each of the last three slots
// of time on, never below nothing. What is sent must have room in all of them, so in whatever slot
// ten seconds begin, one count has seen all of them: it lives for that slot and two more. The
// oldest is the largest, and is forgotten when a slot begins.
class Row {
 public:
  bool spend(std::int64_t received, std::int64_t wanted, std::uint32_t slot) {
    move_to(slot);
    const bool may_send = overdraft_.front() - received + wanted <= kBurst;
    const std::int64_t sent = may_send ? wanted : 0;
    for (std::uint16_t& overdraft : overdraft_) {
      const std::int64_t after = overdraft - received + sent;
      overdraft = static_cast<std::uint16_t>(std::max<std::int64_t>(after, 0));
    }
    return may_send;
  }

 private:
  void move_to(std::uint32_t slot) {
    for (; slot_ != slot && overdraft_ != Counts{}; ++slot_) {
      std::shift_left(overdraft_.begin(), overdraft_.end(), 1);
      overdraft_.back() = 0;
    }
    slot_ = slot;
  }

  using Counts = std::array<std::uint16_t, 3>;  // that begun first in front
  static_assert(kBurst <= std::numeric_limits<std::uint16_t>::max());
  Counts overdraft_{};
  std::uint32_t slot_ = 0;
};

std::array<std::uint8_t, 16> customer_of(const base::IpAddress& source) {
  std::array<std::uint8_t, 16> bytes = source.bytes();
  if (!source.is_v4()) std::fill(bytes.begin() + kV6BytesKept, bytes.end(), std::uint8_t{0});
  return bytes;
}

}  // namespace

struct SourceBudget::Table {
  std::array<Row, kRows> rows;
  SipKey key{};
};

SourceBudget::SourceBudget() : table_(std::make_unique<Table>()) {
  base::fill_random(table_->key);
}

SourceBudget::~SourceBudget() = default;

bool SourceBudget::may_answer(const base::IpAddress& source, std::size_t received,
                              std::size_t wanted, base::TimePoint now) {
  const auto slot = static_cast<std::uint32_t>(now.time_since_epoch() / kSlot);
  const std::uint64_t hash = sip_hash(table_->key, customer_of(source));
  return table_->rows[hash % kRows].spend(static_cast<std::int64_t>(received),
                                          static_cast<std::int64_t>(wanted), slot);
}

}  // namespace bellhop::relay
