#include "proxy/files/upload_body.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace bellhop::files {
namespace {

using runtime::Task;

// The disk begins to write behind us, so that the sync at the end does not find everything undone.
constexpr std::uint64_t kWriteBehindBytes = 8 * 1024 * 1024;

bool write_all(int fd, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Task<BodyOutcome> receive_body(http::Exchange& exchange, Transfer& transfer, Upload& upload,
                               std::uint64_t bytes_max, PieceDigest& digest, MoreRoom more) {
  http::RequestReader& reader = exchange.reader();
  std::uint64_t written_behind = upload.offset;
  std::uint64_t left = bytes_max;
  const auto executor = co_await runtime::asio::this_coro::executor;
  std::size_t turn_bytes = 0;
  while (!reader.is_body_done()) {
    // Before a piece is read: the buffer does not outlast a wait.
    if (more && left < exchange.scratch().size()) left += co_await more();
    const std::uint64_t allowed = co_await transfer.wait_for_allowance(exchange.scratch().size());
    if (allowed == 0) co_return BodyOutcome::cut_off;
    const std::span<char> into = exchange.scratch().first(allowed);
    const auto piece = co_await reader.read_body(into);
    if (piece.empty()) {
      if (reader.is_body_done()) break;
      co_return BodyOutcome::cut_off;
    }
    if (piece.size() > left) co_return BodyOutcome::too_long;
    upload.digest.update(piece);
    digest.update(piece);
    if (!write_all(upload.fd.value(), piece)) co_return BodyOutcome::failed;
    left -= piece.size();
    upload.offset += piece.size();
    transfer.add_received(piece.size());
    exchange.note_progress();
    upload.writer->last_progress_ms.store(std::chrono::duration_cast<std::chrono::milliseconds>(
                                              transfer.last_progress().time_since_epoch())
                                              .count(),
                                          std::memory_order_relaxed);
    if (upload.offset - written_behind >= kWriteBehindBytes) {
      (void)::sync_file_range(upload.fd.value(), static_cast<off_t>(written_behind),
                              static_cast<off_t>(upload.offset - written_behind),
                              SYNC_FILE_RANGE_WRITE);
      written_behind = upload.offset;
    }
    turn_bytes += piece.size();
    if (turn_bytes >= exchange.scratch().size() * 4) {
      turn_bytes = 0;
      co_await runtime::asio::post(executor, runtime::asio::deferred);
    }
  }
  co_return BodyOutcome::whole;
}

}  // namespace bellhop::files
