#include "api/admin/json.hpp"

#include <google/protobuf/util/json_util.h>

#include "component/xmpp/utf8.hpp"

namespace bellhop::admin {

namespace json = google::protobuf::util;

std::string to_json(const google::protobuf::Message& message, bool is_complete) {
  json::JsonPrintOptions options;
  options.always_print_primitive_fields = is_complete;
  std::string text;
  // It fails for text that is no UTF-8 only; an operator's environment may hold some.
  const auto status = json::MessageToJsonString(message, &text, options);
  return status.ok() ? text : "{}";
}

ApiResult<void> from_json(std::string_view text, google::protobuf::Message& message) {
  // What protobuf says of it would quote it.
  if (!xmpp::is_utf8(text)) return bad("", "the request is not UTF-8");
  const auto status = json::JsonStringToMessage({text.data(), text.size()}, &message);
  if (!status.ok()) return bad("", std::string(status.message()));
  return {};
}

}  // namespace bellhop::admin
