#include "api/ctl/log_commands.hpp"

#include <array>
#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/proto_time.hpp"
#include "bellhop/admin/v1/log_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Log = v1::LogService::Stub;

// In the order of LogLevel, from 1.
constexpr std::array<const char*, 5> kLevels{"trace", "debug", "info", "warn", "error"};

std::string level_name(v1::LogLevel level) {
  const auto index = static_cast<std::size_t>(level);
  return index >= 1 && index <= kLevels.size() ? kLevels[index - 1] : "unknown";
}

v1::LogLevel level_of(const std::string& word) {
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (word == kLevels[i]) return static_cast<v1::LogLevel>(i + 1);
  }
  return v1::LOG_LEVEL_UNSPECIFIED;
}

// GetLogLevelResponse and SetLogLevelResponse both say when.
template <typename Response>
std::string revert_text(const Response& response) {
  return response.has_revert_time() ? format_moment(to_moment(response.revert_time()))
                                    : std::string();
}

ExitCode show_level(Client& client, const NoOptions&) {
  v1::GetLogLevelResponse response;
  const grpc::Status status = client.call(&Log::GetLogLevel, v1::GetLogLevelRequest(), response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  FieldList fields;
  fields.add("level", level_name(response.level()));
  fields.add("configured", level_name(response.configured_level()));
  fields.add("back to that at", revert_text(response));
  fields.print(client.out(), client.style());
  return ExitCode::ok;
}

struct LevelOptions {
  std::string level;
  std::chrono::milliseconds ttl{0};
};

ExitCode set_level(Client& client, const LevelOptions& options) {
  v1::SetLogLevelRequest request;
  request.set_level(level_of(options.level));
  if (options.ttl.count() != 0) *request.mutable_ttl() = to_duration(options.ttl);
  v1::SetLogLevelResponse response;
  const grpc::Status status = client.call(&Log::SetLogLevel, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  FieldList fields;
  fields.add("level", level_name(response.level()));
  fields.add("until", response.has_revert_time() ? revert_text(response) : "the next start");
  fields.print(client.out(), client.style());
  return ExitCode::ok;
}

}  // namespace

void add_log_commands(CommandTree& tree) {
  const Command log = tree.noun(tree.root(), "log", "How much is written to the log.");
  tree.verb<NoOptions>(
      log, {.name = "get", .summary = "The level in force.", .example = "bellhopctl log get"},
      show_level);
  const auto [command, options] =
      tree.verb<LevelOptions>(log,
                              {.name = "set",
                               .summary = "Another level, for a while or until the next start.",
                               .example = "bellhopctl log set debug --ttl 10m"},
                              set_level);
  command.add_option("LEVEL", options.level)
      .require()
      .accept_words({kLevels.begin(), kLevels.end()});
  command.add_duration("--ttl", options.ttl, "then the configured level is back; at most 7d");
}

}  // namespace bellhop::ctl
