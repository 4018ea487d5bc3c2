#include "proxy/files/file_store.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <boost/asio/this_coro.hpp>
#include <stdexcept>

#include "component/runtime/periodic.hpp"
#include "component/runtime/timeout.hpp"
#include "proxy/files/errors.hpp"
#include "proxy/files/retention.hpp"
#include "proxy/files/schema.hpp"

namespace bellhop::files {
namespace {

using base::Severity;
using runtime::Task;
namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr base::Duration kSweepInterval = 10s;
constexpr std::size_t kSweepMax = 500;  // files in one transaction
// A writer that moved nothing for so long may be lost: whoever comes next takes its place.
constexpr std::chrono::milliseconds kStalled{2000};
constexpr base::Duration kEvictTimeout = 5s;
constexpr std::size_t kReadBytes = 256 * 1024;

Second seconds(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             base::Clock::now().time_since_epoch())
      .count();
}

// Of what is in a partial file. False: it cannot be read.
bool digest_file(int fd, std::uint64_t bytes, Sha256& digest) {
  std::vector<char> buffer(kReadBytes);
  std::uint64_t done = 0;
  while (done < bytes) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), bytes - done);
    const ssize_t n = ::pread(fd, buffer.data(), wanted, static_cast<off_t>(done));
    if (n <= 0) return false;
    digest.update(std::span(buffer).first(static_cast<std::size_t>(n)));
    done += static_cast<std::uint64_t>(n);
  }
  return true;
}

base::Error failed(const base::Error& error) {
  return {errors::store_failed, error.detail()};
}

}  // namespace

FileStore::FileStore(const config::FilesSettings& settings, policy::PolicyPtr policy,
                     base::Log& log, FileCounters& counters)
    : settings_(settings),
      log_(log),
      counters_(counters),
      blobs_(settings.dir),
      database_(store::Database::open(std::filesystem::path(settings.dir) / "index.db", kMigrations,
                                      store::Durability::on_commit)),
      index_(database_),
      policy_(std::move(policy)),
      sweeping_(index_shard_.executor(), log, 1) {
  const auto kept_secret = [this](std::string_view name, std::size_t bytes) {
    auto secret = index_.secret(name, bytes);
    if (!secret) {
      throw std::runtime_error("files " + settings_.dir + ": " + secret.error().detail());
    }
    return std::move(*secret);
  };
  tokens_ = std::make_unique<SlotTokens>(kept_secret("slot", SlotTokens::kSecretBytes));
  handles_ = std::make_unique<FileHandles>(kept_secret("handle", FileHandles::kSecretBytes));
  reconcile();
}

FileStore::~FileStore() = default;

// A crash may have come between any two steps of finish(), remove() or reserve(). What was told to
// nobody is undone, so that the folder and the index say the same.
void FileStore::reconcile() {
  std::vector<FileFacts> changed;
  std::vector<FileId> lost;
  std::unordered_map<FileId, FileState> known;
  std::size_t unstored = 0;
  const auto read = index_.for_each([&](const FileFacts& facts) {
    known.emplace(facts.id, facts.state);
    if (reconcile_file(facts, changed, lost)) ++unstored;
  });
  auto transaction =
      read ? store::Transaction::begin(database_) : base::Result<store::Transaction>(read.error());
  base::Result<void> done = transaction ? base::Result<void>() : transaction.error();
  for (const FileFacts& facts : changed) {
    if (done) {
      if (const auto updated = index_.update(facts); !updated) done = updated.error();
    }
  }
  for (const FileId& id : lost) {
    if (done) {
      if (const auto removed = index_.remove(id); !removed) done = removed.error();
    }
  }
  if (done) done = transaction->commit();
  if (!done) {
    throw std::runtime_error("files " + settings_.dir + ": " + done.error().detail());
  }
  for (const FileId& id : lost) blobs_.remove(id);  // what is left of a file that was cut off
  std::size_t orphans = 0;
  const auto drop_orphan = [&](const FileId& id) {
    if (known.contains(id)) return;
    blobs_.remove(id);
    ++orphans;
  };
  blobs_.for_each_stored(drop_orphan);
  blobs_.for_each_partial(drop_orphan);
  counters_.removals.of_shard(0).add(RemoveReason::lost, lost.size());
  note_total();
  log_.write(lost.empty() ? Severity::info : Severity::error, "files_reconciled",
             {{"files", known.size() - lost.size()},
              {"unacknowledged", unstored},
              {"lost", lost.size()},
              {"orphans", orphans}});
}

