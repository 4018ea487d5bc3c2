#include "api/admin/file_api.hpp"

#include <algorithm>
#include <charconv>

#include "api/admin/convert.hpp"
#include "proxy/files/errors.hpp"
#include "proxy/files/file_handler.hpp"
#include "proxy/webdav/folder_tree.hpp"

namespace bellhop::admin {
namespace {

using files::FileFacts;
using files::FileId;
using files::FileStore;
using files::Second;
using runtime::Task;

// Rows of one step: what waits for the index meanwhile waits a millisecond.
constexpr std::size_t kStepRows = 500;
// Rows that one page looks at, so that a filter which matches next to nothing is answered in time.
constexpr std::size_t kPageRows = 100'000;
// Files that go in one transaction.
constexpr std::size_t kDeleteStep = 500;

ApiError no_store() {
  return ApiError(errors::unavailable, "no component offers uploads, so there is no file store");
}

ApiError no_such_file() {
  return ApiError(errors::not_found, "there is no such file", "name");
}

ApiError error_of(const base::Error& error) {
  return error.is(files::errors::no_such_file) ? no_such_file() : ApiError(error);
}

// Where a page ended. Not the id: tokens can be read, and it is the permission to fetch the file.
std::string page_key(Second created, const FileId& id, const files::FileHandles& handles) {
  return std::to_string(created) + " " + handles.make(id);
}

FileFacts read_page_key(std::string_view key, const files::FileHandles& handles) {
  FileFacts last;
  const auto blank = key.find(' ');
  (void)std::from_chars(key.data(), key.data() + blank, last.created);
  last.id = handles.read(key.substr(blank + 1)).value_or(FileId{});
  return last;
}

std::optional<std::uint64_t (*)(const FileFacts&)> key_of(std::string_view order) {
  if (order == "size_bytes desc") return [](const FileFacts& facts) { return facts.size; };
  if (order == "create_time desc") {
    return [](const FileFacts& facts) { return static_cast<std::uint64_t>(facts.created); };
  }
  return std::nullopt;
}

// The file at a place of a folder; none: there is none.
base::Result<std::optional<FileId>> file_at(store::Database& database, const LinkTarget& target) {
  webdav::FolderTree tree(database, target.owner);
  const auto node = tree.find(target.names);
  if (!node) return node.error();
  return *node ? (*node)->file : std::nullopt;
}

}  // namespace

Task<ApiResult<void>> FileApi::visit(FileStore& store, std::optional<FileFacts> after,
                                     Visit visit) {
  for (;;) {
    auto rows = co_await store.scan(std::move(after), kStepRows);
    if (!rows) co_return ApiError(rows.error());
    const bool is_last = rows->size() < kStepRows;
    if (!rows->empty()) after = rows->back();
    for (FileFacts& facts : *rows) {
      const bool goes_on = visit(facts);
      if (!goes_on) co_return ApiResult<void>();
    }
    if (is_last) co_return ApiResult<void>();
  }
}

Task<FileApi::ListResult> FileApi::list(Caller, v1::ListFilesRequest request) {
  FileStore* store = core_.files();
  if (store == nullptr) co_return no_store();
  const auto size = page_size(request.page_size());
  if (!size) co_return size.error();
  auto filter = parse_file_filter(request.filter());
  if (!filter) co_return ApiError(filter.error()).at("filter");
  if (!request.order_by().empty()) {
    co_return co_await highest(*store, std::move(request), std::move(*filter), *size);
  }
  co_return co_await page_by_age(*store, std::move(request), std::move(*filter), *size);
}

Task<FileApi::ListResult> FileApi::page_by_age(FileStore& store, v1::ListFilesRequest request,
                                               Filter filter, std::size_t size) {
  const std::string query = "files\n" + request.filter();
  std::optional<FileFacts> after;
  if (!request.page_token().empty()) {
    const auto key = core_.page_tokens.read(request.page_token(), query);
    if (!key) co_return ApiError(key.error()).at("page_token");
    after = read_page_key(*key, store.handles());
  }
  v1::ListFilesResponse response;
  const Second now = files::now_s();
  std::size_t seen = 0;
  Second last_created = 0;
  FileId last_id;
  Visit take = [&](const FileFacts& facts) {
    const bool is_full = static_cast<std::size_t>(response.files_size()) == size;
    if (is_full || seen == kPageRows) {
      response.set_next_page_token(
          core_.page_tokens.make(page_key(last_created, last_id, store.handles()), query));
      return false;
    }
    ++seen;
    last_created = facts.created;
    last_id = facts.id;
    if (matches(filter, facts, store.handles(), now)) {
      *response.add_files() = to_proto(facts, store.handles());
    }
    return true;
  };
  const auto visited = co_await visit(store, std::move(after), std::move(take));
  if (!visited) co_return visited.error();
  co_return response;
}

Task<FileApi::ListResult> FileApi::highest(FileStore& store, v1::ListFilesRequest request,
                                           Filter filter, std::size_t size) {
  const auto key = key_of(request.order_by());
  if (!key) co_return bad("order_by", "must be size_bytes desc, create_time desc or empty");
  if (!request.page_token().empty()) co_return bad("page_token", "this order has one page only");
  const auto is_higher = [key = *key](const FileFacts& a, const FileFacts& b) {
    return key(a) > key(b);
  };
  std::vector<FileFacts> found;  // a heap, the lowest first, of at most `size`
  const Second now = files::now_s();
  Visit take = [&](FileFacts& facts) {
    if (!matches(filter, facts, store.handles(), now)) return true;
    if (found.size() == size) {
      if (!is_higher(facts, found.front())) return true;
      std::pop_heap(found.begin(), found.end(), is_higher);
      found.pop_back();
    }
    found.push_back(std::move(facts));
    std::push_heap(found.begin(), found.end(), is_higher);
    return true;
  };
  const auto visited = co_await visit(store, std::nullopt, std::move(take));
  if (!visited) co_return visited.error();
  std::sort_heap(found.begin(), found.end(), is_higher);
  v1::ListFilesResponse response;
  for (const FileFacts& facts : found) *response.add_files() = to_proto(facts, store.handles());
  co_return response;
}

ApiResult<FileId> FileApi::id_of(const std::string& name) const {
  const FileStore* store = core_.files();
  if (store == nullptr) return no_store();
  const auto handle = id_in(name, "files");
  if (!handle) return handle.error();
  const auto id = store->handles().read(*handle);
  if (!id) return no_such_file();
  return *id;
}

Task<ApiResult<FileFacts>> FileApi::find(std::string name) const {
  const auto id = id_of(name);
  if (!id) co_return id.error();
  auto facts = co_await core_.files()->find(*id);
  if (!facts) co_return error_of(facts.error());
  co_return std::move(*facts);
}

Task<ApiResult<v1::GetFileResponse>> FileApi::get(Caller, v1::GetFileRequest request) {
  const auto facts = co_await find(request.name());
  if (!facts) co_return facts.error();
  v1::GetFileResponse response;
  *response.mutable_file() = to_proto(*facts, core_.files()->handles());
  co_return response;
}

Task<ApiResult<v1::LookUpLinkResponse>> FileApi::look_up(Caller, v1::LookUpLinkRequest request) {
  FileStore* store = core_.files();
  if (store == nullptr) co_return no_store();
  auto target = parse_link(request.link());
  if (!target) co_return ApiError(target.error()).at("link");
  const ApiError nothing(errors::not_found, "no file is behind this link", "link");
  if (!target->id) {
    if (target->owner.empty()) co_return nothing;
    auto look = [&target](store::Database& database) { return file_at(database, *target); };
    const auto id = co_await store->look(std::move(look));
    if (!id) co_return ApiError(id.error());
    if (!*id) co_return nothing;
    target->id = *id;
  }
  const auto facts = co_await store->find(*target->id);
  if (!facts && facts.error().is(files::errors::no_such_file)) co_return nothing;
  if (!facts) co_return ApiError(facts.error());
  v1::LookUpLinkResponse response;
  *response.mutable_file() = to_proto(*facts, store->handles());
  co_return response;
}

Task<ApiResult<v1::GetFileLinkResponse>> FileApi::link(Caller, v1::GetFileLinkRequest request) {
  const auto facts = co_await find(request.name());
  if (!facts) co_return facts.error();
  if (facts->origin != files::FileOrigin::slot) {
    co_return ApiError(errors::failed_precondition,
                       "a file of a folder has no link of its own: its owner logs in", "name");
  }
  v1::GetFileLinkResponse response;
  response.set_link(core_.parts.control.parts().files->public_url() + files::file_path(*facts));
  co_return response;
}

Task<ApiResult<v1::UpdateFileResponse>> FileApi::update(Caller, v1::UpdateFileRequest request) {
  for (const std::string& path : request.update_mask().paths()) {
    if (path != "expire_time") co_return bad("update_mask", "only expire_time can be changed");
  }
  Second expires = 0;
  if (request.file().has_expire_time()) {
    expires = request.file().expire_time().seconds();
    if (expires <= files::now_s() || expires > kYear2200) {
      co_return bad("file.expire_time", "must be in the future, before 2200");
    }
  }
  const auto id = id_of(request.file().name());
  if (!id) co_return id.error();
  FileStore& store = *core_.files();
  const auto facts = co_await store.set_expiry(*id, expires);
  if (!facts) co_return error_of(facts.error());
  v1::UpdateFileResponse response;
  *response.mutable_file() = to_proto(*facts, store.handles());
  co_return response;
}

Task<ApiResult<v1::DeleteFileResponse>> FileApi::remove(Caller, v1::DeleteFileRequest request) {
  const auto id = id_of(request.name());
  if (!id) co_return id.error();
  FileStore& store = *core_.files();
  const auto facts = co_await store.remove(*id, files::RemoveReason::by_operator);
  if (!facts) co_return error_of(facts.error());
  v1::DeleteFileResponse response;
  *response.mutable_file() = to_proto(*facts, store.handles());
  co_return response;
}

Task<ApiResult<v1::DeleteFilesResponse>> FileApi::remove_many(Caller,
                                                              v1::DeleteFilesRequest request) {
  FileStore* store = core_.files();
  if (store == nullptr) co_return no_store();
  const auto filter = parse_file_filter(request.filter());
  if (!filter) co_return ApiError(filter.error()).at("filter");
  if (filter->is_empty()) co_return bad("filter", "must be given; name:* matches all");
  const Second now = files::now_s();
  std::vector<FileId> chosen;
  v1::DeleteFilesResponse response;
  Visit take = [&](const FileFacts& facts) {
    if (!matches(*filter, facts, store->handles(), now)) return true;
    chosen.push_back(facts.id);
    response.set_size_bytes(response.size_bytes() + facts.size);
    return true;
  };
  const auto visited = co_await visit(*store, std::nullopt, std::move(take));
  if (!visited) co_return visited.error();
  response.set_file_count(chosen.size());
  if (request.expected_count() != 0 && request.expected_count() != chosen.size()) {
    co_return ApiError(errors::count_mismatch, std::to_string(chosen.size()) + " files match",
                       "expected_count");
  }
  if (request.validate_only()) co_return response;
  response.Clear();
  for (std::size_t at = 0; at < chosen.size(); at += kDeleteStep) {
    const auto first = chosen.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = static_cast<std::ptrdiff_t>(std::min(kDeleteStep, chosen.size() - at));
    std::vector<FileId> step(first, first + count);
    const auto gone =
        co_await store->remove_many(std::move(step), files::RemoveReason::by_operator);
    if (!gone) co_return ApiError(gone.error());
    response.set_file_count(response.file_count() + gone->size());
    for (const FileFacts& facts : *gone) {
      response.set_size_bytes(response.size_bytes() + facts.size);
    }
  }
  co_return response;
}

Task<ApiResult<v1::GetStorageResponse>> FileApi::storage(Caller, v1::GetStorageRequest request) {
  const auto owners = page_size(request.owner_count(), 10);
  if (!owners) co_return bad("owner_count", "must not be negative");
  v1::GetStorageResponse response;
  FileStore* store = core_.files();
  if (store == nullptr) co_return response;
  response.set_is_offered(true);
  const files::StorageReport report = co_await store->report(*owners);
  response.set_size_bytes(report.taken.bytes);
  response.set_file_count(report.taken.files);
  response.set_expected_bytes(report.expected.bytes);
  response.set_expected_file_count(report.expected.files);
  response.set_disk_free_bytes(report.free_bytes);
  response.set_disk_reserve_bytes(store->settings().free_bytes_min);
  response.set_owner_count(report.owners);
  for (const auto& [owner, use] : report.largest) {
    v1::StorageUse& row = *response.add_largest_owners();
    row.set_owner(owner);
    row.set_size_bytes(use.bytes);
    row.set_file_count(use.files);
  }
  co_return response;
}

}  // namespace bellhop::admin
