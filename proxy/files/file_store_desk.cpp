// What operators ask of the store and do with it.
#include <boost/asio/this_coro.hpp>

#include "proxy/files/errors.hpp"
#include "proxy/files/file_store.hpp"

namespace bellhop::files {

using runtime::Task;
namespace asio = boost::asio;

Task<base::Result<std::vector<FileFacts>>> FileStore::scan(std::optional<FileFacts> after,
                                                           std::size_t count_max) {
  auto look = [this, after = std::move(after), count_max] {
    return index_.oldest(after, count_max);
  };
  co_return co_await runtime::hop(index_shard_, std::move(look));
}

Task<base::Result<FileFacts>> FileStore::set_expiry(FileId id, Second expires) {
  co_return co_await on_index(set_expiry_here(id, expires));
}

Task<base::Result<FileFacts>> FileStore::set_expiry_here(FileId id, Second expires) {
  if (const auto there = find_now(id); !there) co_return there.error();
  base::Result<FileFacts> result = base::Error(errors::no_such_file);
  Change update = [&result, &id, expires](FileIndex& index) -> base::Result<void> {
    auto facts = index.find(id);
    if (!facts) return facts.error();
    if (!*facts) return {};
    if ((*facts)->state != FileState::stored) {
      result = base::Error(errors::file_expected);
      return {};
    }
    (*facts)->expires = expires;
    const auto updated = index.update(**facts);
    if (!updated) return updated.error();
    result = std::move(**facts);
    return {};
  };
  const auto written = co_await write(std::move(update));
  if (!written) co_return written.error();
  co_return result;
}

Task<base::Result<std::vector<FileFacts>>> FileStore::remove_many(std::vector<FileId> ids,
                                                                  RemoveReason reason) {
  co_return co_await on_index(remove_all(std::move(ids), reason));
}

Task<StorageReport> FileStore::report(std::size_t owners_max) {
  auto look = [this, owners_max] {
    return StorageReport{ledger_.total(), expected_, blobs_.free_bytes(), ledger_.owners(),
                         ledger_.largest(owners_max)};
  };
  co_return co_await runtime::hop(index_shard_, look);
}

Task<std::vector<StorageUse>> FileStore::uses_of(std::vector<policy::Subject> subjects) {
  auto look = [this, subjects = std::move(subjects)] {
    std::vector<StorageUse> uses;
    for (const policy::Subject& subject : subjects) uses.push_back(ledger_.of(subject));
    return uses;
  };
  co_return co_await runtime::hop(index_shard_, std::move(look));
}

}  // namespace bellhop::files