// Whether its bytes were shown as stored though nobody had been told.
bool FileStore::reconcile_file(FileFacts facts, std::vector<FileFacts>& changed,
                               std::vector<FileId>& lost) {
  if (facts.state == FileState::stored) {
    if (blobs_.stored_bytes(facts.id) != facts.size) {
      lost.push_back(facts.id);
      log_.write(Severity::error, "file_removed",
                 {{"file", facts.id.text()}, {"reason", to_text(RemoveReason::lost)}});
      return false;
    }
    ledger_.load(facts.owner, {facts.size, 1});
    return false;
  }
  ledger_.load(facts.owner, {facts.size, 1});
  expect(facts.size);
  const bool was_shown = blobs_.stored_bytes(facts.id).has_value();
  if (was_shown) (void)blobs_.unstore(facts.id);
  std::uint64_t bytes = blobs_.partial_bytes(facts.id);
  if (bytes == 0) return was_shown;
  // The last byte is asked for again, so that there is a request that can be told that all is well.
  if (bytes >= facts.size) {
    (void)blobs_.truncate_partial(facts.id, facts.size - 1);
  }
  facts.expires = std::max(facts.expires, now_s() + seconds(settings_.upload_timeout));
  changed.push_back(std::move(facts));
  return was_shown;
}

void FileStore::start() {
  const bool is_started = sweeping_.spawn(sweep());
  BELLHOP_ASSERT(is_started);
  index_thread_ = std::jthread([this] { index_shard_.run(); });
  disk_thread_ = std::jthread([this] { disk_.run(); });
}

Task<> FileStore::stop() {
  (void)co_await on_index(stop_here());
  index_shard_.release();
  disk_.release();
  index_thread_.join();
  disk_thread_.join();
}

Task<bool> FileStore::stop_here() {
  sweeping_.cancel();
  co_await sweeping_.join();
  co_return true;
}

Task<base::Result<void>> FileStore::write(Change change) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  Write row{std::move(change), {}, runtime::Event(index_shard_.executor())};
  if (queue_.empty()) asio::post(index_shard_.executor(), [this] { commit_queue(); });
  queue_.push_back(&row);
  co_await row.done.wait();
  co_return row.result;
}

// All that came while the last transaction was synced is in the next one: the disk is waited for
// once for all of them.
void FileStore::commit_queue() {
  const auto writes = std::exchange(queue_, {});
  const auto committed = commit_all(writes);
  if (!committed) {
    log_.write_limited(Severity::error, "files_index_failed",
                       {{"detail", committed.error().detail()}});
  }
  for (Write* row : writes) {
    if (!committed) row->result = failed(committed.error());
    row->done.set();
  }
}

base::Result<void> FileStore::commit_all(const std::vector<Write*>& writes) {
  auto transaction = store::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  for (Write* row : writes) {
    if (const auto changed = row->change(index_); !changed) return changed;
  }
  return transaction->commit();
}

base::Result<FileFacts> FileStore::find_now(const FileId& id) {
  auto facts = index_.find(id);
  if (!facts) return failed(facts.error());
  if (!*facts) return base::Error(errors::no_such_file);
  if ((*facts)->expires > 0 && (*facts)->expires <= now_s() && !active_.contains(id)) {
    return base::Error(errors::no_such_file, "expired");
  }
  return std::move(**facts);
}

