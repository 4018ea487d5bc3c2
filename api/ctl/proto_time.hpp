// Times of the API as std::chrono, and back.
#pragma once

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <chrono>

#include "api/ctl/units.hpp"

namespace bellhop::ctl {

/// The moment, moved into the years 1828 to 2112 if a peer sends another: the difference of any two
/// can be computed.
[[nodiscard]] Moment to_moment(const google::protobuf::Timestamp& timestamp);
/// The duration, bounded in the same way.
[[nodiscard]] std::chrono::nanoseconds to_nanoseconds(const google::protobuf::Duration& duration);

[[nodiscard]] google::protobuf::Timestamp to_timestamp(Moment moment);
[[nodiscard]] google::protobuf::Duration to_duration(std::chrono::nanoseconds duration);

}  // namespace bellhop::ctl
