// Who is let in, how long one may be silent, TLS, and stopping.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "tests/support/certificate.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"
#include "tests/unit/proxy/http/served_http.hpp"

namespace bellhop::http::test {
namespace {

using namespace std::chrono_literals;
using bellhop::test::eventually;

const std::string kShow = http_request("GET", "/show");

ServerChoice with_tls(const store::TemporaryFolder& folder, const std::string& name) {
  ServerChoice choice;
  choice.certificate = folder.file("certificate.pem");
  choice.key = folder.file("key.pem");
  bellhop::test::write_identity(choice.certificate, choice.key, name);
  return choice;
}

TEST(HttpServer, AnswersOneRequestAfterAnotherOnAConnection) {
  const ServedHttp served;
  HttpClient client = served.connect();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.ask(kShow).status, 200U);
  EXPECT_EQ(served.counts().accepted, 1U);
  EXPECT_TRUE(eventually([&] { return served.counts().answered == 3U; }));
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  const ServedHttp served;
  HttpClient client = served.connect();
  client.send(http_request("PUT", "/echo", length_line(5), "first") +
              http_request("PUT", "/echo", "Transfer-Encoding: chunked\r\n", chunked("second", 4)) +
              http_request("GET", "/nothing") + http_request("HEAD", "/show") +
              http_request("PUT", "/echo", length_line(4), "last"));
  EXPECT_EQ(client.read().body, "first");
  EXPECT_EQ(client.read().body, "second");
  EXPECT_EQ(client.read().status, 404U);
  EXPECT_EQ(client.read("HEAD").status, 200U);
  EXPECT_EQ(client.read().body, "last");
}

TEST(HttpServer, EndsTheConnectionWhenTheClientWantsThat) {
  const ServedHttp served;
  for (const std::string& request : {http_request("GET", "/show", "Connection: close\r\n"),
                                     std::string("GET /show HTTP/1.0\r\n\r\n")}) {
    HttpClient client = served.connect();
    EXPECT_EQ(client.ask(request).field("Connection"), "close");
    EXPECT_TRUE(client.is_ended());
  }
}

TEST(HttpServer, EndsConnectionsWhoseHeadDoesNotCome) {
  ServerChoice choice;
  choice.header_timeout = 100ms;
  const ServedHttp served(choice);
  HttpClient silent = served.connect();
  HttpClient slow = served.connect();
  slow.send("GET /show HTTP/1.1\r\nHost: a\r\n");
  EXPECT_TRUE(silent.is_ended());
  EXPECT_TRUE(slow.is_ended());
  EXPECT_EQ(served.counts().timed_out, 2U);
  EXPECT_TRUE(eventually([&] { return served.counts().open == 0U; }));
}

TEST(HttpServer, KeepsConnectionsBetweenRequestsForLongerThanAHeadMayTake) {
  ServerChoice choice;
  choice.header_timeout = 100ms;
  const ServedHttp served(choice);
  HttpClient idle = served.connect();
  EXPECT_EQ(idle.ask(kShow).status, 200U);
  for (int i = 0; i < 2; ++i) {  // two of these take longer than the head of one
    HttpClient slow = served.connect();
    slow.send("GET");
    EXPECT_TRUE(slow.is_ended());
  }
  EXPECT_EQ(idle.ask(kShow).status, 200U);
}

TEST(HttpServer, GivesTheNextHeadNoMoreTimeThanTheFirst) {
  ServerChoice choice;
  choice.header_timeout = 100ms;
  const ServedHttp served(choice);
  HttpClient client = served.connect();
  EXPECT_EQ(client.ask(kShow).status, 200U);
  client.send("GET /show HT");
  EXPECT_TRUE(client.is_ended());
  EXPECT_EQ(served.counts().timed_out, 1U);
}

TEST(HttpServer, EndsIdleConnectionsAndStalledBodies) {
  ServerChoice choice;
  choice.idle_timeout = 100ms;
  const ServedHttp served(choice);
  HttpClient idle = served.connect();
  EXPECT_EQ(idle.ask(kShow).status, 200U);
  HttpClient stalled = served.connect();
  stalled.send(http_request("PUT", "/echo", length_line(10), "abc"));
  EXPECT_TRUE(idle.is_ended());
  EXPECT_TRUE(stalled.is_ended());
  EXPECT_EQ(served.counts().timed_out, 2U);
}

TEST(HttpServer, LimitsTheConnectionsOfOneAddress) {
  ServerChoice choice;
  choice.connections_per_address_max = 2;
  const ServedHttp served(choice);
  auto first = std::make_unique<HttpClient>(served.connect());
  HttpClient second = served.connect();
  EXPECT_EQ(first->ask(kShow).status, 200U);
  EXPECT_EQ(second.ask(kShow).status, 200U);
  EXPECT_TRUE(served.connect().is_ended());
  EXPECT_EQ(served.counts().refused, 1U);
  first.reset();
  EXPECT_TRUE(eventually([&] { return served.counts().open == 1U; }));
  HttpClient third = served.connect();
  EXPECT_EQ(third.ask(kShow).status, 200U);
}

TEST(HttpServer, LimitsAllConnectionsTogether) {
  ServerChoice choice;
  choice.connections_max = 1;
  choice.trusted_proxies = {"127.0.0.0/8"};
  const ServedHttp served(choice);
  HttpClient first = served.connect();
  EXPECT_EQ(first.ask(kShow).status, 200U);
  EXPECT_TRUE(served.connect().is_ended());
}

TEST(HttpServer, TakesManyConnectionsOfATrustedProxyAndItsWordForTheClient) {
  ServerChoice choice;
  choice.connections_per_address_max = 1;
  choice.trusted_proxies = {"127.0.0.0/8"};
  const ServedHttp served(choice);
  HttpClient first = served.connect();
  HttpClient second = served.connect();
  const std::string fields = "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n";
  EXPECT_EQ(first.ask(http_request("GET", "/show", fields)).body, "GET|show 192.0.2.7 https -\n");
  EXPECT_EQ(second.ask(kShow).body, "GET|show 127.0.0.1 http -\n");
}

TEST(HttpServer, BelievesNoForwardedFieldsOfStrangers) {
  const ServedHttp served;
  EXPECT_EQ(served.ask(http_request("GET", "/show", "X-Forwarded-For: 192.0.2.7\r\n")).body,
            "GET|show 127.0.0.1 http -\n");
}

TEST(HttpServer, LimitsTheRequestsOfOneAddressPerSecond) {
  ServerChoice choice;
  choice.requests_per_address_max = 2;
  const ServedHttp served(choice);
  HttpClient client = served.connect();
  unsigned refused = 0;
  for (int i = 0; i < 10; ++i) {
    const HttpAnswer answer = client.ask(kShow);
    if (answer.status != 429) continue;
    EXPECT_EQ(answer.field("Retry-After"), "1");
    ++refused;
  }
  EXPECT_GE(refused, 1U);
  EXPECT_TRUE(eventually([&] { return client.ask(kShow).status == 200U; }));
}

// HUP-32
TEST(HttpServer, SpeaksTlsOfVersion12AndLaterOnly) {
  const store::TemporaryFolder folder;
  const ServedHttp served(with_tls(folder, "files.example.org"));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    HttpClient client(served.tls_port());
    ASSERT_TRUE(client.start_tls(version));
    EXPECT_EQ(client.ask(kShow).body, "GET|show 127.0.0.1 https -\n");
  }
  HttpClient old(served.tls_port());
  EXPECT_FALSE(old.start_tls(TLS1_1_VERSION));
}