base::Result<FileFacts> FileStore::expected_now(const FileId& id) {
  auto facts = find_now(id);
  if (!facts && facts.error().is(errors::no_such_file)) return base::Error(errors::bad_slot);
  if (!facts) return facts;
  if (facts->state == FileState::stored) return base::Error(errors::slot_used);
  return facts;
}

base::Result<void> FileStore::take_room(const NewFile& file) {
  if (auto reserved = ledger_.reserve(file.owner, file.size, *policy_); !reserved) return reserved;
  if (auto free = check_disk(file.size); !free) {
    ledger_.release(file.owner, file.size);
    return free;
  }
  expect(file.size);
  note_total();
  return {};
}

// What was promised to others is not free, though the disk says so.
base::Result<void> FileStore::check_disk(std::uint64_t more) const {
  const std::uint64_t taken = expected_.bytes + settings_.free_bytes_min;
  const std::uint64_t free = blobs_.free_bytes();
  if (free < taken || free - taken < more) return base::Error(errors::disk_full);
  return {};
}

void FileStore::give_room(const FileFacts& facts) {
  ledger_.release(facts.owner, facts.size);
  if (facts.state == FileState::expected) expect_no_more(facts.size);
  note_total();
}

void FileStore::expect(std::uint64_t bytes) {
  expected_.bytes += bytes;
  ++expected_.files;
}

void FileStore::expect_no_more(std::uint64_t bytes) {
  expected_.bytes -= bytes;
  --expected_.files;
}

void FileStore::note_total() {
  total_bytes_.store(ledger_.total().bytes, std::memory_order_relaxed);
  total_files_.store(ledger_.total().files, std::memory_order_relaxed);
}

Task<base::Result<FileFacts>> FileStore::reserve(NewFile file) {
  co_return co_await on_index(reserve_here(std::move(file)));
}

Task<base::Result<FileFacts>> FileStore::reserve_here(NewFile file) {
  if (const auto taken = take_room(file); !taken) {
    counters_.count_refusal(0, taken.error().kind());
    co_return taken.error();
  }
  FileFacts facts;
  facts.id = FileId::random();
  facts.owner = std::move(file.owner);
  facts.origin = file.origin;
  facts.purpose = file.purpose;
  facts.name = std::move(file.name);
  facts.type = std::move(file.type);
  facts.size = file.size;
  facts.created = now_s();
  facts.expires = facts.created + seconds(settings_.slot_timeout);
  facts.retention = retention_of(settings_, file.purpose, file.size);
  facts.expires_at_latest = file.expires_at_latest;
  // What is in a folder stays there until its user takes it out.
  if (file.origin == FileOrigin::webdav) facts.retention = facts.expires_at_latest = 0;
  Change insert = [&facts](FileIndex& index) { return index.insert(facts); };
  const auto written = co_await write(std::move(insert));
  if (!written) {
    give_room(facts);
    co_return written.error();
  }
  counters_.events.of_shard(0).add(FileCounter::slots_granted);
  co_return facts;
}

Task<base::Result<FileFacts>> FileStore::find(FileId id) {
  auto look = [this, id] { return find_now(id); };
  co_return co_await runtime::hop(index_shard_, look);
}

Task<base::Result<OpenFile>> FileStore::open(FileId id) {
  auto open_now = [this, id]() -> base::Result<OpenFile> {
    auto facts = find_now(id);
    if (!facts) return facts.error();
    if (facts->state != FileState::stored) return base::Error(errors::no_such_file);
    auto fd = blobs_.open_stored(id);
    if (!fd) return fd.error();
    if (!*fd) return base::Error(errors::no_such_file, "its bytes are gone");
    return OpenFile{std::move(*facts), std::move(**fd)};
  };
  co_return co_await runtime::hop(index_shard_, open_now);
}

Task<base::Result<std::uint64_t>> FileStore::offset_of(FileId id) {
  auto look = [this, id]() -> base::Result<std::uint64_t> {
    const auto facts = expected_now(id);
    if (!facts) return facts.error();
    return blobs_.partial_bytes(id);
  };
  co_return co_await runtime::hop(index_shard_, look);
}

