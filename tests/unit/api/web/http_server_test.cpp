// The page, the metrics and the JSON API over a real socket, as browsers and strangers ask.
#include "api/web/http_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "api/admin/tokens.hpp"
#include "api/web/assets.hpp"
#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::web {
namespace {

using admin::test::AdminWorld;
using runtime::test::Peer;

TEST(IsOwnHost, IsAnAddressOrLocalhostWithThePort) {
  for (const char* host : {"127.0.0.1:7780", "localhost:7780", "[::1]:7780", "192.0.2.1:7780"}) {
    EXPECT_TRUE(is_own_host(host, 7780)) << host;
  }
  for (const char* host :
       {"", ":7780", "127.0.0.1", "localhost", "127.0.0.1:7781", "127.0.0.1:17780",
        "evil.example:7780", "localhost.evil.example:7780", "127.0.0.1.evil.example:7780",
        "::1:7780", "[::1:7780", "[]:7780", "[evil.example]:7780", "127.0.0.1:7780 ",
        " 127.0.0.1:7780", "user@127.0.0.1:7780", "127.1:7780", "0x7f000001:7780",
        "127.0.0.1:7780:7780"}) {
    EXPECT_FALSE(is_own_host(host, 7780)) << host;
  }
}

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto row = headers.find(name);
    return row == headers.end() ? "" : row->second;
  }
};

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    world_.core.parts.settings.admin.http_listen = {{"127.0.0.1", 0}};
    server_.start();
    port_ = server_.bound().front().port;
  }
  ~HttpServerTest() override { world_.run(server_.stop()); }

  [[nodiscard]] boost::asio::io_context& context() { return world_.admin_shard().context(); }
  [[nodiscard]] std::string own_host() const { return "127.0.0.1:" + std::to_string(port_); }

  // A request as text; `headers` end with a line break each.
  [[nodiscard]] std::string request(const std::string& line, const std::string& headers = "",
                                    const std::string& body = "") const {
    std::string text = line + " HTTP/1.1\r\nHost: " + own_host() + "\r\n" + headers;
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
  }
  Answer receive(Peer& peer, bool has_body = true) {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const std::string byte = peer.receive(context(), 1);
      if (byte.empty()) return {};
      head += byte;
    }
    Answer answer;
    answer.status = std::stoi(head.substr(head.find(' ') + 1));
    for (auto at = head.find("\r\n"); at + 4 < head.size(); at = head.find("\r\n", at + 2)) {
      const auto end = head.find("\r\n", at + 2);
      const std::string row = head.substr(at + 2, end - at - 2);
      std::string name = row.substr(0, row.find(':'));
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      answer.headers[name] = row.substr(std::min(row.size(), name.size() + 2));
    }
    const std::string length = answer.header("content-length");
    if (has_body && !length.empty()) answer.body = peer.receive(context(), std::stoul(length));
    return answer;
  }
  Answer ask(const std::string& text, bool has_body = true) {
    Peer peer = Peer::connect(port_);
    peer.send(context(), text);
    return receive(peer, has_body);
  }
  Answer get(const std::string& target, const std::string& headers = "") {
    return ask(request("GET " + target, headers));
  }
  static constexpr const char* kJson = "Content-Type: application/json\r\nX-Bellhop: 1\r\n";
  Answer post(const std::string& method, const std::string& body,
              const std::string& headers = kJson) {
    return ask(request("POST /api/v1/" + method, headers, body));
  }
  static std::string bearer(const std::string& token) {
    return std::string(kJson) + "Authorization: Bearer " + token + "\r\n";
  }
  std::string page_token(config::AdminRole role) {
    return admin::make_page_token(world_.core.page_secret, {"uid:0", role});
  }

  AdminWorld world_;
  admin::Callers callers_;
  HttpServer server_{world_.core, world_.dispatcher, callers_,
                     config::Secret("the-operators-own-token")};
  std::uint16_t port_ = 0;
};

