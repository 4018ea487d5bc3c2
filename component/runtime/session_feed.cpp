#include "component/runtime/session_feed.hpp"

namespace bellhop::runtime {

SessionFeed::SessionFeed(Shard& shard, base::Duration interval, Sink sink)
    : sessions_(shard.sessions()),
      interval_(interval),
      sink_(std::move(sink)),
      timer_(shard.executor()) {
  sessions_.follow([this] { on_news(); });
}

void SessionFeed::flush() {
  SessionBatch batch = sessions_.collect();
  if (!batch.is_empty()) sink_(std::move(batch));
}

void SessionFeed::on_news() {
  timer_.expires_after(interval_);
  timer_.async_wait([this](const error_code& ec) {
    if (!ec) flush();
  });
}

}  // namespace bellhop::runtime
