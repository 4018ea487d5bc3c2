// The store while it runs: room, uploads, writers that meet, removals.
#include "proxy/files/file_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <latch>
#include <limits>
#include <memory>
#include <set>

#include "tests/unit/proxy/files/opened_store.hpp"

namespace bellhop::files {
namespace {

using runtime::Task;

constexpr std::string_view kAlice = "alice@example.org";

class FileStoreTest : public OpenedStore {
 protected:
  FileStoreTest() { open(); }
};

struct Tally {
  std::vector<FileFacts> granted;
  std::size_t refused = 0;
  std::size_t ended = 0;
};

Task<> reserve_one(FileStore& store, NewFile file, const base::ErrorKind& refusal, Tally& tally) {
  auto facts = co_await store.reserve(std::move(file));
  if (facts) {
    tally.granted.push_back(std::move(*facts));
  } else {
    EXPECT_TRUE(facts.error().is(refusal)) << facts.error().kind().name;
    ++tally.refused;
  }
  ++tally.ended;
}

// HUP-17: a thousand at once, of sizes that do not divide the quota.
TEST_F(FileStoreTest, NeverGrantsAByteMoreThanAQuotaHolds) {
  constexpr std::uint64_t kQuota = 100'003;
  store_->set_policy(store_policy(0, kQuota, 0));
  Tally tally;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::string owner = "user" + std::to_string(i % 7) + "@example.org";
    (void)runtime::test::start(
        context_, reserve_one(*store_, new_file(owner, 997), errors::stored_of_domain, tally));
  }
  expect_soon([&] { return tally.ended == 1000; });
  EXPECT_EQ(tally.granted.size(), kQuota / 997);
  EXPECT_EQ(tally.refused, 1000 - kQuota / 997);
  EXPECT_EQ(store_->total().bytes, kQuota / 997 * 997);
  EXPECT_EQ(count_of("bellhop_files_slots_granted_total"), kQuota / 997);
  EXPECT_EQ(count_of("bellhop_files_refusals_total", "stored-of-domain"), tally.refused);
  reserve(kQuota % 997);
  EXPECT_EQ(store_->total().bytes, kQuota) << "to the last byte";
  expect_refusal(run(store_->reserve(new_file("eve@example.org", 1))), errors::stored_of_domain);

  std::set<FileId> ids;
  for (const FileFacts& facts : tally.granted) EXPECT_TRUE(ids.insert(facts.id).second);
  for (const FileId& id : ids) EXPECT_TRUE(run(store_->remove(id, RemoveReason::by_user)));
  EXPECT_EQ(store_->total(), (StorageUse{kQuota % 997, 1}));
  reserve(kQuota - kQuota % 997);
}

TEST_F(FileStoreTest, KnowsWhatAUserHas) {
  reserve(10);
  upload("hello");
  reserve(7, "bob@example.org");
  EXPECT_EQ(run(store_->use_of(std::string(kAlice))), (StorageUse{15, 2}));
  EXPECT_EQ(store_->total(), (StorageUse{22, 3}));
  const auto list = run(store_->list(std::string(kAlice), std::nullopt, 10));
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), 1U) << "what has not come is not listed";
}

// HUP-10: from the grant on, for as long as the settings say.
TEST_F(FileStoreTest, GrantsASlotForTheTimeThatWasSet) {
  const FileFacts facts = reserve(10);
  EXPECT_EQ(facts.expires - facts.created, 300);
  EXPECT_EQ(facts.state, FileState::expected);
  EXPECT_EQ(run(store_->offset_of(facts.id)).value(), 0U);
  lapse(facts.id);
  expect_refusal(run(store_->offset_of(facts.id)), errors::bad_slot);
  expect_refusal(run(store_->begin(facts.id, UploadStart::anew, new_writer())), errors::bad_slot);
  expect_refusal(run(store_->find(facts.id)), errors::no_such_file);
}

TEST_F(FileStoreTest, KnowsNoFileThatWasNeverAnnounced) {
  const FileId id = FileId::random();
  expect_refusal(run(store_->find(id)), errors::no_such_file);
  expect_refusal(run(store_->open(id)), errors::no_such_file);
  expect_refusal(run(store_->offset_of(id)), errors::bad_slot);
  expect_refusal(run(store_->begin(id, UploadStart::where_it_is, new_writer())), errors::bad_slot);
  expect_refusal(run(store_->remove(id, RemoveReason::by_user)), errors::no_such_file);
}