TEST_F(HttpServerTest, ServesEveryFileOfThePageWithAStrictPolicy) {
  for (const Asset& asset : assets()) {
    const Answer answer = get(std::string(asset.path));
    EXPECT_EQ(answer.status, 200) << asset.path;
    EXPECT_EQ(answer.body, asset.body) << asset.path;
    EXPECT_EQ(answer.header("content-type"), asset.content_type);
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    EXPECT_TRUE(answer.header("content-security-policy").starts_with("default-src 'none';"));
  }
  EXPECT_EQ(get("/?a=b").status, 200);
  for (const char* target :
       {"/nothing", "/../state.cpp", "//", "/index.html/", "/%2e%2e/x", "*", "/dashboard.js%00"}) {
    EXPECT_EQ(get(target).status, 404) << target;
  }
  EXPECT_EQ(server_.url(), "http://" + own_host() + "/");
}

TEST_F(HttpServerTest, AHeadHasTheHeadersOfAGetAndNoBody) {
  const Answer whole = get("/");
  Peer peer = Peer::connect(port_);
  peer.send(context(), request("HEAD /") + request("GET /livez"));
  const Answer head = receive(peer, false);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), whole.header("content-length"));
  EXPECT_EQ(receive(peer).body, "ok\n") << "and the next answer follows at once";
}

TEST_F(HttpServerTest, AConnectionServesOneRequestAfterAnother) {
  Peer peer = Peer::connect(port_);
  for (int i = 0; i < 3; ++i) {
    peer.send(context(), request("GET /livez"));
    EXPECT_EQ(receive(peer).status, 200);
  }
  // In pieces, as networks deliver.
  const std::string text = request("POST /api/v1/NodeService/GetCaller", kJson, "{}");
  for (const char byte : text) peer.send(context(), std::string(1, byte));
  EXPECT_EQ(receive(peer).status, 200);
  peer.send(context(), request("GET /livez", "Connection: close\r\n"));
  EXPECT_EQ(receive(peer).status, 200);
  EXPECT_EQ(peer.receive_rest(context()), "");
  EXPECT_TRUE(peer.has_ended());
}

TEST_F(HttpServerTest, ABrowserThatWasLedHereByAnotherNameIsRefused) {
  for (const std::string& host : {std::string("evil.example:") + std::to_string(port_),
                                  std::string("evil.example"), std::string("127.0.0.1:1")}) {
    for (const char* line :
         {"GET / ", "GET /metrics ", "GET /readyz ", "POST /api/v1/NodeService/GetCaller "}) {
      const Answer answer = ask(
          line + ("HTTP/1.1\r\nHost: " + host + "\r\n" + kJson + "Content-Length: 2\r\n\r\n{}"));
      EXPECT_EQ(answer.status, 421) << line << host;
    }
  }
  EXPECT_EQ(ask("GET / HTTP/1.1\r\n\r\n").status, 421);
  EXPECT_EQ(ask("GET / HTTP/1.0\r\nHost: localhost:" + std::to_string(port_) + "\r\n\r\n").status,
            200);
}

TEST_F(HttpServerTest, OnLoopbackAnybodyMayLookAndNobodyChange) {
  const Answer caller = post("NodeService/GetCaller", "{}");
  EXPECT_EQ(caller.status, 200);
  EXPECT_EQ(caller.body, R"({"identity":"loopback","access":"ACCESS_READ"})");
  EXPECT_EQ(get("/metrics").status, 200);
  const base::Ulid id = world_.start("alice@example.org/phone");
  const Answer refused = post("SessionService/EndSession", "{\"name\":\"" + id.text() + "\"}");
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("permission-denied"), std::string::npos);
  EXPECT_EQ(world_.reason_of(id), runtime::EndReason::none);
}

