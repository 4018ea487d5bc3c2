#include "relay/nodes/channel_session.hpp"

#include <algorithm>
#include <utility>

namespace bellhop::nodes {
namespace {

using runtime::EndReason;
using std::chrono::system_clock;

// Then the other sockets of the shard have their turn.
constexpr int kBatchesPerTurn = 4;

}  // namespace

ChannelSession::ChannelSession(const Context& context, ChannelStart start)
    : Session(context.ids.next(system_clock::now())),
      context_(context),
      channel_id_(std::move(start.channel)),
      requester_(std::move(start.requester)),
      parent_domain_(start.parent_domain),
      started_(system_clock::now()),
      channel_(context.peers, start.options, base::Clock::now()),
      limits_(std::move(start.limits)),
      over_(context.executor) {
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    sockets_[i].session = this;
    sockets_[i].port = ChannelPort::at(i);
    sockets_[i].fd = std::move(start.sockets[i]);
  }
  context_.counters.add(NodesCounter::channels_opened);
  context_.counters.add(NodesCounter::channels_active);
}

ChannelSession::~ChannelSession() {
  end(EndReason::shutdown);  // forgets the sockets, if run() never did
  context_.counters.subtract(NodesCounter::channels_active);
}

bool ChannelSession::watch_all() {
  return std::ranges::all_of(sockets_, [this](Socket& socket) {
    return context_.poller.add(socket.fd.value(), socket, EPOLLIN | EPOLLET);
  });
}

runtime::Task<> ChannelSession::run() {
  context_.sessions.add(*this);
  context_.running.push_back(this);
  if (!watch_all()) end(EndReason::failed);
  co_await over_.wait();
  std::erase(context_.running, this);
  context_.sessions.finish(*this, reason_);
  context_.ends.add(static_cast<ChannelEnd>(reason_));
  report(reason_);
}

void ChannelSession::end(EndReason reason) {
  if (reason_ != EndReason::none) return;
  reason_ = reason;
  for (Socket& socket : sockets_) {
    socket.fd.reset();
    context_.poller.forget(socket);
  }
  over_.set();
}

void ChannelSession::Socket::on_ready(std::uint32_t events) {
  // EPOLLOUT comes when there is room again: nothing waits for it.
  if ((events & (EPOLLIN | EPOLLERR)) != 0) session->relay_from(*this);
}

void ChannelSession::relay_from(Socket& socket) {
  const base::TimePoint now = base::Clock::now();
  for (int i = 0; i < kBatchesPerTurn; ++i) {
    const std::size_t count = context_.batch.receive(socket.fd.value());
    relay_batch(socket, count, now);
    // Fewer than fit: the socket is empty, and epoll(7) tells of the next one.
    if (count < DatagramBatch::kDatagramsMax) return;
  }
  context_.poller.call_again(socket);
}

void ChannelSession::relay_batch(const Socket& socket, std::size_t count, base::TimePoint now) {
  std::size_t marked = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_to_be_sent(socket, i, now)) continue;
    context_.batch.forward(i);
    ++marked;
  }
  if (marked > 0) send_batch(socket);
}

bool ChannelSession::is_to_be_sent(const Socket& socket, std::size_t index, base::TimePoint now) {
  const std::size_t bytes = context_.batch.bytes(index);
  switch (channel_.receive(socket.port, context_.batch.source(index), bytes, now)) {
    case RelayChannel::Fate::foreign:
      context_.counters.add(NodesCounter::packets_foreign);
      return false;
    case RelayChannel::Fate::forbidden:
      context_.counters.add(NodesCounter::packets_forbidden);
      return false;
    case RelayChannel::Fate::early:
      drop(NodesCounter::packets_early, bytes);
      return false;
    case RelayChannel::Fate::limited:
      drop(NodesCounter::packets_limited, bytes);
      return false;
    case RelayChannel::Fate::forward:
      break;
  }
  if (context_.batch.is_cut(index)) {
    drop(NodesCounter::packets_oversize, bytes);
    return false;
  }
  // Whole packets only, so the last one within the allowance may go beyond it.
  if (limits_.any()) {
    if (limits_.allowance(1, now) == 0) {
      drop(NodesCounter::packets_limited, bytes);
      return false;
    }
    limits_.spend(bytes);
  }
  return true;
}

void ChannelSession::send_batch(const Socket& socket) {
  const ChannelPort out = socket.port.opposite();
  const DatagramBatch::Sent sent =
      context_.batch.send(sockets_[out.index()].fd.value(), *channel_.destination(socket.port));
  const bool is_from_requester = socket.port.side == Side::requester;
  (is_from_requester ? bytes_.first_to_second : bytes_.second_to_first) += sent.bytes;
  context_.counters.add(NodesCounter::packets_relayed, sent.packets);
  if (sent.packets_left > 0) {
    context_.counters.add(NodesCounter::packets_unsent, sent.packets_left);
    bytes_.dropped += sent.bytes_left;
  }
  note_progress();
}

void ChannelSession::drop(NodesCounter why, std::uint64_t bytes) {
  context_.counters.add(why);
  bytes_.dropped += bytes;
  note_progress();
}

void ChannelSession::count(const runtime::SessionBytes& moved) {
  context_.counters.add(NodesCounter::bytes_relayed, moved.delivered());
  context_.counters.add(NodesCounter::bytes_dropped, moved.dropped);
}

std::string ChannelSession::owner_text(Side side) const {
  for (const Part part : {Part::rtp, Part::rtcp}) {
    if (const auto* owner = channel_.owner({side, part})) return owner->text();
  }
  return {};
}

runtime::SessionFacts ChannelSession::facts() const {
  return {
      id(),    kind(), requester_.text(), {}, owner_text(Side::requester), owner_text(Side::other),
      started_};
}

void ChannelSession::report(EndReason reason) const {
  base::Log& log = context_.log;
  if (!log.is_on(base::Severity::info)) return;
  const auto duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now() - started_);
  log.write(base::Severity::info, "session_ended",
            {{"session", id().text()},
             {"kind", kind()},
             {"channel", channel_id_},
             {"requester", log.shown_jid(requester_.text())},
             {"first", log.shown_address(owner_text(Side::requester))},
             {"second", log.shown_address(owner_text(Side::other))},
             {"bytes_from_first", bytes_.first_to_second},
             {"bytes_from_second", bytes_.second_to_first},
             {"bytes_dropped", bytes_.dropped},
             {"duration_ms", duration.count()},
             {"reason", runtime::to_text(reason)}});
}

}  // namespace bellhop::nodes
