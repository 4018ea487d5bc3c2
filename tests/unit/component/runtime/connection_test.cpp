// Outgoing connections, plain and over TLS, against a small server with a certificate of its own.
#include "component/runtime/connection.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>

#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::runtime {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;

// A key and a self-signed certificate for one name, and a PEM file that makes it trusted.
class Identity {
 public:
  explicit Identity(const std::string& name)
      : key_(::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")), certificate_(::X509_new()) {
    X509* certificate = certificate_.get();
    ::X509_set_version(certificate, 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate), 1);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate), -3600);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate), 3600);
    ::X509_set_pubkey(certificate, key_.get());
    X509_NAME* subject = ::X509_get_subject_name(certificate);
    const auto* text = reinterpret_cast<const unsigned char*>("test");
    ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0);
    ::X509_set_issuer_name(certificate, subject);
    X509_EXTENSION* alternative =
        ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + name).c_str());
    ::X509_add_ext(certificate, alternative, -1);
    ::X509_EXTENSION_free(alternative);
    EXPECT_GT(::X509_sign(certificate, key_.get(), ::EVP_sha256()), 0);
  }

  void use_in(asio::ssl::context& context) const {
    EXPECT_EQ(::SSL_CTX_use_certificate(context.native_handle(), certificate_.get()), 1);
    EXPECT_EQ(::SSL_CTX_use_PrivateKey(context.native_handle(), key_.get()), 1);
  }
  void write_certificate(const std::filesystem::path& path) const {
    FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(::PEM_write_X509(file, certificate_.get()), 1);
    std::fclose(file);
  }

 private:
  Key key_;
  Certificate certificate_;
};

using ServerStream = asio::ssl::stream<TcpSocket>;

// Takes one TLS connection, notes the name it was asked for, and sends back what it reads.
Task<> echo_tls(TcpAcceptor& acceptor, asio::ssl::context& context, std::string& asked_for) {
  auto [accept_error, socket] = co_await acceptor.async_accept(kTuple);
  if (accept_error) co_return;
  ServerStream stream(std::move(socket), context);
  auto [tls_error] = co_await stream.async_handshake(asio::ssl::stream_base::server, kTuple);
  if (const char* name = ::SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name)) {
    asked_for = name;
  }
  if (tls_error) co_return;
  std::array<char, 256> buffer;
  auto [read_error, n] = co_await stream.async_read_some(asio::buffer(buffer), kTuple);
  if (read_error) co_return;
  co_await asio::async_write(stream, asio::buffer(buffer.data(), n), kTuple);
}

Task<> echo_plain(TcpAcceptor& acceptor) {
  auto [accept_error, socket] = co_await acceptor.async_accept(kTuple);
  if (accept_error) co_return;
  std::array<char, 256> buffer;
  auto [read_error, n] = co_await socket.async_read_some(asio::buffer(buffer), kTuple);
  co_await asio::async_write(socket, asio::buffer(buffer.data(), n), kTuple);
}

Task<> note_read(Connection& connection, error_code& result) {
  std::array<char, 16> buffer;
  const auto [ec, n] = co_await connection.read_some(asio::buffer(buffer));
  result = ec;
}

class ConnectionTest : public ::testing::Test {
 protected:
  static constexpr const char* kName = "xmpp.example.org";

