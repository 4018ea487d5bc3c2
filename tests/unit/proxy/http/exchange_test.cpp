// What stands in every answer.
#include <gtest/gtest.h>

#include "tests/unit/proxy/http/served_http.hpp"

namespace bellhop::http::test {
namespace {

// RFC 9110 §6.6.1
TEST(Exchange, PutsTheDateIntoEveryAnswer) {
  const ServedHttp served;
  for (const std::string_view path : {"/show", "/nothing", "/file"}) {
    const HttpAnswer answer = served.ask(http_request("GET", path));
    EXPECT_EQ(answer.field("Date").size(),
              std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size());
    EXPECT_TRUE(answer.field("Date").ends_with(" GMT"));
  }
}

TEST(Exchange, AnswersHeadLikeGetWithoutItsBody) {
  const ServedHttp served;
  HttpClient client = served.connect();
  for (const std::string_view path : {"/nothing", "/ignore"}) {
    const HttpAnswer whole = client.ask(http_request("GET", path));
    const HttpAnswer head = client.ask(http_request("HEAD", path));
    EXPECT_EQ(head.status, whole.status);
    EXPECT_EQ(head.fields_but({"date"}), whole.fields_but({"date"}));
    EXPECT_EQ(head.field("Content-Length"), std::to_string(whole.body.size()));
  }
}

TEST(Exchange, SaysWhenTheConnectionEnds) {
  const ServedHttp served;
  EXPECT_FALSE(served.ask(http_request("GET", "/show")).has("Connection"));
  const std::string close = "Connection: close\r\n";
  EXPECT_EQ(served.ask(http_request("GET", "/show", close)).field("Connection"), "close");
  // A body that is not read stands in the way of the next request.
  HttpClient client = served.connect();
  EXPECT_EQ(client.ask(http_request("GET", "/file", length_line(5))).field("Connection"), "close");
  client.send("12345");
  EXPECT_TRUE(client.is_ended());
}

// RFC 9112 §9.3
TEST(Exchange, TellsOldClientsThatTheConnectionGoesOn) {
  const ServedHttp served;
  HttpClient client = served.connect();
  const std::string request = "GET /show HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_EQ(client.ask(request).field("Connection"), "keep-alive");
  EXPECT_EQ(client.ask(request).status, 200U);
}

TEST(Exchange, AnswersInTextThatBrowsersTakeForNothingElse) {
  const ServedHttp served;
  const HttpAnswer answer = served.ask(http_request("GET", "/ignore"));
  EXPECT_EQ(answer.field("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.body, "No.\n");
}

}  // namespace
}  // namespace bellhop::http::test
