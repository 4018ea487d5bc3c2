#include "component/runtime/session.hpp"

#include <utility>

#include "component/base/error.hpp"

namespace bellhop::runtime {

std::string_view to_text(EndReason reason) {
  switch (reason) {
    case EndReason::none:
      return "none";
    case EndReason::completed:
      return "completed";
    case EndReason::reset:
      return "reset";
    case EndReason::idle:
      return "idle";
    case EndReason::shutdown:
      return "shutdown";
    case EndReason::ended:
      return "ended";
    case EndReason::quota:
      return "quota";
    case EndReason::policy:
      return "policy";
    case EndReason::failed:
      return "failed";
  }
  return "none";
}

Session::~Session() {
  if (list_ != nullptr) list_->leave(*this);
}

void Session::limit_alone(std::uint64_t bytes_per_second, base::TimePoint now) {
  SessionLimits changed = limits();
  auto& own = changed.of(LimitScope::session);
  own.reset();
  if (bytes_per_second > 0) own = std::make_shared<base::TokenBucket>(bytes_per_second, now);
  is_limited_alone_ = true;
  set_limits(std::move(changed));
  note_progress();
}

void Session::note() {
  if (list_ != nullptr) list_->note(*this);
}

SessionList::~SessionList() {
  for_each([this](Session& session) { leave(session); });
}

void SessionList::add(Session& session) {
  session.list_ = this;
  const auto [at, is_new] = sessions_.insert(session);
  BELLHOP_ASSERT(is_new);
  ++count_;
  if (!on_news_) return;
  batch_.started.push_back(session.facts());
  news();
}

void SessionList::finish(Session& session, EndReason reason) {
  BELLHOP_ASSERT(session.list_ == this);
  const SessionBytes bytes = count_progress(session);
  leave(session);
  if (!on_news_) return;
  batch_.ended.push_back({session.id(), bytes, std::chrono::system_clock::now(), reason});
  news();
}

void SessionList::leave(Session& session) {
  sessions_.erase(sessions_.iterator_to(session));
  if (session.is_noted_) moved_.erase(moved_.iterator_to(session));
  session.is_noted_ = false;
  session.list_ = nullptr;
  --count_;
}

Session* SessionList::find(const base::Ulid& id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &*found;
}

void SessionList::for_each(const std::function<void(Session&)>& visit) {
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    const auto next = std::next(session);  // the visit may take this one out
    visit(*session);
    session = next;
  }
}

void SessionList::end_idle(base::TimePoint now, base::Duration idle_timeout) {
  for_each([now, idle_timeout](Session& session) {
    if (now - session.last_progress() >= idle_timeout) session.end(EndReason::idle);
  });
}

void SessionList::end_all(EndReason reason) {
  for_each([reason](Session& session) { session.end(reason); });
}

void SessionList::follow(std::function<void()> on_news) {
  on_news_ = std::move(on_news);
  for_each([this](Session& session) {
    batch_.started.push_back(session.facts());
    session.note_progress();
  });
  if (!batch_.is_empty()) news();
}

SessionBatch SessionList::collect() {
  const auto now = std::chrono::system_clock::now();
  while (!moved_.empty()) {
    Session& session = moved_.front();
    moved_.pop_front();
    session.is_noted_ = false;
    const SessionBytes bytes = count_progress(session);
    if (!on_news_) continue;
    const auto& own = session.limits().of(LimitScope::session);
    batch_.moved.push_back({session.id(), bytes, now, own ? own->rate() : 0});
  }
  has_news_ = false;
  return std::exchange(batch_, {});
}

void SessionList::note(Session& session) {
  session.is_noted_ = true;
  moved_.push_back(session);
  news();
}

void SessionList::news() {
  if (!on_news_ || has_news_) return;
  has_news_ = true;
  on_news_();
}

SessionBytes SessionList::count_progress(Session& session) {
  const SessionBytes bytes = session.bytes();
  session.count(bytes.since(session.counted_));
  session.counted_ = bytes;
  return bytes;
}

}  // namespace bellhop::runtime
