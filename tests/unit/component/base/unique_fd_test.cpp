// A descriptor and its one owner.
#include "component/base/unique_fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <utility>

namespace bellhop::base {
namespace {

int open_something() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

TEST(UniqueFd, IsEmptyByDefault) {
  const UniqueFd none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.value(), -1);
}

TEST(UniqueFd, ClosesWhatItOwnsAtTheEndOfItsLife) {
  int fd = -1;
  {
    const UniqueFd owner(open_something());
    fd = owner.value();
    ASSERT_TRUE(owner);
    EXPECT_TRUE(is_open(fd));
  }
  EXPECT_FALSE(is_open(fd));
}

TEST(UniqueFd, KeepsDescriptorZero) {
  UniqueFd owner(0);
  EXPECT_TRUE(owner);
  EXPECT_EQ(owner.release(), 0);
}

TEST(UniqueFd, MovesItsDescriptorAndLeavesNone) {
  UniqueFd from(open_something());
  const int fd = from.value();
  UniqueFd to(std::move(from));
  EXPECT_EQ(from.value(), -1);  // NOLINT: what is left behind is the subject
  EXPECT_EQ(to.value(), fd);
  EXPECT_TRUE(is_open(fd));
}

TEST(UniqueFd, ClosesWhatItHadWhenAnotherIsAssigned) {
  UniqueFd one(open_something());
  UniqueFd other(open_something());
  const int first = one.value();
  const int second = other.value();
  one = std::move(other);
  EXPECT_FALSE(is_open(first));
  EXPECT_EQ(one.value(), second);
  EXPECT_TRUE(is_open(second));
}

TEST(UniqueFd, KeepsItsDescriptorWhenAssignedToItself) {
  UniqueFd owner(open_something());
  const int fd = owner.value();
  UniqueFd& same = owner;
  owner = std::move(same);
  EXPECT_EQ(owner.value(), fd);
  EXPECT_TRUE(is_open(fd));
}

TEST(UniqueFd, ReleasesWithoutClosing) {
  UniqueFd owner(open_something());
  const int fd = owner.release();
  EXPECT_FALSE(owner);
  EXPECT_TRUE(is_open(fd));
  ::close(fd);
}

TEST(UniqueFd, MayBeResetTwice) {
  UniqueFd owner(open_something());
  const int fd = owner.value();
  owner.reset();
  EXPECT_FALSE(is_open(fd));
  owner.reset();
  EXPECT_FALSE(owner);
}

}  // namespace
}  // namespace bellhop::base
