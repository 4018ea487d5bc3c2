#include "api/ctl/node_view.hpp"

#include "api/ctl/proto_time.hpp"
#include "api/ctl/turn_view.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

}  // namespace

std::string_view state_name(v1::NodeState state) {
  switch (state) {
    case v1::NODE_STATE_SERVING:
      return "serving";
    case v1::NODE_STATE_DRAINING:
      return "draining";
    case v1::NODE_STATE_STOPPING:
      return "stopping";
    default:
      return "unknown";
  }
}

FieldList node_fields(const v1::Node& node, Moment now) {
  FieldList fields;
  const bool is_serving = node.state() == v1::NODE_STATE_SERVING;
  fields.add("version", node.version());
  fields.add("state", {state_name(node.state()), is_serving ? Tone::good : Tone::warning});
  fields.add("started", format_moment(to_moment(node.start_time())) + " (" +
                            format_duration(now - to_moment(node.start_time())) + " ago)");
  fields.add("shards", std::to_string(node.shard_count()));
  fields.add("sessions", std::to_string(node.session_count()));
  fields.add("waiting connections", std::to_string(node.pending_connection_count()));
  fields.add("descriptors", std::to_string(node.descriptor_count()) + " of " +
                                std::to_string(node.descriptor_limit()));
  fields.add("memory", format_bytes(node.resident_bytes()));
  fields.add("listens at", joined(node.listen_addresses()));
  fields.add("clients are told", joined(node.streamhosts()));
  if (node.has_turn()) add_turn_fields(fields, node.turn());
  return fields;
}

}  // namespace bellhop::ctl
