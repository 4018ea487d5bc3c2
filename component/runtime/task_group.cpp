#include "component/runtime/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "component/runtime/cancellation.hpp"

namespace bellhop::runtime {

TaskGroup::TaskGroup(Executor executor, base::Log& log, std::size_t tasks_max)
    : executor_(executor), log_(log), tasks_max_(tasks_max), emptied_(executor) {}

TaskGroup::~TaskGroup() {
  BELLHOP_ASSERT(children_.empty());
}

bool TaskGroup::spawn(Task<> task) {
  if (is_cancelled_ || children_.size() >= tasks_max_) return false;
  const auto child = children_.emplace(children_.end());
  asio::co_spawn(
      executor_, std::move(task),
      asio::bind_cancellation_slot(child->signal.slot(), [this, child](std::exception_ptr error) {
        finish(child, std::move(error));
      }));
  return true;
}

void TaskGroup::cancel() {
  is_cancelled_ = true;
  // A child may end inside emit(); list iterators of the others stay valid, so step first.
  for (auto child = children_.begin(); child != children_.end();) {
    auto next = std::next(child);
    child->signal.emit(asio::cancellation_type::terminal);
    child = next;
  }
}

Task<> TaskGroup::join() {
  // The owner usually joins while being cancelled itself; its own cancellation must not cut this.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  while (!children_.empty()) co_await emptied_.wait();
}

void TaskGroup::finish(std::list<Child>::iterator child, std::exception_ptr error) {
  children_.erase(child);
  if (children_.empty()) emptied_.set();
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& failure) {
    if (is_cancellation(failure)) return;
    log_.write(base::Severity::error, "task_failed", {{"what", failure.what()}});
  }
}

}  // namespace bellhop::runtime