TEST_F(HttpServerTest, ATokenSaysWhoCalls) {
  const base::Ulid id = world_.start("alice@example.org/phone");
  const std::string end = "{\"name\":\"sessions/" + id.text() + "\"}";
  const auto ended_with = [&](const std::string& token) {
    return post("SessionService/EndSession", end, bearer(token)).status;
  };
  EXPECT_EQ(ended_with(page_token(config::AdminRole::read)), 403);
  for (const std::string& token :
       {std::string(), std::string("the-operators-own-toke"),
        std::string("the-operators-own-token2"), std::string("full.7569643a30.00"),
        page_token(config::AdminRole::full) + "0"}) {
    EXPECT_EQ(ended_with(token), 401) << token;
  }
  EXPECT_EQ(world_.reason_of(id), runtime::EndReason::none);
  EXPECT_EQ(ended_with(page_token(config::AdminRole::full)), 200);
  EXPECT_EQ(world_.reason_of(id), runtime::EndReason::ended);
  EXPECT_EQ(ended_with("the-operators-own-token"), 404) << "let in; it has ended already";
  const Answer wrong = get("/metrics", "Authorization: Basic YTpi\r\n");
  EXPECT_EQ(wrong.status, 401);
}

TEST_F(HttpServerTest, WhatAnotherSiteCouldSendIsRefused) {
  EXPECT_EQ(post("NodeService/GetCaller", "{}", "Content-Type: application/json\r\n").status, 403);
  for (const char* type : {"", "Content-Type: text/plain\r\nX-Bellhop: 1\r\n",
                           "Content-Type: application/x-www-form-urlencoded\r\nX-Bellhop: 1\r\n"}) {
    EXPECT_EQ(post("NodeService/GetCaller", "{}", type).status, 415) << type;
  }
  EXPECT_EQ(get("/api/v1/NodeService/GetCaller", kJson).status, 405);
  for (const char* line : {"POST /", "PUT /", "DELETE /metrics", "OPTIONS /", "TRACE /"}) {
    const Answer answer = ask(request(line));
    EXPECT_EQ(answer.status, 405) << line;
    EXPECT_EQ(answer.header("access-control-allow-origin"), "");
  }
}

TEST_F(HttpServerTest, ABadRequestIsAStatusWithReasonAndField) {
  const Answer bad_filter = post("SessionService/ListSessions", R"({"filter":"sise > 1"})");
  EXPECT_EQ(bad_filter.status, 400);
  EXPECT_NE(bad_filter.body.find(R"("reason":"bad-filter")"), std::string::npos) << bad_filter.body;
  EXPECT_NE(bad_filter.body.find(R"("field":"filter")"), std::string::npos);
  EXPECT_EQ(post("SessionService/ListSessions", "").status, 200) << "nothing is an empty request";
  for (const char* body : {"{", "[]", R"({"sise":1})", R"({"pageSize":"x"})", "\xFF"}) {
    EXPECT_EQ(post("SessionService/ListSessions", body).status, 400) << body;
  }
  for (const char* method : {"SessionService/Nothing", "", "x", "SessionService/ListSessions/",
                             "SessionService/WatchSessions", "../SessionService/ListSessions"}) {
    EXPECT_EQ(post(method, "{}").status, 404) << method;
  }
  EXPECT_EQ(post("SessionService/GetSession", R"({"name":"01HQZX3V9GABCDEFGHJKMNPQRS"})").status,
            404);
}

