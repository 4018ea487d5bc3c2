#include "api/ctl/turn_commands.hpp"

#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/proto_time.hpp"
#include "api/ctl/turn_view.hpp"
#include "bellhop/admin/v1/turn_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Turns = v1::TurnService::Stub;

ExitCode show_turn(Client& client, const NoOptions&) {
  v1::GetTurnResponse response;
  const grpc::Status status = client.call(&Turns::GetTurn, v1::GetTurnRequest(), response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
  } else if (!response.has_turn()) {
    client.out() << "no component offers TURN\n";
  } else {
    FieldList fields;
    add_turn_fields(fields, response.turn());
    fields.print(client.out(), client.style());
  }
  return ExitCode::ok;
}

struct CredentialsOptions {
  std::string jid;
  std::chrono::milliseconds ttl{0};
};

ExitCode make_credentials(Client& client, const CredentialsOptions& options) {
  v1::CreateTurnCredentialsRequest request;
  request.set_jid(options.jid);
  if (options.ttl.count() != 0) *request.mutable_ttl() = to_duration(options.ttl);
  v1::CreateTurnCredentialsResponse response;
  const grpc::Status status = client.call(&Turns::CreateTurnCredentials, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  FieldList fields;
  fields.add("username", response.username());
  fields.add("password", response.password());
  fields.add("realm", response.realm());
  fields.add("until", format_moment(to_moment(response.expire_time())));
  for (const std::string& service : response.services()) fields.add("opens", service);
  fields.print(client.out(), client.style());
  return ExitCode::ok;
}

}  // namespace

void add_turn_commands(CommandTree& tree) {
  const Command turn = tree.noun(tree.root(), "turn", "The relay for calls (STUN, TURN).");
  tree.verb<NoOptions>(turn,
                       {.name = "show",
                        .summary = "Where it listens, and how much of it is in use.",
                        .example = "bellhopctl turn show"},
                       show_turn);
  const auto [command, options] = tree.verb<CredentialsOptions>(
      turn,
      {.name = "credentials",
       .summary = "Makes credentials for a user, for tests and support. Nothing takes them back"
                  " but a rule that denies the user (policy access set JID deny).",
       .example = "bellhopctl turn credentials alice@example.org --ttl 10m"},
      make_credentials);
  command.add_option("JID", options.jid, "bare; what is allocated counts as this user's")
      .require()
      .call_value("");
  command.add_duration("--ttl", options.ttl,
                       "for new allocations, 1m to 30d; default: turn.credential_lifetime");
}

}  // namespace bellhop::ctl
