#include "component/runtime/connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

namespace bellhop::runtime {

namespace {

asio::ssl::context make_context(const std::optional<TlsOptions>& tls) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  if (!tls) return context;
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
  if (tls->ca_file.empty()) {
    context.set_default_verify_paths();
  } else {
    context.load_verify_file(tls->ca_file);
  }
  return context;
}

}  // namespace

Connection::Connection(Executor executor, const std::optional<TlsOptions>& tls)
    : options_(tls), context_(make_context(tls)), stream_(executor, context_) {
  if (!tls) return;
  stream_.set_verify_mode(asio::ssl::verify_peer);
  stream_.set_verify_callback(asio::ssl::host_name_verification(tls->name));
}

Task<error_code> Connection::connect(std::string host, std::uint16_t port) {
  asio::ip::basic_resolver<Tcp, Executor> resolver(stream_.get_executor());
  auto [resolve_error, endpoints] =
      co_await resolver.async_resolve(host, std::to_string(port), kTuple);
  if (resolve_error) co_return resolve_error;
  auto [connect_error, endpoint] = co_await asio::async_connect(socket(), endpoints, kTuple);
  if (connect_error) co_return connect_error;
  error_code ignored;  // only a matter of latency
  socket().set_option(Tcp::no_delay(true), ignored);
  if (!options_) co_return error_code{};
  // SSL_set_tlsext_host_name() is a macro with a C cast; this is what it calls.
  std::string sni = options_->name;
  if (SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               sni.data()) != 1) {
    co_return error_code(asio::error::invalid_argument);
  }
  auto [tls_error] = co_await stream_.async_handshake(asio::ssl::stream_base::client, kTuple);
  co_return tls_error;
}

Task<std::tuple<error_code, std::size_t>> Connection::read_some(asio::mutable_buffer buffer) {
  if (options_) co_return co_await stream_.async_read_some(buffer, kTuple);
  co_return co_await socket().async_read_some(buffer, kTuple);
}

Task<error_code> Connection::write_all(std::string_view bytes) {
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  if (options_) {
    auto [ec, n] = co_await asio::async_write(stream_, buffer, kTuple);
    co_return ec;
  }
  auto [ec, n] = co_await asio::async_write(socket(), buffer, kTuple);
  co_return ec;
}

void Connection::close() {
  error_code ignored;
  socket().close(ignored);
}

TcpSocket& Connection::socket() {
  return stream_.next_layer();
}

}  // namespace bellhop::runtime
