// The file store as everybody else sees it: index, bytes, room and expiry as one.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "component/base/log.hpp"
#include "component/runtime/event.hpp"
#include "component/runtime/shard.hpp"
#include "component/runtime/task_group.hpp"
#include "config/settings.hpp"
#include "proxy/files/blob_store.hpp"
#include "proxy/files/counters.hpp"
#include "proxy/files/file_handle.hpp"
#include "proxy/files/file_index.hpp"
#include "proxy/files/sha256.hpp"
#include "proxy/files/slot_token.hpp"
#include "proxy/files/storage_ledger.hpp"

namespace bellhop::files {

/// What is announced.
struct NewFile {
  std::string owner;  ///< bare JID, prepared
  FileOrigin origin = FileOrigin::slot;
  Purpose purpose = Purpose::message;
  std::string name;
  std::string type;  ///< empty: whatever the upload says
  std::uint64_t size = 0;
  Second expires_at_latest = 0;  ///< 0: no such moment
};

/// A connection that writes a file, for whoever wants to go on in its place.
struct Writer {
  /// Ends that connection soon; any thread.
  std::function<void()> evict;
  std::atomic<std::int64_t> last_progress_ms{0};  ///< steady clock
};

/// An upload that may be written to, from `offset` on. The writer role is given back by finish() or
/// leave().
struct Upload {
  FileFacts facts;
  base::UniqueFd fd;
  std::uint64_t offset = 0;
  Sha256 digest;  ///< of what is there
  std::shared_ptr<Writer> writer;
};

/// Where an upload goes on.
enum class UploadStart : std::uint8_t {
  anew,        ///< what came before is dropped
  where_it_is  ///< behind what came before
};

/// What a user has and may have.
struct Room {
  StorageUse used;
  std::optional<std::uint64_t> available_bytes;  ///< none: nothing but the disk limits it
};

/// How full the store is.
struct StorageReport {
  StorageUse taken;              ///< stored, and announced by granted slots
  StorageUse expected;           ///< the part of it that is not stored yet
  std::uint64_t free_bytes = 0;  ///< of the disk, for us
  std::size_t owners = 0;
  std::vector<std::pair<std::string, StorageUse>> largest;  ///< owners, the most bytes first
};

/// A stored file, open for reading.
struct OpenFile {
  FileFacts facts;
  base::UniqueFd fd;
};

/// Two threads of its own: one for the index, which commits what came together in one transaction,
/// and one for what waits for the disk. All coroutines here may be awaited on any shard and are not
/// cut short by cancellation. What they say happened is on the disk.
class FileStore {
 public:
  /// Opens the folder and brings index and bytes in line. Throws std::runtime_error with one line.
  /// `log` and `counters` outlive it.
  FileStore(const config::FilesSettings& settings, policy::PolicyPtr policy, base::Log& log,
            FileCounters& counters);
  ~FileStore();
  FileStore(const FileStore&) = delete;
  FileStore& operator=(const FileStore&) = delete;

  void start();
  /// Waits for what is being written, then ends the threads. Once, after the last caller has ended.
  [[nodiscard]] runtime::Task<> stop();

  /// Takes room for a file and names it. Errors: errors::file_too_large, stored_*, files_*,
  /// disk_full, store_failed.
  [[nodiscard]] runtime::Task<base::Result<FileFacts>> reserve(NewFile file);
  /// Errors: errors::no_such_file, also for one that has expired; store_failed.
  [[nodiscard]] runtime::Task<base::Result<FileFacts>> find(FileId id);
  /// The same for a stored file.
  [[nodiscard]] runtime::Task<base::Result<OpenFile>> open(FileId id);

