#include "proxy/webdav/folder_contents.hpp"

#include "proxy/files/errors.hpp"
#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/file_places.hpp"

namespace bellhop::webdav {
namespace {

using base::Error;
using base::Result;
using files::FileId;
using files::FolderPlace;
using runtime::Task;

FolderPlace place_of(const std::string& owner, const std::vector<std::vector<std::string>>& all) {
  FolderPlace place;
  if (all.empty()) return place;
  for (const std::string& name : all.front()) place.path.append(1, '/').append(name);
  place.href = folder_href(owner, all.front(), false);
  place.others = all.size() - 1;
  return place;
}

}  // namespace

Task<Result<std::vector<FolderPlace>>> FolderContents::places_of(std::string owner,
                                                                 std::vector<FileId> files) {
  auto look = [&owner, &files](store::Database& database) -> Result<std::vector<FolderPlace>> {
    std::vector<FolderPlace> places;
    for (const FileId& file : files) {
      const auto all = webdav::places_of(database, owner, file, kPlacesMax);
      if (!all) return Error(files::errors::store_failed, all.error().detail());
      places.push_back(place_of(owner, *all));
    }
    return places;
  };
  co_return co_await store_.look(std::move(look));
}

Result<void> FolderContents::remove_places(store::Database& database, const std::string& owner,
                                           const FileId& file, Removal& removal) {
  auto places = webdav::places_of(database, owner, file, kPlacesMax);
  if (!places) return places.error();
  for (std::vector<std::string>& names : *places) {
    FolderRequest request{.method = "DELETE", .owner = owner, .names = std::move(names)};
    request.now = files::now_s();
    request.steady_now = base::Clock::now();
    auto reply = folders_.answer(database, request);
    const bool is_refused = !reply && errors::find_row(reply.error().kind()) != nullptr;
    if (!reply && !is_refused) return reply.error();
    // 423, or 207 for what lies below: a lock is in the way.
    if (!reply || reply->status != 204) {
      removal.is_locked = true;
      return {};
    }
    ++removal.places;
    removal.unused.insert(removal.unused.end(), reply->unused.begin(), reply->unused.end());
  }
  return {};
}

Task<Result<void>> FolderContents::remove(std::string owner, FileId file) {
  bool is_removed = false;
  for (;;) {
    Removal removal;
    files::FileStore::TableChange change = [&](store::Database& database) {
      removal = Removal();
      return remove_places(database, owner, file, removal);
    };
    const auto written = co_await store_.change(std::move(change));
    if (!written) co_return written.error();
    for (const FileId& unused : removal.unused) {
      (void)co_await store_.remove(unused, files::RemoveReason::by_user);
      is_removed = true;
    }
    if (removal.is_locked) co_return Error(files::errors::file_in_use);
    if (removal.places < kPlacesMax) break;
  }
  if (!is_removed) co_return Error(files::errors::no_such_file, "in no folder");
  co_return Result<void>();
}

}  // namespace bellhop::webdav
