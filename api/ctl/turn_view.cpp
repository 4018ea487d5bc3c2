#include "api/ctl/turn_view.hpp"

#include "api/ctl/text.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

// `203.0.113.7 (bound to 10.0.0.2): 16380 of 16384 ports free`.
std::string relay_text(const v1::TurnRelay& relay) {
  std::string text = relay.address();
  if (relay.local_address() != relay.address()) {
    text += " (bound to " + relay.local_address() + ")";
  }
  return text + ": " + std::to_string(relay.free_port_count()) + " of " +
         std::to_string(relay.port_count()) + " ports free";
}

std::string dropped_text(const v1::Turn& turn) {
  std::string text = std::to_string(turn.dropped_packet_count());
  if (turn.kernel_dropped_packet_count() > 0) {
    text += ", " + std::to_string(turn.kernel_dropped_packet_count()) + " of them by the kernel";
  }
  return text;
}

}  // namespace

void add_turn_fields(FieldList& fields, const v1::Turn& turn) {
  if (!turn.is_open()) fields.add("TURN", {"takes no new calls", Tone::warning});
  fields.add("TURN listens at", joined(turn.listen_addresses()));
  if (turn.tls_listen_addresses_size() > 0) {
    fields.add("TURN over TLS", joined(turn.tls_listen_addresses()));
  }
  fields.add("clients are told of", joined(turn.services()));
  for (const v1::TurnRelay& relay : turn.relays())
    fields.add("ports are lent of", relay_text(relay));
  fields.add("allocations", std::to_string(turn.allocation_count()) + " of " +
                                std::to_string(turn.allocation_limit()));
  fields.add("relay channels", std::to_string(turn.channel_count()));
  fields.add("TURN connections", std::to_string(turn.connection_count()));
  fields.add("packets relayed", std::to_string(turn.packet_count()));
  fields.add("packets dropped", dropped_text(turn));
  fields.add("refusals", std::to_string(turn.refusal_count()));
}

}  // namespace bellhop::ctl
