#include "api/observe/accounting_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/system/system_category.hpp>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "component/base/error.hpp"
#include "component/xmpp/utf8.hpp"

namespace bellhop::observe {
namespace {

using boost::system::error_code;

constexpr mode_t kMode = 0640;  // accounting is read by a group, and by nobody else
constexpr int kFlags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

error_code error_of(int status) {
  return status == 0 ? error_code() : last_error();
}

// A new file with that very mode, whatever the umask says.
base::UniqueFd create(const std::filesystem::path& path) {
  base::UniqueFd fd(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, kMode));
  if (fd && ::fchmod(fd.value(), kMode) != 0) fd.reset();
  return fd;
}

error_code sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const base::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return last_error();
  return error_of(::fsync(fd.value()));
}

std::string utf8_of(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const xmpp::Utf8Character next = xmpp::decode_utf8(text);
    valid += next.is_valid ? text.substr(0, next.bytes) : std::string_view("\xEF\xBF\xBD");
    text.remove_prefix(next.bytes);
  }
  return valid;
}

// XEP-0082 leaves out a fraction of zero; columns are easier to compare when it is there.
std::string with_milliseconds(xmpp::Timestamp time) {
  std::string text = xmpp::format_date_time(time);
  if (text.find('.') == std::string::npos) text.insert(text.size() - 1, ".000");
  return text;
}

}  // namespace

std::string to_json_line(const AccountingRecord& record) {
  const boost::json::object object{
      {"session", utf8_of(record.session)},
      {"sequence", record.sequence},
      {"final", record.is_final},
      {"kind", utf8_of(record.kind)},
      {"requester", utf8_of(record.requester)},
      {"target", utf8_of(record.target)},
      {"domain", utf8_of(record.domain)},
      {"start", with_milliseconds(record.start)},
      {"stop", with_milliseconds(record.stop)},
      {"first_to_second_bytes", record.first_to_second_bytes},
      {"second_to_first_bytes", record.second_to_first_bytes},
      {"dropped_bytes", record.dropped_bytes},
      {"duration_ms", record.duration_ms},
      {"reason", utf8_of(record.reason)},
  };
  return boost::json::serialize(object) + '\n';
}

AccountingLog::AccountingLog(Options options) : options_(std::move(options)) {
  BELLHOP_ASSERT(options_.old_files_max > 0);
  const auto refuse = [this](const std::string& why) {
    throw std::runtime_error("accounting log " + options_.path.string() + ": " + why);
  };
  fd_ = create(options_.path);
  if (!fd_ && errno == EEXIST) fd_ = base::UniqueFd(::open(options_.path.c_str(), kFlags));
  if (!fd_) refuse(last_error().message());
  struct stat status {};
  if (::fstat(fd_.value(), &status) != 0) refuse(last_error().message());
  if (!S_ISREG(status.st_mode)) refuse("not a regular file");
  if (const error_code ec = end_torn_line()) refuse(ec.message());
  if (const error_code ec = sync_folder_of(options_.path)) refuse(ec.message());
}

AccountingLog::~AccountingLog() {
  if (fd_) (void)close();
}

error_code AccountingLog::append(const AccountingRecord& record) {
  if (is_torn_) {
    if (const error_code ec = end_torn_line()) return ec;
    is_torn_ = false;
  }
  const std::string line = to_json_line(record);
  struct stat status {};
  if (::fstat(fd_.value(), &status) != 0) return last_error();
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > 0 && size + line.size() > options_.file_bytes_max) rotation_error_ = rotate();
  return write(line);
}

error_code AccountingLog::sync() {
  return error_of(::fsync(fd_.value()));
}

error_code AccountingLog::close() {
  const error_code ec = sync();
  fd_.reset();
  return ec;
}

error_code AccountingLog::end_torn_line() {
  struct stat status {};
  if (::fstat(fd_.value(), &status) != 0) return last_error();
  if (status.st_size == 0) return {};
  char last = 0;
  const ssize_t got = ::pread(fd_.value(), &last, 1, status.st_size - 1);
  if (got < 0) return last_error();
  if (last == '\n') return {};
  return write("\n");
}

// All of `text`, or nothing of it.
error_code AccountingLog::write(std::string_view text) {
  struct stat before {};
  if (::fstat(fd_.value(), &before) != 0) return last_error();
  while (!text.empty()) {
    const ssize_t written = ::write(fd_.value(), text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written == 0 || errno != EINTR) {
      const error_code ec =
          written == 0 ? error_code(ENOSPC, boost::system::system_category()) : last_error();
      if (::ftruncate(fd_.value(), before.st_size) != 0) is_torn_ = true;
      return ec;
    }
  }
  return {};
}

error_code AccountingLog::rotate() {
  if (const error_code ec = sync()) return ec;
  // The new file is there before the old one moves: when that fails, nothing has changed.
  const std::filesystem::path fresh = path_with("new");
  ::unlink(fresh.c_str());
  base::UniqueFd fd = create(fresh);
  if (!fd) return last_error();
  if (const error_code ec = shift_names(fresh)) {
    ::unlink(fresh.c_str());
    return ec;
  }
  fd_ = std::move(fd);
  return sync_folder_of(options_.path);
}

error_code AccountingLog::shift_names(const std::filesystem::path& fresh) const {
  for (std::uint32_t number = options_.old_files_max; number > 1; --number) {
    const auto from = path_with(std::to_string(number - 1));
    const auto to = path_with(std::to_string(number));
    if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) return last_error();
  }
  const auto first = path_with("1");
  if (::rename(options_.path.c_str(), first.c_str()) != 0) return last_error();
  if (::rename(fresh.c_str(), options_.path.c_str()) == 0) return {};
  const error_code ec = last_error();
  ::rename(first.c_str(), options_.path.c_str());
  return ec;
}

std::filesystem::path AccountingLog::path_with(const std::string& suffix) const {
  return options_.path.string() + "." + suffix;
}

}  // namespace bellhop::observe
