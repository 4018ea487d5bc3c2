// What operators ask of the store and do with it, beside users who upload.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/proxy/files/opened_store.hpp"

namespace bellhop::files {
namespace {

using policy::Subject;

constexpr std::string_view kAlice = "alice@example.org";

class FileStoreDesk : public OpenedStore {
 protected:
  FileStoreDesk() { open(); }

  std::vector<FileFacts> scan(std::optional<FileFacts> after, std::size_t count_max) {
    auto files = run(store_->scan(std::move(after), count_max));
    EXPECT_TRUE(files);
    return files ? std::move(*files) : std::vector<FileFacts>{};
  }
  base::Result<FileFacts> set_expiry(const FileId& id, Second expires) {
    return run(store_->set_expiry(id, expires));
  }
  std::set<FileId> remove_many(std::vector<FileId> ids) {
    const auto gone = run(store_->remove_many(std::move(ids), RemoveReason::by_operator));
    EXPECT_TRUE(gone);
    std::set<FileId> removed;
    if (!gone) return removed;
    for (const FileFacts& facts : *gone) {
      EXPECT_TRUE(removed.insert(facts.id).second) << "told twice";
    }
    return removed;
  }
  StorageReport report(std::size_t owners_max) { return run(store_->report(owners_max)); }
};

TEST_F(FileStoreDesk, ScansFilesOfEveryStateAndOwnerOnce) {
  std::set<FileId> wanted;
  for (int i = 0; i < 4; ++i) {
    wanted.insert(upload("hello").id);
    wanted.insert(reserve(7, "bob@example.net").id);
  }
  std::set<FileId> seen;
  std::size_t expected = 0;
  std::optional<FileFacts> last;
  for (auto page = scan(last, 3); !page.empty(); page = scan(last, 3)) {
    EXPECT_LE(page.size(), 3U);
    for (const FileFacts& facts : page) {
      EXPECT_TRUE(seen.insert(facts.id).second);
      if (facts.state == FileState::expected) ++expected;
      EXPECT_TRUE(!last || last->created <= facts.created) << "the oldest first";
      last = facts;
    }
    ASSERT_LE(seen.size(), wanted.size());
  }
  EXPECT_EQ(seen, wanted);
  EXPECT_EQ(expected, 4U);
}

TEST_F(FileStoreDesk, ScansOnBehindAFileThatWasDeleted) {
  for (int i = 0; i < 5; ++i) upload("hello");
  const auto all = scan(std::nullopt, 10);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_TRUE(run(store_->remove(all[1].id, RemoveReason::by_user)));
  const auto rest = scan(all[1], 10);
  ASSERT_EQ(rest.size(), 3U);
  for (std::size_t i = 0; i < rest.size(); ++i) EXPECT_EQ(rest[i].id, all[i + 2].id);
  EXPECT_TRUE(scan(all[4], 10).empty());
}

TEST_F(FileStoreDesk, GivesAStoredFileAnotherEnd) {
  const FileFacts facts = upload("hello");
  const auto later = set_expiry(facts.id, 4'000'000'000);
  ASSERT_TRUE(later);
  EXPECT_EQ(later->expires, 4'000'000'000);
  EXPECT_EQ(later->sha256, facts.sha256);
  EXPECT_EQ(run(store_->find(facts.id))->expires, 4'000'000'000);
  const auto never = set_expiry(facts.id, 0);
  ASSERT_TRUE(never);
  EXPECT_EQ(never->expires, 0);
  reopen();
  EXPECT_EQ(run(store_->find(facts.id))->expires, 0) << "it was on the disk";
  EXPECT_EQ(stored_text(facts.id), "hello");
  ASSERT_TRUE(set_expiry(facts.id, 1));
  EXPECT_EQ(stored_text(facts.id), "no-such-file") << "that moment has passed";
}

TEST_F(FileStoreDesk, RefusesAnotherEndForWhatIsNotStored) {
  const FileFacts expected = reserve(5);
  expect_refusal(set_expiry(expected.id, 4'000'000'000), errors::file_expected);
  EXPECT_EQ(run(store_->find(expected.id))->expires, expected.expires);
  Upload upload = begin(expected.id, UploadStart::anew);
  write_piece(upload, "hello");
  expect_refusal(set_expiry(expected.id, 4'000'000'000), errors::file_expected);
  finish(std::move(upload));
  EXPECT_TRUE(set_expiry(expected.id, 4'000'000'000));
  EXPECT_TRUE(run(store_->remove(expected.id, RemoveReason::by_user)));
  expect_refusal(set_expiry(expected.id, 0), errors::no_such_file);
  expect_refusal(set_expiry(FileId::random(), 0), errors::no_such_file);
}

// What has expired is gone, though the sweeper has not come by yet.
TEST_F(FileStoreDesk, BringsNoExpiredFileBack) {
  const FileFacts facts = upload("hello");
  lapse(facts.id);
  expect_refusal(set_expiry(facts.id, 0), errors::no_such_file);
  EXPECT_EQ(stored_text(facts.id), "no-such-file");
}

// HUP-17: the room is free again, to the byte.
TEST_F(FileStoreDesk, RemovesManyAndCountsWhatWasThere) {
  const FileId stored = upload("hello").id;
  const FileId expected = reserve(7, "bob@example.net").id;
  const FileId kept = upload("kept").id;
  const FileId gone = upload("gone").id;
  EXPECT_TRUE(run(store_->remove(gone, RemoveReason::by_user)));
  const auto removed = remove_many({stored, gone, FileId::random(), expected, stored});
  EXPECT_EQ(removed, (std::set<FileId>{stored, expected}));
  EXPECT_EQ(store_->total(), (StorageUse{4, 1}));
  EXPECT_EQ(report(1).expected, StorageUse{});
  EXPECT_EQ(count_of("bellhop_files_removed_total", "by-operator"), 2U);
  EXPECT_TRUE(was_told_removed(stored));
  EXPECT_TRUE(was_told_removed(expected));
  EXPECT_EQ(removals_told(), 3U) << "no file twice";
  EXPECT_EQ(stored_text(stored), "no-such-file");
  EXPECT_FALSE(std::filesystem::exists(stored_path(stored)));
  EXPECT_EQ(stored_text(kept), "kept");
  EXPECT_TRUE(remove_many({stored, expected}).empty());
  EXPECT_TRUE(remove_many({}).empty());
  EXPECT_EQ(removals_told(), 3U);
}

TEST_F(FileStoreDesk, EndsTheUploadOfWhatItRemoves) {
  std::atomic<int> evictions{0};
  const FileFacts facts = reserve(5);
  Upload upload = begin(facts.id, UploadStart::anew, new_writer(&evictions));
  write_piece(upload, "hel");
  EXPECT_EQ(remove_many({facts.id}), std::set<FileId>{facts.id});
  EXPECT_EQ(evictions.load(), 1);
  write_piece(upload, "lo");
  EXPECT_TRUE(run(store_->finish(std::move(upload))).has_error());
  EXPECT_EQ(store_->total(), StorageUse{});
  EXPECT_EQ(report(1).expected, StorageUse{});
}

TEST_F(FileStoreDesk, ReportsHowFullItIs) {
  const StorageReport empty = report(10);
  EXPECT_EQ(empty.taken, StorageUse{});
  EXPECT_EQ(empty.owners, 0U);
  EXPECT_TRUE(empty.largest.empty());
  EXPECT_GT(empty.free_bytes, 0U);
  upload("hello");
  reserve(10);
  const FileFacts other = reserve(100, "bob@example.net");
  const StorageReport full = report(1);
  EXPECT_EQ(full.taken, (StorageUse{115, 3}));
  EXPECT_EQ(full.expected, (StorageUse{110, 2}));
  EXPECT_EQ(full.owners, 2U);
  ASSERT_EQ(full.largest.size(), 1U);
  EXPECT_EQ(full.largest.front().first, "bob@example.net");
  EXPECT_EQ(full.largest.front().second, (StorageUse{100, 1}));
  EXPECT_TRUE(run(store_->remove(other.id, RemoveReason::by_user)));
  EXPECT_EQ(report(10).expected, (StorageUse{10, 1}));
  EXPECT_EQ(report(10).largest.front().second, (StorageUse{15, 2}));
}

// What was expected before a restart still is; it used to be counted by bytes only.
TEST_F(FileStoreDesk, ReportsTheSameAfterARestart) {
  upload("hello");
  const FileFacts facts = reserve(10);
  reopen();
  EXPECT_EQ(report(10).taken, (StorageUse{15, 2}));
  EXPECT_EQ(report(10).expected, (StorageUse{10, 1}));
  Upload upload = begin(facts.id, UploadStart::anew);
  write_piece(upload, "0123456789");
  finish(std::move(upload));
  EXPECT_EQ(report(10).taken, (StorageUse{15, 2}));
  EXPECT_EQ(report(10).expected, StorageUse{});
}

TEST_F(FileStoreDesk, TellsWhatSubjectsHaveInTheirOrder) {
  upload("hello");
  reserve(10, "bob@example.org");
  reserve(100, "carol@example.net");
  const std::vector<Subject> subjects{
      Subject{},
      Subject::of_jid(kAlice),
      Subject::of_domain("example.org"),
      Subject{Subject::Type::each_jid, {}},
      Subject::of_jid("nobody@example.org"),
  };
  const std::vector<StorageUse> wanted{{115, 3}, {5, 1}, {15, 2}, {0, 0}, {0, 0}};
  EXPECT_EQ(run(store_->uses_of(subjects)), wanted);
  EXPECT_TRUE(run(store_->uses_of({})).empty());
}

// Whoever noted a handle finds the file by it after a restart.
TEST_F(FileStoreDesk, KeepsItsHandles) {
  const FileFacts facts = upload("hello");
  const std::string handle = store_->handles().make(facts.id);
  EXPECT_NE(handle, facts.id.text());
  reopen();
  EXPECT_EQ(store_->handles().make(facts.id), handle);
  EXPECT_EQ(store_->handles().read(handle), facts.id);
}

}  // namespace
}  // namespace bellhop::files
