// Minutes and hours of history, kept on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "api/observe/history_query.hpp"
#include "api/observe/history_slot.hpp"
#include "api/observe/second.hpp"
#include "component/base/error.hpp"
#include "component/store/database.hpp"

namespace bellhop::observe {

/// Cells, or JIDs, that one read may return: about 30 MiB.
inline constexpr std::size_t kHistoryRowsMax = 200'000;

/// What History hands out, in the tables history_cell and history_heavy. About 60 bytes a row: with
/// one kind in five domains that never rest, 15 MiB for 14 days of minutes. Blocking; one thread at
/// a time. Errors of all: store::errors::database_failed.
class HistoryStore {
 public:
  /// `database` has the tables of kMigrations and outlives the store.
  explicit HistoryStore(store::Database& database) : database_(database) {}

  /// Once at the start, before the first add(): a process that died had not handed out its open
  /// hour; what its minutes say is taken for it.
  [[nodiscard]] base::Result<void> recover();
  /// Adds minutes and hours, all or none. What is there already gets them as another part: bytes
  /// add up (to 2^63-1 at most), peak and sessions become the greatest.
  [[nodiscard]] base::Result<void> add(const std::vector<HistorySlot>& slots);
  /// Everything of a tier with start <= begin < end, in order of time; also
  /// errors::history_too_large. JIDs of a slot that came in parts may be more than
  /// kHistoryHeavyMax.
  [[nodiscard]] base::Result<std::vector<HistorySlot>> read(Tier tier, Second start,
                                                            Second end) const;
  /// What summarise() needs of a tier to answer `query`, and no more, already summed to slots of
  /// query.step seconds; also errors::history_too_large.
  [[nodiscard]] base::Result<std::vector<HistorySlot>> read(Tier tier,
                                                            const HistoryQuery& query) const;
  /// Removes what is older than span_of() its tier.
  [[nodiscard]] base::Result<void> prune(Second now);

 private:
  // Which names of a column: all, all but the empty one, or one.
  enum class Names : std::uint8_t { all, not_empty, one };
  struct Range {
    Tier tier;
    Second start;
    Second end;
    Second step;
  };
  struct Filter {
    Names names;
    std::string_view name = {};
  };

  [[nodiscard]] static Filter filter_of(bool is_grouped, std::string_view name);
  [[nodiscard]] base::Result<void> read_cells(const Range& range, Filter kind, Filter domain,
                                              std::vector<HistorySlot>& slots) const;
  [[nodiscard]] base::Result<void> read_heavy(const Range& range, std::string_view jid,
                                              std::vector<HistorySlot>& slots) const;

  store::Database& database_;
};

}  // namespace bellhop::observe
