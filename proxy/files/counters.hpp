// What the file store counts, per shard.
#pragma once

#include <array>

#include "component/base/counters.hpp"
#include "component/base/error.hpp"
#include "proxy/files/errors.hpp"

namespace bellhop::files {

/// Why a file is gone.
enum class RemoveReason : std::uint8_t {
  expired,      ///< its time was over
  slot_lapsed,  ///< it was announced and never came whole
  by_user,
  by_operator,
  account_removed,
  lost,  ///< its bytes were gone from the disk
  count_
};

[[nodiscard]] constexpr std::string_view to_text(RemoveReason reason) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(RemoveReason::count_)> kTexts{
      "expired", "slot-lapsed", "by-user", "by-operator", "account-removed", "lost"};
  return kTexts[static_cast<std::size_t>(reason)];
}

/// Rows of kFileCounterNames.
enum class FileCounter : std::uint8_t {
  slots_granted,
  uploads_finished,
  uploads_cut_off,  ///< ended before the file was whole; may go on
  uploads_resumed,
  bytes_received,  ///< of files; as all that follow as of the last batch
  bytes_sent,
  requests,            ///< of HTTP, answered
  connections_active,  ///< gauge
  connections_accepted,
  connections_refused,  ///< over a cap
  connections_timed_out,
  guests_let_in,   ///< to a file of somebody else's folder
  guests_refused,  ///< on no list, or not confirmed
  count_
};

inline constexpr std::array<base::CounterName, static_cast<std::size_t>(FileCounter::count_)>
    kFileCounterNames{{
        {"bellhop_files_slots_granted_total", ""},
        {"bellhop_files_uploads_finished_total", ""},
        {"bellhop_files_uploads_cut_off_total", ""},
        {"bellhop_files_uploads_resumed_total", ""},
        {"bellhop_files_received_bytes_total", ""},
        {"bellhop_files_sent_bytes_total", ""},
        {"bellhop_files_requests_total", ""},
        {"bellhop_files_connections_active", ""},
        {"bellhop_files_connections_accepted_total", ""},
        {"bellhop_files_connections_refused_total", ""},
        {"bellhop_files_connections_timed_out_total", ""},
        {"bellhop_files_guests_let_in_total", ""},
        {"bellhop_files_guests_refused_total", ""},
    }};

/// One counter for each row of errors::kAll, in that order.
enum class FileRefusal : std::uint8_t { count_ = errors::kAll.size() };

inline constexpr auto kFileRefusalNames = [] {
  std::array<base::CounterName, errors::kAll.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = {"bellhop_files_refusals_total", errors::kAll[i].kind->name};
  }
  return names;
}();

inline constexpr auto kRemovalNames = [] {
  std::array<base::CounterName, static_cast<std::size_t>(RemoveReason::count_)> names{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = {"bellhop_files_removed_total", to_text(static_cast<RemoveReason>(i))};
  }
  return names;
}();

/// All counters of this folder; main registers them by name. Block 0 is the index thread's, the
/// others are those of the shards that serve HTTP.
struct FileCounters {
  explicit FileCounters(std::size_t threads)
      : events(threads + 1), refusals(threads + 1), removals(1) {}

  base::ShardedCounters<FileCounter> events;
  base::ShardedCounters<FileRefusal> refusals;
  base::ShardedCounters<RemoveReason> removals;

  /// On the thread that owns the block. Kinds of other folders are counted there.
  void count_refusal(std::size_t block, const base::ErrorKind& kind) {
    for (std::size_t i = 0; i < errors::kAll.size(); ++i) {
      if (errors::kAll[i].kind == &kind) {
        refusals.of_shard(block).add(static_cast<FileRefusal>(i));
      }
    }
  }
};

}  // namespace bellhop::files
