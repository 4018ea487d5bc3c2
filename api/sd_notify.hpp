// Tells the service manager how we are (sd_notify(3)), without its library.
#pragma once

#include <string_view>

namespace bellhop::api {

/// Sends `state` ("READY=1", "STOPPING=1", "STATUS=…") to $NOTIFY_SOCKET. Does nothing without one;
/// a failure is not worth stopping for and is ignored.
void sd_notify(std::string_view state);

}  // namespace bellhop::api
