#include "api/ctl/doctor_command.hpp"

#include <array>
#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/failure.hpp"
#include "bellhop/admin/v1/diagnostics_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Diagnostics = v1::DiagnosticsService::Stub;

struct DoctorOptions {
  std::vector<std::string> ids;
};

struct Mark {
  std::string_view utf8;
  std::string_view ascii;
  Tone tone;
};

// In the order of CheckStatus.
constexpr std::array<Mark, 5> kMarks{{{"?", "[ ?? ]", Tone::warning},
                                      {"✓", "[ ok ]", Tone::good},
                                      {"!", "[warn]", Tone::warning},
                                      {"✗", "[FAIL]", Tone::bad},
                                      {"-", "[skip]", Tone::faint}}};

Mark mark_of(v1::CheckStatus status) {
  const auto index = static_cast<std::size_t>(status);
  return kMarks[index < kMarks.size() ? index : 0];
}

void print_check(const Client& client, const v1::RunChecksResponse& check) {
  if (client.is_json()) {
    client.print_json_line(check);
    return;
  }
  const Style& style = client.style();
  const Mark mark = mark_of(check.status());
  client.out() << style.painted(style.is_utf8 ? mark.utf8 : mark.ascii, mark.tone) << ' '
               << clean(check.id()) << ": " << clean(check.summary()) << '\n';
  if (!check.fix().empty()) client.out() << "    fix: " << clean(check.fix()) << '\n';
  client.out() << std::flush;
}

// A daemon that cannot be asked is the first thing that is wrong.
ExitCode print_unreachable(const Client& client, const grpc::Status& status) {
  const Failure failure = describe(status, client.address());
  v1::RunChecksResponse check;
  check.set_id("daemon.reachable");
  check.set_status(v1::CHECK_STATUS_FAILED);
  check.set_summary(failure.sentence);
  check.set_fix(failure.hint);
  print_check(client, check);
  return ExitCode::check_failed;
}

struct Tally {
  std::size_t count = 0;
  std::size_t failed = 0;
  std::size_t warned = 0;
};

void print_tally(const Client& client, const Tally& tally) {
  if (client.is_json()) return;
  client.out() << tally.count << " checks, " << tally.failed << " failed, " << tally.warned
               << " to look at\n";
}

ExitCode run_checks(Client& client, const DoctorOptions& options) {
  v1::RunChecksRequest request;
  for (const std::string& id : options.ids) request.add_ids(id);
  Tally tally;
  const std::function<bool(const v1::RunChecksResponse&)> take =
      [&](const v1::RunChecksResponse& check) {
        print_check(client, check);
        ++tally.count;
        if (check.status() == v1::CHECK_STATUS_FAILED) ++tally.failed;
        if (check.status() == v1::CHECK_STATUS_WARNING) ++tally.warned;
        return true;
      };
  const grpc::Status status = client.watch(&Diagnostics::RunChecks, request, take);
  if (exit_code_of(status.error_code()) == ExitCode::unreachable) {
    return print_unreachable(client, status);
  }
  if (!status.ok()) return client.report(status);
  print_tally(client, tally);
  return tally.failed == 0 ? ExitCode::ok : ExitCode::check_failed;
}

}  // namespace

void add_doctor_command(CommandTree& tree) {
  const auto [command, options] = tree.verb<DoctorOptions>(
      tree.root(),
      {.name = "doctor",
       .summary = "Looks for trouble, from the users' side too; code 6 if there is any.",
       .example = "bellhopctl doctor\n"
                  "bellhopctl doctor upstream.attached discovery.listed"},
      run_checks);
  command.add_option("CHECK", options.ids, "only these; default: all").call_value("");
}

}  // namespace bellhop::ctl
