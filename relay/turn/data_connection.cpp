#include "relay/turn/data_connection.hpp"

#include <fcntl.h>

#include "component/runtime/timeout.hpp"
#include "relay/turn/tcp_relay.hpp"
#include "relay/turn/turn_session.hpp"

namespace bellhop::turn {
namespace {

using runtime::Task;

// A copy of the descriptor: the pump has the socket already, so that it can be ended all the time.
bool copy_to(runtime::TcpSocket& copy, const base::UniqueFd& socket) {
  base::UniqueFd fd(::fcntl(socket.value(), F_DUPFD_CLOEXEC, 0));
  runtime::error_code failed;
  if (fd) copy.assign(runtime::Tcp::v4(), fd.value(), failed);  // the family plays no role
  if (!fd || failed) return false;
  (void)fd.release();
  return true;
}

}  // namespace

DataConnection::DataConnection(const Context& context, ConnectionId id, base::UniqueFd peer,
                               ClientEnd client, runtime::SessionLimits limits)
    : relay_(&context.relay),
      session_(context.session),
      id_(id),
      early_(std::move(client.early)),
      early_peer_(context.executor),
      has_way_(early_.empty() || copy_to(early_peer_, peer)),
      pump_(context.executor, context.poller, context.pipes, std::move(client.socket),
            std::move(peer), std::move(limits), &context.session) {}

Task<> DataConnection::run() {
  if (!early_.empty()) {
    const auto is_sent =
        co_await runtime::with_deadline(send_early(), base::Deadline::after(kEarlyTimeout));
    runtime::error_code ignored;
    early_peer_.close(ignored);
    if (!is_sent.value_or(false)) pump_.end(runtime::EndReason::reset);
  }
  (void)co_await pump_.run();
  if (relay_ != nullptr) relay_->finish(*this);
}

Task<bool> DataConnection::send_early() {
  if (!has_way_) co_return false;
  pump_.limits().spend(early_.size());
  while (early_sent_ < early_.size()) {
    const auto rest = runtime::asio::buffer(early_) + early_sent_;
    const auto [ec, count] = co_await early_peer_.async_write_some(rest, runtime::kTuple);
    early_sent_ += count;
    if (relay_ != nullptr) session_.note_progress();
    if (ec || pump_.has_ended()) co_return false;
  }
  co_return true;
}

void DataConnection::abandon() {
  relay_ = nullptr;
  runtime::error_code ignored;
  early_peer_.close(ignored);
  pump_.end(runtime::EndReason::ended);
}

runtime::SessionBytes DataConnection::bytes() const {
  using Side = runtime::BytePump::Side;
  const std::uint64_t unsent = early_.size() - early_sent_;
  return {early_sent_ + pump_.bytes_from(Side::first), pump_.bytes_from(Side::second),
          pump_.has_ended() ? pump_.bytes_dropped() + unsent : 0};
}

}  // namespace bellhop::turn
