// A stand-in that has what `top` reads.
#pragma once

#include "bellhop/admin/v1/bandwidth_service.pb.h"
#include "bellhop/admin/v1/node_service.pb.h"
#include "bellhop/admin/v1/session_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {

inline void answer_top(StandIn& daemon) {
  bellhop::admin::v1::GetNodeResponse node;
  node.mutable_node()->set_version("0.1.0");
  node.mutable_node()->set_state(bellhop::admin::v1::NODE_STATE_SERVING);
  node.mutable_node()->mutable_start_time()->set_seconds(kNowSeconds);
  daemon.answer("NodeService/GetNode", {node});
  bellhop::admin::v1::GetBandwidthResponse bandwidth;
  bandwidth.mutable_total()->set_total_bytes(2048);
  daemon.answer("BandwidthService/GetBandwidth", {bandwidth});
  bellhop::admin::v1::ListSessionsResponse sessions;
  auto* session = sessions.add_sessions();
  session->set_name("sessions/01ABC");
  session->set_requester("alice@example.org/x");
  session->mutable_create_time()->set_seconds(kNowSeconds);
  daemon.answer("SessionService/ListSessions", {sessions});
}

}  // namespace bellhop::ctl
