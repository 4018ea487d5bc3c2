#include "api/admin/checks.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "api/admin/discovery_checks.hpp"
#include "api/admin/path_checks.hpp"
#include "api/admin/turn_checks.hpp"
#include "api/admin/upload_checks.hpp"
#include "api/process_stats.hpp"

namespace bellhop::admin {
namespace {

using runtime::Task;

Task<CheckOutcome> check_attached(Core& core) {
  auto ask = [&control = core.parts.control] { return control.upstreams(); };
  const auto upstreams = co_await core.on_control(ask);
  for (const api::UpstreamStatus& upstream : upstreams) {
    if (upstream.status.state == xmpp::Stream::Status::State::attached) continue;
    const std::string& why = upstream.status.last_error;
    co_return failed(
        upstream.jid + " is not attached to " + upstream.server +
            (why.empty() ? ": still connecting." : ": " + why + "."),
        "Check that the server runs, that it declares this component, and that the secret is the "
        "same on both sides.");
  }
  co_return passed(std::to_string(upstreams.size()) + " component(s) attached.");
}

Task<CheckOutcome> check_open(Core& core) {
  auto ask = [&control = core.parts.control] { return control.node(); };
  const api::NodeStatus node = co_await core.on_control(ask);
  if (!node.is_open) {
    co_return failed("New sessions are refused: Bellhop is draining or stopping.",
                     "`bellhopctl undrain` takes new sessions again.");
  }
  if (node.listen.empty()) co_return failed("No port is bound.", "Set proxy.listen.");
  co_return passed("Listening on " + joined(node.listen) + ".");
}

Task<CheckOutcome> check_descriptors(Core& core) {
  const api::ProcessStats process = api::read_process_stats();
  const std::uint64_t wanted = core.parts.settings.proxy.connections_max;
  const std::string limit = std::to_string(process.descriptor_limit);
  constexpr std::uint64_t kOwn = 1024;  // listeners, streams, admin side, log, store
  if (process.descriptor_limit < kOwn + wanted) {
    co_return warning("The process may open " + limit + " files, proxy.connections_max is " +
                          std::to_string(wanted) + ".",
                      "Raise LimitNOFILE= of the unit (or `ulimit -n`), or lower "
                      "proxy.connections_max.");
  }
  // Connections take one each; a session whose bytes are in flight two more, for a pipe.
  co_return passed("The process may open " + limit + " files: enough for proxy.connections_max, " +
                   std::to_string((process.descriptor_limit - kOwn) / 4) +
                   " sessions may have bytes in flight at one time.");
}

std::uint64_t read_number(const char* path) {
  std::uint64_t number = 0;
  std::ifstream(path) >> number;
  return number;
}

// The most of a TCP buffer: the last of three numbers; 0 where it cannot be read.
std::uint64_t read_most(const char* path) {
  std::uint64_t least = 0;
  std::uint64_t usual = 0;
  std::uint64_t most = 0;
  std::ifstream(path) >> least >> usual >> most;
  return most;
}

// A setting of the kernel that is too small.
struct KernelLimit {
  std::uint64_t value;  // 0: unknown
  std::uint64_t wanted;
  std::string_view what;
  std::string_view fix;
};

Task<CheckOutcome> check_buffers(Core&) {
  // 4 MiB: what 40 MiB/s need at 100 ms there and back. PipePool wants pipes of 256 KiB.
  constexpr std::uint64_t kTcpBytes = 4 * 1024 * 1024;
  const std::array<KernelLimit, 4> limits{{
      {read_most("/proc/sys/net/ipv4/tcp_wmem"), kTcpBytes, "bytes that TCP may buffer for sending",
       "sysctl net.ipv4.tcp_wmem=\"4096 65536 6291456\""},
      {read_most("/proc/sys/net/ipv4/tcp_rmem"), kTcpBytes, "bytes that TCP may buffer on arrival",
       "sysctl net.ipv4.tcp_rmem=\"4096 131072 6291456\""},
      {read_number("/proc/sys/net/core/somaxconn"), 1024, "connections that wait to be accepted",
       "sysctl net.core.somaxconn=4096"},
      {read_number("/proc/sys/fs/pipe-max-size"), 256 * 1024, "bytes of one pipe",
       "sysctl fs.pipe-max-size=1048576"},
  }};
  const auto is_known = [](const KernelLimit& limit) { return limit.value > 0; };
  if (std::ranges::none_of(limits, is_known)) {
    co_return skipped("/proc/sys is hidden from this process (ProcSubset=pid of the unit).");
  }
  for (const KernelLimit& limit : limits) {
    if (limit.value == 0 || limit.value >= limit.wanted) continue;
    co_return warning("The kernel's maximum of " + std::string(limit.what) + " is " +
                          std::to_string(limit.value) + ", less than " +
                          std::to_string(limit.wanted) +
                          ": transfers are slower than they could be.",
                      std::string(limit.fix));
  }
  co_return passed("Socket buffers, pipes and backlog are large enough.");
}

Task<CheckOutcome> check_storage(Core& core) {
  if (!core.is_store_wanted) {
    co_return warning(
        "monitoring.state_dir is empty: history, usage and rules set at run time are "
        "lost at a restart.",
        "Set monitoring.state_dir.");
  }
  if (!core.is_store_open) {
    co_return failed(
        "The state folder " + core.parts.settings.monitoring.state_dir + " cannot be used.",
        "See storage_unavailable in the log; the folder must exist and be writable.");
  }
  if (core.storage_failures > 0) {
    co_return warning(std::to_string(core.storage_failures) + " writes to the state folder failed.",
                      "See storage_failed in the log; is the disk full?");
  }
  co_return passed("The state folder works.");
}

// How bad it is, the worst last.
int weight_of(v1::CheckStatus status) {
  switch (status) {
    case v1::CHECK_STATUS_PASSED:
      return 0;
    case v1::CHECK_STATUS_SKIPPED:
      return 1;
    case v1::CHECK_STATUS_WARNING:
      return 2;
    default:
      return 3;
  }
}

}  // namespace

CheckOutcome worst_of(const std::vector<CheckOutcome>& outcomes) {
  CheckOutcome worst;
  int weight = -1;
  for (const CheckOutcome& each : outcomes) {
    const int own = weight_of(each.status);
    if (own > weight) {
      worst = each;
      weight = own;
    } else if (own == weight) {
      worst.summary += " " + each.summary;
      if (worst.fix.find(each.fix) == std::string::npos) worst.fix += " " + each.fix;
    }
  }
  return worst;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& each : texts) text += (text.empty() ? "" : ", ") + each;
  return text;
}

base::Deadline share_of(base::Deadline deadline, std::size_t left) {
  const base::TimePoint now = base::Clock::now();
  return base::Deadline(now + (deadline.at() - now) / static_cast<base::Duration::rep>(left));
}

std::span<const Check> all_checks() {
  static constexpr std::array<Check, 18> kChecks{{
      {"upstream.attached", check_attached},
      {"ports.bound", check_open},
      {"discovery.listed", check_listed},
      {"discovery.answers", check_answers},
      {"discovery.rival", check_rival},
      {"address.public", check_public},
      {"address.resolves", check_resolves},
      {"address.reaches", check_reaches},
      {"proxy.loop", check_loop},
      {"upload.address", check_upload_address},
      {"upload.loop", check_upload_loop},
      {"upload.room", check_upload_room},
      {"turn.address", check_turn_address},
      {"turn.loop", check_turn_loop},
      {"turn.credentials", check_turn_credentials},
      {"limits.descriptors", check_descriptors},
      {"limits.buffers", check_buffers},
      {"storage.works", check_storage},
  }};
  return kChecks;
}

}  // namespace bellhop::admin
