// A store over a folder of its own, with its threads; the test's thread awaits what it does.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/files/errors.hpp"
#include "proxy/files/file_store.hpp"
#include "proxy/files/schema.hpp"
#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::files {

inline std::string sha256_of(std::string_view text) {
  Sha256 digest;
  digest.update(text);
  return digest.finish();
}

/// How much each user, each domain and all may store, in bytes; 0: nothing is said.
inline policy::PolicyPtr store_policy(std::uint64_t jid = 0, std::uint64_t domain = 0,
                                      std::uint64_t total = 0) {
  using Type = policy::Subject::Type;
  policy::Rules rules;
  const auto add = [&rules](Type type, std::uint64_t bytes) {
    policy::Quota quota;
    quota.subject.type = type;
    quota.stored_bytes = bytes;
    rules.quotas.push_back(std::move(quota));
  };
  add(Type::each_jid, jid);
  add(Type::each_domain, domain);
  add(Type::total, total);
  return std::make_shared<const policy::Policy>(std::move(rules), policy::Rules{}, true);
}

inline NewFile new_file(std::string owner, std::uint64_t size) {
  NewFile file;
  file.owner = std::move(owner);
  file.name = "cat.png";
  file.type = "image/png";
  file.size = size;
  return file;
}

/// All of a small file.
inline std::string text_of_fd(int fd) {
  std::string text(1 << 16, '\0');
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return text;
}

/// What an upload over HTTP does with the bytes that come.
inline void write_piece(Upload& upload, std::string_view piece) {
  EXPECT_EQ(::write(upload.fd.value(), piece.data(), piece.size()),
            static_cast<ssize_t>(piece.size()));
  upload.digest.update(piece);
  upload.offset += piece.size();
}

/// One that only notes that it was asked to leave.
inline std::shared_ptr<Writer> new_writer(std::atomic<int>* evictions = nullptr) {
  auto writer = std::make_shared<Writer>();
  writer->evict = [evictions] {
    if (evictions != nullptr) ++*evictions;
  };
  return writer;
}

/// Opened by open(); closed by close() or at the end of the test.
class OpenedStore : public ::testing::Test {
 protected:
  OpenedStore() {
    settings_.dir = folder_.file("files").string();
    settings_.free_bytes_min = 0;
    registry_.add(counters_.events, kFileCounterNames);
    registry_.add(counters_.refusals, kFileRefusalNames);
    registry_.add(counters_.removals, kRemovalNames);
  }
  ~OpenedStore() override { close(); }

  void open() {
    store_.emplace(settings_, policy_, log_.log(), counters_);
    store_->on_removed([this](const std::vector<FileId>& ids) { note_removed(ids); });
    store_->start();
  }
  void close() {
    if (!store_) return;
    run(store_->stop());
    store_.reset();
  }
  void reopen() {
    close();
    open();
  }

  template <typename T>
  T run(runtime::Task<T> task) {
    return runtime::test::run(context_, std::move(task));
  }
  void run(runtime::Task<> task) { runtime::test::run(context_, std::move(task)); }
  template <typename Done>
  void expect_soon(Done is_done) {
    EXPECT_TRUE(runtime::test::run_until(context_, is_done));
  }

  FileFacts reserve(std::uint64_t size, std::string owner = "alice@example.org") {
    auto facts = run(store_->reserve(new_file(std::move(owner), size)));
    EXPECT_TRUE(facts);
    return facts ? std::move(*facts) : FileFacts{};
  }
  Upload begin(const FileId& id, UploadStart start, std::shared_ptr<Writer> writer = new_writer()) {
    auto upload = run(store_->begin(id, start, std::move(writer)));
    EXPECT_TRUE(upload);
    return upload ? std::move(*upload) : Upload{};
  }
  FileFacts finish(Upload upload) {
    auto facts = run(store_->finish(std::move(upload)));
    EXPECT_TRUE(facts);
    return facts ? std::move(*facts) : FileFacts{};
  }
  FileFacts upload(std::string_view text, std::string owner = "alice@example.org") {
    const FileFacts facts = reserve(text.size(), std::move(owner));
    Upload upload = begin(facts.id, UploadStart::anew);
    write_piece(upload, text);
    return finish(std::move(upload));
  }
  std::string stored_text(const FileId& id) {
    const auto file = run(store_->open(id));
    return file ? text_of_fd(file->fd.value()) : std::string(file.error().kind().name);
  }
  /// Where the bytes of a stored file lie.
  [[nodiscard]] std::filesystem::path stored_path(const FileId& id) const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const unsigned first = id.bytes[0];
    const std::string folder{kDigits[first >> 4], kDigits[first & 15]};
    return folder_.file("files") / "stored" / folder / id.text();
  }
  /// Moves its expiry into the past, behind the back of the store.
  void lapse(const FileId& id) {
    auto database = store::Database::open(folder_.file("files") / "index.db", kMigrations);
    FileIndex index(database);
    auto facts = index.find(id);
    ASSERT_TRUE(facts && *facts);
    (*facts)->expires = 1;
    EXPECT_TRUE(index.update(**facts).value());
  }

  [[nodiscard]] std::uint64_t count_of(std::string_view metric, std::string_view reason = "") {
    for (const auto& reading : registry_.read()) {
      if (reading.name.metric == metric && reading.name.reason == reason) return reading.value;
    }
    ADD_FAILURE() << metric << ' ' << reason << " is not counted";
    return 0;
  }
  [[nodiscard]] bool was_told_removed(const FileId& id) {
    const std::lock_guard lock(removed_mutex_);
    return std::find(removed_.begin(), removed_.end(), id) != removed_.end();
  }
  [[nodiscard]] std::size_t removals_told() {
    const std::lock_guard lock(removed_mutex_);
    return removed_.size();
  }

  store::TemporaryFolder folder_;
  config::FilesSettings settings_;
  policy::PolicyPtr policy_ = store_policy();
  runtime::test::TempLog log_;
  FileCounters counters_{1};
  base::CounterRegistry registry_;
  runtime::asio::io_context context_{1};
  std::optional<FileStore> store_;
  std::function<void()> when_removed_;  // on the index thread; set while nothing is removed

 private:
  void note_removed(const std::vector<FileId>& ids) {
    if (when_removed_) when_removed_();
    const std::lock_guard lock(removed_mutex_);
    removed_.insert(removed_.end(), ids.begin(), ids.end());
  }

  std::mutex removed_mutex_;  // the index thread writes, the test's reads
  std::vector<FileId> removed_;
};

template <typename T>
void expect_refusal(const base::Result<T>& result, const base::ErrorKind& kind) {
  ASSERT_TRUE(result.has_error()) << kind.name;
  EXPECT_TRUE(result.error().is(kind)) << result.error().kind().name << ", not " << kind.name;
}

}  // namespace bellhop::files
