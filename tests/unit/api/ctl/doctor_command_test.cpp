// bellhopctl doctor: marks, fixes, and a daemon that is not there.
#include "api/ctl/doctor_command.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/diagnostics_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

v1::RunChecksResponse check(const std::string& id, v1::CheckStatus status,
                            const std::string& fix = {}) {
  v1::RunChecksResponse check;
  check.set_id(id);
  check.set_status(status);
  check.set_summary("seen");
  check.set_fix(fix);
  return check;
}

TEST(DoctorCommand, ShowsMarkSentenceAndFix) {
  StandIn daemon;
  daemon.answer("DiagnosticsService/RunChecks",
                {check("a", v1::CHECK_STATUS_PASSED), check("b", v1::CHECK_STATUS_WARNING, "look"),
                 check("c", v1::CHECK_STATUS_SKIPPED)});
  const Outcome outcome = run_with(daemon, {"doctor", "a", "b"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "✓ a: seen\n! b: seen\n    fix: look\n- c: seen\n3 checks, 0 failed, 1 to look at\n");
  const auto request = daemon.request<v1::RunChecksRequest>("DiagnosticsService/RunChecks");
  EXPECT_EQ(request.ids_size(), 2);
}

TEST(DoctorCommand, FailsIfACheckDoes) {
  StandIn daemon;
  daemon.answer("DiagnosticsService/RunChecks", {check("a", v1::CHECK_STATUS_FAILED, "mend")});
  const Outcome outcome = run_with(daemon, {"doctor"}, {.environment = {{"LC_ALL", "C"}}});
  EXPECT_EQ(outcome.code, 6);
  EXPECT_TRUE(outcome.out.starts_with("[FAIL] a: seen\n    fix: mend\n")) << outcome.out;
}

TEST(DoctorCommand, TakesADaemonThatIsNotThereForAFailedCheck) {
  const Outcome outcome = run_without({"--address", "unix:/nowhere/s", "doctor"});
  EXPECT_EQ(outcome.code, 6);
  EXPECT_TRUE(
      outcome.out.starts_with("✗ daemon.reachable: there is no socket /nowhere/s\n"
                              "    fix: Is bellhopd running?"))
      << outcome.out;
  const Outcome json = run_without({"--address", "unix:/nowhere/s", "doctor", "-o", "json"});
  EXPECT_EQ(json.code, 6);
  EXPECT_TRUE(json.out.starts_with(
      "{\"id\":\"daemon.reachable\",\"status\":\"CHECK_STATUS_FAILED\",\"summary\":"))
      << json.out;
}

TEST(DoctorCommand, DoesNotTakeARefusalForACheck) {
  StandIn daemon;
  daemon.refuse("DiagnosticsService/RunChecks",
                detailed_status(grpc::StatusCode::NOT_FOUND, "no check \"x\"", "not-found"));
  EXPECT_EQ(run_with(daemon, {"doctor", "x"}).code, 3);
}

}  // namespace
}  // namespace bellhop::ctl
