#include "api/ctl/upstream_commands.hpp"

#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/names.hpp"
#include "api/ctl/proto_time.hpp"
#include "bellhop/admin/v1/upstream_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Upstreams = v1::UpstreamService::Stub;

Cell state_cell(v1::UpstreamState state) {
  switch (state) {
    case v1::UPSTREAM_STATE_ATTACHED:
      return {"attached", Tone::good};
    case v1::UPSTREAM_STATE_REFUSED:
      return {"refused", Tone::bad};
    case v1::UPSTREAM_STATE_CONNECTING:
      return {"connecting", Tone::warning};
    default:
      return {"unknown", Tone::warning};
  }
}

Table upstream_table() {
  return Table({{.title = "COMPONENT", .may_cut = true},
                {.title = "SERVER", .may_cut = true},
                {.title = "STATE"},
                {.title = "FOR", .align = Align::right},
                {.title = "TLS"},
                {.title = "LAST ERROR", .may_cut = true}});
}

void add_upstream_row(Table& table, const v1::Upstream& upstream, Moment now) {
  table.add({upstream.jid(), upstream.server(), state_cell(upstream.state()),
             format_age(now - to_moment(upstream.state_time())),
             upstream.is_encrypted() ? "yes" : "no", upstream.last_error()});
}

ExitCode list_upstreams(Client& client, const NoOptions&) {
  v1::ListUpstreamsResponse response;
  const grpc::Status status =
      client.call(&Upstreams::ListUpstreams, v1::ListUpstreamsRequest(), response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  Table table = upstream_table();
  for (const v1::Upstream& upstream : response.upstreams()) {
    add_upstream_row(table, upstream, client.now());
  }
  table.print(client.out(), client.style());
  return ExitCode::ok;
}

struct UpstreamOptions {
  std::string jid;
};

ExitCode reconnect_upstream(Client& client, const UpstreamOptions& options) {
  v1::ReconnectUpstreamRequest request;
  request.set_name(full_name(kUpstreamPrefix, options.jid));
  v1::ReconnectUpstreamResponse response;
  const grpc::Status status = client.call(&Upstreams::ReconnectUpstream, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  Table table = upstream_table();
  add_upstream_row(table, response.upstream(), client.now());
  table.print(client.out(), client.style());
  return ExitCode::ok;
}

}  // namespace

void add_upstream_commands(CommandTree& tree) {
  const Command upstream = tree.noun(tree.root(), "upstream", "Connections to XMPP servers.");
  tree.verb<NoOptions>(upstream,
                       {.name = "list",
                        .summary = "Each component and whether its server knows it.",
                        .example = "bellhopctl upstream list"},
                       list_upstreams);
  const auto [command, options] = tree.verb<UpstreamOptions>(
      upstream,
      {.name = "reconnect",
       .summary = "Closes the stream and opens a new one at once; running sessions go on.",
       .example = "bellhopctl upstream reconnect bellhop.example.org"},
      reconnect_upstream);
  auto jid = command.add_option("COMPONENT", options.jid, "its JID, with or without upstreams/");
  jid.require().call_value("").offer_names("upstreams");
}

}  // namespace bellhop::ctl
