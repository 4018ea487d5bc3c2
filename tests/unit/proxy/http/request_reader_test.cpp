// Requests as they come: heads in pieces, bodies of each kind, and what must not be understood.
#include "proxy/http/request_reader.hpp"

#include <gtest/gtest.h>

#include "tests/unit/proxy/http/served_http.hpp"

namespace bellhop::http::test {
namespace {

const std::string kChunked = "Transfer-Encoding: chunked\r\n";

// The status, after which the connection must be over.
unsigned final_status(const ServedHttp& served, std::string_view request) {
  HttpClient client = served.connect();
  const HttpAnswer answer = client.ask(request);
  EXPECT_TRUE(client.is_ended()) << request;
  return answer.status;
}

TEST(RequestReader, ReadsAHeadThatIsCutAnywhere) {
  const ServedHttp served;
  const std::string request = http_request("GET", "/show", "X-Test: a\r\n");
  HttpClient client = served.connect();
  for (std::size_t i = 1; i < request.size(); ++i) {
    client.send(request.substr(0, i));
    EXPECT_EQ(client.ask(std::string_view(request).substr(i)).body, "GET|show 127.0.0.1 http a\n");
  }
}

TEST(RequestReader, JoinsTheLinesOfOneField) {
  const ServedHttp served;
  const std::string request = http_request("GET", "/show", "X-Test: a\r\nx-test: b\r\n");
  EXPECT_EQ(served.ask(request).body, "GET|show 127.0.0.1 http a, b\n");
}

// RFC 9112 §3.2
TEST(RequestReader, RefusesRequestsWithoutOneHost) {
  const ServedHttp served;
  EXPECT_EQ(final_status(served, "GET /show HTTP/1.1\r\n\r\n"), 400U);
  EXPECT_EQ(final_status(served, "GET /show HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400U);
  EXPECT_EQ(final_status(served, "GET /show HTTP/1.0\r\n\r\n"), 200U);
}

TEST(RequestReader, RefusesHeadsThatAreTooLarge) {
  const ServedHttp served;
  const std::string field = "X-Test: " + std::string(kRequestHeadBytesMax, 'a') + "\r\n";
  EXPECT_EQ(final_status(served, http_request("GET", "/show", field)), 431U);
  std::string many;
  while (many.size() < kRequestHeadBytesMax) many += "X-Test: a\r\n";
  EXPECT_EQ(final_status(served, http_request("GET", "/show", many)), 431U);
  const std::string target = "/show/" + std::string(kTargetBytesMax, 'a');
  EXPECT_EQ(final_status(served, http_request("GET", target)), 414U);
  const std::string fits = "X-Test: " + std::string(kRequestHeadBytesMax - 200, 'a') + "\r\n";
  EXPECT_EQ(served.ask(http_request("GET", "/show", fits)).status, 200U);
}

TEST(RequestReader, RefusesWhatIsNoRequest) {
  const ServedHttp served;
  for (const std::string_view request :
       {"\x16\x03\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET /show\r\n\r\n",
        "GET /show HTTP/2.7\r\n\r\n", "GET /show HTTP/1.1\r\nHost a\r\n\r\n",
        "GET /show HTTP/1.1\r\n: a\r\n\r\n", "GET /show HTTP/1.1\r\nHost : a\r\n\r\n",
        "G(T /show HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /show HTTP/1.1\r\nHost: a\r\nX-Test: a\x01z\r\n\r\n"}) {
    EXPECT_EQ(final_status(served, request), 400U) << request;
  }
}

// RFC 9112 §6.3, §11.2: whatever could end elsewhere for the one before us.
TEST(RequestReader, RefusesBodiesWhoseEndIsInDoubt) {
  const ServedHttp served;
  for (const std::string& fields :
       {kChunked + length_line(5), length_line(5) + kChunked, length_line(5) + length_line(6),
        std::string("Content-Length: 5, 6\r\n"), std::string("Content-Length: +5\r\n"),
        std::string("Content-Length: -1\r\n"), std::string("Content-Length: 0x5\r\n"),
        std::string("Content-Length: 5 5\r\n"), std::string("Content-Length: \r\n"),
        std::string("Content-Length: 99999999999999999999999\r\n"),
        std::string("Transfer-Encoding: gzip\r\n"),
        std::string("Transfer-Encoding: gzip, chunked\r\n"),
        std::string("Transfer-Encoding: chunked, gzip\r\n"),
        std::string("Transfer-Encoding: xchunked\r\n"), kChunked + kChunked,
        std::string("Transfer-Encoding:\r\n chunked\r\n"),
        std::string("X-Test: a\r\n\tContent-Length: 5\r\n")}) {
    EXPECT_EQ(final_status(served, http_request("PUT", "/echo", fields, "0\r\n\r\n")), 400U)
        << fields;
  }
  EXPECT_EQ(final_status(served, "PUT /echo HTTP/1.0\r\n" + kChunked + "\r\n0\r\n\r\n"), 400U);
}

// HUP-30
TEST(RequestReader, RefusesPathsThatLeadElsewhere) {
  const ServedHttp served;
  for (const std::string_view path :
       {"/show/../echo", "/../../etc/passwd", "/%2e%2e/etc/passwd", "/.%2E/etc", "/show/%2fetc",
        "/show/..%2f..%2fetc", "/show/%5c..%5cetc", "/show/..\\etc", "/show/%00", "/show/a%00.png",
        "/%252e%252e/etc", "/%25252e%25252e/etc", "/show/%c0%ae%c0%ae/etc", "/show/%zz", "/show/%",
        "/show/%0d%0aX: y", "/show#a", "show", "ftp://files.example.org/show"}) {
    EXPECT_EQ(final_status(served, http_request("GET", path)), 400U) << path;
  }
  EXPECT_EQ(served.ask(http_request("GET", "http://files.example.org/show/a")).body,
            "GET|show|a 127.0.0.1 http -\n");
}

TEST(RequestReader, ReadsChunkedBodiesHoweverTheyAreCut) {
  const ServedHttp served;
  const std::string body = "0123456789abcdefghij";
  for (const std::size_t chunk : {1U, 3U, 20U}) {
    const std::string request = http_request("PUT", "/echo", kChunked, chunked(body, chunk));
    EXPECT_EQ(served.ask(request).body, body);
    HttpClient slow = served.connect();
    for (const char c : request) slow.send(std::string_view(&c, 1));
    EXPECT_EQ(slow.read().body, body);
    EXPECT_EQ(slow.ask(request).body, body);
  }
}

TEST(RequestReader, ReadsLargeChunksWithExtensionsAndTrailers) {
  const ServedHttp served;
  const std::string body(1024 * 1024, 'x');
  const std::string request = http_request("PUT", "/echo", kChunked, chunked(body, 300000));
  HttpClient client = served.connect();
  EXPECT_EQ(client.ask(request).body, body);
  EXPECT_EQ(client
                .ask(http_request("PUT", "/echo", kChunked,
                                  "3;a=\"b\"\r\nabc\r\n0\r\nX-Trailer: a\r\n\r\n"))
                .body,
            "abc");
  EXPECT_EQ(client.ask(http_request("GET", "/show")).status, 200U);
}

TEST(RequestReader, EndsTheConnectionAfterChunksThatAreNone) {
  const ServedHttp served;
  for (const std::string_view chunks :
       {"zz\r\nabc\r\n", "3\r\nabcd\r\n0\r\n\r\n", "-1\r\n\r\n", "ffffffffffffffffff\r\n"}) {
    EXPECT_EQ(final_status(served, http_request("PUT", "/echo", kChunked, chunks)), 400U) << chunks;
  }
}

TEST(RequestReader, KnowsWhenABodyWasCutOff) {
  const ServedHttp served;
  HttpClient client = served.connect();
  client.send(http_request("PUT", "/echo", length_line(10), "12345"));
  client.shutdown_send();
  EXPECT_EQ(client.read().status, 400U);
  EXPECT_TRUE(client.is_ended());
}

// HUP-25
TEST(RequestReader, AsksForABodyThatWaitsForThat) {
  const ServedHttp served;
  HttpClient client = served.connect();
  const std::string fields = "Expect: 100-Continue\r\n" + length_line(5);
  EXPECT_EQ(client.ask(http_request("PUT", "/echo", fields)).status, 100U);
  EXPECT_EQ(client.ask("hello").body, "hello");
  EXPECT_EQ(client.ask(http_request("GET", "/show")).status, 200U);
}

// HUP-25
TEST(RequestReader, DoesNotAskForABodyThatIsRefused) {
  const ServedHttp served;
  const std::string fields = "Expect: 100-continue\r\n" + length_line(5);
  EXPECT_EQ(final_status(served, http_request("PUT", "/ignore", fields)), 403U);
}

// HUP-25
TEST(RequestReader, DropsALittleOfWhatIsRefusedAndGoesOn) {
  const ServedHttp served;
  HttpClient client = served.connect();
  const std::string body(1000, 'x');
  const std::string show = http_request("GET", "/show");
  EXPECT_EQ(client.ask(http_request("PUT", "/ignore", length_line(1000), body)).status, 403U);
  EXPECT_EQ(client.ask(show).status, 200U);
  EXPECT_EQ(client.ask(http_request("PUT", "/ignore", kChunked, chunked(body, 7))).status, 403U);
  EXPECT_EQ(client.ask(show).status, 200U);
  EXPECT_EQ(final_status(served, http_request("PUT", "/ignore", length_line(1 << 20), body)), 403U);
}

}  // namespace
}  // namespace bellhop::http::test
