#include "api/ctl/event_commands.hpp"

#include <array>
#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/proto_time.hpp"
#include "api/ctl/watch_progress.hpp"
#include "bellhop/admin/v1/event_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Events = v1::EventService::Stub;

// In the order of EventType, from 1.
constexpr std::array<const char*, 6> kTypes{"session", "upstream", "policy",
                                            "config",  "node",     "audit"};

std::string_view type_name(v1::EventType type) {
  const auto index = static_cast<std::size_t>(type);
  return index >= 1 && index <= kTypes.size() ? kTypes[index - 1] : "unknown";
}

struct EventOptions {
  std::vector<std::string> types;
  bool has_snapshot = false;
  WatchOptions watch;
};

void print_event(const Client& client, const v1::Event& event) {
  std::string type(type_name(event.type()));
  type.resize(8, ' ');
  client.out() << format_moment(to_moment(event.time())) << "  " << type << "  "
               << clean(event.summary());
  if (event.has_audit()) {
    const v1::AuditRecord& audit = event.audit();
    client.out() << "  " << clean(audit.identity()) << ' ' << clean(audit.method()) << ": "
                 << clean(audit.result());
  }
  client.out() << '\n' << std::flush;
}

bool take_event(const Client& client, const EventOptions& options,
                const v1::WatchEventsResponse& message, WatchProgress& progress) {
  const bool is_loss = message.has_lost();
  if (client.is_json()) {
    client.print_json_line(message);
  } else if (message.has_changed()) {
    print_event(client, message.changed());
  } else if (message.has_snapshot() && options.has_snapshot) {
    print_event(client, message.snapshot());
  } else if (!is_loss) {
    return true;  // marks are for programs
  }
  if (is_loss && !progress.lost(message.lost().count())) return false;
  return progress.shown();
}

ExitCode watch_events(Client& client, const EventOptions& options) {
  v1::WatchEventsRequest request;
  for (const std::string& word : options.types) {
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
      if (word == kTypes[i]) request.add_types(static_cast<v1::EventType>(i + 1));
    }
  }
  WatchProgress progress(client, options.watch);
  const std::function<bool(const v1::WatchEventsResponse&)> take =
      [&](const v1::WatchEventsResponse& message) {
        return take_event(client, options, message, progress);
      };
  return progress.finish(client.watch(&Events::WatchEvents, request, take));
}

}  // namespace

void add_event_commands(CommandTree& tree) {
  const auto [command, options] =
      tree.verb<EventOptions>(tree.root(),
                              {.name = "events",
                               .summary = "Everything that changes, until Ctrl-C.",
                               .example = "bellhopctl events --type audit --type policy\n"
                                          "bellhopctl -o json events --strict"},
                              watch_events);
  command.add_option("--type", options.types, "only these; may be repeated")
      .accept_words({kTypes.begin(), kTypes.end()});
  command.add_flag("--snapshot", options.has_snapshot, "first show how things stand");
  command.add_flag("--strict", options.watch.is_strict, "end with code 7 if messages are missed");
  command.add_option("--count", options.watch.count_max, "end after so many").call_value("N");
}

}  // namespace bellhop::ctl