TEST_F(HttpServerTest, ARequestThatIsTooLargeOrNoneEndsItsConnection) {
  const auto is_ended = [this](const std::string& text) {
    Peer peer = Peer::connect(port_);
    EXPECT_TRUE(runtime::test::run_until(context(), [&, left = std::string_view(text)]() mutable {
      left.remove_prefix(peer.send_some(left));
      (void)peer.receive_some();
      return left.empty() || peer.has_ended() || peer.was_reset();
    }));
    return peer.receive_rest(context()).empty();
  };
  EXPECT_TRUE(is_ended(request("GET /", "X: " + std::string(16 * 1024, 'x') + "\r\n")));
  const std::size_t most = 2 * 1024 * 1024;
  EXPECT_TRUE(is_ended("POST /api/v1/NodeService/GetCaller HTTP/1.1\r\nHost: " + own_host() +
                       "\r\nContent-Length: " + std::to_string(most + 1) + "\r\n\r\n"));
  EXPECT_TRUE(is_ended("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"));
  EXPECT_TRUE(is_ended("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03"));
  EXPECT_TRUE(is_ended("NO\r\n\r\n"));
  const std::string text = "{\"text\":\"" + std::string(most - 11, '#') + "\"}";
  ASSERT_EQ(text.size(), most);
  const Answer largest = post("ConfigService/CheckConfig", text);
  EXPECT_EQ(largest.status, 400) << "it was read whole, and its field is too long";
  EXPECT_EQ(get("/livez").status, 200);
}

TEST_F(HttpServerTest, MetricsAreExactInBothFormatsAndNameNobody) {
  world_.move(world_.start("alice@example.org/phone", 1), {1000, 200, 3});
  const Answer plain = get("/metrics");
  EXPECT_TRUE(plain.header("content-type").starts_with("text/plain"));
  EXPECT_NE(plain.body.find("bellhop_relay_bytes_total{kind=\"socks5\"} 1200\n"),
            std::string::npos);
  EXPECT_NE(plain.body.find("bellhop_relay_dropped_bytes_total{kind=\"socks5\"} 3\n"),
            std::string::npos);
  EXPECT_NE(plain.body.find("bellhop_sessions{kind=\"socks5\"} 1\n"), std::string::npos);
  const Answer open = get("/metrics", "Accept: application/openmetrics-text; version=1.0.0\r\n");
  EXPECT_TRUE(open.header("content-type").starts_with("application/openmetrics-text"));
  EXPECT_TRUE(open.body.ends_with("# EOF\n"));
  for (const Answer& answer : {plain, open}) {
    EXPECT_EQ(answer.body.find("alice"), std::string::npos);
    EXPECT_EQ(answer.body.find("192.0.2."), std::string::npos);
  }
}

TEST_F(HttpServerTest, HealthIsAStatusWithItsParts) {
  EXPECT_EQ(get("/livez").status, 200);
  EXPECT_EQ(get("/readyz").status, 503) << "the component is not attached";
  const Answer verbose = get("/readyz?verbose");
  EXPECT_NE(verbose.body.find("bellhop.xmpp: not serving\n"), std::string::npos) << verbose.body;
  EXPECT_NE(verbose.body.find("bellhop.socks5: ok\n"), std::string::npos);
  EXPECT_NE(verbose.body.find("bellhop.storage: ok\n"), std::string::npos);
}

TEST_F(HttpServerTest, AClientThatGoesLeavesNothingBehind) {
  const std::size_t before = runtime::test::open_descriptors();
  {
    std::vector<Peer> peers;
    for (int i = 0; i < 20; ++i) {
      peers.push_back(Peer::connect(port_));
      peers.back().send(context(), "POST /api/v1/x HTTP/1.1\r\nContent-Le");
    }
    for (Peer& peer : peers) peer.reset();
  }
  EXPECT_TRUE(runtime::test::run_until(
      context(), [&] { return runtime::test::open_descriptors() <= before; }));
}

TEST_F(HttpServerTest, OneConnectionTooManyIsClosed) {
  std::vector<Peer> peers;
  for (int i = 0; i < 201; ++i) {
    peers.push_back(Peer::connect(port_));
    context().restart();
    context().poll();
  }
  EXPECT_EQ(peers.back().receive_rest(context()), "");
  peers.front().send(context(), request("GET /livez"));
  EXPECT_EQ(receive(peers.front()).status, 200);
  peers.clear();
  EXPECT_TRUE(runtime::test::run_until(context(), [&] { return get("/livez").status == 200; }));
}

}  // namespace
}  // namespace bellhop::web
