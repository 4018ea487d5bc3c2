#include "api/admin/accounting.hpp"

namespace bellhop::admin {
namespace {

using runtime::Task;

xmpp::Timestamp timestamp_of(observe::SystemTime time) {
  return std::chrono::floor<xmpp::Timestamp::duration>(time);
}

}  // namespace

Accounting::Accounting(Core& core) : core_(core) {
  core_.observer.add(*this);
}

Accounting::~Accounting() {
  core_.observer.remove(*this);
}

void Accounting::on_started(const observe::SessionRow& row) {
  open_.emplace(row.facts.id, Open{});
  due_.push_back(
      {base::Clock::now() + core_.parts.settings.monitoring.accounting_interval, row.facts.id});
}

void Accounting::on_ended(const observe::SessionRow& row) {
  add_record(row, std::chrono::system_clock::now(), true);
  open_.erase(row.facts.id);
}

void Accounting::add_record(const observe::SessionRow& row, observe::SystemTime stop,
                            bool is_final) {
  const auto open = open_.find(row.facts.id);
  if (open == open_.end()) return;
  const runtime::SessionBytes moved = row.bytes.since(open->second.told);
  open->second.told = row.bytes;
  const auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::max(stop - row.facts.started, observe::SystemTime::duration::zero()));
  waiting_.push_back({.session = row.facts.id.text(),
                      .sequence = ++open->second.sequence,
                      .is_final = is_final,
                      .kind = std::string(row.facts.kind),
                      .requester = row.facts.requester,
                      .target = row.facts.target,
                      .domain = std::string(row.domain()),
                      .start = timestamp_of(row.facts.started),
                      .stop = timestamp_of(stop),
                      .first_to_second_bytes = moved.first_to_second,
                      .second_to_first_bytes = moved.second_to_first,
                      .dropped_bytes = moved.dropped,
                      .duration_ms = static_cast<std::uint64_t>(lasted.count()),
                      .reason = is_final ? std::string(runtime::to_text(row.reason)) : ""});
}

void Accounting::make_interim_records() {
  const base::TimePoint now = base::Clock::now();
  while (!due_.empty() && due_.front().at <= now) {
    const base::Ulid id = due_.front().id;
    due_.pop_front();
    const observe::SessionRow* row = core_.observer.find(id);
    if (row == nullptr) continue;
    add_record(*row, std::chrono::system_clock::now(), false);
    due_.push_back({now + core_.parts.settings.monitoring.accounting_interval, id});
  }
}

Task<> Accounting::save() {
  make_interim_records();
  if (waiting_.empty()) co_return;
  auto records =
      std::make_shared<std::vector<observe::AccountingRecord>>(std::exchange(waiting_, {}));
  auto append = [records](api::State& state) -> base::Result<std::size_t> {
    std::size_t done = 0;
    if (!state.accounting) return records->size();
    for (const observe::AccountingRecord& record : *records) {
      if (state.accounting->append(record)) break;
      ++done;
    }
    return done;
  };
  const auto done = co_await core_.on_store(std::move(append));
  if (!core_.is_store_wanted) co_return;
  const std::size_t written = done ? *done : 0;
  if (written == records->size()) co_return;
  // Tried again next time, before what has come since.
  if (done) core_.note_storage_failure(base::Error(errors::storage_failed, "accounting"));
  std::vector<observe::AccountingRecord> left(
      std::make_move_iterator(records->begin() + static_cast<std::ptrdiff_t>(written)),
      std::make_move_iterator(records->end()));
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(left));
  if (left.size() > kRecordsWaitingMax) {
    core_.parts.log.write_limited(base::Severity::error, "accounting_lost",
                                  {{"records", left.size() - kRecordsWaitingMax}});
    left.erase(left.begin(), left.end() - static_cast<std::ptrdiff_t>(kRecordsWaitingMax));
  }
  waiting_ = std::move(left);
}

}  // namespace bellhop::admin
