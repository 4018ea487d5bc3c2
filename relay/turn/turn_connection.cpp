#include "relay/turn/turn_connection.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/write.hpp>
#include <cstring>
#include <utility>

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

// Two connected sockets; none: the machine has no more.
std::pair<base::UniqueFd, base::UniqueFd> make_pair() {
  std::array<int, 2> fds{-1, -1};
  (void)::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data());
  return {base::UniqueFd(fds[0]), base::UniqueFd(fds[1])};
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
    while (is_open && wish_) {
      const bool is_over = co_await bind();
      if (is_over) break;
      is_open = take_frames();
    }
    if (wish_) break;
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
  while (taken < input_size_ && !is_closed_ && !wish_) {
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

// True: it was a peer's, and is over. What follows the request is looked at if it was refused.
Task<bool> TurnConnection::bind() {
  const ConnectionId connection = wish_->connection;
  const bool is_bound = co_await worker_.claim(*wish_);
  if (!is_closed_) worker_.answer_bind(*wish_, path_, is_bound);
  if (!is_bound) {
    wish_.reset();
    co_return false;
  }
  worker_.forget(*this);  // an Allocate of it that is not answered yet
  co_await relay(connection);
  co_return true;
}

Task<> TurnConnection::relay(ConnectionId connection) {
  while (is_writing_) co_await written_.wait();
  if (is_closed_) {
    worker_.hand_over(connection, ClientEnd());
    co_return;
  }
  std::vector<std::uint8_t> early(input_.begin(),
                                  input_.begin() + static_cast<std::ptrdiff_t>(input_size_));
  if (!tls_) {
    runtime::error_code failed;
    base::UniqueFd socket(socket_.release(failed));
    ClientEnd client(std::move(socket), std::move(early));
    worker_.hand_over(connection, std::move(client));
    co_return;
  }
  auto [ours, theirs] = make_pair();
  const bool is_open = static_cast<bool>(ours);
  std::vector<std::uint8_t> nothing;  // what came early is the bridge's to send
  ClientEnd client(std::move(theirs), std::move(nothing));
  worker_.hand_over(connection, std::move(client));
  if (!is_open) co_return;
  bridge_ = std::make_unique<TlsBridge>(*tls_, std::move(ours));
  co_await bridge_->run(std::move(early));
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

// Each message in a record of its own: clients in use take a record for a message.
Task<bool> TurnConnection::write_records() {
  for (std::size_t at = 0; at < sending_.size();) {
    const auto frame = stun::first_frame({sending_.data() + at, sending_.size() - at});
    BELLHOP_ASSERT(frame && *frame);
    const auto record = asio::buffer(sending_.data() + at, (*frame)->consumed);
    const auto [ec, count] = co_await asio::async_write(*tls_, record, runtime::kTuple);
    if (ec) co_return false;
    at += count;
  }
  co_return true;
}

Task<> TurnConnection::write_queued() {
  while (!queued_.empty() && !is_closed_) {
    sending_.swap(queued_);
    queued_.clear();
    if (tls_) {
      const bool is_sent = co_await write_records();
      if (!is_sent) break;
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
  if (bridge_) bridge_->close();
  socket_.close(ignored);
}

}  // namespace bellhop::turn
