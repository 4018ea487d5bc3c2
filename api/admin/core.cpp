#include "api/admin/core.hpp"

namespace bellhop::admin {

using runtime::Task;

Core::Core(Parts given)
    : parts(std::move(given)), is_store_wanted(!parts.settings.monitoring.state_dir.empty()) {
  book.configure(policy::configured_rules(parts.settings, parts.origins),
                 parts.settings.access.parent_domain);
  policy = book.make();
  observer.set_policy(policy, now());
}

Task<> Core::refresh() {
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    auto flush = [feed = feeds[i].get()] {
      feed->flush();
      return true;
    };
    // The batch is posted to this thread before the answer is.
    co_await runtime::hop(parts.shards.at(i), flush);
  }
}

Task<std::uint64_t> Core::apply_policy() {
  policy = book.make();
  observer.set_policy(policy, now());
  const std::uint64_t ended = co_await on_control_task(parts.control.apply(policy));
  co_await apply_exhausted();
  co_return ended;
}

Task<> Core::apply_exhausted() {
  if (!observer.take_exhausted_changed()) co_return;
  auto subjects = std::make_shared<const policy::Exhausted>(observer.exhausted());
  parts.log.write(base::Severity::info, "quota_exhausted", {{"subjects", subjects->size()}});
  (void)co_await on_control_task(parts.control.set_exhausted(std::move(subjects)));
}

void Core::keep_audit(std::string line) {
  if (!is_store_wanted) return;
  runtime::asio::post(parts.store.executor(), [this, line = std::move(line)] {
    if (state && state->append_audit(line)) return;
    parts.log.write_limited(base::Severity::error, "audit_failed", {});
  });
}

void Core::note_storage_failure(const base::Error& error) {
  ++storage_failures;
  parts.log.write_limited(base::Severity::error, "storage_failed",
                          {{"reason", error.kind().name}, {"detail", error.detail()}});
}

}  // namespace bellhop::admin
