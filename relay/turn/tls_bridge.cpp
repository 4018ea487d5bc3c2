#include "relay/turn/tls_bridge.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

#include "component/base/clock.hpp"

namespace bellhop::turn {
namespace {

namespace asio = boost::asio;
using runtime::error_code;
using runtime::Task;

}  // namespace

TlsBridge::TlsBridge(TlsStream& tls, base::UniqueFd relay)
    : tls_(tls), relay_(tls.next_layer().get_executor(), {}, relay.release()) {}

Task<> TlsBridge::run(std::vector<std::uint8_t> early) {
  using namespace asio::experimental::awaitable_operators;
  co_await (to_relay(std::move(early)) && to_client());
  close();
}

void TlsBridge::close() {
  error_code ignored;
  relay_.close(ignored);
  tls_.next_layer().close(ignored);
}

Task<> TlsBridge::to_relay(std::vector<std::uint8_t> early) {
  error_code failed;
  if (!early.empty()) {
    const auto [ec, sent] =
        co_await asio::async_write(relay_, asio::buffer(early), runtime::kTuple);
    failed = ec;
  }
  while (!failed) {
    const auto [ec, count] =
        co_await tls_.async_read_some(asio::buffer(from_client_), runtime::kTuple);
    if (ec) break;
    const auto [full, sent] = co_await asio::async_write(
        relay_, asio::buffer(from_client_.data(), count), runtime::kTuple);
    failed = full;
  }
  error_code ignored;
  if (failed) {
    close();
  } else {
    relay_.shutdown(Socket::shutdown_send, ignored);
  }
}

Task<> TlsBridge::to_client() {
  for (;;) {
    const auto [ended, count] =
        co_await relay_.async_read_some(asio::buffer(from_relay_), runtime::kTuple);
    if (ended) break;
    const auto [ec, sent] =
        co_await asio::async_write(tls_, asio::buffer(from_relay_.data(), count), runtime::kTuple);
    if (ec) {
      close();
      co_return;
    }
  }
  co_await say_goodbye();
}

// A client that does not answer is waited for by a timer that closes the socket: TLS's own wait
// for its answer cannot be told from the read that goes on beside it.
Task<> TlsBridge::say_goodbye() {
  runtime::Timer timer(tls_.next_layer().get_executor(), base::Clock::now() + kLinger);
  bool is_over = false;
  timer.async_wait([this, &is_over](const error_code&) {
    is_over = true;
    close();
  });
  (void)co_await tls_.async_shutdown(runtime::kTuple);
  timer.cancel();
  // Its handler refers to this frame.
  while (!is_over) co_await asio::post(relay_.get_executor(), asio::deferred);
}

}  // namespace bellhop::turn