TEST_F(FileStoreTest, KeepsRoomFreeOnTheDisk) {
  close();
  settings_.free_bytes_min = std::numeric_limits<std::uint64_t>::max() / 2;
  open();
  expect_refusal(run(store_->reserve(new_file("alice@example.org", 1))), errors::disk_full);
  EXPECT_EQ(store_->total(), StorageUse{});
  EXPECT_EQ(count_of("bellhop_files_refusals_total", "disk-full"), 1U);
}

TEST_F(FileStoreTest, PromisesTheRoomOnTheDiskOnce) {
  close();
  const std::uint64_t most = BlobStore(settings_.dir).free_bytes() / 4 * 3;
  open();
  const FileFacts first = reserve(most);
  expect_refusal(run(store_->reserve(new_file("bob@example.org", most))), errors::disk_full);
  EXPECT_EQ(store_->total(), (StorageUse{most, 1}));
  EXPECT_TRUE(run(store_->remove(first.id, RemoveReason::by_user)));
  reserve(most, "bob@example.org");
}

TEST_F(FileStoreTest, PromisesNoMoreThanNumbersHold) {
  close();
  settings_.free_bytes_min = 1;
  open();
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  expect_refusal(run(store_->reserve(new_file("alice@example.org", most))), errors::disk_full);
  EXPECT_EQ(store_->total(), StorageUse{});
}

// HUP-31: nobody sees it before it is whole.
TEST_F(FileStoreTest, ShowsAFileWhenItIsWhole) {
  const FileFacts facts = reserve(11);
  Upload upload = begin(facts.id, UploadStart::anew);
  EXPECT_EQ(upload.offset, 0U);
  EXPECT_EQ(upload.facts.name, "cat.png");
  write_piece(upload, "hello world");
  EXPECT_EQ(stored_text(facts.id), "no-such-file");
  const FileFacts stored = finish(std::move(upload));
  EXPECT_EQ(stored.sha256, sha256_of("hello world"));
  EXPECT_EQ(stored.state, FileState::stored);
  EXPECT_EQ(stored.expires, stored.created + stored.retention);
  EXPECT_EQ(stored_text(facts.id), "hello world");
  const auto found = run(store_->find(facts.id));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sha256, stored.sha256);
  EXPECT_EQ(found->owner, kAlice);
  EXPECT_EQ(count_of("bellhop_files_uploads_finished_total"), 1U);
  expect_refusal(run(store_->offset_of(facts.id)), errors::slot_used);
  expect_refusal(run(store_->begin(facts.id, UploadStart::anew, new_writer())), errors::slot_used);
}

TEST_F(FileStoreTest, ShowsNoFileAfterItsTime) {
  const FileFacts facts = upload("hello");
  EXPECT_TRUE(run(store_->open(facts.id)));
  lapse(facts.id);
  expect_refusal(run(store_->open(facts.id)), errors::no_such_file);
}

TEST_F(FileStoreTest, GoesOnWithAnUploadWhereItWas) {
  const FileFacts facts = reserve(11);
  Upload first = begin(facts.id, UploadStart::where_it_is);
  write_piece(first, "hello");
  run(store_->leave(std::move(first)));
  EXPECT_EQ(run(store_->offset_of(facts.id)).value(), 5U);
  const auto left = run(store_->find(facts.id));
  ASSERT_TRUE(left);
  EXPECT_GT(left->expires, facts.created + 300) << "what has come is kept for upload_timeout";
  Upload second = begin(facts.id, UploadStart::where_it_is);
  EXPECT_EQ(second.offset, 5U);
  write_piece(second, " world");
  EXPECT_EQ(finish(std::move(second)).sha256, sha256_of("hello world"));
  EXPECT_EQ(count_of("bellhop_files_uploads_cut_off_total"), 1U);
  EXPECT_EQ(count_of("bellhop_files_uploads_resumed_total"), 1U);
}

TEST_F(FileStoreTest, DropsWhatCameWhenAnUploadBeginsAnew) {
  const FileFacts facts = reserve(5);
  Upload first = begin(facts.id, UploadStart::anew);
  write_piece(first, "xyz");
  run(store_->leave(std::move(first)));
  Upload second = begin(facts.id, UploadStart::anew);
  EXPECT_EQ(second.offset, 0U);
  write_piece(second, "hello");
  EXPECT_EQ(finish(std::move(second)).sha256, sha256_of("hello"));
  EXPECT_EQ(stored_text(facts.id), "hello");
}

