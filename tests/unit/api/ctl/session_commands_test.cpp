// bellhopctl session against a stand-in for the daemon: pages, watches, questions.
#include "api/ctl/session_commands.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/session_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

constexpr const char* kId = "01JDXQ4T9V7M2K8Z3N5P6R7S8T";

v1::Session session(const std::string& id = kId) {
  v1::Session session;
  session.set_name("sessions/" + id);
  session.set_kind("socks5");
  session.set_state(v1::SESSION_STATE_ACTIVE);
  session.set_requester("alice@example.org/phone");
  session.set_target("bob@example.org/desk");
  session.set_first_endpoint("192.0.2.1:4000");
  session.set_second_endpoint("192.0.2.2:4001");
  session.mutable_create_time()->set_seconds(kNowSeconds - 200);
  session.mutable_last_progress_time()->set_seconds(kNowSeconds - 2);
  session.set_first_to_second_bytes(3 << 20);
  session.set_second_to_first_bytes(1 << 20);
  session.mutable_rates()->set_ten_seconds_bytes_per_second(1536 * 1024);
  return session;
}

v1::ListSessionsResponse page(int first, int count, const std::string& next) {
  v1::ListSessionsResponse page;
  for (int i = first; i < first + count; ++i) *page.add_sessions() = session(std::to_string(i));
  page.set_next_page_token(next);
  page.set_total_size(5'000);
  return page;
}

TEST(SessionCommands, ListSessionsInATable) {
  StandIn daemon;
  v1::ListSessionsResponse response;
  *response.add_sessions() = session();
  daemon.answer("SessionService/ListSessions", {response});
  const Outcome outcome = run_with(daemon, {"session", "list"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "SESSION                     KIND    REQUESTER          TARGET                RATE"
            "    BYTES  AGE\n"
            "01JDXQ4T9V7M2K8Z3N5P6R7S8T  socks5  alice@example.org  bob@example.org  1.5 MiB/s"
            "  4.0 MiB   3m\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(SessionCommands, ListFollowsThePages) {
  StandIn daemon;
  daemon.answer("SessionService/ListSessions", {page(0, 2, "more")});
  daemon.answer("SessionService/ListSessions", {page(2, 1, "")});
  const Outcome outcome = run_with(
      daemon, {"session", "list", "-o", "json", "--filter", "bytes > 1", "--sort", "bytes"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("\"name\": \"sessions/0\""), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("\"name\": \"sessions/2\""), std::string::npos);
  EXPECT_NE(outcome.out.find("\"nextPageToken\": \"\""), std::string::npos);
  EXPECT_NE(outcome.out.find("\"totalSize\": \"5000\""), std::string::npos);
  const auto second = daemon.request<v1::ListSessionsRequest>("SessionService/ListSessions", 1);
  EXPECT_EQ(second.page_token(), "more");
  EXPECT_EQ(second.filter(), "bytes > 1");
  EXPECT_EQ(second.order_by(), "bytes desc");
}

TEST(SessionCommands, ListStopsAtItsLimit) {
  StandIn daemon;
  daemon.answer("SessionService/ListSessions", {page(0, 2, "more")});
  daemon.answer("SessionService/ListSessions", {page(2, 2, "more")});
  const Outcome outcome = run_with(daemon, {"session", "list", "--limit", "3"});
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 4);
  EXPECT_EQ(daemon.count("SessionService/ListSessions"), 2U);
  EXPECT_EQ(daemon.request<v1::ListSessionsRequest>("SessionService/ListSessions").page_size(), 3);
}

TEST(SessionCommands, ListShowsTheTableEndingInTheMiddleOfTheError) {
  StandIn daemon;
  daemon.answer("SessionService/ListSessions", {page(0, 1, "more")});
  daemon.refuse("SessionService/ListSessions",
                detailed_status(grpc::StatusCode::INVALID_ARGUMENT, "filter is wrong", "bad-filter",
                                "filter", "column 7: unknown field \"sise\""));
  const Outcome outcome = run_with(daemon, {"session", "list"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err,
            "bellhopctl: filter is wrong: filter: column 7: unknown field \"sise\" (bad-filter)\n");
  const Outcome json = run_with(daemon, {"session", "list", "-o", "json"});
  EXPECT_EQ(json.code, 2);
  EXPECT_EQ(json.out, "");
}

TEST(SessionCommands, ListFitsANarrowTerminal) {
  StandIn daemon;
  v1::ListSessionsResponse response;
  *response.add_sessions() = session();
  daemon.answer("SessionService/ListSessions", {response});
  const Outcome outcome =
      run_with(daemon, {"session", "list", "--no-color"}, {.is_out = true, .columns = 80});
  EXPECT_EQ(outcome.out.find('\x1B'), std::string::npos);
  EXPECT_NE(outcome.out.find("alice@e…  bob@exam…  1.5 MiB/s  4.0 MiB   3m\n"), std::string::npos)
      << outcome.out;
  EXPECT_NE(outcome.out.find(kId), std::string::npos);
}

TEST(SessionCommands, GetTakesANameWithOrWithoutItsCollection) {
  StandIn daemon;
  v1::GetSessionResponse response;
  *response.mutable_session() = session();
  response.mutable_session()->set_target("bob\x1B[2J@example.org");
  daemon.answer("SessionService/GetSession", {response});
  for (const std::string& name : {std::string(kId), std::string("sessions/") + kId}) {
    const Outcome outcome = run_with(daemon, {"session", "get", name});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("delivered:  3.0 MiB to 192.0.2.2:4001\n"), std::string::npos)
        << outcome.out;
    EXPECT_NE(outcome.out.find("(3m 20s ago)"), std::string::npos);
    EXPECT_EQ(outcome.out.find('\x1B'), std::string::npos);
  }
  EXPECT_EQ(daemon.request<v1::GetSessionRequest>("SessionService/GetSession", 0).name(),
            daemon.request<v1::GetSessionRequest>("SessionService/GetSession", 1).name());
}

TEST(SessionCommands, GetOfASessionThatHasEndedIsNotFound) {
  StandIn daemon;
  daemon.refuse("SessionService/GetSession",
                detailed_status(grpc::StatusCode::NOT_FOUND, "no such session", "not-found"));
  const Outcome outcome = run_with(daemon, {"session", "get", "X"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.err, "bellhopctl: no such session (not-found)\n");
}

v1::WatchSessionsResponse update_of(const v1::Session& session) {
  v1::WatchSessionsResponse message;
  *message.mutable_changed() = session;
  return message;
}

TEST(SessionCommands, WatchShowsALinePerChangeAndNoMarks) {
  StandIn daemon;
  v1::WatchSessionsResponse snapshot;
  *snapshot.mutable_snapshot() = session();
  v1::WatchSessionsResponse mark;
  mark.mutable_snapshot_complete();
  v1::WatchSessionsResponse beat;
  beat.mutable_heartbeat();
  v1::Session ended = session();
  ended.set_state(v1::SESSION_STATE_ENDED);
  ended.set_end_reason("completed");
  daemon.answer("SessionService/WatchSessions", {snapshot, mark, beat, update_of(ended)});
  const Outcome outcome = run_with(daemon, {"session", "watch", "--interval", "500ms"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "12:00:00 runs    01JDXQ4T9V7M2K8Z3N5P6R7S8T socks5 alice@example.org >"
            " bob@example.org - 4.0 MiB\n"
            "12:00:00 ended   01JDXQ4T9V7M2K8Z3N5P6R7S8T socks5 alice@example.org >"
            " bob@example.org - 4.0 MiB (completed)\n");
  const auto request = daemon.request<v1::WatchSessionsRequest>("SessionService/WatchSessions");
  EXPECT_EQ(request.interval().nanos(), 500'000'000);
}

TEST(SessionCommands, WatchWritesOneObjectPerLineAsJson) {
  StandIn daemon;
  v1::WatchSessionsResponse mark;
  mark.mutable_snapshot_complete();
  daemon.answer("SessionService/WatchSessions", {update_of(session()), mark});
  const Outcome outcome = run_with(daemon, {"-o", "json", "session", "watch"});
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2) << outcome.out;
  EXPECT_TRUE(outcome.out.starts_with("{\"changed\":{\"name\":\"sessions/"));
  EXPECT_NE(outcome.out.find("\n{\"snapshotComplete\":{"), std::string::npos);
}

TEST(SessionCommands, WatchTellsOfGapsAndEndsAtThemIfStrict) {
  StandIn daemon;
  v1::WatchSessionsResponse lost;
  lost.mutable_lost()->set_count(17);
  daemon.answer("SessionService/WatchSessions", {lost, update_of(session())});
  const Outcome lax = run_with(daemon, {"session", "watch"});
  EXPECT_EQ(lax.code, 0);
  EXPECT_EQ(lax.err, "bellhopctl: 17 messages were left out: this reader was too slow\n");
  EXPECT_NE(lax.out.find("changed"), std::string::npos);
  const Outcome strict = run_with(daemon, {"session", "watch", "--strict"});
  EXPECT_EQ(strict.code, 7);
  EXPECT_EQ(strict.out, "");
}

TEST(SessionCommands, WatchEndsAfterACount) {
  StandIn daemon;
  daemon.answer("SessionService/WatchSessions",
                {update_of(session()), update_of(session()), update_of(session())},
                {grpc::StatusCode::INTERNAL, "never seen"});
  const Outcome outcome = run_with(daemon, {"session", "watch", "--count", "2"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 2);
}

void answer_end(StandIn& daemon) {
  v1::EndSessionResponse response;
  *response.mutable_session() = session();
  response.mutable_session()->set_end_reason("ended");
  daemon.answer("SessionService/EndSession", {response});
}

TEST(SessionCommands, EndAsksAtATerminal) {
  StandIn daemon;
  answer_end(daemon);
  const Outcome no =
      run_with(daemon, {"session", "end", "A", "B"}, {.is_in = true, .typed = "n\n"});
  EXPECT_EQ(no.code, 1);
  EXPECT_EQ(no.err, "End 2 sessions? [y/N] bellhopctl: nothing was done\n");
  EXPECT_EQ(daemon.count("SessionService/EndSession"), 0U);
  const Outcome yes = run_with(daemon, {"session", "end", "A"}, {.is_in = true, .typed = "Y\n"});
  EXPECT_EQ(yes.code, 0) << yes.err;
  EXPECT_EQ(yes.err, "End 1 session? [y/N] ");
  EXPECT_NE(yes.out.find("(ended)"), std::string::npos);
}

TEST(SessionCommands, EndWithoutATerminalNeedsYes) {
  StandIn daemon;
  answer_end(daemon);
  const Outcome outcome = run_with(daemon, {"session", "end", "A"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("--yes"), std::string::npos);
  EXPECT_EQ(daemon.count("SessionService/EndSession"), 0U);
  EXPECT_EQ(run_with(daemon, {"session", "end", "A", "--yes"}).code, 0);
}

TEST(SessionCommands, EndOfSomeOfTheNamedIsPartlyDone) {
  StandIn daemon;
  answer_end(daemon);
  daemon.refuse("SessionService/EndSession",
                detailed_status(grpc::StatusCode::NOT_FOUND, "no such session", "not-found"));
  EXPECT_EQ(run_with(daemon, {"session", "end", "A", "B", "-y"}).code, 7);
  EXPECT_EQ(run_with(daemon, {"session", "end", "A", "B", "-y"}).code, 3);
}

v1::EndSessionsResponse ended(std::uint64_t count) {
  v1::EndSessionsResponse response;
  response.set_session_count(count);
  return response;
}

TEST(SessionCommands, EndByFilterCountsAsksAndEndsExactlySoMany) {
  StandIn daemon;
  daemon.answer("SessionService/EndSessions", {ended(12)});
  const Outcome outcome = run_with(daemon, {"session", "end", "--filter", "kind = \"socks5\""},
                                   {.is_in = true, .typed = "yes\n"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "End 12 sessions? [y/N] ");
  EXPECT_EQ(outcome.out, "ended 12 sessions\n");
  const auto count = daemon.request<v1::EndSessionsRequest>("SessionService/EndSessions", 0);
  EXPECT_TRUE(count.validate_only());
  const auto end = daemon.request<v1::EndSessionsRequest>("SessionService/EndSessions", 1);
  EXPECT_FALSE(end.validate_only());
  EXPECT_EQ(end.expected_count(), 12U);
  EXPECT_EQ(end.filter(), "kind = \"socks5\"");
}

TEST(SessionCommands, EndByFilterSaysWhenFewerEnded) {
  StandIn daemon;
  daemon.answer("SessionService/EndSessions", {ended(12)});
  daemon.answer("SessionService/EndSessions", {ended(11)});
  EXPECT_EQ(run_with(daemon, {"session", "end", "--filter", "name:*", "-y"}).code, 7);
}

TEST(SessionCommands, EndByFilterCountsAgainWithYesWhenTheNumberHasChanged) {
  const grpc::Status changed =
      detailed_status(grpc::StatusCode::FAILED_PRECONDITION, "13 match, not 12", "count-mismatch");
  StandIn daemon;
  daemon.answer("SessionService/EndSessions", {ended(12)});
  daemon.refuse("SessionService/EndSessions", changed);
  daemon.answer("SessionService/EndSessions", {ended(13)});
  EXPECT_EQ(run_with(daemon, {"session", "end", "--filter", "name:*", "-y"}).code, 0);
  EXPECT_EQ(daemon.count("SessionService/EndSessions"), 4U);

  StandIn asked;
  asked.answer("SessionService/EndSessions", {ended(12)});
  asked.refuse("SessionService/EndSessions", changed);
  const Outcome outcome =
      run_with(asked, {"session", "end", "--filter", "name:*"}, {.is_in = true, .typed = "y\n"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("13 match, not 12 (count-mismatch)"), std::string::npos);
}

TEST(SessionCommands, EndByFilterOfNoneEndsNothing) {
  StandIn daemon;
  daemon.answer("SessionService/EndSessions", {ended(0)});
  const Outcome outcome = run_with(daemon, {"session", "end", "--filter", "bytes > 1T"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "ended 0 sessions\n");
  EXPECT_EQ(daemon.count("SessionService/EndSessions"), 1U);
}

TEST(SessionCommands, EndDryRunOnlyCounts) {
  StandIn daemon;
  daemon.answer("SessionService/EndSessions", {ended(3)});
  const Outcome outcome = run_with(daemon, {"session", "end", "--filter", "name:*", "--dry-run"});
  EXPECT_EQ(outcome.out, "would end 3 sessions\n");
  EXPECT_EQ(daemon.count("SessionService/EndSessions"), 1U);
}

TEST(SessionCommands, EndNeedsNamesOrAFilterAndNotBoth) {
  EXPECT_EQ(run_without({"session", "end", "-y"}).code, 2);
  EXPECT_EQ(run_without({"session", "end", "A", "--filter", "x", "-y"}).code, 2);
  EXPECT_EQ(run_without({"session", "end", "A", "--dry-run", "-y"}).code, 2);
}

TEST(SessionCommands, LimitTakesARateOrNone) {
  StandIn daemon;
  v1::UpdateSessionResponse response;
  *response.mutable_session() = session();
  response.mutable_session()->set_limit_bytes_per_second(512'000);
  daemon.answer("SessionService/UpdateSession", {response});
  const Outcome outcome = run_with(daemon, {"session", "limit", kId, "512k"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("limit:      500.0 KiB/s\n"), std::string::npos) << outcome.out;
  const auto request = daemon.request<v1::UpdateSessionRequest>("SessionService/UpdateSession");
  EXPECT_EQ(request.session().limit_bytes_per_second(), 512'000U);
  EXPECT_EQ(request.update_mask().paths(0), "limit_bytes_per_second");
  EXPECT_EQ(run_with(daemon, {"session", "limit", kId, "none"}).code, 0);
  const auto second = daemon.request<v1::UpdateSessionRequest>("SessionService/UpdateSession", 1);
  EXPECT_EQ(second.session().limit_bytes_per_second(), 0U);
  for (const char* wrong : {"0", "fast", ""}) {
    EXPECT_EQ(run_without({"session", "limit", kId, wrong}).code, 2) << wrong;
  }
}

}  // namespace
}  // namespace bellhop::ctl
