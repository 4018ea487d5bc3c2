#include "proxy/files/storage_ledger.hpp"

#include <algorithm>
#include <array>

#include "proxy/files/errors.hpp"

namespace bellhop::files {
namespace {

using base::ErrorKind;
using policy::Subject;

// 0 says nothing, and policy::kNoByteLimit says that there is no limit: the greatest number, which
// nothing exceeds.
std::uint64_t limit(std::uint64_t said) {
  return said == 0 ? policy::kNoByteLimit : said;
}

bool fits(std::uint64_t used, std::uint64_t more, std::uint64_t most) {
  return most == policy::kNoByteLimit || (used <= most && more <= most - used);
}

StorageUse use_of(const std::unordered_map<std::string, StorageUse>& uses, std::string_view key) {
  const auto row = uses.find(std::string(key));
  return row == uses.end() ? StorageUse{} : row->second;
}

}  // namespace

base::Result<void> StorageLedger::reserve(std::string_view owner, std::uint64_t bytes,
                                          const policy::Policy& policy) {
  if (bytes > file_bytes_max(owner, policy)) return base::Error(errors::file_too_large);
  if (auto fits = check(owner, {bytes, 1}, policy); !fits) return fits;
  change(owner, {bytes, 1}, true);
  return {};
}

base::Result<void> StorageLedger::grow(std::string_view owner, std::uint64_t size,
                                       std::uint64_t more, const policy::Policy& policy) {
  if (!fits(size, more, file_bytes_max(owner, policy))) return base::Error(errors::file_too_large);
  if (auto fits = check(owner, {more, 0}, policy); !fits) return fits;
  change(owner, {more, 0}, true);
  return {};
}

base::Result<void> StorageLedger::check(std::string_view owner, const StorageUse& more,
                                        const policy::Policy& policy) const {
  const std::string_view domain = policy::domain_of(owner);
  struct Row {
    Subject subject;
    StorageUse use;
    const ErrorKind& no_bytes;
    const ErrorKind& no_files;
  };
  const std::array rows{
      Row{Subject::of_jid(owner), of_jid(owner), errors::stored_of_jid, errors::files_of_jid},
      Row{Subject::of_domain(domain), of_domain(domain), errors::stored_of_domain,
          errors::files_of_domain},
      Row{Subject{}, total_, errors::stored_total, errors::files_total}};
  for (const Row& row : rows) {
    const policy::Quota* quota = policy.quota(row.subject);
    if (quota == nullptr) continue;
    if (!fits(row.use.bytes, more.bytes, limit(quota->stored_bytes))) {
      return base::Error(row.no_bytes);
    }
    if (!fits(row.use.files, more.files, limit(quota->stored_files))) {
      return base::Error(row.no_files);
    }
  }
  return {};
}

std::optional<std::uint64_t> StorageLedger::available_bytes(std::string_view owner,
                                                            const policy::Policy& policy) const {
  const std::string_view domain = policy::domain_of(owner);
  const std::array uses{std::pair(Subject::of_jid(owner), of_jid(owner).bytes),
                        std::pair(Subject::of_domain(domain), of_domain(domain).bytes),
                        std::pair(Subject{}, total_.bytes)};
  std::optional<std::uint64_t> least;
  for (const auto& [subject, used] : uses) {
    const policy::Quota* quota = policy.quota(subject);
    if (quota == nullptr || limit(quota->stored_bytes) == policy::kNoByteLimit) continue;
    const std::uint64_t most = limit(quota->stored_bytes);
    const std::uint64_t left = used < most ? most - used : 0;
    least = least ? std::min(*least, left) : left;
  }
  return least;
}

std::uint64_t StorageLedger::file_bytes_max(std::string_view owner, const policy::Policy& policy) {
  std::uint64_t most = policy::kNoByteLimit;
  for (const Subject& subject :
       {Subject::of_jid(owner), Subject::of_domain(policy::domain_of(owner)), Subject{}}) {
    const policy::Quota* quota = policy.quota(subject);
    if (quota != nullptr) most = std::min(most, limit(quota->file_bytes));
  }
  return most;
}

StorageUse StorageLedger::of_jid(std::string_view owner) const {
  return use_of(by_jid_, owner);
}

StorageUse StorageLedger::of_domain(std::string_view domain) const {
  return use_of(by_domain_, domain);
}

StorageUse StorageLedger::of(const Subject& subject) const {
  switch (subject.type) {
    case Subject::Type::jid:
      return of_jid(subject.key);
    case Subject::Type::domain:
      return of_domain(subject.key);
    case Subject::Type::total:
      return total_;
    default:
      return {};
  }
}

std::vector<std::pair<std::string, StorageUse>> StorageLedger::largest(
    std::size_t count_max) const {
  std::vector<std::pair<std::string, StorageUse>> rows(std::min(count_max, by_jid_.size()));
  std::partial_sort_copy(by_jid_.begin(), by_jid_.end(), rows.begin(), rows.end(),
                         [](const auto& a, const auto& b) {
                           return std::pair(b.second.bytes, std::string_view(a.first)) <
                                  std::pair(a.second.bytes, std::string_view(b.first));
                         });
  return rows;
}

void StorageLedger::change(std::string_view owner, const StorageUse& use, bool is_taken) {
  change(by_jid_, owner, use, is_taken);
  change(by_domain_, policy::domain_of(owner), use, is_taken);
  total_.bytes = is_taken ? total_.bytes + use.bytes : total_.bytes - use.bytes;
  total_.files = is_taken ? total_.files + use.files : total_.files - use.files;
}

void StorageLedger::change(Uses& uses, std::string_view key, const StorageUse& use, bool is_taken) {
  StorageUse& row = uses[std::string(key)];
  BELLHOP_ASSERT(is_taken || (row.bytes >= use.bytes && row.files >= use.files));
  row.bytes = is_taken ? row.bytes + use.bytes : row.bytes - use.bytes;
  row.files = is_taken ? row.files + use.files : row.files - use.files;
  if (row == StorageUse{}) uses.erase(std::string(key));
}

}  // namespace bellhop::files
