#include "component/runtime/listener.hpp"

#include <sys/socket.h>

#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <stdexcept>

#include "component/runtime/periodic.hpp"

namespace bellhop::runtime {
namespace {

// Long enough for descriptors to come back, short enough to go unnoticed.
constexpr auto kAcceptBackOff = std::chrono::milliseconds(100);
// A flood of connections must not keep the shard from its other work.
constexpr int kAcceptsPerTurn = 64;

}  // namespace

Listener::Listener(Executor executor, base::Log& log, const config::HostPort& address)
    : log_(log), acceptor_(executor) {
  const std::string where =
      (address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]") +
      ":" + std::to_string(address.port);
  try {
    const Tcp::endpoint endpoint(asio::ip::make_address(address.host), address.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(TcpAcceptor::reuse_address(true));
    acceptor_.set_option(Tcp::no_delay(true));  // accepted sockets inherit it (tcp(7))
    // Both families may be listed with the same port, so neither takes the other's connections.
    if (endpoint.address().is_v6()) acceptor_.set_option(boost::asio::ip::v6_only(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    acceptor_.native_non_blocking(true);
    bound_ = to_endpoint(acceptor_.local_endpoint());
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error("cannot listen on " + where + ": " + error.code().message());
  }
}

Task<> Listener::accept_all(OnAccept on_accept) {
  for (;;) {
    const auto [failed] = co_await acceptor_.async_wait(TcpAcceptor::wait_read, kTuple);
    if (failed || !acceptor_.is_open()) co_return;
    const error_code ec = accept_waiting(on_accept);
    if (!ec) continue;
    log_.write_limited(base::Severity::error, "accept_failed", {{"what", ec.message()}});
    const bool may_go_on = co_await sleep_for(acceptor_.get_executor(), kAcceptBackOff);
    if (!may_go_on) co_return;
  }
}

// accept4(2) and not Asio's: the descriptor comes non-blocking and in nobody's reactor.
error_code Listener::accept_waiting(const OnAccept& on_accept) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    Tcp::endpoint peer;
    auto length = static_cast<socklen_t>(peer.capacity());
    const int fd =
        ::accept4(acceptor_.native_handle(), peer.data(), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      peer.resize(length);
      on_accept(base::UniqueFd(fd), to_endpoint(peer));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {};
    if (errno == ECONNABORTED || errno == EINTR) continue;  // that client left in the queue
    return {errno, boost::system::system_category()};
  }
  return {};  // the wait that follows reports those who still wait
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
}

base::IpEndpoint to_endpoint(const Tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v4()) {
    return {base::IpAddress::from_v4(address.to_v4().to_uint()), endpoint.port()};
  }
  return {base::IpAddress::from_v6(address.to_v6().to_bytes()), endpoint.port()};
}

}  // namespace bellhop::runtime
