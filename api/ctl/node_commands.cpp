#include "api/ctl/node_commands.hpp"

#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/node_view.hpp"
#include "api/ctl/proto_time.hpp"
#include "bellhop/admin/v1/node_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
namespace health = grpc::health::v1;
using Nodes = v1::NodeService::Stub;

ExitCode print_node(const Client& client, const google::protobuf::Message& response,
                    const v1::Node& node) {
  if (client.is_json()) {
    client.print_json(response);
  } else {
    node_fields(node, client.now()).print(client.out(), client.style());
  }
  return ExitCode::ok;
}

ExitCode show_node(Client& client, const NoOptions&) {
  v1::GetNodeResponse response;
  const grpc::Status status = client.call(&Nodes::GetNode, v1::GetNodeRequest(), response);
  if (!status.ok()) return client.report(status);
  return print_node(client, response, response.node());
}

ExitCode show_caller(Client& client, const NoOptions&) {
  v1::GetCallerResponse response;
  const grpc::Status status = client.call(&Nodes::GetCaller, v1::GetCallerRequest(), response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  const bool is_full = response.access() == v1::ACCESS_FULL;
  client.out() << clean(response.identity())
               << (is_full ? " may read and change everything\n"
                           : " may read, and change nothing\n");
  return ExitCode::ok;
}

ExitCode show_page(Client& client, const NoOptions&) {
  v1::CreatePageLinkResponse response;
  const grpc::Status status =
      client.call(&Nodes::CreatePageLink, v1::CreatePageLinkRequest(), response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
  } else {
    client.out() << clean(response.url()) << '\n';
  }
  return ExitCode::ok;
}

// ---- drain, undrain, shutdown ----

struct DrainOptions {
  std::chrono::milliseconds timeout{0};
  bool is_no_wait = false;
};

void print_progress(const Client& client, std::uint64_t session_count,
                    const google::protobuf::Duration& elapsed) {
  client.out() << format_duration(to_nanoseconds(elapsed)) << "  " << session_count
               << (session_count == 1 ? " session\n" : " sessions\n") << std::flush;
}

ExitCode drain(Client& client, const DrainOptions& options) {
  v1::DrainNodeRequest request;
  if (options.timeout.count() != 0) *request.mutable_timeout() = to_duration(options.timeout);
  if (client.io().is_out_terminal && !options.is_no_wait) {
    client.note("Ctrl-C stops watching, not draining; `bellhopctl undrain` takes it back");
  }
  v1::DrainNodeResponse last;
  const std::function<bool(const v1::DrainNodeResponse&)> take =
      [&](const v1::DrainNodeResponse& progress) {
        last = progress;
        if (client.is_json()) {
          client.print_json_line(progress);
        } else {
          print_progress(client, progress.session_count(), progress.elapsed());
        }
        return !options.is_no_wait;
      };
  const grpc::Status status = client.watch(&Nodes::DrainNode, request, take);
  if (!status.ok()) return client.report(status);
  if (last.dropped_session_count() != 0) {
    client.note(std::to_string(last.dropped_session_count()) + " session(s) were cut short");
    return ExitCode::partly;
  }
  if (options.is_no_wait || last.is_done()) return ExitCode::ok;
  client.note("the drain was taken back before it was done");
  return ExitCode::partly;
}

ExitCode undrain(Client& client, const NoOptions&) {
  v1::UndrainNodeResponse response;
  const grpc::Status status = client.call(&Nodes::UndrainNode, v1::UndrainNodeRequest(), response);
  if (!status.ok()) return client.report(status);
  return print_node(client, response, response.node());
}

struct ShutdownOptions {
  std::chrono::milliseconds timeout{0};
  bool has_timeout = false;
};

ExitCode shut_down(Client& client, const ShutdownOptions& options) {
  const ExitCode answer = client.confirm("End bellhopd, and its sessions after the time-out?");
  if (answer != ExitCode::ok) return answer;
  v1::ShutdownNodeRequest request;
  if (options.has_timeout) *request.mutable_timeout() = to_duration(options.timeout);
  bool is_begun = false;
  const std::function<bool(const v1::ShutdownNodeResponse&)> take =
      [&](const v1::ShutdownNodeResponse& progress) {
        is_begun = true;
        if (client.is_json()) {
          client.print_json_line(progress);
        } else {
          print_progress(client, progress.session_count(), progress.elapsed());
        }
        return true;
      };
  const grpc::Status status = client.watch(&Nodes::ShutdownNode, request, take);
  // The process ends with the call still open: the broken connection is the success.
  const bool is_gone = is_begun && status.error_code() == grpc::StatusCode::UNAVAILABLE;
  return status.ok() || is_gone ? ExitCode::ok : client.report(status);
}

// ---- health ----

struct HealthOptions {
  std::string part;
};

ExitCode show_health(Client& client, const HealthOptions& options) {
  health::HealthCheckRequest request;
  request.set_service(options.part);
  health::HealthCheckResponse response;
  const grpc::Status status = client.call(&health::Health::Stub::Check, request, response);
  if (!status.ok()) return client.report(status);
  const bool is_serving = response.status() == health::HealthCheckResponse::SERVING;
  if (client.is_json()) {
    client.print_json(response);
  } else {
    client.out() << client.style().painted(is_serving ? "serving" : "not serving",
                                           is_serving ? Tone::good : Tone::bad)
                 << '\n';
  }
  return is_serving ? ExitCode::ok : ExitCode::check_failed;
}

void add_drain(CommandTree& tree) {
  const auto [command, options] = tree.verb<DrainOptions>(
      tree.root(),
      {.name = "drain",
       .summary = "Takes no new sessions, and waits until the running ones have ended.",
       .example = "bellhopctl drain --timeout 10m\n"
                  "bellhopctl drain --no-wait"},
      drain);
  command.add_duration("--timeout", options.timeout,
                       "then what still runs is ended; default: never");
  command.add_flag("--no-wait", options.is_no_wait, "begin, and do not wait for the end");
}

void add_shutdown(CommandTree& tree) {
  const auto verb =
      tree.verb<ShutdownOptions>(tree.root(),
                                 {.name = "shutdown",
                                  .summary = "Drains, then ends the process. Asks.",
                                  .example = "bellhopctl shutdown --timeout 30s --yes"},
                                 shut_down);
  verb.command
      .add_duration("--timeout", verb.options.timeout,
                    "then what still runs is ended; default: runtime.drain_timeout of the"
                    " configuration")
      .note(verb.options.has_timeout);
}

void add_health(CommandTree& tree) {
  const auto [command, options] =
      tree.verb<HealthOptions>(tree.root(),
                               {.name = "health",
                                .summary = "Whether Bellhop serves; code 6 if it does not.",
                                .example = "bellhopctl health\n"
                                           "bellhopctl health bellhop.xmpp"},
                               show_health);
  command.add_option("PART", options.part, "of Bellhop; default: the whole").call_value("");
}

}  // namespace

void add_node_commands(CommandTree& tree) {
  tree.verb<NoOptions>(tree.root(),
                       {.name = "node",
                        .summary = "The process: version, state, limits, addresses.",
                        .example = "bellhopctl node"},
                       show_node);
  tree.verb<NoOptions>(tree.root(),
                       {.name = "whoami",
                        .summary = "What bellhopd takes you for, and what you may do.",
                        .example = "bellhopctl whoami"},
                       show_caller);
  add_health(tree);
  add_drain(tree);
  tree.verb<NoOptions>(
      tree.root(),
      {.name = "undrain", .summary = "Takes new sessions again.", .example = "bellhopctl undrain"},
      undrain);
  add_shutdown(tree);
  tree.verb<NoOptions>(tree.root(),
                       {.name = "page",
                        .summary = "Prints a link to the web page, with your role in it.",
                        .example = "xdg-open \"$(bellhopctl page)\""},
                       show_page);
}

}  // namespace bellhop::ctl
