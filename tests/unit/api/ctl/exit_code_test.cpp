// Every status of gRPC has its exit code.
#include "api/ctl/exit_code.hpp"

#include <gtest/gtest.h>

namespace bellhop::ctl {
namespace {

TEST(ExitCode, IsGivenByTheStatus) {
  using grpc::StatusCode;
  EXPECT_EQ(exit_code_of(StatusCode::OK), ExitCode::ok);
  EXPECT_EQ(exit_code_of(StatusCode::INVALID_ARGUMENT), ExitCode::usage);
  EXPECT_EQ(exit_code_of(StatusCode::OUT_OF_RANGE), ExitCode::usage);
  EXPECT_EQ(exit_code_of(StatusCode::NOT_FOUND), ExitCode::not_found);
  EXPECT_EQ(exit_code_of(StatusCode::PERMISSION_DENIED), ExitCode::denied);
  EXPECT_EQ(exit_code_of(StatusCode::UNAUTHENTICATED), ExitCode::denied);
  EXPECT_EQ(exit_code_of(StatusCode::UNAVAILABLE), ExitCode::unreachable);
  EXPECT_EQ(exit_code_of(StatusCode::DEADLINE_EXCEEDED), ExitCode::unreachable);
  for (const StatusCode code :
       {StatusCode::CANCELLED, StatusCode::UNKNOWN, StatusCode::ALREADY_EXISTS,
        StatusCode::RESOURCE_EXHAUSTED, StatusCode::FAILED_PRECONDITION, StatusCode::ABORTED,
        StatusCode::UNIMPLEMENTED, StatusCode::INTERNAL, StatusCode::DATA_LOSS}) {
    EXPECT_EQ(exit_code_of(code), ExitCode::failed) << code;
  }
}

TEST(ExitCode, TableIsInOrderAndWhole) {
  for (std::size_t i = 0; i < kExitCodes.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kExitCodes[i].code), i);
    EXPECT_FALSE(kExitCodes[i].meaning.empty());
  }
  EXPECT_TRUE(exit_codes_text().starts_with("  0  done\n  1  "));
}

}  // namespace
}  // namespace bellhop::ctl
