// Accounting records of running and finished sessions.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "api/admin/core.hpp"
#include "api/observe/accounting_log.hpp"

namespace bellhop::admin {

/// Records that wait for the disk; beyond that finished sessions go on being counted, but the
/// oldest waiting records are lost, and the log says so.
inline constexpr std::size_t kRecordsWaitingMax = 200'000;

/// Makes a record for each session that ends, and one for each interval it runs, of what was moved
/// since the one before: their sum is what the counters say. The admin thread.
class Accounting final : public observe::SessionListener {
 public:
  explicit Accounting(Core& core);
  ~Accounting() override;

  void on_started(const observe::SessionRow& row) override;
  void on_moved(const observe::SessionRow&) override {}
  void on_ended(const observe::SessionRow& row) override;

  /// Makes the interim records that are due and hands all that wait to the disk. Once a second.
  [[nodiscard]] runtime::Task<> save();

 private:
  struct Open {
    std::uint64_t sequence = 0;
    runtime::SessionBytes told;
  };
  struct Due {
    base::TimePoint at;
    base::Ulid id;
  };

  void add_record(const observe::SessionRow& row, observe::SystemTime stop, bool is_final);
  void make_interim_records();

  Core& core_;
  std::map<base::Ulid, Open> open_;
  std::deque<Due> due_;  // in order of time: one interval for all
  std::vector<observe::AccountingRecord> waiting_;
};

}  // namespace bellhop::admin
