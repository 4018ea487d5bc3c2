// Accounting records: a file of JSON lines that others add up.
#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "component/base/unique_fd.hpp"
#include "component/xmpp/date_time.hpp"

namespace bellhop::observe {

/// What was moved for a session since the record before it. The sums over all records of a session
/// are what it moved; a record may be there twice after a failure, so who adds up takes each pair
/// of session and sequence once.
struct AccountingRecord {
  std::string session;                      ///< ULID
  std::uint64_t sequence = 0;               ///< within the session
  bool is_final = false;                    ///< the session has ended
  std::string kind;                         ///< `socks5` for instance
  std::string requester;                    ///< JID
  std::string target;                       ///< JID; empty: none
  std::string domain;                       ///< of the requester
  xmpp::Timestamp start;                    ///< of the session
  xmpp::Timestamp stop;                     ///< of what this record is about
  std::uint64_t first_to_second_bytes = 0;  ///< delivered since the record before
  std::uint64_t second_to_first_bytes = 0;  ///< likewise
  std::uint64_t dropped_bytes = 0;          ///< taken and not delivered, since the record before
  std::uint64_t duration_ms = 0;            ///< of the session up to `stop`
  std::string reason;                       ///< why it ended; empty if it did not
};

/// One JSON object in one line with a newline at its end, in ASCII or UTF-8 whatever the texts
/// hold: what is no UTF-8 in them is written as U+FFFD. Times as RFC 3339, in UTC, with
/// milliseconds.
[[nodiscard]] std::string to_json_line(const AccountingRecord& record);

/// Appends records to `path`. A file that would become too large is renamed to `path`.1, that one
/// to `path`.2 and so on; the oldest goes. What append() returned from survives the end of the
/// process; what was rotated, synced or closed survives the loss of power. Blocking; one thread at
/// a time. Who reads skips lines that are no JSON: the rest of a line that a crash cut off.
class AccountingLog {
 public:
  struct Options {
    std::filesystem::path path;
    std::uint64_t file_bytes_max = 0;  ///< a longer record has a file of its own
    std::uint32_t old_files_max = 1;   ///< besides `path` itself, at least 1
  };

  /// Opens the file, or creates it with mode 0640; ends a line that a crash cut off. For start-up:
  /// throws std::runtime_error with one line if that fails, also for links and for what is no file.
  explicit AccountingLog(Options options);
  AccountingLog(AccountingLog&&) = default;
  AccountingLog& operator=(AccountingLog&&) = delete;
  /// As close(), but nobody is told of errors.
  ~AccountingLog();

  /// Writes one record. After an error it is not in the file and may be tried again. A rotation
  /// that fails does not keep records from being written: see rotation_error().
  [[nodiscard]] boost::system::error_code append(const AccountingRecord& record);
  /// Makes what was written survive the loss of power.
  [[nodiscard]] boost::system::error_code sync();
  /// As sync(), and closes the file: append() fails afterwards.
  [[nodiscard]] boost::system::error_code close();
  /// Why the last rotation failed, if it did; it is tried again with each record.
  [[nodiscard]] boost::system::error_code rotation_error() const { return rotation_error_; }

 private:
  [[nodiscard]] boost::system::error_code end_torn_line();
  [[nodiscard]] boost::system::error_code write(std::string_view text);
  [[nodiscard]] boost::system::error_code rotate();
  [[nodiscard]] boost::system::error_code shift_names(const std::filesystem::path& fresh) const;
  [[nodiscard]] std::filesystem::path path_with(const std::string& suffix) const;

  Options options_;
  base::UniqueFd fd_;
  bool is_torn_ = false;  // a write failed half-way, and so did taking it back
  boost::system::error_code rotation_error_;
};

}  // namespace bellhop::observe
