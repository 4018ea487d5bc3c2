// The command line itself: help, usage, global options, the man page's promises.
#include "api/ctl/run.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <sstream>

#include "api/ctl/exit_code.hpp"
#include "bellhop/admin/v1/node_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

const std::vector<std::string> kLeaves{"session list",
                                       "session get",
                                       "session watch",
                                       "session end",
                                       "session limit",
                                       "top",
                                       "bandwidth now",
                                       "bandwidth history",
                                       "bandwidth talkers",
                                       "policy access list",
                                       "policy access set",
                                       "policy access delete",
                                       "policy quota list",
                                       "policy quota set",
                                       "policy quota delete",
                                       "policy rate list",
                                       "policy rate set",
                                       "policy rate delete",
                                       "policy usage",
                                       "explain",
                                       "upstream list",
                                       "upstream reconnect",
                                       "config check",
                                       "config show",
                                       "config reload",
                                       "log get",
                                       "log set",
                                       "events",
                                       "node",
                                       "whoami",
                                       "health",
                                       "drain",
                                       "undrain",
                                       "shutdown",
                                       "page",
                                       "doctor",
                                       "completion bash",
                                       "completion zsh"};

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

TEST(Run, HelpOfEveryCommandHasAnExampleOfIt) {
  for (const std::string& leaf : kLeaves) {
    auto arguments = words_of(leaf);
    arguments.emplace_back("--help");
    const Outcome outcome = run_without(arguments);
    EXPECT_EQ(outcome.code, 0) << leaf;
    EXPECT_EQ(outcome.err, "") << leaf;
    const auto example = outcome.out.find("Example:\n");
    ASSERT_NE(example, std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find(leaf, example), std::string::npos) << outcome.out;
  }
}

TEST(Run, HelpListsEveryExitCode) {
  const Outcome outcome = run_without({"--help"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.out.find(exit_codes_text()), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("BELLHOP_ADMIN_ADDRESS"), std::string::npos);
}

TEST(Run, PrintsItsVersion) {
  EXPECT_EQ(run_without({"--version"}).out, "bellhopctl " BELLHOP_VERSION "\n");
}

TEST(Run, RefusesWrongUsageAndNamesTheHelp) {
  const std::vector<std::string> lines{"",
                                       "session",
                                       "sessions list",
                                       "session list --colour",
                                       "session list extra",
                                       "session list --limit many",
                                       "session list --sort size",
                                       "session get",
                                       "-o yaml node",
                                       "--timeout soon node",
                                       "--address nowhere node",
                                       "log set loud",
                                       "bandwidth history --since yesterday"};
  for (const std::string& line : lines) {
    const Outcome outcome = run_without(words_of(line));
    EXPECT_EQ(outcome.code, 2) << line;
    EXPECT_EQ(outcome.out, "") << line;
    EXPECT_TRUE(outcome.err.starts_with("bellhopctl: ")) << outcome.err;
  }
  EXPECT_NE(run_without({"session", "list", "extra"}).err.find("`bellhopctl session list --help`"),
            std::string::npos);
}

TEST(Run, TakesGlobalOptionsBeforeAndAfterTheCommand) {
  StandIn daemon;
  daemon.answer("NodeService/GetNode", {bellhop::admin::v1::GetNodeResponse()});
  EXPECT_EQ(run_with(daemon, {"-o", "json", "node"}).out,
            run_with(daemon, {"node", "-o", "json"}).out);
}

TEST(Run, TakesTheAddressFromTheEnvironment) {
  StandIn daemon;
  daemon.answer("NodeService/GetNode", {bellhop::admin::v1::GetNodeResponse()});
  const Terminal terminal{.environment = {{"BELLHOP_ADMIN_ADDRESS", daemon.address()}}};
  EXPECT_EQ(run_without({"node"}, terminal).code, 0);
  EXPECT_EQ(run_without({"--address", "unix:/nowhere", "node"}, terminal).code, 5);
}

TEST(Run, UsesColoursOnATerminalUnlessToldNotTo) {
  StandIn daemon;
  daemon.answer("NodeService/GetNode", {bellhop::admin::v1::GetNodeResponse()});
  const auto has_colour = [&](const std::vector<std::string>& line, const Terminal& terminal) {
    return run_with(daemon, line, terminal).out.find('\x1B') != std::string::npos;
  };
  EXPECT_TRUE(has_colour({"node"}, {.is_out = true}));
  EXPECT_FALSE(has_colour({"node"}, {}));
  EXPECT_FALSE(has_colour({"node", "--no-color"}, {.is_out = true}));
  EXPECT_FALSE(has_colour({"node"}, {.is_out = true, .environment = {{"NO_COLOR", "1"}}}));
}

std::string manual() {
  std::ifstream file(BELLHOP_SOURCE_FOLDER "/deploy/man/bellhopctl.1");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Run, EveryCommandAndExitCodeIsInTheManual) {
  std::string text = manual();
  ASSERT_FALSE(text.empty());
  for (const std::string& leaf : kLeaves) {
    EXPECT_NE(text.find("\n.B " + leaf), std::string::npos) << leaf;
  }
  for (const ExitCodeRow& row : kExitCodes) {
    const std::string number = std::to_string(static_cast<int>(row.code));
    EXPECT_NE(text.find("\n.B " + number + "\n"), std::string::npos) << number;
  }
}

}  // namespace
}  // namespace bellhop::ctl