// Its slot lapses between begin() and finish(): an upload that moves is not late.
TEST_F(FileStoreTest, FinishesAnUploadWhoseSlotLapsedMeanwhile) {
  const FileFacts facts = reserve(5);
  Upload upload = begin(facts.id, UploadStart::anew);
  write_piece(upload, "hello");
  lapse(facts.id);
  finish(std::move(upload));
  EXPECT_EQ(stored_text(facts.id), "hello");
}

// HUP-12: the moment that was asked for, though the retention is longer.
TEST_F(FileStoreTest, ExpiresAFileAtTheMomentThatWasAskedFor) {
  NewFile file = new_file(std::string(kAlice), 5);
  file.purpose = Purpose::ephemeral;
  file.expires_at_latest = 4'000'000'000;
  close();
  settings_.retention = std::chrono::milliseconds(0);
  open();
  const auto facts = run(store_->reserve(file));
  ASSERT_TRUE(facts);
  Upload upload = begin(facts->id, UploadStart::anew);
  write_piece(upload, "hello");
  EXPECT_EQ(finish(std::move(upload)).expires, 4'000'000'000);
}

TEST_F(FileStoreTest, RefusesASecondWriterWhileTheFirstMoves) {
  std::atomic<int> evictions{0};
  const FileFacts facts = reserve(5);
  Upload first = begin(facts.id, UploadStart::anew, new_writer(&evictions));
  const auto second = run(store_->begin(facts.id, UploadStart::anew, new_writer()));
  expect_refusal(second, errors::upload_busy);
  EXPECT_EQ(evictions.load(), 0);
  write_piece(first, "hello");
  finish(std::move(first));
  EXPECT_EQ(stored_text(facts.id), "hello");
}

// One writer that is asked to leave, and one that wants its place.
class TwoWriters : public FileStoreTest {
 protected:
  static Task<> begin_second(FileStore& store, FileId id, UploadStart start,
                             std::optional<base::Result<Upload>>& result) {
    result = co_await store.begin(id, start, new_writer());
  }
  void start_second(UploadStart start) {
    (void)runtime::test::start(context_, begin_second(*store_, facts_.id, start, second_));
    expect_soon([this] { return evictions_ > 0; });
    EXPECT_FALSE(second_) << "the first is still there";
  }

  std::atomic<int> evictions_{0};
  FileFacts facts_ = reserve(5);
  Upload first_ = begin(facts_.id, UploadStart::anew, new_writer(&evictions_));
  std::optional<base::Result<Upload>> second_;
};

TEST_F(TwoWriters, ChangePlacesWhenTheFirstStalls) {
  write_piece(first_, "xyz");
  first_.writer->last_progress_ms -= 2001;
  start_second(UploadStart::anew);
  run(store_->leave(std::move(first_)));
  expect_soon([this] { return second_.has_value(); });
  ASSERT_TRUE(*second_);
  EXPECT_EQ((*second_)->offset, 0U);
  write_piece(**second_, "hello");
  finish(std::move(**second_));
  EXPECT_EQ(stored_text(facts_.id), "hello");
}

TEST_F(TwoWriters, ChangePlacesWhenTheSecondGoesOnWhereItIs) {
  write_piece(first_, "hel");
  start_second(UploadStart::where_it_is);
  expect_refusal(run(store_->begin(facts_.id, UploadStart::where_it_is, new_writer())),
                 errors::upload_busy);
  run(store_->leave(std::move(first_)));
  expect_soon([this] { return second_.has_value(); });
  ASSERT_TRUE(*second_);
  EXPECT_EQ((*second_)->offset, 3U);
  write_piece(**second_, "lo");
  EXPECT_EQ(finish(std::move(**second_)).sha256, sha256_of("hello"));
  EXPECT_EQ(evictions_.load(), 1) << "a third one is refused at once";
}

TEST_F(TwoWriters, StopWhenTheFirstFinishesAfterAll) {
  write_piece(first_, "hello");
  start_second(UploadStart::where_it_is);
  finish(std::move(first_));
  expect_soon([this] { return second_.has_value(); });
  expect_refusal(*second_, errors::slot_used);
  EXPECT_EQ(stored_text(facts_.id), "hello");
}

// After five seconds the second is told so, and the first goes on undisturbed.
TEST_F(TwoWriters, DoNotChangePlacesWhenTheFirstDoesNotLeave) {
  write_piece(first_, "hel");
  start_second(UploadStart::where_it_is);
  expect_soon([this] { return second_.has_value(); });
  expect_refusal(*second_, errors::upload_busy);
  write_piece(first_, "lo");
  EXPECT_EQ(finish(std::move(first_)).sha256, sha256_of("hello"));
}

TEST_F(TwoWriters, BothLoseWhenTheFileIsRemoved) {
  write_piece(first_, "hel");
  start_second(UploadStart::where_it_is);
  EXPECT_TRUE(run(store_->remove(facts_.id, RemoveReason::by_user)));
  EXPECT_EQ(evictions_.load(), 2) << "whoever removes it asks too";
  run(store_->leave(std::move(first_)));
  expect_soon([this] { return second_.has_value(); });
  expect_refusal(*second_, errors::bad_slot);
  EXPECT_EQ(store_->total(), StorageUse{});
}

// HUP-17
TEST_F(FileStoreTest, GivesRoomBackWhenAFileIsRemoved) {
  store_->set_policy(store_policy(10, 0, 0));
  const FileFacts facts = upload("0123456789");
  expect_refusal(run(store_->reserve(new_file(std::string(kAlice), 1))), errors::stored_of_jid);
  const auto removed = run(store_->remove(facts.id, RemoveReason::by_user));
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->id, facts.id);
  EXPECT_TRUE(was_told_removed(facts.id));
  EXPECT_EQ(store_->total(), StorageUse{});
  EXPECT_EQ(stored_text(facts.id), "no-such-file");
  expect_refusal(run(store_->remove(facts.id, RemoveReason::by_user)), errors::no_such_file);
  EXPECT_EQ(count_of("bellhop_files_removed_total", "by-user"), 1U);
  upload("9876543210");
  close();
  EXPECT_FALSE(BlobStore(settings_.dir).stored_bytes(facts.id));
}

