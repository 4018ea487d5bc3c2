// The store over a folder that was used before: what a crash may have left is brought in line.
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

#include "proxy/files/file_store.hpp"
#include "tests/unit/proxy/files/opened_store.hpp"

namespace bellhop::files {
namespace {

class FileStoreRestart : public OpenedStore {
 protected:
  FileStoreRestart() { open(); }

  // Changes of the folder while nobody has it open.
  [[nodiscard]] BlobStore blobs() const { return BlobStore(settings_.dir); }
  static void append(const BlobStore& blobs, const FileId& id, std::string_view text) {
    const auto fd = blobs.open_partial(id);
    ASSERT_TRUE(fd);
    EXPECT_EQ(::write(fd->value(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // Rows that expired long ago, as if written before.
  void insert_due(std::size_t count) {
    auto database = store::Database::open(folder_.file("files") / "index.db", kMigrations);
    FileIndex index(database);
    auto transaction = store::Transaction::begin(database);
    ASSERT_TRUE(transaction);
    for (std::size_t i = 0; i < count; ++i) {
      FileFacts facts;
      facts.id = FileId::random();
      facts.owner = "alice@example.org";
      facts.size = 10;
      facts.created = 1;
      facts.expires = 2;
      EXPECT_TRUE(index.insert(facts));
    }
    EXPECT_TRUE(transaction->commit());
  }
  // An upload of which some bytes came; the process ends without a word.
  FileFacts break_off(std::string_view piece, std::uint64_t size) {
    const FileFacts facts = reserve(size);
    Upload upload = begin(facts.id, UploadStart::anew);
    write_piece(upload, piece);
    close();
    return facts;
  }
};

TEST_F(FileStoreRestart, KeepsFilesAndWhatTheyTake) {
  const FileFacts facts = upload("hello");
  reserve(10, "bob@example.org");
  const FileFacts gone = upload("bye");
  EXPECT_TRUE(run(store_->remove(gone.id, RemoveReason::by_user)));
  reopen();
  EXPECT_EQ(stored_text(facts.id), "hello");
  EXPECT_EQ(store_->total(), (StorageUse{15, 2}));
  EXPECT_EQ(run(store_->use_of("alice@example.org")), (StorageUse{5, 1}));
  expect_refusal(run(store_->find(gone.id)), errors::no_such_file);
  EXPECT_TRUE(log_.has("event=files_reconciled files=2 unacknowledged=0 lost=0 orphans=0"));
}

// HUP-17: quotas hold for what was reserved before.
TEST_F(FileStoreRestart, CountsWhatWasReservedBefore) {
  policy_ = store_policy(100, 0, 0);
  reserve(60);
  reopen();
  expect_refusal(run(store_->reserve(new_file("alice@example.org", 41))), errors::stored_of_jid);
  reserve(40);
}

TEST_F(FileStoreRestart, KeepsItsSecretForTokens) {
  const SlotClaims claims{FileId::random(), 5};
  const std::string token = store_->tokens().make(claims);
  reopen();
  EXPECT_EQ(store_->tokens().read(token), claims);
}

TEST_F(FileStoreRestart, IsRefusedWhileAnotherHasTheFolder) {
  FileCounters counters(1);
  EXPECT_THROW(FileStore(settings_, policy_, log_.log(), counters), std::runtime_error);
  const FileFacts facts = upload("hello");
  EXPECT_EQ(stored_text(facts.id), "hello") << "the first one is not disturbed";
}

TEST_F(FileStoreRestart, RefusesAnIndexThatIsNone) {
  close();
  store::write_text(folder_.file("files") / "index.db", std::string(8192, 'x'));
  std::filesystem::remove(folder_.file("files") / "index.db-wal");
  FileCounters counters(1);
  EXPECT_THROW(FileStore(settings_, policy_, log_.log(), counters), std::runtime_error);
}

TEST_F(FileStoreRestart, GoesOnWithAnUploadThatWasLeft) {
  const FileFacts facts = reserve(11);
  Upload first = begin(facts.id, UploadStart::where_it_is);
  write_piece(first, "hello");
  run(store_->leave(std::move(first)));
  reopen();
  EXPECT_EQ(run(store_->offset_of(facts.id)).value(), 5U);
  Upload second = begin(facts.id, UploadStart::where_it_is);
  EXPECT_EQ(second.offset, 5U);
  write_piece(second, " wor");
  run(store_->leave(std::move(second)));
  reopen();
  Upload third = begin(facts.id, UploadStart::where_it_is);
  EXPECT_EQ(third.offset, 9U);
  write_piece(third, "ld");
  EXPECT_EQ(finish(std::move(third)).sha256, sha256_of("hello world"));
  EXPECT_EQ(stored_text(facts.id), "hello world");
}

// Whoever was uploading cannot know that Bellhop ended: the slot waits for what is missing.
TEST_F(FileStoreRestart, GoesOnWithAnUploadThatACrashBrokeOff) {
  const FileFacts facts = break_off("hello", 11);
  lapse(facts.id);
  open();
  EXPECT_EQ(run(store_->offset_of(facts.id)).value(), 5U);
  EXPECT_GT(run(store_->find(facts.id))->expires, facts.expires);
  Upload upload = begin(facts.id, UploadStart::where_it_is);
  write_piece(upload, " world");
  EXPECT_EQ(finish(std::move(upload)).sha256, sha256_of("hello world"));
}

// HUP-31: the request that brought the last byte was never answered, so that byte is asked for
// again, and the answer to that one can say that all is well.
TEST_F(FileStoreRestart, AsksForTheLastByteOfAFileThatNobodyWasToldOf) {
  const FileFacts facts = break_off("hello", 5);
  ASSERT_TRUE(blobs().store(facts.id));
  open();
  EXPECT_TRUE(log_.has("event=files_reconciled files=1 unacknowledged=1"));
  EXPECT_EQ(stored_text(facts.id), "no-such-file");
  EXPECT_FALSE(std::filesystem::exists(stored_path(facts.id)));
  Upload upload = begin(facts.id, UploadStart::where_it_is);
  EXPECT_EQ(upload.offset, 4U);
  write_piece(upload, "o");
  EXPECT_EQ(finish(std::move(upload)).sha256, sha256_of("hello"));
  EXPECT_EQ(stored_text(facts.id), "hello");
}

TEST_F(FileStoreRestart, AsksForTheLastByteOfAWholeFileThatWasNotShown) {
  const FileFacts whole = break_off("hello", 5);
  append(blobs(), whole.id, "and more");
  open();
  EXPECT_EQ(run(store_->offset_of(whole.id)).value(), 4U);
  EXPECT_EQ(store_->total(), (StorageUse{5, 1}));
}

TEST_F(FileStoreRestart, ForgetsStoredFilesWhoseBytesAreGone) {
  const FileFacts gone = upload("hello");
  const FileFacts cut = upload("world");
  const FileFacts whole = upload("again");
  close();
  std::filesystem::remove(stored_path(gone.id));
  std::filesystem::resize_file(stored_path(cut.id), 4);
  open();
  expect_refusal(run(store_->find(gone.id)), errors::no_such_file);
  expect_refusal(run(store_->find(cut.id)), errors::no_such_file);
  EXPECT_EQ(stored_text(whole.id), "again");
  EXPECT_EQ(store_->total(), (StorageUse{5, 1}));
  EXPECT_EQ(count_of("bellhop_files_removed_total", "lost"), 2U);
  EXPECT_TRUE(log_.has("event=file_removed file=" + gone.id.text() + " reason=lost"));
  EXPECT_FALSE(std::filesystem::exists(stored_path(cut.id))) << "what is left of it goes too";
}

TEST_F(FileStoreRestart, RemovesBytesThatNobodyKnows) {
  const FileFacts known = upload("hello");
  close();
  const FileId partial = FileId::random();
  const FileId stored = FileId::random();
  {
    const BlobStore blobs(settings_.dir);
    append(blobs, partial, "x");
    append(blobs, stored, "y");
    ASSERT_TRUE(blobs.store(stored));
  }
  open();
  EXPECT_TRUE(log_.has("lost=0 orphans=2"));
  EXPECT_FALSE(std::filesystem::exists(stored_path(stored)));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("files") / "partial" / partial.text()));
  EXPECT_EQ(stored_text(known.id), "hello");
}

// HUP-10, HUP-17: more than one sweep takes at a time; who has a file keeps it.
TEST_F(FileStoreRestart, GivesRoomBackOfSlotsThatLapsed) {
  const FileFacts kept = upload("hello");
  close();
  insert_due(1100);
  open();
  expect_soon([this] { return store_->total().files == 1 && removals_told() == 1100; });
  EXPECT_EQ(store_->total(), (StorageUse{5, 1}));
  EXPECT_EQ(count_of("bellhop_files_removed_total", "slot-lapsed"), 1100U);
  EXPECT_EQ(count_of("bellhop_files_removed_total", "expired"), 0U);
  EXPECT_EQ(stored_text(kept.id), "hello");
}

// HUP-12
TEST_F(FileStoreRestart, RemovesFilesThatExpired) {
  const FileFacts due = upload("hello");
  const FileFacts kept = upload("world");
  lapse(due.id);
  reopen();
  expect_soon([&] { return was_told_removed(due.id); });
  expect_soon([&] { return !std::filesystem::exists(stored_path(due.id)); });
  EXPECT_EQ(store_->total(), (StorageUse{5, 1}));
  EXPECT_EQ(count_of("bellhop_files_removed_total", "expired"), 1U);
  EXPECT_EQ(stored_text(kept.id), "world");
}

// What came of a file is not there any more either, once the time for the rest is over.
TEST_F(FileStoreRestart, GivesUpAnUploadThatTakesTooLong) {
  settings_.upload_timeout = std::chrono::milliseconds(0);
  reopen();
  const FileFacts facts = reserve(11);
  Upload upload = begin(facts.id, UploadStart::anew);
  write_piece(upload, "hello");
  run(store_->leave(std::move(upload)));
  expect_refusal(run(store_->offset_of(facts.id)), errors::bad_slot);
  reopen();
  const auto partial = folder_.file("files") / "partial" / facts.id.text();
  expect_soon([&] { return !std::filesystem::exists(partial); });
  EXPECT_EQ(store_->total(), StorageUse{});
}

}  // namespace
}  // namespace bellhop::files
