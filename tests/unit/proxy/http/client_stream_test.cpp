// Bytes to and from a client, plain and over TLS.
#include <gtest/gtest.h>

#include "tests/support/certificate.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"
#include "tests/unit/proxy/http/served_http.hpp"

namespace bellhop::http::test {
namespace {

using bellhop::test::eventually;

const std::string kFile = http_request("GET", "/file");

// More than the sockets of both sides hold.
std::string refused_upload() {
  constexpr std::size_t kBytes = 24 << 20;
  return http_request("PUT", "/ignore", length_line(2 * kBytes), std::string(kBytes, 'x'));
}

class ClientStreamOverTls : public ::testing::Test {
 protected:
  ClientStreamOverTls() {
    ServerChoice choice;
    choice.certificate = folder_.file("certificate.pem");
    choice.key = folder_.file("key.pem");
    bellhop::test::write_identity(choice.certificate, choice.key, "files.example.org");
    served_ = std::make_unique<ServedHttp>(choice);
  }

  store::TemporaryFolder folder_;
  std::unique_ptr<ServedHttp> served_;
};

TEST(ClientStream, SendsAFileWhole) {
  const ServedHttp served;
  HttpClient client = served.connect();
  const HttpAnswer answer = client.ask(kFile);
  EXPECT_TRUE(answer.body == file_content());
  EXPECT_EQ(client.ask(http_request("GET", "/show")).status, 200U);
}

TEST(ClientStream, WaitsForAClientThatReadsLate) {
  const ServedHttp served;
  HttpClient late = served.connect();
  late.send(kFile + kFile);
  EXPECT_TRUE(served.ask(kFile).body == file_content());  // others do not wait for it
  EXPECT_TRUE(late.read().body == file_content());
  EXPECT_TRUE(late.read().body == file_content());
}

TEST(ClientStream, NoticesThatTheClientHasGone) {
  const ServedHttp served;
  for (int i = 0; i < 5; ++i) {
    HttpClient client = served.connect();
    client.send(kFile + kFile);
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return served.counts().accepted == 5U; }));
  EXPECT_TRUE(eventually([&] { return served.counts().open == 0U; }));
  EXPECT_EQ(served.ask(http_request("GET", "/show")).status, 200U);
}

TEST(ClientStream, LetsTheLastAnswerBeReadWhileTheClientStillSends) {
  const ServedHttp served;
  HttpClient client = served.connect();
  client.send(refused_upload());
  EXPECT_EQ(client.read().status, 403U);
  client.shutdown_send();
  EXPECT_TRUE(client.is_ended());
}

TEST(ClientStream, TakesBodiesLargerThanItsBuffers) {
  const ServedHttp served;
  const std::string body = file_content();
  EXPECT_TRUE(served.ask(http_request("PUT", "/echo", length_line(body.size()), body)).body ==
              body);
}

TEST_F(ClientStreamOverTls, SendsAFileAndTakesBodies) {
  HttpClient client(served_->tls_port());
  ASSERT_TRUE(client.start_tls());
  EXPECT_TRUE(client.ask(kFile).body == file_content());
  const std::string body(500000, 'x');
  EXPECT_TRUE(client.ask(http_request("PUT", "/echo", length_line(body.size()), body)).body ==
              body);
  EXPECT_EQ(client.ask(http_request("GET", "/show", "Connection: close\r\n")).status, 200U);
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ClientStreamOverTls, LetsTheLastAnswerBeReadWhileTheClientStillSends) {
  HttpClient client(served_->tls_port());
  ASSERT_TRUE(client.start_tls());
  client.send(refused_upload());
  EXPECT_EQ(client.read().status, 403U);
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ClientStreamOverTls, OutlivesClientsThatVanish) {
  for (int i = 0; i < 3; ++i) {
    HttpClient client(served_->tls_port());
    ASSERT_TRUE(client.start_tls());
    client.send(kFile);
    client.reset();
  }
  HttpClient half(served_->tls_port());
  half.send("\x16\x03\x01\x02");
  half.reset();
  EXPECT_TRUE(eventually([&] { return served_->counts().open == 0U; }));
  HttpClient client(served_->tls_port());
  EXPECT_TRUE(client.start_tls());
}

}  // namespace
}  // namespace bellhop::http::test