// HUP-32
TEST(HttpServer, AnswersNoPlainRequestWhereTlsIsSpoken) {
  const store::TemporaryFolder folder;
  const ServedHttp served(with_tls(folder, "files.example.org"));
  HttpClient client(served.tls_port());
  EXPECT_NE(client.ask(kShow).status, 200U);
  HttpClient tls(served.tls_port());
  EXPECT_TRUE(tls.start_tls());
}

TEST(HttpServer, UsesAChangedCertificateForNewConnections) {
  const store::TemporaryFolder folder;
  ServerChoice choice = with_tls(folder, "old.example.org");
  choice.certificate_interval = 10ms;
  const ServedHttp served(choice);
  HttpClient before(served.tls_port());
  ASSERT_TRUE(before.start_tls());
  EXPECT_EQ(before.certificate_name(), "old.example.org");
  bellhop::test::write_identity(choice.certificate, choice.key, "new.example.org");
  EXPECT_TRUE(eventually([&] {
    HttpClient client(served.tls_port());
    return client.start_tls() && client.certificate_name() == "new.example.org";
  }));
  EXPECT_EQ(before.ask(kShow).status, 200U);
}

TEST(HttpServer, KeepsItsCertificateWhileTheNewOneIsUnusable) {
  const store::TemporaryFolder folder;
  ServerChoice choice = with_tls(folder, "old.example.org");
  choice.certificate_interval = 10ms;
  const ServedHttp served(choice);
  store::write_text(choice.certificate, "no certificate");
  EXPECT_TRUE(eventually([&] { return served.has_logged("certificate_unusable"); }));
  HttpClient client(served.tls_port());
  ASSERT_TRUE(client.start_tls());
  EXPECT_EQ(client.certificate_name(), "old.example.org");
}

TEST(HttpServer, DoesNotStartWithoutAUsableCertificate) {
  const store::TemporaryFolder folder;
  ServerChoice choice = with_tls(folder, "files.example.org");
  choice.key = folder.file("nothing.pem");
  EXPECT_THROW(ServedHttp served(choice), std::runtime_error);
}

TEST(HttpServer, EndsIdleConnectionsAtOnceWhenItStops) {
  ServedHttp served;
  HttpClient client = served.connect();
  EXPECT_EQ(client.ask(kShow).status, 200U);
  EXPECT_LT(served.stop(30s), 10s);
  EXPECT_TRUE(client.is_ended());
}

TEST(HttpServer, EndsRequestsThatTakeTooLongWhenItStops) {
  ServedHttp served;
  HttpClient client = served.connect();
  client.send(http_request("PUT", "/echo", "Expect: 100-continue\r\n" + length_line(10)));
  EXPECT_EQ(client.read().status, 100U);
  EXPECT_LT(served.stop(100ms), 10s);
  EXPECT_TRUE(client.is_ended());
}

}  // namespace
}  // namespace bellhop::http::test