Task<base::Result<Upload>> FileStore::begin(FileId id, UploadStart start,
                                            std::shared_ptr<Writer> writer) {
  co_return co_await on_index(begin_here(id, start, std::move(writer)));
}

// False: another one writes, and goes on doing so.
Task<bool> FileStore::become_writer(FileId id, UploadStart start, std::shared_ptr<Writer> writer) {
  const auto found = active_.find(id);
  if (found != active_.end()) {
    const bool is_stalled =
        steady_ms() - found->second.writer->last_progress_ms.load() > kStalled.count();
    if (found->second.waiter != nullptr || (start == UploadStart::anew && !is_stalled)) {
      co_return false;
    }
    runtime::Event released(index_shard_.executor());
    found->second.waiter = &released;
    found->second.writer->evict();
    auto wait = [](runtime::Event& event) -> Task<bool> {
      co_await event.wait();
      co_return true;
    };
    (void)co_await runtime::with_deadline(wait(released), base::Deadline::after(kEvictTimeout));
    const auto still = active_.find(id);
    if (still != active_.end() && still->second.waiter == &released) {
      still->second.waiter = nullptr;
      co_return false;
    }
    if (still != active_.end()) co_return false;  // a third one was quicker
  }
  writer->last_progress_ms = steady_ms();
  active_.emplace(id, Active{std::move(writer), nullptr});
  co_return true;
}

Task<base::Result<Upload>> FileStore::begin_here(FileId id, UploadStart start,
                                                 std::shared_ptr<Writer> writer) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (const auto facts = expected_now(id); !facts) co_return facts.error();
  const bool is_writer = co_await become_writer(id, start, writer);
  if (!is_writer) co_return base::Error(errors::upload_busy);
  auto facts = expected_now(id);  // the other one may have finished it meanwhile
  if (!facts) {
    release(id);
    co_return facts.error();
  }
  const std::uint64_t size = facts->size;
  auto prepare = [this, id, start, size]() -> base::Result<Upload> {
    Upload upload;
    auto fd = blobs_.open_partial(id);
    if (!fd) return fd.error();
    upload.fd = std::move(*fd);
    const std::uint64_t there = blobs_.partial_bytes(id);
    upload.offset = start == UploadStart::anew ? 0 : std::min(there, size);
    if (there > upload.offset) {
      if (const auto cut = blobs_.truncate_partial(id, upload.offset); !cut) return cut.error();
    }
    if (!digest_file(upload.fd.value(), upload.offset, upload.digest)) {
      return base::Error(errors::store_failed, "a partial file cannot be read");
    }
    return upload;
  };
  auto upload = co_await on_disk(prepare);
  if (!upload) {
    release(id);
    co_return upload.error();
  }
  upload->facts = std::move(*facts);
  upload->writer = std::move(writer);
  if (upload->offset > 0) counters_.events.of_shard(0).add(FileCounter::uploads_resumed);
  co_return std::move(*upload);
}

void FileStore::release(const FileId& id) {
  const auto found = active_.find(id);
  if (found == active_.end()) return;
  runtime::Event* waiter = found->second.waiter;
  active_.erase(found);
  if (waiter != nullptr) waiter->set();
}

Task<base::Result<FileFacts>> FileStore::finish(Upload upload) {
  co_return co_await on_index(finish_here(std::move(upload)));
}

