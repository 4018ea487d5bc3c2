#include "proxy/files/blob_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

#include "proxy/files/errors.hpp"

namespace bellhop::files {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

base::Error failure(const char* what, const fs::path& path) {
  return {errors::store_failed,
          std::string(what) + " " + path.string() + ": " + std::generic_category().message(errno)};
}

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw std::runtime_error("files " + path.string() + ": " + why);
}

void make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    refuse(path, std::generic_category().message(errno));
  }
}

base::UniqueFd open_file(const fs::path& path, int flags) {
  return base::UniqueFd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kFileMode));
}

bool sync_folder(const fs::path& path) {
  const base::UniqueFd fd = open_file(path, O_RDONLY | O_DIRECTORY);
  return fd && ::fsync(fd.value()) == 0;
}

std::optional<std::uint64_t> size_of(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

void visit_names(const fs::path& folder, const std::function<void(const FileId&)>& visit) {
  std::error_code ec;
  for (fs::directory_iterator entry(folder, ec), end; !ec && entry != end; entry.increment(ec)) {
    if (const auto id = FileId::parse(entry->path().filename().string())) visit(*id);
  }
}

}  // namespace

BlobStore::BlobStore(fs::path folder) : folder_(std::move(folder)) {
  if (folder_.has_parent_path()) make_folder(folder_.parent_path());
  make_folder(folder_);
  lock_ = open_file(folder_ / "lock", O_RDWR | O_CREAT);
  if (!lock_) refuse(folder_, std::generic_category().message(errno));
  if (::flock(lock_.value(), LOCK_EX | LOCK_NB) != 0) {
    refuse(folder_, "another process uses this folder");
  }
  make_folder(folder_ / "partial");
  make_folder(folder_ / "stored");
  for (unsigned i = 0; i < 256; ++i) {
    std::array<char, 3> name{};
    (void)std::snprintf(name.data(), name.size(), "%02x", i);
    make_folder(folder_ / "stored" / name.data());
  }
  if (!sync_folder(folder_) || !sync_folder(folder_ / "stored")) {
    refuse(folder_, std::generic_category().message(errno));
  }
}

fs::path BlobStore::partial_path(const FileId& id) const {
  return folder_ / "partial" / id.text();
}

fs::path BlobStore::stored_path(const FileId& id) const {
  std::array<char, 3> name{};
  (void)std::snprintf(name.data(), name.size(), "%02x", id.bytes[0]);
  return folder_ / "stored" / name.data() / id.text();
}

base::Result<base::UniqueFd> BlobStore::open_partial(const FileId& id) const {
  const fs::path path = partial_path(id);
  base::UniqueFd fd = open_file(path, O_RDWR | O_CREAT | O_APPEND);
  if (!fd) return failure("open", path);
  return fd;
}

std::uint64_t BlobStore::partial_bytes(const FileId& id) const {
  return size_of(partial_path(id)).value_or(0);
}

base::Result<void> BlobStore::truncate_partial(const FileId& id, std::uint64_t bytes) const {
  const fs::path path = partial_path(id);
  if (::truncate(path.c_str(), static_cast<off_t>(bytes)) != 0) return failure("truncate", path);
  return {};
}

base::Result<void> BlobStore::store(const FileId& id) const {
  const fs::path from = partial_path(id);
  const fs::path to = stored_path(id);
  const base::UniqueFd fd = open_file(from, O_RDWR);
  if (!fd) return failure("open", from);
  if (::fdatasync(fd.value()) != 0) return failure("sync", from);
  if (::rename(from.c_str(), to.c_str()) != 0) return failure("rename", from);
  if (!sync_folder(to.parent_path())) return failure("sync", to.parent_path());
  return {};
}

base::Result<void> BlobStore::unstore(const FileId& id) const {
  if (::rename(stored_path(id).c_str(), partial_path(id).c_str()) != 0) {
    return failure("rename", stored_path(id));
  }
  return {};
}

base::Result<std::optional<base::UniqueFd>> BlobStore::open_stored(const FileId& id) const {
  const fs::path path = stored_path(id);
  base::UniqueFd fd = open_file(path, O_RDONLY);
  if (!fd && errno == ENOENT) return std::optional<base::UniqueFd>();
  if (!fd) return failure("open", path);
  return std::optional(std::move(fd));
}

std::optional<std::uint64_t> BlobStore::stored_bytes(const FileId& id) const {
  return size_of(stored_path(id));
}

void BlobStore::remove(const FileId& id) const {
  (void)::unlink(stored_path(id).c_str());
  remove_partial(id);
}

void BlobStore::remove_partial(const FileId& id) const {
  (void)::unlink(partial_path(id).c_str());
}

void BlobStore::for_each_partial(const std::function<void(const FileId&)>& visit) const {
  visit_names(folder_ / "partial", visit);
}

void BlobStore::for_each_stored(const std::function<void(const FileId&)>& visit) const {
  std::error_code ec;
  const fs::path stored = folder_ / "stored";
  for (fs::directory_iterator entry(stored, ec), end; !ec && entry != end; entry.increment(ec)) {
    visit_names(entry->path(), visit);
  }
}

std::uint64_t BlobStore::free_bytes() const {
  struct statvfs status {};
  if (::statvfs(folder_.c_str(), &status) != 0) return 0;
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

}  // namespace bellhop::files
