#include "proxy/http/client_stream.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/write.hpp>
#include <cerrno>

namespace bellhop::http {
namespace {

using runtime::Task;
namespace asio = boost::asio;

constexpr std::size_t kTlsBufferBytes = 64 * 1024;
// A reverse proxy that cannot send on makes 502 of an answer that it has not read yet. It takes
// some MiB from its client in one go; what is more the deadline of a connection that ends bounds as
// well.
constexpr std::size_t kLingerBytesMax = 64 * 1024 * 1024;

bool must_wait(ssize_t n) {
  return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

ClientStream::ClientStream(runtime::TcpSocket socket, asio::ssl::context* tls)
    : socket_(std::move(socket)) {
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  if (tls != nullptr) tls_ = std::make_unique<TlsStream>(socket_, *tls);
}

Task<bool> ClientStream::handshake() {
  if (!tls_) co_return true;
  const auto [ec] = co_await tls_->async_handshake(asio::ssl::stream_base::server, runtime::kTuple);
  co_return !ec;
}

Task<std::size_t> ClientStream::read_some(std::span<char> buffer) {
  const asio::mutable_buffer into(buffer.data(), buffer.size());
  if (tls_) {
    const auto [ec, n] = co_await tls_->async_read_some(into, runtime::kTuple);
    co_return ec ? 0 : n;
  }
  const auto [ec, n] = co_await socket_.async_read_some(into, runtime::kTuple);
  co_return ec ? 0 : n;
}

Task<std::span<const char>> ClientStream::read_bulk(std::span<char> shared, std::size_t bytes_max) {
  if (tls_) {
    if (buffer_.empty()) buffer_.resize(kTlsBufferBytes);
    const std::span<char> own = std::span(buffer_).first(std::min(buffer_.size(), bytes_max));
    const std::size_t n = co_await read_some(own);
    co_return std::span<const char>(own.first(n));
  }
  co_return co_await receive(shared.first(std::min(shared.size(), bytes_max)));
}

// As they come from the network, whether TLS is spoken or not.
Task<std::span<const char>> ClientStream::receive(std::span<char> into) {
  for (;;) {
    const ssize_t n = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (n >= 0) co_return std::span<const char>(into.first(static_cast<std::size_t>(n)));
    if (errno == EINTR) continue;
    if (!must_wait(n)) co_return std::span<const char>();
    const auto [ec] = co_await socket_.async_wait(runtime::TcpSocket::wait_read, runtime::kTuple);
    if (ec) co_return std::span<const char>();
  }
}

Task<bool> ClientStream::write(std::string_view bytes, bool is_more_to_come) {
  if (tls_) {
    const auto [ec, n] = co_await asio::async_write(*tls_, asio::buffer(bytes.data(), bytes.size()),
                                                    runtime::kTuple);
    co_return !ec;
  }
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (is_more_to_come ? MSG_MORE : 0);
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), flags);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (!must_wait(n)) co_return false;
    const auto [ec] = co_await socket_.async_wait(runtime::TcpSocket::wait_write, runtime::kTuple);
    if (ec) co_return false;
  }
  co_return true;
}

Task<std::size_t> ClientStream::send_file(int fd, std::uint64_t offset, std::size_t count) {
  if (tls_) {
    if (buffer_.empty()) buffer_.resize(kTlsBufferBytes);
    const ssize_t n =
        ::pread(fd, buffer_.data(), std::min(buffer_.size(), count), static_cast<off_t>(offset));
    if (n <= 0) co_return 0;
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(n));
    const bool is_sent = co_await write(bytes);
    co_return is_sent ? bytes.size() : 0;
  }
  for (;;) {
    auto at = static_cast<off_t>(offset);
    const ssize_t n = ::sendfile(socket_.native_handle(), fd, &at, count);
    if (n >= 0) co_return static_cast<std::size_t>(n);
    if (errno == EINTR) continue;
    if (!must_wait(n)) co_return 0;
    const auto [ec] = co_await socket_.async_wait(runtime::TcpSocket::wait_write, runtime::kTuple);
    if (ec) co_return 0;
  }
}

Task<> ClientStream::linger(std::span<char> shared) {
  // Ends as soon as the client sends anything but its own end: that is not deciphered any more.
  if (tls_) (void)co_await tls_->async_shutdown(runtime::kTuple);
  boost::system::error_code ignored;
  socket_.shutdown(runtime::TcpSocket::shutdown_send, ignored);
  std::size_t taken = 0;
  while (taken < kLingerBytesMax) {
    const auto piece = co_await receive(shared);
    if (piece.empty()) co_return;
    taken += piece.size();
  }
}

void ClientStream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace bellhop::http
