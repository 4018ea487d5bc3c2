// doctor's client of web servers against a peer that says what the test tells it to.
#include "api/admin/web_client.hpp"

#include <gtest/gtest.h>

#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::admin {
namespace {

using namespace std::chrono_literals;
using base::Deadline;
using runtime::test::Peer;
using runtime::test::run_until;

class WebClientTest : public ::testing::Test {
 protected:
  WebClientTest() { runtime::test::ignore_broken_pipes(); }

  [[nodiscard]] std::string url(std::string_view target) const {
    return "http://127.0.0.1:" + std::to_string(listener_.port) + std::string(target);
  }
  void start(WebRequest request, base::Duration patience = 1h) {
    auto body = [](WebClientTest& test, runtime::Task<WebAnswer> task) -> runtime::Task<> {
      test.answer_ = co_await std::move(task);
    };
    answer_ = {.trouble = "still running"};
    auto task = ask_web(std::move(request), Deadline::after(patience));
    ending_ = runtime::test::start(context_, body(*this, std::move(task)));
  }
  void get(std::string_view target = "/") { start({.method = "GET", .url = url(target)}); }
  // The other end of the connection, once the client has made it.
  Peer accept() {
    base::UniqueFd fd;
    EXPECT_TRUE(run_until(context_, [&] {
      fd = base::UniqueFd(::accept4(listener_.fd.value(), nullptr, nullptr, SOCK_CLOEXEC));
      return fd.value() >= 0;
    }));
    return Peer(std::move(fd));
  }
  // The head of the request, with the empty line.
  std::string head_of(Peer& peer) {
    std::string head;
    EXPECT_TRUE(run_until(context_, [&] {
      head += peer.receive_some(1);
      return head.ends_with("\r\n\r\n");
    }));
    return head;
  }
  WebAnswer finish() {
    EXPECT_TRUE(run_until(context_, [&] { return ending_->is_done; }));
    EXPECT_FALSE(ending_->error);
    return answer_;
  }
  // What the client makes of a whole answer.
  WebAnswer answered(std::string_view bytes) {
    get();
    Peer peer = accept();
    (void)head_of(peer);
    peer.send(context_, bytes);
    peer.close();
    return finish();
  }
  void expect_trouble(const WebAnswer& answer, std::string_view what) {
    EXPECT_EQ(answer.trouble, what);
    EXPECT_EQ(answer.status, 0U);
    EXPECT_EQ(answer.body, "");
  }

