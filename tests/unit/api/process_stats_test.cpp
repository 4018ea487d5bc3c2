// Figures of this process, which a test can change.
#include "api/process_stats.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <ctime>
#include <memory>
#include <vector>

#include "component/base/unique_fd.hpp"

namespace bellhop::api {
namespace {

TEST(ProcessStats, FollowsTheOpenDescriptors) {
  const std::uint64_t before = read_process_stats().open_descriptors;
  EXPECT_GE(before, 3U);
  std::vector<base::UniqueFd> files;
  for (int i = 0; i < 20; ++i) files.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(read_process_stats().open_descriptors, before + 20);
  files.clear();
  EXPECT_EQ(read_process_stats().open_descriptors, before);
}

TEST(ProcessStats, KnowsTheLimitOfDescriptors) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(read_process_stats().descriptor_limit, limit.rlim_cur);
}

TEST(ProcessStats, FollowsTheMemoryThatIsTouched) {
  constexpr std::size_t kBytes = 64 << 20;
  const std::uint64_t before = read_process_stats().resident_bytes;
  EXPECT_GT(before, 1U << 20);
  const std::vector<char> memory(kBytes, 'x');
  EXPECT_GE(read_process_stats().resident_bytes, before + kBytes / 2);
  EXPECT_EQ(memory.back(), 'x');
}

TEST(ProcessStats, FollowsTheTimeThatWasComputed) {
  const double before = read_process_stats().cpu_seconds;
  const std::clock_t begin = std::clock();
  while (std::clock() - begin < CLOCKS_PER_SEC / 20) {
  }
  const double used = read_process_stats().cpu_seconds - before;
  EXPECT_GE(used, 0.04);
  EXPECT_LT(used, 10);
}

}  // namespace
}  // namespace bellhop::api
