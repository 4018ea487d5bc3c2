// Times of the API, the impossible ones too.
#include "api/ctl/proto_time.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bellhop::ctl {
namespace {

using namespace std::chrono_literals;

TEST(ProtoTime, GoesThereAndBack) {
  for (const std::chrono::nanoseconds moment : {0ns, 1ns, 1'772'366'400'123'456'789ns, -1ns}) {
    EXPECT_EQ(to_moment(to_timestamp(Moment(moment))), Moment(moment));
  }
  EXPECT_EQ(to_timestamp(Moment(-1ns)).seconds(), -1);
  EXPECT_EQ(to_timestamp(Moment(-1ns)).nanos(), 999'999'999);
  for (const std::chrono::nanoseconds duration :
       {0ns, 500'000'000ns, 90'000'000'001ns, -1'500'000'000ns}) {
    EXPECT_EQ(to_nanoseconds(to_duration(duration)), duration);
  }
}

TEST(ProtoTime, IsBoundedWhateverAPeerSends) {
  google::protobuf::Timestamp timestamp;
  google::protobuf::Duration duration;
  for (const std::int64_t seconds :
       {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    for (const std::int32_t nanos :
         {std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()}) {
      timestamp.set_seconds(seconds);
      timestamp.set_nanos(nanos);
      duration.set_seconds(seconds);
      duration.set_nanos(nanos);
      EXPECT_EQ(to_moment(timestamp) > Moment{}, seconds > 0);
      EXPECT_EQ(to_nanoseconds(duration) > 0ns, seconds > 0);
    }
  }
}

TEST(ProtoTime, DifferencesOfAnyTwoMomentsFit) {
  google::protobuf::Timestamp first;
  google::protobuf::Timestamp last;
  first.set_seconds(std::numeric_limits<std::int64_t>::min());
  last.set_seconds(std::numeric_limits<std::int64_t>::max());
  EXPECT_GT(to_moment(last) - to_moment(first), 24h * 365 * 280);
}

}  // namespace
}  // namespace bellhop::ctl
