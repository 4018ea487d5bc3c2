#include "proxy/webdav/dav_service.hpp"

#include <utility>

#include "proxy/webdav/dav_answers.hpp"

namespace bellhop::webdav {

using runtime::Task;

DavService::DavService(Context context)
    : store_(context.store),
      log_(context.log),
      accounts_(context.store, context.log, context.hash_cost),
      contents_(context.store, folders_),
      confirmations_(context.control, context.log, context.answer_wait),
      handler_({context.store, accounts_, folders_, confirmations_, context.control,
                std::move(context.public_url), std::move(context.worker_of), context.workers}),
      cleaning_(context.control, context.log, 1) {
  accounts_.on_removed([this](std::string owner) { return remove_folder(std::move(owner)); });
  context.server.add(std::string(kDavPrefix), handler_);
  find_orphans();
}

// A crash may have come between the storing of a file and its getting a name, and between the end
// of its last name and of the file. Looked for before anybody is served, as an upload under way has
// no name either; by its time it cannot be told apart, when we were back within a second.
void DavService::find_orphans() {
  auto orphans = store_.look_before_start(FolderTree::orphans);
  if (orphans) {
    orphans_ = std::move(*orphans);
  } else {
    log_.write(base::Severity::error, "dav_clean_up_failed",
               {{"detail", orphans.error().detail()}});
  }
}

void DavService::start() {
  accounts_.start();
  const bool is_started = cleaning_.spawn(clean_up());
  BELLHOP_ASSERT(is_started);
}

Task<> DavService::join() {
  co_await confirmations_.stop();
  cleaning_.cancel();
  co_await cleaning_.join();
}

Task<> DavService::clean_up() {
  for (const files::FileId& id : std::exchange(orphans_, {})) {
    (void)co_await store_.remove(id, files::RemoveReason::lost);
  }
}

// The account is gone already: nobody can put anything there meanwhile but requests under way,
// whose files clean_up() finds.
Task<> DavService::remove_folder(std::string owner) {
  std::vector<files::FileId> unused;
  files::FileStore::TableChange change = [&](store::Database& database) -> base::Result<void> {
    FolderTree tree(database, owner);
    const auto root = tree.find({});
    if (!root) return root.error();
    auto removed = tree.remove(**root, files::now_s());
    if (!removed) return removed.error();
    unused = std::move(*removed);
    folders_.forget(owner);
    return {};
  };
  const auto written = co_await store_.change(std::move(change));
  if (!written) co_return;
  for (const files::FileId& id : unused) {
    (void)co_await store_.remove(id, files::RemoveReason::account_removed);
  }
}

}  // namespace bellhop::webdav