  boost::asio::io_context context_{1};
  runtime::test::Listening listener_ = runtime::test::listening(SOCK_NONBLOCK);
  std::shared_ptr<runtime::test::Ending> ending_;
  WebAnswer answer_;
};

TEST_F(WebClientTest, SendsOneRequestAndTakesItsAnswer) {
  get("/f/a%20b?x=1");
  Peer peer = accept();
  EXPECT_EQ(head_of(peer), "GET /f/a%20b?x=1 HTTP/1.1\r\nHost: 127.0.0.1:" +
                               std::to_string(listener_.port) + "\r\nConnection: close\r\n\r\n");
  peer.send(context_, "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello");
  const WebAnswer answer = finish();  // though the connection stays open
  EXPECT_EQ(answer.trouble, "");
  EXPECT_EQ(answer.status, 404U);
  EXPECT_EQ(answer.body, "hello");
}

TEST_F(WebClientTest, SendsFieldsAndBody) {
  const std::string body(200'000, 'b');
  start({.method = "PUT",
         .url = url("/f/x"),
         .fields = {{"Authorization", "Bearer t"}, {"Content-Type", "text/plain"}},
         .body = body});
  Peer peer = accept();
  const std::string head = head_of(peer);
  EXPECT_TRUE(head.starts_with("PUT /f/x HTTP/1.1\r\n")) << head;
  EXPECT_NE(head.find("\r\nAuthorization: Bearer t\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nContent-Type: text/plain\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nContent-Length: 200000\r\n"), std::string::npos);
  EXPECT_TRUE(peer.receive(context_, body.size()) == body);
  peer.send(context_, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(finish().status, 201U);
}

TEST_F(WebClientTest, ExpectsNoBodyForHead) {
  start({.method = "HEAD", .url = url("/f/x")});
  Peer peer = accept();
  EXPECT_TRUE(head_of(peer).starts_with("HEAD /f/x HTTP/1.1\r\n"));
  peer.send(context_, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
  const WebAnswer answer = finish();
  EXPECT_EQ(answer.trouble, "");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, "");
}

TEST_F(WebClientTest, TakesTheRootOfAUrlWithoutPath) {
  get("");
  Peer peer = accept();
  EXPECT_TRUE(head_of(peer).starts_with("GET / HTTP/1.1\r\n"));
  peer.send(context_, "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(finish().status, 204U);
}

TEST_F(WebClientTest, TakesAnAnswerInPieces) {
  get();
  Peer peer = accept();
  (void)head_of(peer);
  for (const char byte : std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")) {
    peer.send(context_, {&byte, 1});
    context_.restart();
    context_.poll();
  }
  const WebAnswer answer = finish();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, "hello");
}

TEST_F(WebClientTest, TakesChunkedBodies) {
  const std::string_view chunks = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n";
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(answered(head + std::string(chunks)).body, "hello world");
  get();
  Peer peer = accept();
  (void)head_of(peer);
  for (const char byte : head + std::string(chunks)) {
    peer.send(context_, {&byte, 1});
    context_.restart();
    context_.poll();
  }
  EXPECT_EQ(finish().body, "hello world");
  EXPECT_NE(answered(head + "5\r\nhel").trouble, "");
  EXPECT_NE(answered(head + "5\r\nhello\r\nxyz\r\n").trouble, "");
}

TEST_F(WebClientTest, TakesABodyThatEndsWithTheConnection) {
  const WebAnswer answer = answered("HTTP/1.0 200 OK\r\n\r\nhello");
  EXPECT_EQ(answer.trouble, "");
  EXPECT_EQ(answer.body, "hello");
}

TEST_F(WebClientTest, TakesAnAnswerThatComesBeforeTheRequestIsRead) {
  start({.method = "PUT", .url = url("/f/x"), .body = std::string(64, 'b')});
  Peer peer = accept();
  peer.send(context_, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(finish().status, 413U);
}

TEST_F(WebClientTest, TellsThatNobodyListens) {
  listener_.fd.reset();
  get();
  expect_trouble(finish(), "Connection refused");
}

TEST_F(WebClientTest, TellsThatAServerHasHungUp) {
  for (const char* bytes :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"}) {
    expect_trouble(answered(bytes), "End of file");
  }
}

TEST_F(WebClientTest, TellsThatAServerSpeaksNoHttp) {
  for (const char* bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n", "220 mail.example.org ESMTP\r\n", "\r\n\r\n\r\n\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"}) {
    SCOPED_TRACE(bytes);
    expect_trouble(answered(bytes), "no HTTP came back");
  }
}

TEST_F(WebClientTest, BoundsWhatItTakes) {
  const std::string right(kWebAnswerMax, 'a');
  const std::string length = "HTTP/1.1 200 OK\r\nContent-Length: ";
  get();
  {
    Peer peer = accept();
    (void)head_of(peer);
    peer.send(context_, length + std::to_string(right.size()) + "\r\n\r\n" + right);
    EXPECT_TRUE(finish().body == right);
  }
  expect_trouble(answered(length + std::to_string(right.size() + 1) + "\r\n\r\n"),
                 "more came back than is taken");
  get();
  Peer peer = accept();
  (void)head_of(peer);
  peer.send(context_, "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_TRUE(run_until(context_, [&] {
    (void)peer.send_some(right);
    return ending_->is_done;
  }));
  expect_trouble(finish(), "more came back than is taken");
}

// A head without end is no answer, however long it goes on.
TEST_F(WebClientTest, BoundsHeads) {
  get();
  Peer peer = accept();
  (void)head_of(peer);
  peer.send(context_, "HTTP/1.1 200 OK\r\n");
  EXPECT_TRUE(run_until(context_, [&] {
    (void)peer.send_some("X-Field: some value that goes on and on\r\n");
    return ending_->is_done;
  }));
  EXPECT_NE(finish().trouble, "");
}

TEST_F(WebClientTest, WaitsForASilentServerUntilItsDeadline) {
  start({.method = "GET", .url = url("/")}, 1ms);  // the kernel takes the connection
  expect_trouble(finish(), "no answer came in time");
}

TEST_F(WebClientTest, WaitsForTheRestOfAnAnswerUntilItsDeadline) {
  start({.method = "GET", .url = url("/")}, 500ms);
  Peer peer = accept();
  peer.send(context_, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
  expect_trouble(finish(), "no answer came in time");
}

TEST_F(WebClientTest, TellsThatAServerHasNoTls) {
  start({.method = "GET", .url = "https://127.0.0.1:" + std::to_string(listener_.port) + "/"});
  Peer peer = accept();
  EXPECT_EQ(peer.receive(context_, 1), "\x16") << "a TLS handshake";
  peer.send(context_, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  const WebAnswer answer = finish();
  EXPECT_NE(answer.trouble, "");
  EXPECT_EQ(answer.status, 0U);
}

TEST_F(WebClientTest, RefusesWhatIsNoAddressOfAWebServer) {
  for (const char* wrong :
       {"", "/", "/f/x", "*", "http://", "http:///x", "files.example.org/x", "ftp://127.0.0.1/x",
        "aesgcm://127.0.0.1/x", "http://user@127.0.0.1/x", "http://127.0.0.1:99999/x",
        "http://127.0.0.1/a b", "http://127.0.0.1/x\r\nHost: evil.example", "http://127.0.0.1/x#y",
        "http://127.0.0.1\r\nX: y/x"}) {
    start({.method = "GET", .url = wrong});
    expect_trouble(finish(), "it is no address of a web server");
  }
}

// A query may follow the host at once (RFC 3986 §3.3: an empty path).
TEST_F(WebClientTest, KeepsAQueryOutOfHost) {
  get("?next=/x");
  Peer peer = accept();
  const std::string head = head_of(peer);
  EXPECT_TRUE(head.starts_with(
      "GET /?next=/x HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(listener_.port) + "\r\n"))
      << head;
  peer.close();
  (void)finish();
}

}  // namespace
}  // namespace bellhop::admin
