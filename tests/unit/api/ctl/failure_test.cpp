// Errors as sentences: fields, reasons, hints; and hostile ones.
#include "api/ctl/failure.hpp"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

using grpc::StatusCode;

const Address kSocket{.path = "/nowhere/admin.sock", .host = {}, .port = {}};
const Address kHost{.path = {}, .host = "bellhop.example.org", .port = "5280"};

TEST(Failure, NamesTheFieldAndTheReason) {
  const Failure failure =
      describe(detailed_status(StatusCode::INVALID_ARGUMENT, "the request is wrong", "bad-argument",
                               "page_size", "must not be negative"),
               kSocket);
  EXPECT_EQ(failure.sentence,
            "the request is wrong: page_size: must not be negative (bad-argument)");
  EXPECT_EQ(failure.code, ExitCode::usage);
}

TEST(Failure, ReadsEveryKindOfDetail) {
  google::rpc::Status status;
  google::rpc::PreconditionFailure precondition;
  precondition.add_violations()->set_description("13 match, not 12");
  google::rpc::QuotaFailure quota;
  quota.add_violations()->set_subject("watchers");
  quota.mutable_violations(0)->set_description("at most 100");
  google::rpc::ResourceInfo resource;
  resource.set_resource_name("sessions/1");
  google::rpc::Help help;
  help.add_links()->set_description("Ask again.");
  status.add_details()->PackFrom(precondition);
  status.add_details()->PackFrom(quota);
  status.add_details()->PackFrom(resource);
  status.add_details()->PackFrom(help);
  const Failure failure =
      describe({StatusCode::FAILED_PRECONDITION, "no", status.SerializeAsString()}, kSocket);
  EXPECT_EQ(failure.sentence, "no: 13 match, not 12; watchers: at most 100; sessions/1");
  EXPECT_EQ(failure.hint, "Ask again.");
}

TEST(Failure, DoesNotRepeatWhatTheMessageSays) {
  const Failure failure = describe(
      detailed_status(StatusCode::INVALID_ARGUMENT, "filter: column 1", "", "filter", "column 1"),
      kSocket);
  EXPECT_EQ(failure.sentence, "filter: column 1");
}

TEST(Failure, SurvivesDetailsThatAreNone) {
  const Failure failure = describe({StatusCode::INTERNAL, "broken", "\xFF\xFFnonsense"}, kSocket);
  EXPECT_EQ(failure.sentence, "broken");
  EXPECT_EQ(failure.code, ExitCode::failed);
}

TEST(Failure, HasASentenceForEveryCodeWithoutAMessage) {
  for (int code = 1; code <= 16; ++code) {
    const Failure failure = describe({static_cast<StatusCode>(code), ""}, kHost);
    EXPECT_FALSE(failure.sentence.empty()) << code;
    EXPECT_NE(failure.code, ExitCode::ok) << code;
  }
}

TEST(Failure, SaysNothingThatATerminalObeys) {
  const Failure failure = describe({StatusCode::INTERNAL, "a\x1B[2Jb\nc"}, kSocket);
  EXPECT_EQ(failure.sentence, "a�[2Jb�c");
}

TEST(Failure, IsBounded) {
  const Failure failure = describe({StatusCode::INTERNAL, std::string(100'000, 'x')}, kSocket);
  EXPECT_LT(failure.sentence.size(), 3'000U);
}

TEST(Failure, HintsAtWhatToDoAboutAnUnreachableDaemon) {
  const auto at = [](const Address& address, Obstacle obstacle) {
    return describe_unreachable(address, obstacle, "gRPC's words");
  };
  const Failure missing = at(kSocket, Obstacle::socket_missing);
  EXPECT_EQ(missing.sentence, "there is no socket /nowhere/admin.sock");
  EXPECT_TRUE(missing.hint.starts_with("Is bellhopd running?"));
  EXPECT_EQ(missing.code, ExitCode::unreachable);
  const Failure denied = at(kSocket, Obstacle::socket_denied);
  EXPECT_NE(denied.hint.find("Its group is bellhop-admin"), std::string::npos) << denied.hint;
  EXPECT_EQ(denied.code, ExitCode::denied);
  EXPECT_EQ(at(kSocket, Obstacle::refused).sentence,
            "nobody listens on the socket /nowhere/admin.sock");
  EXPECT_NE(at(kSocket, Obstacle::none).sentence.find("lost: gRPC's words"), std::string::npos);
  EXPECT_NE(at(kHost, Obstacle::unknown).sentence.find("bellhop.example.org:5280"),
            std::string::npos);
}

TEST(Failure, AsksTheSocketWhyItIsUnavailable) {
  const Failure failure = describe({StatusCode::UNAVAILABLE, "whatever"}, kSocket);
  EXPECT_EQ(failure.sentence, "there is no socket /nowhere/admin.sock");
}

TEST(Failure, BelievesADaemonThatSaysItIsUnavailable) {
  const Failure failure = describe(
      detailed_status(StatusCode::UNAVAILABLE, "the store is closed", "unavailable"), kSocket);
  EXPECT_EQ(failure.sentence, "the store is closed (unavailable)");
  EXPECT_EQ(failure.code, ExitCode::unreachable);
}

}  // namespace
}  // namespace bellhop::ctl
