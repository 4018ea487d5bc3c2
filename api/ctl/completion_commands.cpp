#include "api/ctl/completion_commands.hpp"

#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/completion.hpp"
#include "api/ctl/names.hpp"
#include "bellhop/admin/v1/file_service.grpc.pb.h"
#include "bellhop/admin/v1/session_service.grpc.pb.h"
#include "bellhop/admin/v1/upstream_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

// Somebody has pressed a key and waits.
constexpr auto kNamesTimeout = std::chrono::seconds(1);
constexpr std::int32_t kNamesMax = 200;  // more are no help in a menu

struct ScriptOptions {
  CommandTree* tree = nullptr;
};

ExitCode print_bash(Client& client, const ScriptOptions& options) {
  client.out() << bash_script(completed_commands(*options.tree));
  return ExitCode::ok;
}

ExitCode print_zsh(Client& client, const ScriptOptions& options) {
  client.out() << zsh_script(completed_commands(*options.tree));
  return ExitCode::ok;
}

struct NamesOptions {
  std::string kind;
};

void print_name(const Client& client, std::string_view name) {
  if (is_shell_safe(name)) client.out() << name << '\n';
}

ExitCode print_sessions(Client& client) {
  v1::ListSessionsRequest request;
  request.set_page_size(kNamesMax);
  v1::ListSessionsResponse response;
  const grpc::Status status =
      client.call(&v1::SessionService::Stub::ListSessions, request, response);
  if (!status.ok()) return client.report(status);
  for (const v1::Session& session : response.sessions()) {
    print_name(client, short_name(kSessionPrefix, session.name()));
  }
  return ExitCode::ok;
}

ExitCode print_files(Client& client) {
  v1::ListFilesRequest request;
  request.set_page_size(kNamesMax);
  request.set_order_by("create_time desc");
  v1::ListFilesResponse response;
  const grpc::Status status = client.call(&v1::FileService::Stub::ListFiles, request, response);
  if (!status.ok()) return client.report(status);
  for (const v1::File& file : response.files()) {
    print_name(client, short_name(kFilePrefix, file.name()));
  }
  return ExitCode::ok;
}

ExitCode print_upstreams(Client& client) {
  v1::ListUpstreamsResponse response;
  const grpc::Status status =
      client.call(&v1::UpstreamService::Stub::ListUpstreams, v1::ListUpstreamsRequest(), response);
  if (!status.ok()) return client.report(status);
  for (const v1::Upstream& upstream : response.upstreams()) print_name(client, upstream.jid());
  return ExitCode::ok;
}

ExitCode print_names(Client& client, const NamesOptions& options) {
  client.shorten_timeout(kNamesTimeout);
  if (options.kind == "files") return print_files(client);
  return options.kind == "sessions" ? print_sessions(client) : print_upstreams(client);
}

}  // namespace

void add_completion_commands(CommandTree& tree) {
  const Command completion =
      tree.noun(tree.root(), "completion", "Prints the completion script of a shell.");
  const auto bash = tree.verb<ScriptOptions>(
      completion,
      {.name = "bash",
       .summary = "For bash.",
       .example = "bellhopctl completion bash"
                  " > ~/.local/share/bash-completion/completions/bellhopctl"},
      print_bash);
  bash.options.tree = &tree;
  const auto zsh =
      tree.verb<ScriptOptions>(completion,
                               {.name = "zsh",
                                .summary = "For zsh; the file's folder must be in $fpath.",
                                .example = "bellhopctl completion zsh > ~/.zfunc/_bellhopctl"},
                               print_zsh);
  zsh.options.tree = &tree;
  const auto [names, options] =
      tree.verb<NamesOptions>(completion,
                              {.name = "names",
                               .summary = "What there is now, one name a line.",
                               .example = "bellhopctl completion names sessions"},
                              print_names);
  names.hide();  // for the scripts
  names.add_option("KIND", options.kind).require().accept_words({"files", "sessions", "upstreams"});
}

}  // namespace bellhop::ctl
