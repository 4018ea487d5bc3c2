#include "config/file_text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "config/value_text.hpp"

namespace bellhop::config {
namespace {

class OpenFile {
 public:
  // O_NONBLOCK: opening a FIFO would otherwise wait for its writer.
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

Refusal unreadable(const std::string& path, int error) {
  return {"cannot read " + in_quotes(path) + ": " + std::generic_category().message(error), {}};
}

// Fills `buffer` as far as the file reaches and cuts it there; returns an errno value or 0.
int fill(int fd, std::string& buffer) {
  std::size_t used = 0;
  while (used < buffer.size()) {
    const ssize_t n = ::read(fd, buffer.data() + used, buffer.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
  }
  buffer.resize(used);
  return 0;
}

}  // namespace

std::variant<FileText, Refusal> read_file(const std::string& path, std::size_t bytes_max) {
  if (path.find('\0') != std::string::npos) return unreadable(path, EINVAL);
  const OpenFile file(path);
  struct stat status {};
  if (file.fd() < 0 || ::fstat(file.fd(), &status) != 0) return unreadable(path, errno);
  if (!S_ISREG(status.st_mode)) return Refusal{in_quotes(path) + " is not a regular file", {}};
  FileText content;
  content.text.resize(bytes_max + 1);
  if (const int error = fill(file.fd(), content.text)) return unreadable(path, error);
  if (content.text.size() > bytes_max) {
    return Refusal{in_quotes(path) + " is too large",
                   "allowed: at most " + std::to_string(bytes_max) + " bytes"};
  }
  if ((status.st_mode & S_IROTH) != 0) content.readable = Readable::by_everybody;
  return content;
}

}  // namespace bellhop::config
