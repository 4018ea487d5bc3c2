// Bytes on a real disk: what is seen when, and under which names.
#include "proxy/files/blob_store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "proxy/files/errors.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::files {
namespace {

namespace fs = std::filesystem;

class BlobStoreTest : public ::testing::Test {
 protected:
  void append(const FileId& id, std::string_view text) {
    const auto fd = blobs_->open_partial(id);
    ASSERT_TRUE(fd);
    EXPECT_EQ(::write(fd->value(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  [[nodiscard]] std::string stored_text(const FileId& id) {
    const auto fd = blobs_->open_stored(id);
    if (!fd || !*fd) return "(none)";
    std::string text(100, '\0');
    const ssize_t n = ::read((*fd)->value(), text.data(), text.size());
    text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return text;
  }

  store::TemporaryFolder folder_;
  fs::path path_ = folder_.file("files");
  std::optional<BlobStore> blobs_{std::in_place, path_};
  FileId id_ = FileId::random();
};

TEST_F(BlobStoreTest, MakesFoldersAndFilesForItsOwnerOnly) {
  append(id_, "x");
  EXPECT_EQ(store::mode_of(path_), 0700U);
  EXPECT_EQ(store::mode_of(path_ / "stored"), 0700U);
  EXPECT_EQ(store::mode_of(path_ / "stored" / "00"), 0700U);
  EXPECT_EQ(store::mode_of(path_ / "stored" / "ff"), 0700U);
  EXPECT_EQ(store::mode_of(path_ / "partial" / id_.text()), 0600U);
}

// HUP-31: nothing is there for readers until the file is whole.
TEST_F(BlobStoreTest, ShowsAFileWhenItIsStored) {
  append(id_, "hello ");
  append(id_, "world");
  EXPECT_EQ(blobs_->partial_bytes(id_), 11U);
  EXPECT_FALSE(blobs_->stored_bytes(id_));
  EXPECT_EQ(stored_text(id_), "(none)");
  ASSERT_TRUE(blobs_->store(id_));
  EXPECT_EQ(blobs_->partial_bytes(id_), 0U);
  EXPECT_EQ(blobs_->stored_bytes(id_), 11U);
  EXPECT_EQ(stored_text(id_), "hello world");
}

TEST_F(BlobStoreTest, TakesStoringBack) {
  append(id_, "hello");
  ASSERT_TRUE(blobs_->store(id_));
  ASSERT_TRUE(blobs_->unstore(id_));
  EXPECT_FALSE(blobs_->stored_bytes(id_));
  EXPECT_EQ(blobs_->partial_bytes(id_), 5U);
}

TEST_F(BlobStoreTest, CutsOffWhatCameBehind) {
  append(id_, "hello");
  ASSERT_TRUE(blobs_->truncate_partial(id_, 2));
  append(id_, "y");
  ASSERT_TRUE(blobs_->store(id_));
  EXPECT_EQ(stored_text(id_), "hey");
}

TEST_F(BlobStoreTest, SaysWhatFailed) {
  for (const auto& result :
       {blobs_->store(id_), blobs_->unstore(id_), blobs_->truncate_partial(id_, 1)}) {
    ASSERT_TRUE(result.has_error());
    EXPECT_TRUE(result.error().is(errors::store_failed));
    EXPECT_NE(result.error().detail().find("No such file"), std::string::npos);
  }
}

TEST_F(BlobStoreTest, RemovesBothKinds) {
  const FileId other = FileId::random();
  append(id_, "x");
  append(other, "y");
  ASSERT_TRUE(blobs_->store(other));
  blobs_->remove_partial(other);
  EXPECT_EQ(stored_text(other), "y");
  blobs_->remove(id_);
  blobs_->remove(other);
  blobs_->remove(other);
  EXPECT_EQ(blobs_->partial_bytes(id_), 0U);
  EXPECT_FALSE(blobs_->stored_bytes(other));
}

// HUP-30: a link in the folder leads nowhere.
TEST_F(BlobStoreTest, FollowsNoLinks) {
  store::write_text(folder_.file("elsewhere"), "secret");
  const fs::path name = path_ / "partial" / id_.text();
  fs::create_symlink(folder_.file("elsewhere"), name);
  EXPECT_FALSE(blobs_->open_partial(id_));
  EXPECT_EQ(blobs_->partial_bytes(id_), 0U);
  char folder[3];
  (void)std::snprintf(folder, sizeof folder, "%02x", id_.bytes[0]);
  fs::rename(name, path_ / "stored" / folder / id_.text());
  EXPECT_FALSE(blobs_->open_stored(id_));
  EXPECT_FALSE(blobs_->stored_bytes(id_));
}

TEST_F(BlobStoreTest, VisitsIdsAndLeavesOtherNamesAlone) {
  const FileId other = FileId::random();
  append(id_, "x");
  append(other, "y");
  ASSERT_TRUE(blobs_->store(other));
  store::write_text(path_ / "partial" / "notes.txt", "");
  store::write_text(path_ / "stored" / "00" / "notes.txt", "");
  std::set<FileId> partial;
  std::set<FileId> stored;
  blobs_->for_each_partial([&](const FileId& id) { partial.insert(id); });
  blobs_->for_each_stored([&](const FileId& id) { stored.insert(id); });
  EXPECT_EQ(partial, std::set<FileId>{id_});
  EXPECT_EQ(stored, std::set<FileId>{other});
}

TEST_F(BlobStoreTest, HasTheFolderForItself) {
  try {
    const BlobStore second(path_);
    ADD_FAILURE() << "two stores over one folder";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(), "files " + path_.string() + ": another process uses this folder");
  }
  append(id_, "x");
  blobs_.reset();
  blobs_.emplace(path_);
  EXPECT_EQ(blobs_->partial_bytes(id_), 1U);
}

TEST_F(BlobStoreTest, RefusesAFolderThatCannotBeMade) {
  EXPECT_THROW(BlobStore(folder_.file("no") / "such" / "folder"), std::runtime_error);
  store::write_text(folder_.file("file"), "");
  EXPECT_THROW(BlobStore(folder_.file("file")), std::runtime_error);
}

TEST_F(BlobStoreTest, KnowsHowMuchIsFree) {
  EXPECT_GT(blobs_->free_bytes(), 0U);
}

}  // namespace
}  // namespace bellhop::files
