// Tells a coroutine that was cut short from one that failed.
#pragma once

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

namespace bellhop::runtime {

/// Whether `failure` is what a cancelled wait throws; anything else out of a coroutine is our bug.
[[nodiscard]] inline bool is_cancellation(const std::exception& failure) {
  const auto* error = dynamic_cast<const boost::system::system_error*>(&failure);
  return error != nullptr && error->code() == boost::asio::error::operation_aborted;
}

}  // namespace bellhop::runtime