Task<base::Result<FileFacts>> FileStore::finish_here(Upload upload) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  const FileId id = upload.facts.id;
  upload.fd.reset();
  auto store = [this, id] { return blobs_.store(id); };
  const auto stored = co_await on_disk(store);
  if (!stored) {
    log_.write_limited(Severity::error, "file_store_failed", {{"detail", stored.error().detail()}});
    release(id);
    co_return stored.error();
  }
  FileFacts facts = std::move(upload.facts);
  std::uint64_t reserved = 0;
  // One whose length nobody had said took room as it grew, and more than it needs in the end.
  if (facts.origin == FileOrigin::webdav) facts.size = upload.offset;
  const Second now = now_s();
  facts.state = FileState::stored;
  facts.created = now;
  facts.expires = expiry_of(facts, now);
  facts.sha256 = upload.digest.finish();
  bool is_there = true;
  Change update = [&facts, &reserved, &is_there](FileIndex& index) -> base::Result<void> {
    const auto row = index.find(facts.id);  // it may have been extended
    if (!row) return row.error();
    is_there = row->has_value();
    if (!is_there) return {};
    reserved = (*row)->size;
    const auto updated = index.update(facts);
    if (!updated) return updated.error();
    return {};
  };
  auto written = co_await write(std::move(update));
  if (written && !is_there) written = base::Error(errors::bad_slot, "removed meanwhile");
  if (!written) {
    auto undo = [this, id, is_there] {
      if (!is_there) {
        blobs_.remove(id);
        return base::Result<void>();
      }
      return blobs_.unstore(id);
    };
    (void)co_await on_disk(undo);
    release(id);
    co_return written.error();
  }
  expect_no_more(reserved);
  ledger_.shrink(facts.owner, reserved - facts.size);
  note_total();
  release(id);
  counters_.events.of_shard(0).add(FileCounter::uploads_finished);
  co_return facts;
}

Task<> FileStore::leave(Upload upload) {
  (void)co_await on_index(leave_here(std::move(upload)));
}

Task<bool> FileStore::leave_here(Upload upload) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  counters_.events.of_shard(0).add(FileCounter::uploads_cut_off);
  auto facts = index_.find(upload.facts.id);
  if (facts && *facts && (*facts)->state == FileState::expected &&
      blobs_.partial_bytes(upload.facts.id) > 0) {
    FileFacts row = std::move(**facts);
    row.expires = now_s() + seconds(settings_.upload_timeout);
    Change update = [&row](FileIndex& index) -> base::Result<void> {
      const auto updated = index.update(row);
      if (!updated) return updated.error();
      return {};
    };
    (void)co_await write(std::move(update));
  }
  release(upload.facts.id);
  co_return true;
}

Task<base::Result<FileFacts>> FileStore::remove(FileId id, RemoveReason reason) {
  co_return co_await on_index(remove_here(id, reason));
}

Task<base::Result<FileFacts>> FileStore::remove_here(FileId id, RemoveReason reason) {
  const auto facts = find_now(id);
  if (!facts) co_return facts.error();
  std::vector<FileId> ids(1, id);
  auto gone = co_await remove_all(std::move(ids), reason);
  if (!gone) co_return gone.error();
  if (gone->empty()) co_return base::Error(errors::no_such_file);
  co_return std::move(gone->front());
}

Task<base::Result<std::vector<FileFacts>>> FileStore::remove_all(std::vector<FileId> files,
                                                                 RemoveReason reason) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  std::vector<FileFacts> gone;
  Change erase = [&files, &gone](FileIndex& index) -> base::Result<void> {
    for (const FileId& id : files) {
      auto there = index.find(id);
      if (!there) return there.error();
      if (!*there) continue;
      const auto removed = index.remove(id);
      if (!removed) return removed.error();
      if (*removed) gone.push_back(std::move(**there));
    }
    return {};
  };
  const auto written = co_await write(std::move(erase));
  if (!written) co_return written.error();
  std::vector<FileId> ids;
  for (const FileFacts& facts : gone) {
    give_room(facts);
    ids.push_back(facts.id);
    const bool has_lapsed = reason == RemoveReason::expired && facts.state == FileState::expected;
    const RemoveReason why = has_lapsed ? RemoveReason::slot_lapsed : reason;
    counters_.removals.of_shard(0).add(why);
    log_.write(Severity::info, "file_removed",
               {{"file", facts.id.text()},
                {"owner", log_.shown_jid(facts.owner)},
                {"bytes", facts.size},
                {"reason", to_text(why)}});
    const auto active = active_.find(facts.id);
    if (active != active_.end()) active->second.writer->evict();
  }
  if (on_removed_ && !ids.empty()) on_removed_(ids);
  auto unlink = [this, ids] {
    for (const FileId& id : ids) blobs_.remove(id);
    return true;
  };
  (void)co_await on_disk(unlink);
  co_return gone;
}

