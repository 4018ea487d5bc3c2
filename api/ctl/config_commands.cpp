#include "api/ctl/config_commands.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/errors.hpp"
#include "bellhop/admin/v1/config_service.grpc.pb.h"
#include "config/loader.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Config = v1::ConfigService::Stub;
using Problems = google::protobuf::RepeatedPtrField<v1::ConfigProblem>;
using Names = google::protobuf::RepeatedPtrField<std::string>;

constexpr std::size_t kTextBytesMax = 1U << 20U;  // CheckConfigRequest.text

// Messages of several lines: each is cleaned by itself, the line ends stay.
void print_lines(std::ostream& out, std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    out << clean(text.substr(0, end)) << '\n';
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

void print_problems(const Client& client, const Problems& problems, std::string_view word,
                    Tone tone) {
  for (const v1::ConfigProblem& problem : problems) {
    client.out() << client.style().painted(word, tone) << ": ";
    print_lines(client.out(), problem.text().empty() ? problem.message() : problem.text());
  }
}

void print_names(const Client& client, const Names& names, std::string_view title) {
  if (names.empty()) return;
  client.out() << title << ":\n";
  for (const std::string& name : names) client.out() << "  " << clean(name) << '\n';
}

// CheckConfigResponse and ReloadConfigResponse say the same.
template <typename Response>
void print_findings(const Client& client, const Response& response, std::string_view live_title,
                    std::string_view restart_title) {
  print_problems(client, response.problems(), "error", Tone::bad);
  print_problems(client, response.warnings(), "warning", Tone::warning);
  print_names(client, response.live_changes(), live_title);
  print_names(client, response.restart_changes(), restart_title);
}

// ---- check ----

struct CheckOptions {
  std::string path;
};

base::Result<std::string> read_text(const Client& client, const std::string& path) {
  std::ifstream file;
  const bool is_standard_input = path == "-";
  if (!is_standard_input) file.open(path, std::ios::binary);
  std::istream& in = is_standard_input ? client.io().in : file;
  if (!is_standard_input && !file.is_open()) {
    return base::Error(errors::bad_argument, "cannot read " + path + ": " + std::strerror(errno));
  }
  std::string text(kTextBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return base::Error(errors::bad_argument, "cannot read " + path);
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kTextBytesMax) {
    return base::Error(errors::bad_argument, path + " has more than 1 MiB");
  }
  return text;
}

void add_problem(Problems& problems, const config::Problem& problem) {
  v1::ConfigProblem& added = *problems.Add();
  added.set_text(config::to_text(problem));
  added.set_line(static_cast<std::uint32_t>(problem.line));
  added.set_column(static_cast<std::uint32_t>(problem.column));
  added.set_message(problem.message);
  added.set_hint(problem.hint);
}

// The checks that need no daemon. Secrets stay closed, as they do for the daemon's check.
v1::CheckConfigResponse check_here(const std::string& text, const std::string& path) {
  config::LoadOptions options;
  options.path = path;
  options.secret_files = config::SecretFiles::skip;
  const config::LoadOutcome outcome = config::load_text(text, options);
  v1::CheckConfigResponse response;
  for (const auto& problem : outcome.problems) add_problem(*response.mutable_problems(), problem);
  for (const auto& warning : outcome.warnings) add_problem(*response.mutable_warnings(), warning);
  return response;
}

ExitCode check_config(Client& client, const CheckOptions& options) {
  const auto text = read_text(client, options.path);
  if (!text) return client.refuse(text.error().detail());
  v1::CheckConfigRequest request;
  request.set_text(*text);
  v1::CheckConfigResponse response;
  const grpc::Status status = client.call(&Config::CheckConfig, request, response);
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    client.note(
        "bellhopd cannot be reached: checked without it, so what a reload would change is"
        " not known");
    response = check_here(*text, options.path);
  } else if (!status.ok()) {
    return client.report(status);
  }
  const bool is_good = response.problems().empty();
  if (client.is_json()) {
    client.print_json(response);
  } else {
    print_findings(client, response, "a reload would change", "only a restart would change");
    if (is_good) client.out() << client.style().painted("good", Tone::good) << '\n';
  }
  return is_good ? ExitCode::ok : ExitCode::check_failed;
}

// ---- show ----

struct ShowOptions {
  std::string prefix;
};

ExitCode show_config(Client& client, const ShowOptions& options) {
  v1::GetConfigRequest request;
  request.set_prefix(options.prefix);
  v1::GetConfigResponse response;
  const grpc::Status status = client.call(&Config::GetConfig, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  Table table({{.title = "OPTION"},
               {.title = "VALUE", .may_cut = true},
               {.title = "FROM", .may_cut = true},
               {.title = "CHANGES"}});
  for (const v1::ConfigOption& option : response.options()) {
    table.add({option.name(), option.value(), option.origin(),
               option.is_live() ? "on reload" : "on restart"});
  }
  table.print(client.out(), client.style());
  return ExitCode::ok;
}

// ---- reload ----

struct ReloadOptions {
  bool is_dry_run = false;
};

ExitCode reload_config(Client& client, const ReloadOptions& options) {
  v1::ReloadConfigRequest request;
  request.set_validate_only(options.is_dry_run);
  v1::ReloadConfigResponse response;
  const grpc::Status status = client.call(&Config::ReloadConfig, request, response);
  if (!status.ok()) return client.report(status);
  const bool is_good = response.problems().empty();
  if (client.is_json()) {
    client.print_json(response);
  } else {
    print_findings(client, response, options.is_dry_run ? "would change" : "changed",
                   "only a restart changes");
    const bool is_same = response.live_changes().empty() && response.restart_changes().empty();
    if (!is_good) {
      client.out() << "nothing has changed\n";
    } else if (is_same) {
      client.out() << "nothing to change\n";
    }
  }
  return is_good ? ExitCode::ok : ExitCode::check_failed;
}

}  // namespace

void add_config_commands(CommandTree& tree) {
  const Command config =
      tree.noun(tree.root(), "config", "The configuration: check, show, reload.");
  const auto [check, check_options] = tree.verb<CheckOptions>(
      config,
      {.name = "check",
       .summary = "Checks a file without using it, and tells what a reload would change.",
       .example = "bellhopctl config check /etc/bellhop/bellhop.toml\n"
                  "bellhopctl config check - < new.toml"},
      check_config);
  auto file = check.add_option("FILE", check_options.path, "or - for standard input");
  file.require().call_value("").offer_files();
  const auto [show, show_options] =
      tree.verb<ShowOptions>(config,
                             {.name = "show",
                              .summary = "Every option, its value and where that comes from.",
                              .example = "bellhopctl config show proxy."},
                             show_config);
  show.add_option("PREFIX", show_options.prefix, "only options that begin so").call_value("");
  const auto [reload, reload_options] =
      tree.verb<ReloadOptions>(config,
                               {.name = "reload",
                                .summary = "Reads the file again: all of it or nothing.",
                                .example = "bellhopctl config reload --dry-run\n"
                                           "bellhopctl config reload"},
                               reload_config);
  reload.add_flag("--dry-run", reload_options.is_dry_run, "only say what would change");
}

}  // namespace bellhop::ctl
