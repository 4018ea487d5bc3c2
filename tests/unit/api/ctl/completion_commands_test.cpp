// Names for the shell: only such as it takes literally.
#include "api/ctl/completion_commands.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/file_service.pb.h"
#include "bellhop/admin/v1/session_service.pb.h"
#include "bellhop/admin/v1/upstream_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

TEST(CompletionCommands, PrintNamesThatAShellCanTake) {
  StandIn daemon;
  v1::ListSessionsResponse sessions;
  for (const char* name : {"sessions/01ABC", "sessions/$(rm x)", "sessions/02XYZ"}) {
    sessions.add_sessions()->set_name(name);
  }
  daemon.answer("SessionService/ListSessions", {sessions});
  EXPECT_EQ(run_with(daemon, {"completion", "names", "sessions"}).out, "01ABC\n02XYZ\n");
  v1::ListUpstreamsResponse upstreams;
  upstreams.add_upstreams()->set_jid("bellhop.example.org");
  daemon.answer("UpstreamService/ListUpstreams", {upstreams});
  EXPECT_EQ(run_with(daemon, {"completion", "names", "upstreams"}).out, "bellhop.example.org\n");
  v1::ListFilesResponse files;
  for (const char* name : {"files/5o0cUhDPqWm1Ue5Cq3wZBA", "files/`rm x`", "files/-a_B"}) {
    files.add_files()->set_name(name);
  }
  daemon.answer("FileService/ListFiles", {files});
  EXPECT_EQ(run_with(daemon, {"completion", "names", "files"}).out,
            "5o0cUhDPqWm1Ue5Cq3wZBA\n-a_B\n");
  const auto request = daemon.request<v1::ListFilesRequest>("FileService/ListFiles");
  EXPECT_EQ(request.order_by(), "create_time desc") << "the newest are those that are looked for";
  EXPECT_EQ(run_without({"completion", "names", "rooms"}).code, 2);
}

TEST(CompletionCommands, PrintNothingWithoutADaemon) {
  const Outcome outcome =
      run_without({"--address", "unix:/nowhere/s", "completion", "names", "sessions"});
  EXPECT_EQ(outcome.code, 5);
  EXPECT_EQ(outcome.out, "");
}

TEST(CompletionCommands, PrintScriptsWithoutADaemon) {
  for (const char* shell : {"bash", "zsh"}) {
    const Outcome outcome = run_without({"completion", shell});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_NE(outcome.out.find("'session list'"), std::string::npos);
    EXPECT_EQ(outcome.out.find("completion names)"), std::string::npos) << "hidden";
  }
}

}  // namespace
}  // namespace bellhop::ctl