TEST_F(FileStoreTest, DoesNotFinishWhatWasRemovedMeanwhile) {
  const FileFacts facts = reserve(5);
  Upload upload = begin(facts.id, UploadStart::anew);
  write_piece(upload, "hello");
  EXPECT_TRUE(run(store_->remove(facts.id, RemoveReason::by_operator)));
  EXPECT_TRUE(run(store_->finish(std::move(upload))).has_error());
  EXPECT_EQ(stored_text(facts.id), "no-such-file");
  EXPECT_EQ(store_->total(), StorageUse{});
}

Task<> finish_one(FileStore& store, Upload upload, std::size_t& ended) {
  (void)co_await store.finish(std::move(upload));
  ++ended;
}

Task<> remove_one(FileStore& store, FileId id, std::size_t& ended) {
  (void)co_await store.remove(id, RemoveReason::by_user);
  ++ended;
}

// The index thread is held up until the bytes of all are on the disk, so that it finds the ends of
// finish() and the beginnings of remove() side by side. Both used to give back what was expected.
TEST_F(FileStoreTest, GivesRoomBackOnceWhenFilesAreRemovedAsTheyAreFinished) {
  constexpr std::size_t kFiles = 24;
  const FileId blocker = upload("x").id;
  std::vector<FileId> ids;
  std::vector<Upload> uploads;
  for (std::size_t i = 0; i < kFiles; ++i) {
    ids.push_back(reserve(5).id);
    uploads.push_back(begin(ids.back(), UploadStart::anew));
    write_piece(uploads.back(), "hello");
  }
  const auto gate = std::make_shared<std::latch>(1);
  when_removed_ = [gate] { gate->wait(); };
  std::size_t ended = 0;
  for (Upload& upload : uploads) {
    (void)runtime::test::start(context_, finish_one(*store_, std::move(upload), ended));
  }
  (void)runtime::test::start(context_, remove_one(*store_, blocker, ended));
  expect_soon([&] {
    return std::all_of(ids.begin(), ids.end(), [this](const FileId& id) {
      return std::filesystem::exists(stored_path(id));
    });
  });
  for (const FileId& id : ids) {
    (void)runtime::test::start(context_, remove_one(*store_, id, ended));
  }
  context_.restart();
  context_.poll();
  gate->count_down();
  expect_soon([&] { return ended == 2 * kFiles + 1; });
  EXPECT_EQ(store_->total(), StorageUse{});
  reserve(1);
}

}  // namespace
}  // namespace bellhop::files
