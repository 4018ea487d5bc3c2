// Changes to many: to those named, or to all that a filter matches, which are counted, asked about,
// and then changed in exactly that number.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "api/ctl/client.hpp"

namespace bellhop::ctl {

/// Options of every such command.
struct BulkOptions {
  std::string filter;
  std::uint64_t expected_count = 0;  ///< 0: whatever it is
  bool is_dry_run = false;           ///< only count
};

/// One such command.
template <typename Response>
struct BulkChange {
  /// The call, with `expected` and `validate_only` of the API.
  std::function<grpc::Status(std::uint64_t expected, bool validate_only, Response& response)> call;
  std::uint64_t (*count_of)(const Response& response);
  /// `3 sessions`, to stand behind a verb.
  std::string (*describe)(const Response& response);
  const char* question;  ///< `End`
  const char* done;      ///< `ended`
  const char* would;     ///< `would end`
};

/// Rows come and go between counting and changing; so often it is tried again with --yes.
inline constexpr int kBulkAttemptsMax = 5;

/// With --yes the count is not what was agreed to, so a changed one is no reason to stop.
template <typename Response>
ExitCode change_matching(Client& client, const BulkOptions& options,
                         const BulkChange<Response>& change) {
  const auto print = [&](const Response& response, std::uint64_t expected, const char* verb) {
    if (client.is_json()) {
      client.print_json(response);
    } else {
      client.out() << verb << ' ' << change.describe(response) << '\n';
    }
    return change.count_of(response) < expected ? ExitCode::partly : ExitCode::ok;
  };
  grpc::Status status;
  const bool is_count_free = client.options().is_yes && options.expected_count == 0;
  const int attempts = is_count_free ? kBulkAttemptsMax : 1;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    Response counted;
    status = change.call(options.expected_count, true, counted);
    if (!status.ok()) return client.report(status);
    const std::uint64_t expected = change.count_of(counted);
    if (options.is_dry_run) return print(counted, 0, change.would);
    if (expected == 0) return print(counted, 0, change.done);
    const ExitCode answer =
        client.confirm(std::string(change.question) + " " + change.describe(counted) + "?");
    if (answer != ExitCode::ok) return answer;
    Response changed;
    status = change.call(expected, false, changed);
    if (status.ok()) return print(changed, expected, change.done);
    if (status.error_code() != grpc::StatusCode::FAILED_PRECONDITION) break;
  }
  return client.report(status);
}

/// Changes what was named, one after the other, after asking. All: ok. None: why the last was not.
/// Some: partly.
inline ExitCode change_named(Client& client, const std::vector<std::string>& names,
                             const std::string& question,
                             ExitCode (*change)(Client&, const std::string&)) {
  if (const ExitCode answer = client.confirm(question); answer != ExitCode::ok) return answer;
  ExitCode worst = ExitCode::ok;
  std::size_t changed = 0;
  for (const std::string& name : names) {
    const ExitCode code = change(client, name);
    if (code == ExitCode::ok) {
      ++changed;
    } else {
      worst = code;
    }
    const bool is_hopeless = code == ExitCode::unreachable || code == ExitCode::denied;
    if (is_hopeless) break;
  }
  if (changed == names.size()) return ExitCode::ok;
  return changed == 0 ? worst : ExitCode::partly;
}

}  // namespace bellhop::ctl
