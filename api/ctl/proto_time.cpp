#include "api/ctl/proto_time.hpp"

#include <algorithm>
#include <cstdint>

namespace bellhop::ctl {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
// 142 years either way, so that the difference of any two fits nanoseconds in 64 bits.
constexpr std::int64_t kSecondsMax = 4'500'000'000;

std::chrono::nanoseconds bounded(std::int64_t seconds, std::int64_t nanoseconds) {
  return std::chrono::seconds(std::clamp(seconds, -kSecondsMax, kSecondsMax)) +
         std::chrono::nanoseconds(
             std::clamp(nanoseconds, -kNanosecondsPerSecond, kNanosecondsPerSecond));
}

}  // namespace

Moment to_moment(const google::protobuf::Timestamp& timestamp) {
  return Moment(bounded(timestamp.seconds(), timestamp.nanos()));
}

std::chrono::nanoseconds to_nanoseconds(const google::protobuf::Duration& duration) {
  return bounded(duration.seconds(), duration.nanos());
}

google::protobuf::Timestamp to_timestamp(Moment moment) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(moment);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds.time_since_epoch().count());
  timestamp.set_nanos(static_cast<std::int32_t>((moment - seconds).count()));
  return timestamp;
}

google::protobuf::Duration to_duration(std::chrono::nanoseconds duration) {
  google::protobuf::Duration result;
  result.set_seconds(duration.count() / kNanosecondsPerSecond);
  result.set_nanos(static_cast<std::int32_t>(duration.count() % kNanosecondsPerSecond));
  return result;
}

}  // namespace bellhop::ctl
