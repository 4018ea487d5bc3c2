// The Asio types every session uses, bound to io_context's own executor: no type-erased executor is
// copied on the data path, and a socket costs half the memory.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace bellhop::runtime {

namespace asio = boost::asio;
using boost::system::error_code;

using Executor = asio::io_context::executor_type;
/// A coroutine on one shard.
template <typename T = void>
using Task = asio::awaitable<T, Executor>;
using Tcp = asio::ip::tcp;
using TcpSocket = asio::basic_stream_socket<Tcp, Executor>;
using TcpAcceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

/// Completion token for socket calls: `auto [ec, n] = co_await socket.async_…(…, kTuple)`.
/// Deferred, not use_awaitable: it needs no coroutine frame of its own for each call.
inline constexpr auto kTuple = asio::as_tuple(asio::deferred);
/// For awaiting Task-returning compositions (co_spawn and operators).
inline constexpr asio::use_awaitable_t<Executor> kAwait{};

}  // namespace bellhop::runtime
