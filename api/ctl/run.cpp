#include "api/ctl/run.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "api/ctl/bandwidth_commands.hpp"
#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/completion_commands.hpp"
#include "api/ctl/config_commands.hpp"
#include "api/ctl/doctor_command.hpp"
#include "api/ctl/event_commands.hpp"
#include "api/ctl/file_commands.hpp"
#include "api/ctl/log_commands.hpp"
#include "api/ctl/node_commands.hpp"
#include "api/ctl/policy_commands.hpp"
#include "api/ctl/session_commands.hpp"
#include "api/ctl/top_command.hpp"
#include "api/ctl/turn_commands.hpp"
#include "api/ctl/upstream_commands.hpp"

namespace bellhop::ctl {
namespace {

constexpr const char* kAddressVariable = "BELLHOP_ADMIN_ADDRESS";
constexpr std::size_t kHelpColumn = 30;

std::string root_footer() {
  return "Durations: 90s, 10m, 2h, 1d. Sizes and rates: 500k, 10M (powers of 1000), 1Gi (of 1024)."
         "\n\nExit codes:\n" +
         exit_codes_text() +
         "\nEnvironment: BELLHOP_ADMIN_ADDRESS (as --address), NO_COLOR.\n\n"
         "Example:\n  bellhopctl session list --sort rate\n"
         "`bellhopctl COMMAND --help` tells more of each command, with an example.";
}

void add_connection_options(const Command& app, GlobalOptions& options) {
  app.add_option("--address", options.address,
                 "unix:PATH or HOST:PORT; default " + std::string(kDefaultAddress))
      .call_value("ADDRESS");
  const auto add_file = [&](const char* name, std::string& target, const char* help) {
    app.add_option(name, target, help).call_value("FILE").offer_files();
  };
  add_file("--tls-ca", options.tls_ca, "who signs the server's certificate; default: the system's");
  add_file("--tls-cert", options.tls_cert, "the client's certificate");
  add_file("--tls-key", options.tls_key, "and its key");
  app.add_option("--tls-name", options.tls_name, "in the server's certificate, if not the host")
      .call_value("NAME");
  app.add_flag("--plaintext", options.is_plaintext, "HOST:PORT without TLS; for loopback only");
  app.add_duration("--timeout", options.timeout,
                   "of a call, and of the connection of a watch; default 10s");
}

void add_global_options(const Command& app, GlobalOptions& options) {
  add_connection_options(app, options);
  auto output = app.add_option("-o,--output", options.output,
                               "for people, or the API's JSON: an object for a call, an object"
                               " per line for a watch");
  output.accept_words({"table", "json"});
  app.add_flag("--no-color", options.is_colorless, "no colours on a terminal either");
  app.add_flag("-y,--yes", options.is_yes, "yes to every question");
}

void add_commands(CommandTree& tree) {
  add_session_commands(tree);
  add_top_command(tree);
  add_bandwidth_commands(tree);
  add_file_commands(tree);
  add_policy_commands(tree);
  add_turn_commands(tree);
  add_upstream_commands(tree);
  add_config_commands(tree);
  add_log_commands(tree);
  add_event_commands(tree);
  add_node_commands(tree);
  add_doctor_command(tree);
  add_completion_commands(tree);
}

// `bellhopctl session list`, as far as the line got.
std::string command_name(const CLI::App& app) {
  std::string name = app.get_name();
  const CLI::App* current = &app;
  while (!current->get_subcommands().empty()) {
    current = current->get_subcommands().back();
    name += " " + current->get_name();
  }
  return name;
}

ExitCode refuse_line(const CLI::App& app, const CLI::ParseError& error, const Io& io) {
  io.err << kProgramName << ": " << clean(error.what()) << '\n'
         << "  `" << command_name(app) << " --help` tells what may stand there.\n";
  return ExitCode::usage;
}

ExitCode run_chosen(const CommandTree& tree, GlobalOptions options, Io& io) {
  auto client = Client::create(io, std::move(options));
  if (!client) {
    io.err << kProgramName << ": " << clean(client.error().detail()) << '\n';
    return ExitCode::usage;
  }
  const ExitCode code = tree.chosen()(*client);
  if (io.out.flush()) return code;
  io.err << kProgramName << ": standard output cannot be written\n";
  return ExitCode::failed;
}

}  // namespace

int run(const std::vector<std::string>& arguments, Io& io) {
  CLI::App app("Looks at a running bellhopd and steers it.", std::string(kProgramName));
  app.fallthrough();  // options of all commands may stand after the command
  app.require_subcommand(1);
  app.get_formatter()->column_width(kHelpColumn);
  app.footer(root_footer());
  GlobalOptions options;
  if (const std::string address = io.variable(kAddressVariable); !address.empty()) {
    options.address = address;
  }
  CommandTree tree(app);
  add_global_options(tree.root(), options);
  app.set_version_flag("-V,--version", "bellhopctl " BELLHOP_VERSION, "print the version");
  add_commands(tree);
  ExitCode code = ExitCode::ok;
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    code = run_chosen(tree, std::move(options), io);
  } catch (const CLI::CallForHelp&) {
    io.out << app.help() << std::flush;
  } catch (const CLI::CallForVersion& version) {
    io.out << version.what() << '\n' << std::flush;
  } catch (const CLI::ParseError& error) {
    code = refuse_line(app, error, io);
  }
  return static_cast<int>(code);
}

}  // namespace bellhop::ctl
