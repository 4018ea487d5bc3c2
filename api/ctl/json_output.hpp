// Messages as JSON: the mapping of protobuf, as the API's HTTP face speaks it too.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace bellhop::ctl {

/// How the text is laid out.
enum class JsonLayout : unsigned char {
  pretty,  ///< several lines, ends in a newline
  line,    ///< one line, ends in a newline
};

/// The proto JSON mapping: lowerCamelCase names, 64-bit integers as strings. Fields that have their
/// default value are there too, so that a script need not ask whether they are.
[[nodiscard]] std::string to_json(const google::protobuf::Message& message, JsonLayout layout);

}  // namespace bellhop::ctl