  /// How many bytes of an expected file have come. Errors: errors::bad_slot (not there or lapsed),
  /// slot_used, store_failed.
  [[nodiscard]] runtime::Task<base::Result<std::uint64_t>> offset_of(FileId id);
  /// Makes `writer` the one that writes. A writer that stalls, or that `start` goes on for, has to
  /// leave. Errors: as offset_of(), errors::upload_busy.
  [[nodiscard]] runtime::Task<base::Result<Upload>> begin(FileId id, UploadStart start,
                                                          std::shared_ptr<Writer> writer);
  /// The file is whole: syncs and shows it. `facts.type` may have been filled in by the upload.
  /// Errors: errors::store_failed; the upload can be tried again then.
  [[nodiscard]] runtime::Task<base::Result<FileFacts>> finish(Upload upload);
  /// Not whole yet; what has come is kept until the upload times out.
  [[nodiscard]] runtime::Task<> leave(Upload upload);

  /// Errors: errors::no_such_file, store_failed.
  [[nodiscard]] runtime::Task<base::Result<FileFacts>> remove(FileId id, RemoveReason reason);
  /// Stored files of a user, oldest first, the first `count_max` behind `after`.
  [[nodiscard]] runtime::Task<base::Result<std::vector<FileFacts>>> list(
      std::string owner, std::optional<FileFacts> after, std::size_t count_max);
  [[nodiscard]] runtime::Task<StorageUse> use_of(std::string owner);
  [[nodiscard]] runtime::Task<Room> room_of(std::string owner);
  /// More room for an upload of WebDAV whose size nobody has said: the size grows by that many
  /// bytes. Errors: as reserve(); errors::no_such_file if it was removed meanwhile.
  [[nodiscard]] runtime::Task<base::Result<void>> extend(FileId id, std::uint64_t bytes);

  /// For tables of kMigrations that others own: runs `look` on the index thread, between
  /// transactions, and returns what it returns.
  template <typename Look>
  [[nodiscard]] auto look(Look look) {
    auto call = [this, look = std::move(look)]() mutable { return look(database_); };
    return runtime::hop(index_shard_, std::move(call));
  }
  /// The same before start(), on the caller's thread: nobody is served yet.
  template <typename Look>
  [[nodiscard]] auto look_before_start(Look read) {
    return read(database_);
  }
  using TableChange = std::function<base::Result<void>(store::Database&)>;
  /// Runs `change` on the index thread, in a transaction with changes of others: an error of its
  /// undoes theirs, so it is for a database that failed. Errors: errors::store_failed.
  [[nodiscard]] runtime::Task<base::Result<void>> change(TableChange change);

  /// Other quotas from now on; any thread.
  void set_policy(policy::PolicyPtr policy);
  /// Called on the index thread with files that are gone, before anybody is told so. Before
  /// start().
  void on_removed(std::function<void(const std::vector<FileId>&)> told) {
    on_removed_ = std::move(told);
  }
  // What operators ask and do, in file_store_desk.cpp.
  /// Files of any state, oldest first, the first `count_max` behind `after`.
  [[nodiscard]] runtime::Task<base::Result<std::vector<FileFacts>>> scan(
      std::optional<FileFacts> after, std::size_t count_max);
  /// Another end for a stored file, whatever its owner wished; 0: never. Errors:
  /// errors::no_such_file, file_expected, store_failed.
  [[nodiscard]] runtime::Task<base::Result<FileFacts>> set_expiry(FileId id, Second expires);
  /// Removes those that are there, in one transaction; which those were. Errors: store_failed.
  [[nodiscard]] runtime::Task<base::Result<std::vector<FileFacts>>> remove_many(
      std::vector<FileId> ids, RemoveReason reason);
  [[nodiscard]] runtime::Task<StorageReport> report(std::size_t owners_max);
  /// Of each subject in turn, as StorageLedger::of().
  [[nodiscard]] runtime::Task<std::vector<StorageUse>> uses_of(
      std::vector<policy::Subject> subjects);
  [[nodiscard]] const FileHandles& handles() const { return *handles_; }

  [[nodiscard]] const SlotTokens& tokens() const { return *tokens_; }
  [[nodiscard]] const config::FilesSettings& settings() const { return settings_; }
  /// As of the last change; any thread.
  [[nodiscard]] StorageUse total() const {
    return {total_bytes_.load(std::memory_order_relaxed),
            total_files_.load(std::memory_order_relaxed)};
  }

