// A secret that nobody chose.
#include "relay/turn/kept_secret.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace bellhop::turn {
namespace {

class KeptSecret : public testing::Test {
 protected:
  KeptSecret() {
    char pattern[] = "/tmp/bellhop-secret-XXXXXX";
    folder_ = ::mkdtemp(pattern);
  }
  ~KeptSecret() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path() const { return folder_ + "/turn.secret"; }

  std::string folder_;
};

TEST_F(KeptSecret, IsDrawnOnceAndReadAfterwards) {
  const std::string first(kept_secret(path()).reveal());
  EXPECT_GE(first.size(), 43U);  // 32 bytes
  EXPECT_EQ(kept_secret(path()).reveal(), first);
}

TEST_F(KeptSecret, IsForItsOwnerOnly) {
  (void)kept_secret(path());
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(KeptSecret, IsAnotherOneEachTimeWithoutAPath) {
  EXPECT_NE(kept_secret("").reveal(), kept_secret("").reveal());
}

TEST_F(KeptSecret, MakesTheFolderItIsKeptIn) {
  const std::string below = folder_ + "/state/turn.secret";
  EXPECT_EQ(kept_secret(below).reveal(), kept_secret(below).reveal());
}

TEST_F(KeptSecret, SaysWhyItCannotBeKept) {
  std::ofstream(path()) << "";
  EXPECT_THROW((void)kept_secret(path() + "/below/a/file"), std::runtime_error);
  EXPECT_THROW((void)kept_secret(path()), std::runtime_error);
}

}  // namespace
}  // namespace bellhop::turn
