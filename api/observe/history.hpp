// Bytes over time in four tiers: seconds, tens of seconds, minutes and hours.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/observe/heavy_hitters.hpp"
#include "api/observe/history_slot.hpp"
#include "api/observe/second.hpp"

namespace bellhop::observe {

/// Counters behind the heaviest JIDs of an open slot.
inline constexpr std::size_t kHistoryCounters = 1024;
/// Pairs of kind and domain with running sessions that are told apart; those beyond are not
/// counted.
inline constexpr std::size_t kHistoryGaugesMax = 65'536;
/// Closed slots that wait for advance(): a day of minutes and hours. Beyond it the oldest are lost.
inline constexpr std::size_t kHistoryClosedMax = 1464;

/// Writes the four tiers. Seconds and tens of seconds stay in memory for their span; minutes and
/// hours are handed out when they close, to be stored, and only their open slots are in memory.
/// Seconds without bytes and sessions leave no slot. One thread.
///
/// Memory: at most 2,597 slots of at most 612 cells of 24 bytes and ten JIDs. One kind in five
/// domains that never rest cost 3 MiB; all kinds in all domains in every second 36 MiB, and JIDs of
/// 2,047 bytes in all places another 46 MiB. Besides, 4 sketches of kHistoryCounters, and about 150
/// bytes for each pair of kind and domain with running sessions.
///
/// Time: each call tells it; one of add(), set_sessions() and advance() should come about once a
/// second. A clock up to 2 s behind the newest second counts into that. When the clock jumps
/// further back, or more than 15 minutes ahead, the open slots are closed as they are and new ones
/// begin; after a jump back there are two parts with the same begin, and no byte is lost or counted
/// twice.
class History {
 public:
  /// `bytes` were delivered for a session of `kind` of the user `bare_jid`, who is of `domain`.
  void add(Second now, std::string_view kind, std::string_view domain, std::string_view bare_jid,
           std::uint64_t bytes);
  /// So many sessions of `kind` run for users of `domain`, until the next call says otherwise.
  void set_sessions(Second now, std::string_view kind, std::string_view domain,
                    std::uint32_t count);
  /// Closes what is over at `now`. Returns the minutes and hours that closed since the last call,
  /// in order of closing; those without bytes and sessions are left out.
  [[nodiscard]] std::vector<HistorySlot> advance(Second now);
  /// As advance(), with the open minute and hour as they are; what comes later is another part of
  /// them, with a list of heaviest JIDs of its own. For the stop; at most once a minute.
  [[nodiscard]] std::vector<HistorySlot> flush(Second now);

  /// Slots of a tier with start <= begin < end as far as they are in memory, the open one with what
  /// it has by now included; parts of one slot may come apart.
  [[nodiscard]] std::vector<HistorySlot> slots(Tier tier, Second start, Second end) const;

 private:
  // Cells are indexed by numbers of kind and domain that hold for one day: 0 all, 1 `other`.
  static constexpr std::size_t kKinds = kHistoryKindsMax + 2;
  static constexpr std::size_t kDomains = kHistoryDomainsMax + 2;

  static constexpr std::size_t kCells = kKinds * kDomains;

  struct Cell {
    std::uint64_t bytes = 0;
    std::uint64_t peak = 0;
    std::uint32_t sessions = 0;
    std::uint16_t index = 0;  // of closed slots, which keep those cells only that are not empty
  };
  using Table = std::array<Cell, kCells>;

  struct Closed {
    Second begin;
    std::vector<Cell> cells;
    std::vector<HeavyHitter> heavy;
  };
  struct Open {
    Second begin = 0;
    Table table{};
    HeavyHitters heavy{kHistoryCounters};
  };
  struct Names {
    std::vector<std::string> kinds{std::string(), std::string(kOtherName)};
    std::vector<std::string> domains{std::string(), std::string(kOtherName)};
  };

  struct Gauge {
    std::string kind;
    std::string domain;
    std::uint32_t sessions = 0;
  };

  void advance_to(Second now);
  void start_at(Second now);
  void start_day(Second begin);
  void start_second(Second begin);
  void end_second();
  void close_all();
  void close(Tier tier);
  void keep(Tier tier, Closed closed);
  void fold_second();
  void count_sessions(const Gauge& gauge, std::uint32_t before);
  [[nodiscard]] std::array<std::size_t, 4> cells_of(std::string_view kind, std::string_view domain);
  [[nodiscard]] HistorySlot slot_of(Tier tier, const Closed& closed) const;
  [[nodiscard]] Open& open_of(Tier tier) { return open_[static_cast<std::size_t>(tier)]; }
  [[nodiscard]] const Open& open_of(Tier tier) const {
    return open_[static_cast<std::size_t>(tier)];
  }
  [[nodiscard]] Second newest() const { return open_of(Tier::second).begin; }

  static void fold(const Table& second, Table& into);
  [[nodiscard]] static Closed closed_of(const Open& open, const Table& table);

  bool is_started_ = false;
  std::array<Open, kTiers.size()> open_;
  std::array<std::deque<Closed>, 2> kept_;         // seconds and tens of seconds
  std::vector<HistorySlot> closed_;                // minutes and hours to be handed out
  std::map<Second, Names> names_;                  // by begin of the day; of what is open or kept
  std::unordered_map<std::string, Gauge> gauges_;  // by kind, NUL, domain; none is 0
  std::array<std::uint32_t, kCells> sessions_{};   // running now, by cells of today
};

}  // namespace bellhop::observe
