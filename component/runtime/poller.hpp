// Readiness of many descriptors of one shard, edge-triggered: the data path's way around Asio.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/intrusive/list.hpp>
#include <cstdint>

#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// An epoll of its own inside the shard's io_context. A descriptor is registered once, for both
/// directions, and never touched again; Asio's reactor asks for one epoll_ctl(2) per wait and two
/// ioctl(2) per socket, which was a sixth of the price of a set-up, and keeps 0.7 KiB more for each
/// idle socket.
class Poller {
  using Hook =
      boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

 public:
  /// One descriptor and who is told about it. Must not move while it is watched.
  class Watch : public Hook {
   public:
    virtual ~Watch() = default;
    /// `events` of epoll(7). May destroy any watch that has been forgotten, this one too.
    virtual void on_ready(std::uint32_t events) = 0;
    /// What call_again() asked for; the same rules.
    virtual void on_turn() = 0;
  };

  explicit Poller(Executor executor);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// Of a stream: all there is.
  static constexpr std::uint32_t kStreamEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

  /// Watches `fd`, in non-blocking mode, until it is closed. What is ready already is reported too.
  /// False: the kernel refused.
  [[nodiscard]] bool add(int fd, Watch& watch, std::uint32_t events = kStreamEvents);
  /// Calls on_turn() after the others have had their turn.
  void call_again(Watch& watch) {
    if (!watch.is_linked()) again_.push_back(watch);
  }
  /// Calls on_turn() of `watch` at the end of each round, for what others have left to be done
  /// together. One; it outlives the poller's run.
  void call_after_rounds(Watch& watch) { after_rounds_ = &watch; }
  /// After this `watch` is not called any more. Its descriptor must have been closed.
  void forget(Watch& watch);
  /// The same for a descriptor that stays open.
  void remove(int fd, Watch& watch);

  /// How long a round may wait by itself for the next events.
  enum class Patience : std::uint8_t {
    none,    ///< the shard's io_context waits: what else the shard does is never held up
    packets  ///< a millisecond: while packets come, the io_context is asked as often, not per
             ///< packet
  };

  /// Serves until cancelled. Once per shard.
  [[nodiscard]] Task<> run(Patience patience = Patience::none);

 private:
  using List = boost::intrusive::list<Watch, boost::intrusive::constant_time_size<false>>;

  // Whether there was anything to do.
  bool poll_once(int timeout_ms);
  void poll_while_busy();

  asio::posix::basic_stream_descriptor<Executor> epoll_;
  List again_;
  Watch* after_rounds_ = nullptr;
  std::array<epoll_event, 128> batch_{};
  std::size_t batch_at_ = 0;
  std::size_t batch_end_ = 0;
};

}  // namespace bellhop::runtime
