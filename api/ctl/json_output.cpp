#include "api/ctl/json_output.hpp"

#include <google/protobuf/util/json_util.h>

#include "component/base/error.hpp"

namespace bellhop::ctl {

std::string to_json(const google::protobuf::Message& message, JsonLayout layout) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.add_whitespace = layout == JsonLayout::pretty;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  // Fails for a google.protobuf.Any of unknown type and for times out of range: a peer can send
  // the latter, and then this message has no JSON form at all.
  if (!status.ok()) return "null\n";
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace bellhop::ctl
