// A worker thread with its io_context, and the set of them.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <deque>
#include <functional>
#include <thread>

#include "component/runtime/session.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// One thread's world: its io_context, its sessions. Shards share no mutable state; what crosses
/// from one to another is a moved value (hop()).
class Shard {
 public:
  explicit Shard(std::size_t index) : index_(index), context_(1), work_(context_.get_executor()) {}
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] Executor executor() { return context_.get_executor(); }
  [[nodiscard]] asio::io_context& context() { return context_; }
  /// On this shard only.
  [[nodiscard]] SessionList& sessions() { return sessions_; }

  /// Runs on the calling thread until release() was called and nothing is left to do.
  void run() { context_.run(); }
  /// From any thread: run() may return when its work is done.
  void release() {
    asio::post(context_, [this] { work_.reset(); });
  }

 private:
  std::size_t index_;
  asio::io_context context_;  // concurrency hint 1: only this shard's thread runs it
  asio::executor_work_guard<Executor> work_;
  SessionList sessions_;
};

/// All shards. Shard 0 is the control shard: XMPP streams, listeners, SOCKS5 handshakes and the
/// tables of what waits; it runs on the thread that calls run(), the others on their own.
class ShardSet {
 public:
  explicit ShardSet(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) shards_.emplace_back(i);
  }

  [[nodiscard]] std::size_t size() const { return shards_.size(); }
  [[nodiscard]] Shard& control() { return shards_.front(); }
  [[nodiscard]] Shard& at(std::size_t index) { return shards_[index]; }

  /// Runs all shards; returns when every one has been released and is idle. An exception that
  /// leaves a shard is a bug of ours and ends the process.
  void run() {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < shards_.size(); ++i) {
      threads.emplace_back([this, i] { shards_[i].run(); });
    }
    shards_.front().run();
  }

  void release() {
    for (Shard& shard : shards_) shard.release();
  }

 private:
  std::deque<Shard> shards_;
};

/// Runs `function` on `shard` and brings its result back to the caller's shard. Arguments travel
/// inside `function` as moved values; nothing it returns may refer to the other shard's objects.
/// Calls from one shard to another keep their order.
template <typename Function>
[[nodiscard]] auto hop(Shard& shard, Function function) -> Task<std::invoke_result_t<Function&>> {
  using Value = std::invoke_result_t<Function&>;
  auto on_arrival = [](Function call) -> Task<Value> { co_return call(); };
  co_return co_await asio::co_spawn(shard.executor(), on_arrival(std::move(function)), kAwait);
}

}  // namespace bellhop::runtime
