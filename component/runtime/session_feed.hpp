// Tells one follower what happens to the sessions of a shard.
#pragma once

#include <functional>

#include "component/runtime/shard.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// Collects the news of a shard's sessions and hands them over at most once per interval, so that
/// following costs the shard one timer and, for each session that moved, one row; a shard on which
/// nothing happens does nothing. Made before the shards run; outlives their handlers.
class SessionFeed {
 public:
  /// Called on the shard, never with an empty batch.
  using Sink = std::function<void(SessionBatch)>;

  SessionFeed(Shard& shard, base::Duration interval, Sink sink);
  SessionFeed(const SessionFeed&) = delete;
  SessionFeed& operator=(const SessionFeed&) = delete;

  /// Hands over now what there is. On the shard.
  void flush();

 private:
  void on_news();

  SessionList& sessions_;
  base::Duration interval_;
  Sink sink_;
  Timer timer_;
};

}  // namespace bellhop::runtime
