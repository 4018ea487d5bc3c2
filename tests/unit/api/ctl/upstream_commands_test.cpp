// bellhopctl upstream against a stand-in for the daemon.
#include "api/ctl/upstream_commands.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/upstream_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

v1::Upstream upstream() {
  v1::Upstream upstream;
  upstream.set_jid("bellhop.example.org");
  upstream.set_server("127.0.0.1:5347");
  upstream.set_state(v1::UPSTREAM_STATE_REFUSED);
  upstream.mutable_state_time()->set_seconds(kNowSeconds - 90);
  upstream.set_last_error("not-authorized");
  return upstream;
}

TEST(UpstreamCommands, ListTellsWhoIsAttached) {
  StandIn daemon;
  v1::ListUpstreamsResponse response;
  *response.add_upstreams() = upstream();
  daemon.answer("UpstreamService/ListUpstreams", {response});
  EXPECT_EQ(run_with(daemon, {"upstream", "list"}).out,
            "COMPONENT            SERVER          STATE    FOR  TLS  LAST ERROR\n"
            "bellhop.example.org  127.0.0.1:5347  refused   1m  no   not-authorized\n");
}

TEST(UpstreamCommands, ReconnectNamesTheComponent) {
  StandIn daemon;
  v1::ReconnectUpstreamResponse response;
  *response.mutable_upstream() = upstream();
  response.mutable_upstream()->set_state(v1::UPSTREAM_STATE_CONNECTING);
  daemon.answer("UpstreamService/ReconnectUpstream", {response});
  const Outcome outcome = run_with(daemon, {"upstream", "reconnect", "bellhop.example.org"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("connecting"), std::string::npos);
  EXPECT_EQ(
      daemon.request<v1::ReconnectUpstreamRequest>("UpstreamService/ReconnectUpstream").name(),
      "upstreams/bellhop.example.org");
}

}  // namespace
}  // namespace bellhop::ctl
