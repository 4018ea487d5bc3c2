// Children that end before their owner: spawn, cancel, join.
#pragma once

#include <list>
#include <string_view>

#include "component/base/log.hpp"
#include "component/runtime/event.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::runtime {

/// Owns running coroutines of one shard. Stopping is cancel(), then join(); the destructor asserts
/// that nothing is left. A child that ends by an exception other than cancellation is our bug: it
/// is logged as `event=task_failed` and ends alone.
class TaskGroup {
 public:
  /// `log` must outlive the group.
  TaskGroup(Executor executor, base::Log& log, std::size_t tasks_max);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts a child: on the group's shard at once, up to its first wait; from elsewhere soon.
  /// False, and the task is dropped unstarted, when tasks_max children run or the group was
  /// cancelled.
  [[nodiscard]] bool spawn(Task<> task);

  /// Asks every child to end. Children spawned later are refused.
  void cancel();

  /// Waits until the last child has ended. One caller at a time.
  [[nodiscard]] Task<> join();

  [[nodiscard]] std::size_t size() const { return children_.size(); }

 private:
  struct Child {
    asio::cancellation_signal signal;
  };

  void finish(std::list<Child>::iterator child, std::exception_ptr error);

  Executor executor_;
  base::Log& log_;
  std::size_t tasks_max_;
  bool is_cancelled_ = false;
  std::list<Child> children_;
  Event emptied_;
};

}  // namespace bellhop::runtime