  ConnectionTest()
      : acceptor_(context_.get_executor(), Tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    std::string pattern = ::testing::TempDir() + "bellhop_tls_XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    server_.use_in(server_context_);
    server_.write_certificate(folder_ / "server.pem");
    Identity("xmpp.example.org").write_certificate(folder_ / "other.pem");
  }
  ~ConnectionTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] TlsOptions tls(std::string name, const char* ca_file = "server.pem") const {
    return TlsOptions{std::move(name), ca_file[0] == '\0' ? "" : (folder_ / ca_file).string()};
  }

  // What connecting to the TLS server ends with.
  error_code connect_tls(const TlsOptions& options) {
    const auto serving = test::start(context_, echo_tls(acceptor_, server_context_, asked_for_));
    Connection connection(context_.get_executor(), options);
    const error_code ec = test::run(context_, connection.connect("127.0.0.1", port()));
    if (!ec) expect_echo(connection);
    connection.close();
    EXPECT_TRUE(test::run_until(context_, [&] { return serving->is_done; }));
    return ec;
  }
  void expect_echo(Connection& connection) {
    std::array<char, 16> buffer{};
    EXPECT_FALSE(test::run(context_, connection.write_all("hello")));
    const auto [ec, n] = test::run(context_, connection.read_some(asio::buffer(buffer)));
    EXPECT_FALSE(ec) << ec.message();
    EXPECT_EQ(std::string_view(buffer.data(), n), "hello");
  }

  asio::io_context context_{1};
  Identity server_{kName};
  asio::ssl::context server_context_{asio::ssl::context::tls_server};
  TcpAcceptor acceptor_;
  std::filesystem::path folder_;
  std::string asked_for_;
};

// TLS-01: the name is sent and the certificate is checked against it.
TEST_F(ConnectionTest, CarriesBytesOverTlsToTheServerOfThatName) {
  const error_code ec = connect_tls(tls(kName));
  EXPECT_FALSE(ec) << ec.message();
  EXPECT_EQ(asked_for_, kName);
}

// TLS-01
TEST_F(ConnectionTest, RefusesATrustedServerOfAnotherName) {
  const error_code ec = connect_tls(tls("other.example.org"));
  EXPECT_TRUE(ec);
  EXPECT_NE(ec.message().find("certificate verify failed"), std::string::npos) << ec.message();
}

// TLS-01: the right name alone proves nothing.
TEST_F(ConnectionTest, RefusesACertificateThatNobodyTrusts) {
  EXPECT_TRUE(connect_tls(tls(kName, "other.pem")));
  EXPECT_TRUE(connect_tls(tls(kName, "")));
}

TEST_F(ConnectionTest, CannotBeMadeWithoutItsCaFile) {
  EXPECT_THROW(Connection(context_.get_executor(), tls(kName, "missing.pem")),
               boost::system::system_error);
}

TEST_F(ConnectionTest, CarriesBytesWithoutTls) {
  const auto serving = test::start(context_, echo_plain(acceptor_));
  Connection connection(context_.get_executor(), std::nullopt);
  const error_code ec = test::run(context_, connection.connect("localhost", port()));
  EXPECT_FALSE(ec) << ec.message();
  expect_echo(connection);
  EXPECT_TRUE(test::run_until(context_, [&] { return serving->is_done; }));
  std::array<char, 16> buffer;
  const auto ended = test::run(context_, connection.read_some(asio::buffer(buffer)));
  EXPECT_EQ(std::get<0>(ended), asio::error::eof);
}

TEST_F(ConnectionTest, TellsWhenNobodyListens) {
  const std::uint16_t free_port = port();
  acceptor_.close();
  Connection connection(context_.get_executor(), std::nullopt);
  EXPECT_EQ(test::run(context_, connection.connect("127.0.0.1", free_port)),
            asio::error::connection_refused);
}

TEST_F(ConnectionTest, EndsAReadWhenItIsClosed) {
  Connection connection(context_.get_executor(), std::nullopt);
  EXPECT_FALSE(test::run(context_, connection.connect("127.0.0.1", port())));
  error_code ended;
  const auto reading = test::start(context_, note_read(connection, ended));
  context_.restart();
  context_.poll();
  EXPECT_FALSE(reading->is_done);
  connection.close();
  EXPECT_TRUE(test::run_until(context_, [&] { return reading->is_done; }));
  EXPECT_EQ(ended, asio::error::operation_aborted);
  connection.close();
  EXPECT_TRUE(test::run(context_, connection.write_all("x")));
}

}  // namespace
}  // namespace bellhop::runtime
