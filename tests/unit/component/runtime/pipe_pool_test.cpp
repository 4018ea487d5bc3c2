// Pipes on loan.
#include "component/runtime/pipe_pool.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace bellhop::runtime {
namespace {

TEST(PipePool, LendsAPipeThatCarriesBytesAndNeverBlocks) {
  PipePool pool({.pipe_bytes = 65536, .kept_max = 4});
  const auto pipe = pool.borrow();
  ASSERT_TRUE(pipe);
  EXPECT_GE(pipe->capacity, 65536U);
  EXPECT_EQ(::write(pipe->write_end.value(), "abc", 3), 3);
  char buffer[8] = {};
  EXPECT_EQ(::read(pipe->read_end.value(), buffer, sizeof buffer), 3);
  EXPECT_EQ(std::string(buffer), "abc");
  EXPECT_EQ(::read(pipe->read_end.value(), buffer, sizeof buffer), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST(PipePool, IsNotInheritedByChildren) {
  PipePool pool({});
  const auto pipe = pool.borrow();
  ASSERT_TRUE(pipe);
  EXPECT_TRUE(::fcntl(pipe->read_end.value(), F_GETFD) & FD_CLOEXEC);
  EXPECT_TRUE(::fcntl(pipe->write_end.value(), F_GETFD) & FD_CLOEXEC);
}

TEST(PipePool, LendsAReturnedPipeAgain) {
  PipePool pool({.pipe_bytes = 65536, .kept_max = 4});
  auto pipe = pool.borrow();
  ASSERT_TRUE(pipe);
  const int fd = pipe->write_end.value();
  pool.give_back(std::move(*pipe));
  EXPECT_EQ(pool.kept(), 1U);
  const auto again = pool.borrow();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->write_end.value(), fd);
  EXPECT_EQ(pool.kept(), 0U);
}

TEST(PipePool, KeepsNoMorePipesThanItsMaximum) {
  PipePool pool({.pipe_bytes = 4096, .kept_max = 2});
  auto first = pool.borrow();
  auto second = pool.borrow();
  auto third = pool.borrow();
  ASSERT_TRUE(first && second && third);
  pool.give_back(std::move(*first));
  pool.give_back(std::move(*second));
  EXPECT_EQ(pool.kept(), 2U);
  const int fd = third->read_end.value();
  pool.give_back(std::move(*third));
  EXPECT_EQ(pool.kept(), 2U);
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST(PipePool, KeepsNoPipeThatIsTooSmall) {
  PipePool pool({.pipe_bytes = 65536, .kept_max = 4});
  auto pipe = pool.borrow();
  ASSERT_TRUE(pipe);
  pipe->capacity = 65535;
  pool.give_back(std::move(*pipe));
  EXPECT_EQ(pool.kept(), 0U);
}

TEST(PipePool, HasNothingToLendWithoutDescriptors) {
  PipePool pool({});
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const base::UniqueFd lowest(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const rlimit none{static_cast<rlim_t>(lowest.value()), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_FALSE(pool.borrow());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(pool.borrow());
}

}  // namespace
}  // namespace bellhop::runtime
