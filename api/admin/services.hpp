// All services together, and their methods by name.
#pragma once

#include "api/admin/bandwidth_api.hpp"
#include "api/admin/config_api.hpp"
#include "api/admin/diagnostics_api.hpp"
#include "api/admin/dispatcher.hpp"
#include "api/admin/event_api.hpp"
#include "api/admin/file_api.hpp"
#include "api/admin/node_api.hpp"
#include "api/admin/policy_api.hpp"
#include "api/admin/session_api.hpp"
#include "api/admin/turn_api.hpp"

namespace bellhop::admin {

/// The admin thread.
struct Services {
  explicit Services(Core& core)
      : sessions(core),
        bandwidth(core),
        policy(core),
        files(core),
        turn(core),
        node(core),
        config(core),
        events(core, node),
        diagnostics(core) {}

  SessionApi sessions;
  BandwidthApi bandwidth;
  PolicyApi policy;
  FileApi files;
  TurnApi turn;
  NodeApi node;
  ConfigApi config;
  EventApi events;
  DiagnosticsApi diagnostics;
};

/// Adds every unary method. `services` outlives `dispatcher`.
void add_methods(Dispatcher& dispatcher, Services& services);

}  // namespace bellhop::admin
