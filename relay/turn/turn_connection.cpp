#include "relay/turn/turn_connection.hpp"

#include <boost/asio/write.hpp>
#include <cstring>

#include "relay/stun/stream_frame.hpp"

namespace bellhop::turn {
namespace {

namespace asio = boost::asio;
using runtime::Task;

// To begin with; a longer message makes it grow to stun::kStreamFrameBytesMax.
constexpr std::size_t kInputBytes = 4 * 1024;

runtime::TcpSocket adopt(runtime::Executor executor, base::UniqueFd socket,
                         const base::IpEndpoint& peer) {
  const auto protocol = peer.address.is_v4() ? runtime::Tcp::v4() : runtime::Tcp::v6();
  return runtime::TcpSocket(executor, protocol, socket.release());
}

}  // namespace

TurnConnection::TurnConnection(TurnWorker& worker, runtime::TaskGroup& group,
                               AcceptedClient accepted)
    : worker_(worker),
      group_(group),
      context_(std::move(accepted.tls)),
      socket_(adopt(worker.shard().home.executor(), std::move(accepted.socket), accepted.peer)),
      input_(kInputBytes),
      written_(worker.shard().home.executor()),
      idle_since_(base::Clock::now()) {
  if (context_) tls_ = std::make_unique<TlsStream>(socket_, *context_);
  path_.transport = context_ ? Transport::tls : Transport::tcp;
  path_.client = accepted.peer;
  path_.server = accepted.local;
  path_.stream = this;
}

Task<> TurnConnection::run() {
  bool is_open = co_await handshake();
  while (is_open) {
    const std::size_t count = co_await read_some();
    if (count == 0) break;
    input_size_ += count;
    is_open = take_frames();
  }
  worker_.forget(*this);
  close();
  while (is_writing_) co_await written_.wait();
}

Task<bool> TurnConnection::handshake() {
  if (!tls_) co_return true;
  const auto [ec] = co_await tls_->async_handshake(asio::ssl::stream_base::server, runtime::kTuple);
  co_return !ec;
}

Task<std::size_t> TurnConnection::read_some() {
  const auto space = asio::buffer(input_.data() + input_size_, input_.size() - input_size_);
  if (tls_) {
    const auto [ec, count] = co_await tls_->async_read_some(space, runtime::kTuple);
    if (ec) co_return 0;
    co_return count;
  }
  const auto [ec, count] = co_await socket_.async_read_some(space, runtime::kTuple);
  if (ec) co_return 0;
  co_return count;
}

// False: what comes is neither STUN nor ChannelData, so nothing behind it can be found (STN-01).
bool TurnConnection::take_frames() {
  std::size_t taken = 0;
  bool is_whole = true;
  worker_.shard().now = base::Clock::now();
  while (taken < input_size_ && !is_closed_) {
    const auto frame = stun::first_frame({input_.data() + taken, input_size_ - taken});
    if (!frame) {
      is_whole = false;
      break;
    }
    if (!*frame) break;
    taken += (*frame)->consumed;
    worker_.receive((*frame)->bytes, path_);
  }
  // What was made of the frames lies in our input until it has been sent.
  worker_.end_round();
  std::memmove(input_.data(), input_.data() + taken, input_size_ - taken);
  input_size_ -= taken;
  if (input_size_ == input_.size()) input_.resize(stun::kStreamFrameBytesMax);
  return is_whole && !is_closed_;
}

void TurnConnection::send(stun::Bytes head, stun::Bytes body, std::size_t payload,
                          net::SendCount& count) {
  const std::size_t padding = (4 - (head.size() + body.size()) % 4) % 4;
  const std::size_t bytes = head.size() + body.size() + padding;
  if (is_closed_ || queued_.size() + bytes > kQueueBytesMax) {
    count.dropped_packets += 1;
    count.dropped_bytes += payload;
    return;
  }
  count.packets += 1;
  count.bytes += payload;
  queued_.insert(queued_.end(), head.begin(), head.end());
  queued_.insert(queued_.end(), body.begin(), body.end());
  queued_.insert(queued_.end(), padding, 0);
  if (is_writing_) return;
  is_writing_ = true;
  // Posted: what the rest of this round queues goes out in the same write.
  asio::post(worker_.shard().home.executor(), [this] {
    if (!group_.spawn(write_queued())) {
      is_writing_ = false;
      written_.set();
    }
  });
}

Task<> TurnConnection::write_queued() {
  while (!queued_.empty() && !is_closed_) {
    sending_.swap(queued_);
    queued_.clear();
    if (tls_) {
      const auto [ec, count] =
          co_await asio::async_write(*tls_, asio::buffer(sending_), runtime::kTuple);
      if (ec) break;
    } else {
      const auto [ec, count] =
          co_await asio::async_write(socket_, asio::buffer(sending_), runtime::kTuple);
      if (ec) break;
    }
  }
  if (!queued_.empty()) close();
  is_writing_ = false;
  written_.set();
}

void TurnConnection::close() {
  is_closed_ = true;
  runtime::error_code ignored;
  socket_.close(ignored);
}

}  // namespace bellhop::turn
