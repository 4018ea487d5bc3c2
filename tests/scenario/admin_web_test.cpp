// The admin side over HTTP: page, metrics, health, JSON, and who is turned away.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "bellhop/admin/v1/node_service.grpc.pb.h"
#include "tests/scenario/admin_side.hpp"

namespace bellhop::test {
namespace {

namespace v1 = ::bellhop::admin::v1;

// The daemon with a listener, and where it is: the link of the page says so.
class Web {
 public:
  Web()
      : chat(with_admin(folder_, [](config::Settings& settings) {
          settings.admin.http_listen = {{"127.0.0.1", 0}};
        })) {
    const std::string link = page_link("admin.sock");
    const auto colon = link.rfind(':', link.find("/#token="));
    port_ = static_cast<std::uint16_t>(std::stoi(link.substr(colon + 1)));
    full_token = link.substr(link.find('=') + 1);
  }

  [[nodiscard]] std::string page_link(const char* socket) const {
    const auto channel =
        grpc::CreateChannel("unix:" + (folder_ / socket), grpc::InsecureChannelCredentials());
    const auto stub = v1::NodeService::NewStub(channel);
    grpc::ClientContext context;
    v1::CreatePageLinkResponse response;
    const auto status = stub->CreatePageLink(&context, v1::CreatePageLinkRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.url();
  }

  // The whole answer to one request.
  [[nodiscard]] std::string ask(const std::string& request) const {
    Peer peer(port_);
    peer.send(request);
    return peer.receive_all();
  }
  [[nodiscard]] std::string get(const std::string& path, const std::string& headers = "") const {
    return ask("GET " + path + " HTTP/1.1\r\nHost: " + host() + "\r\nConnection: close\r\n" +
               headers + "\r\n");
  }
  [[nodiscard]] std::string post(const std::string& method, const std::string& body,
                                 const std::string& headers) const {
    return ask("POST /api/v1/" + method + " HTTP/1.1\r\nHost: " + host() +
               "\r\nConnection: close\r\nContent-Type: application/json\r\n" + headers +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  Folder folder_;  // outlives the daemon
  std::uint16_t port_ = 0;

 public:
  Conversation chat;
  std::string full_token;
};

std::string status_of(const std::string& answer) {
  return answer.substr(answer.find(' ') + 1, 3);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* kOurs = "X-Bellhop: 1\r\n";

TEST(AdminWeb, ServesThePageWithAStrictPolicy) {
  const Web web;
  const std::string page = web.get("/");
  EXPECT_EQ(status_of(page), "200");
  EXPECT_TRUE(has(page, "Content-Type: text/html; charset=utf-8"));
  EXPECT_TRUE(has(page, "Content-Security-Policy: default-src 'none'; script-src 'self'"));
  EXPECT_TRUE(has(page, "X-Content-Type-Options: nosniff"));
  EXPECT_EQ(status_of(web.get("/dashboard.js")), "200");
  EXPECT_EQ(status_of(web.get("/vendor/LICENSE-uPlot")), "200");
  EXPECT_EQ(status_of(web.get("/../etc/passwd")), "404");
  EXPECT_EQ(status_of(web.ask("DELETE / HTTP/1.1\r\nHost: " + web.host() +
                              "\r\nConnection: close\r\n\r\n")),
            "405");
}

TEST(AdminWeb, MetricsAreExactAndNameNobody) {
  Web web;
  (void)web.chat.bellhop.line("component_attached");
  Pair pair = web.chat.open("measured");
  ASSERT_TRUE(passes(pair.requester, pair.target, pattern(4321)));
  const std::string text = web.get("/metrics");
  EXPECT_EQ(status_of(text), "200");
  EXPECT_TRUE(has(text, "bellhop_relay_bytes_total{kind=\"socks5\"} 4321\n")) << text;
  EXPECT_TRUE(has(text, "bellhop_sessions{kind=\"socks5\"} 1\n"));
  EXPECT_TRUE(has(text, "bellhop_domain_bytes_total{domain=\"example.com\",kind=\"socks5\"} 4321"));
  EXPECT_TRUE(has(text, "bellhop_upstream_attached{upstream=\"proxy.example.com\"} 1"));
  EXPECT_FALSE(has(text, "requester"));
  const std::string open = web.get("/metrics", "Accept: application/openmetrics-text\r\n");
  EXPECT_TRUE(has(open, "application/openmetrics-text"));
  EXPECT_TRUE(open.ends_with("# EOF\n"));
}

TEST(AdminWeb, HealthIsAStatus) {
  const Web web;
  (void)web.chat.bellhop.line("component_attached");
  EXPECT_EQ(status_of(web.get("/livez")), "200");
  EXPECT_EQ(status_of(web.get("/readyz")), "200");
  EXPECT_TRUE(has(web.get("/readyz?verbose"), "bellhop.socks5: ok"));
}

TEST(AdminWeb, OnLoopbackAnybodyMayLookAndNobodyChange) {
  const Web web;
  const std::string look = web.post("NodeService/GetCaller", "{}", kOurs);
  EXPECT_EQ(status_of(look), "200");
  EXPECT_TRUE(has(look, "\"identity\":\"loopback\""));
  const std::string change =
      web.post("PolicyService/SetQuota", R"({"quota":{"subject":"total"}})", kOurs);
  EXPECT_EQ(status_of(change), "403");
  EXPECT_TRUE(has(change, "permission-denied"));
}

TEST(AdminWeb, ATokenHasTheRoleOfWhoMadeIt) {
  const Web web;
  const std::string full = "Authorization: Bearer " + web.full_token + "\r\n" + kOurs;
  const std::string quota = R"({"quota":{"subject":"total","dailyBytes":"5000000000"}})";
  EXPECT_EQ(status_of(web.post("PolicyService/SetQuota", quota, full)), "200");
  const std::string link = web.page_link("read.sock");
  const std::string read =
      "Authorization: Bearer " + link.substr(link.find('=') + 1) + "\r\n" + kOurs;
  EXPECT_EQ(status_of(web.post("NodeService/GetNode", "{}", read)), "200");
  EXPECT_EQ(status_of(web.post("PolicyService/SetQuota", quota, read)), "403");
  std::string forged = web.full_token;
  forged.back() = forged.back() == '0' ? '1' : '0';
  const std::string wrong = "Authorization: Bearer " + forged + "\r\n" + kOurs;
  EXPECT_EQ(status_of(web.post("NodeService/GetNode", "{}", wrong)), "401");
}

TEST(AdminWeb, WhatAnotherSiteCouldSendIsRefused) {
  const Web web;
  EXPECT_EQ(status_of(web.post("NodeService/GetNode", "{}", "")), "403");
  const auto foreign = [](const char* host) {
    return std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\nConnection: close\r\n\r\n";
  };
  EXPECT_EQ(status_of(web.ask(foreign("evil.example:7780"))), "421");
  EXPECT_EQ(status_of(web.ask(foreign("evil.example"))), "421");
  EXPECT_EQ(status_of(web.ask("POST /api/v1/NodeService/GetNode HTTP/1.1\r\nHost: " + web.host() +
                              "\r\nX-Bellhop: 1\r\nConnection: close\r\n"
                              "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}")),
            "415");
}

TEST(AdminWeb, BadRequestsNameTheFieldAndBigOnesEnd) {
  const Web web;
  const std::string bad = web.post("SessionService/ListSessions", R"({"filter":"sise>1"})", kOurs);
  EXPECT_EQ(status_of(bad), "400");
  EXPECT_TRUE(has(bad, "\"reason\":\"bad-filter\""));
  EXPECT_TRUE(has(bad, "\"field\":\"filter\""));
  EXPECT_EQ(status_of(web.post("SessionService/ListSessions", "{\"unknown\":1}", kOurs)), "400");
  EXPECT_EQ(status_of(web.post("SessionService/ListSessions", "[", kOurs)), "400");
  EXPECT_EQ(status_of(web.post("NoService/NoMethod", "{}", kOurs)), "404");
  EXPECT_EQ(web.get("/", "X-Long: " + std::string(20'000, 'a') + "\r\n"), "");
  Peer peer(static_cast<std::uint16_t>(std::stoi(web.host().substr(10))));
  peer.send("POST /api/v1/NodeService/GetNode HTTP/1.1\r\nHost: " + web.host() +
            "\r\nContent-Length: 999999999\r\n\r\n");
  EXPECT_EQ(peer.receive_all(), "");
  EXPECT_EQ(status_of(web.get("/livez")), "200");
}

}  // namespace
}  // namespace bellhop::test
