// Allocates from strangers: what they cost a server, and whether it answers with more than it got.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bellhop::bench {

/// What a stranger sends: a header and REQUESTED-TRANSPORT.
inline constexpr std::size_t stranger_request_bytes = 28;

struct FloodPlan {
  std::uint64_t requests = 1'000'000;
  double rate = 50'000;                      ///< requests a second
  double settle = 2;                         ///< seconds before memory is read
  std::int64_t growth_kib_max = 512 * 1024;  ///< the flood ends when the server has grown by that
  std::vector<pid_t> pids;                   ///< the server
};

struct FloodReport {
  std::uint64_t requests = 0;
  std::uint64_t bytes_sent = 0;  ///< of UDP payload, as all here
  std::uint64_t answers = 0;
  std::uint64_t bytes_answered = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  std::int64_t growth_kib = 0;     ///< of RssAnon, after the last request
  bool ended_early = false;        ///< because of growth_kib_max
  std::uint64_t kernel_drops = 0;  ///< datagrams that found the server's buffer full
};

/// The smallest Allocate there is (REQUESTED-TRANSPORT alone, as Chromium sends it), each from an
/// address and port that were not used before.
[[nodiscard]] FloodReport run_flood(const sockaddr_in& server, const FloodPlan& plan);

}  // namespace bellhop::bench