Task<base::Result<std::vector<FileFacts>>> FileStore::list(std::string owner,
                                                           std::optional<FileFacts> after,
                                                           std::size_t count_max) {
  auto look = [this, owner = std::move(owner), after = std::move(after), count_max] {
    return index_.list(owner, after, count_max);
  };
  co_return co_await runtime::hop(index_shard_, std::move(look));
}

Task<StorageUse> FileStore::use_of(std::string owner) {
  auto look = [this, owner = std::move(owner)] { return ledger_.of_jid(owner); };
  co_return co_await runtime::hop(index_shard_, std::move(look));
}

Task<Room> FileStore::room_of(std::string owner) {
  auto look = [this, owner = std::move(owner)] {
    return Room{ledger_.of_jid(owner), ledger_.available_bytes(owner, *policy_)};
  };
  co_return co_await runtime::hop(index_shard_, std::move(look));
}

Task<base::Result<void>> FileStore::extend(FileId id, std::uint64_t bytes) {
  co_return co_await on_index(extend_here(id, bytes));
}

Task<base::Result<void>> FileStore::extend_here(FileId id, std::uint64_t bytes) {
  auto found = expected_now(id);
  if (!found) co_return found.error();
  FileFacts facts = std::move(*found);
  if (const auto free = check_disk(bytes); !free) co_return free;
  if (facts.size + bytes > settings_.file_bytes_max) co_return base::Error(errors::file_too_large);
  if (const auto grown = ledger_.grow(facts.owner, facts.size, bytes, *policy_); !grown) {
    counters_.count_refusal(0, grown.error().kind());
    co_return grown;
  }
  expected_.bytes += bytes;
  facts.size += bytes;
  note_total();
  bool is_there = true;
  Change update = [&facts, &is_there](FileIndex& index) -> base::Result<void> {
    const auto updated = index.update(facts);
    if (!updated) return updated.error();
    is_there = *updated;
    return {};
  };
  auto written = co_await write(std::move(update));
  if (written && !is_there) written = base::Error(errors::no_such_file, "removed meanwhile");
  if (!written) {
    expected_.bytes -= bytes;
    // Whoever removed it gave back the room that it had before; its row may be gone with it.
    ledger_.shrink(facts.owner, bytes);
    note_total();
  }
  co_return written;
}

Task<base::Result<void>> FileStore::change(TableChange change) {
  co_return co_await on_index(change_here(std::move(change)));
}

Task<base::Result<void>> FileStore::change_here(TableChange change) {
  Change row = [this, change = std::move(change)](FileIndex&) { return change(database_); };
  co_return co_await write(std::move(row));
}

void FileStore::set_policy(policy::PolicyPtr policy) {
  asio::post(index_shard_.executor(),
             [this, policy = std::move(policy)]() mutable { policy_ = std::move(policy); });
}

Task<> FileStore::sweep() {
  bool goes_on = true;
  while (goes_on) {
    co_await sweep_once();
    goes_on = co_await runtime::sleep_for(index_shard_.executor(), kSweepInterval);
  }
}

Task<> FileStore::sweep_once() {
  for (;;) {
    auto due = index_.expired(now_s(), kSweepMax);
    if (!due) {
      log_.write_limited(Severity::error, "files_index_failed", {{"detail", due.error().detail()}});
      co_return;
    }
    const bool is_full = due->size() == kSweepMax;
    std::vector<FileId> ids;
    for (const FileFacts& facts : *due) {
      if (!active_.contains(facts.id)) ids.push_back(facts.id);
    }
    if (ids.empty()) co_return;
    // Spawned: it switches cancellation off, for good, for whoever awaits it as it is.
    const auto removed = co_await on_index(remove_all(std::move(ids), RemoveReason::expired));
    if (!removed || !is_full) co_return;
  }
}

}  // namespace bellhop::files
