#include "tests/bench/bulk_transfer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

namespace bellhop::bench {
namespace {

using namespace std::chrono_literals;

constexpr double bytes_per_gib = 1024.0 * 1024.0 * 1024.0;
constexpr std::size_t chunk_bytes = 1024 * 1024;
// The receiver sleeps until so much is there. Woken for every segment, it would cost the relay,
// whose system call does the waking on loopback, up to twice the CPU of the relaying itself.
constexpr int receive_low_water = 1024 * 1024;
constexpr auto drain_timeout = 30s;
constexpr auto drain_check_interval = 5ms;
constexpr int wait_ms = 100;  // how soon the threads see that they are to stop

// Every stream carries this pattern over and over. Its length is odd, so that a block lost,
// doubled or moved by any power of two shows.
constexpr std::size_t pattern_bytes = 65'521;

/// One pattern and a chunk: wherever a stream stands, the next chunk is contiguous in here.
std::vector<char> make_pattern() {
  std::vector<char> pattern(pattern_bytes + chunk_bytes);
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < pattern_bytes; ++i) {
    state = state * 1'664'525U + 1'013'904'223U;
    pattern[i] = static_cast<char>(state >> 24U);
  }
  for (std::size_t i = pattern_bytes; i < pattern.size(); ++i) {
    pattern[i] = pattern[i - pattern_bytes];
  }
  return pattern;
}

const std::vector<char>& pattern() {
  static const std::vector<char> bytes = make_pattern();
  return bytes;
}

}  // namespace

BulkTransfer::BulkTransfer(std::vector<Session> sessions, bool verify)
    : sessions_(std::move(sessions)),
      verify_(verify),
      positions_(sessions_.size()),
      streams_open_(sessions_.size()),
      sender_([this] { send_all(); }),
      receiver_([this] { receive_all(); }) {}

BulkTransfer::~BulkTransfer() {
  stop_sending_ = true;
  stop_receiving_ = true;
  if (sender_.joinable()) sender_.join();
  if (receiver_.joinable()) receiver_.join();
}

BulkSample BulkTransfer::measure(Clock::duration time, const std::vector<pid_t>& watched) const {
  const auto started_at = Clock::now();
  const std::uint64_t before = received_;
  const double cpu_before = cpu_seconds(watched);
  std::this_thread::sleep_for(time);
  BulkSample sample;
  sample.gib = static_cast<double>(received_ - before) / bytes_per_gib;
  sample.cpu_seconds = cpu_seconds(watched) - cpu_before;
  sample.seconds = seconds_between(started_at, Clock::now());
  return sample;
}

bool BulkTransfer::finish() {
  stop_sending_ = true;
  sender_.join();
  const auto deadline = Clock::now() + drain_timeout;
  while (streams_open_ > 0 && Clock::now() < deadline) {
    std::this_thread::sleep_for(drain_check_interval);
  }
  stop_receiving_ = true;
  receiver_.join();
  return sound_ && sent_ == received_;
}

void BulkTransfer::send_all() {
  Epoll epoll;
  std::vector<std::uint64_t> positions(sessions_.size());
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    epoll.add(sessions_[i].requester.get(), EPOLLOUT, i);
  }
  while (!stop_sending_) {
    for (const epoll_event& event : epoll.wait(wait_ms)) {
      std::uint64_t& position = positions[event.data.u64];
      const int fd = sessions_[event.data.u64].requester.get();
      const char* from = pattern().data() + position % pattern_bytes;
      const ssize_t sent = send(fd, from, chunk_bytes, MSG_NOSIGNAL);
      if (sent > 0) {
        position += static_cast<std::uint64_t>(sent);
      } else if (errno != EAGAIN) {
        sound_ = false;
        epoll.remove(fd);
      }
    }
  }
  sent_ = std::accumulate(positions.begin(), positions.end(), std::uint64_t{0});
  for (const Session& session : sessions_) shutdown(session.requester.get(), SHUT_WR);
}

void BulkTransfer::receive_all() {
  Epoll epoll;
  std::vector<char> buffer(chunk_bytes);
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    const int fd = sessions_[i].target.get();
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &receive_low_water, sizeof receive_low_water);
    epoll.add(fd, EPOLLIN, i);
  }
  while (!stop_receiving_ && streams_open_ > 0) {
    for (const epoll_event& event : epoll.wait(wait_ms)) {
      if (receive_some(event.data.u64, buffer)) continue;
      epoll.remove(sessions_[event.data.u64].target.get());
      --streams_open_;
    }
  }
}

bool BulkTransfer::receive_some(std::size_t session, std::vector<char>& buffer) {
  const ssize_t got =
      recv(sessions_[session].target.get(), buffer.data(), buffer.size(), verify_ ? 0 : MSG_TRUNC);
  if (got < 0 && errno == EAGAIN) return true;
  if (got < 0) sound_ = false;
  if (got <= 0) return false;
  const auto bytes = static_cast<std::size_t>(got);
  const char* expected = pattern().data() + positions_[session] % pattern_bytes;
  if (verify_ && std::memcmp(buffer.data(), expected, bytes) != 0) sound_ = false;
  positions_[session] += bytes;
  received_ += bytes;
  return true;
}

}  // namespace bellhop::bench