 private:
  using Change = std::function<base::Result<void>(FileIndex&)>;
  struct Write {
    Change change;
    base::Result<void> result;
    runtime::Event done;
  };
  struct Active {
    std::shared_ptr<Writer> writer;
    runtime::Event* waiter = nullptr;  // of the one that wants to go on in its place
  };

  void reconcile();
  [[nodiscard]] bool reconcile_file(FileFacts facts, std::vector<FileFacts>& changed,
                                    std::vector<FileId>& lost);

  // On the index thread.
  [[nodiscard]] runtime::Task<base::Result<void>> write(Change change);
  void commit_queue();
  [[nodiscard]] base::Result<void> commit_all(const std::vector<Write*>& writes);
  [[nodiscard]] base::Result<FileFacts> find_now(const FileId& id);
  [[nodiscard]] base::Result<FileFacts> expected_now(const FileId& id);
  [[nodiscard]] base::Result<void> take_room(const NewFile& file);
  void give_room(const FileFacts& facts);
  void note_total();
  void expect(std::uint64_t bytes);
  void expect_no_more(std::uint64_t bytes);
  void release(const FileId& id);
  [[nodiscard]] runtime::Task<bool> become_writer(FileId id, UploadStart start,
                                                  std::shared_ptr<Writer> writer);
  [[nodiscard]] runtime::Task<base::Result<FileFacts>> reserve_here(NewFile file);
  [[nodiscard]] runtime::Task<base::Result<Upload>> begin_here(FileId id, UploadStart start,
                                                               std::shared_ptr<Writer> writer);
  [[nodiscard]] runtime::Task<base::Result<FileFacts>> finish_here(Upload upload);
  [[nodiscard]] runtime::Task<bool> leave_here(Upload upload);
  [[nodiscard]] runtime::Task<base::Result<void>> change_here(TableChange change);
  [[nodiscard]] runtime::Task<base::Result<void>> extend_here(FileId id, std::uint64_t bytes);
  [[nodiscard]] base::Result<void> check_disk(std::uint64_t more) const;
  [[nodiscard]] runtime::Task<base::Result<FileFacts>> remove_here(FileId id, RemoveReason reason);
  [[nodiscard]] runtime::Task<base::Result<std::vector<FileFacts>>> remove_all(
      std::vector<FileId> files, RemoveReason reason);
  [[nodiscard]] runtime::Task<base::Result<FileFacts>> set_expiry_here(FileId id, Second expires);
  [[nodiscard]] runtime::Task<> sweep();
  [[nodiscard]] runtime::Task<> sweep_once();
  [[nodiscard]] runtime::Task<bool> stop_here();

  // On the disk thread.
  template <typename Function>
  [[nodiscard]] auto on_disk(Function function) {
    return runtime::hop(disk_, std::move(function));
  }
  template <typename T>
  [[nodiscard]] runtime::Task<T> on_index(runtime::Task<T> task) {
    co_return co_await runtime::asio::co_spawn(index_shard_.executor(), std::move(task),
                                               runtime::kAwait);
  }

  config::FilesSettings settings_;
  base::Log& log_;
  FileCounters& counters_;
  BlobStore blobs_;
  store::Database database_;
  FileIndex index_;
  StorageLedger ledger_;
  policy::PolicyPtr policy_;
  std::unique_ptr<SlotTokens> tokens_;
  std::unique_ptr<FileHandles> handles_;
  std::unordered_map<FileId, Active> active_;
  StorageUse expected_;  // announced, not stored yet
  std::vector<Write*> queue_;
  std::function<void(const std::vector<FileId>&)> on_removed_;
  std::atomic<std::uint64_t> total_bytes_{0};
  std::atomic<std::uint64_t> total_files_{0};
  runtime::Shard index_shard_{0};
  runtime::Shard disk_{1};
  runtime::TaskGroup sweeping_;
  std::jthread index_thread_;
  std::jthread disk_thread_;
};

}  // namespace bellhop::files
