#include "api/admin/checks.hpp"

#include <array>
#include <fstream>

#include "api/process_stats.hpp"
#include "config/host_text.hpp"

namespace bellhop::admin {
namespace {

using runtime::Task;

CheckOutcome passed(std::string summary) {
  return {v1::CHECK_STATUS_PASSED, std::move(summary), {}};
}
CheckOutcome warning(std::string summary, std::string fix) {
  return {v1::CHECK_STATUS_WARNING, std::move(summary), std::move(fix)};
}
CheckOutcome failed(std::string summary, std::string fix) {
  return {v1::CHECK_STATUS_FAILED, std::move(summary), std::move(fix)};
}

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

Task<CheckOutcome> check_private_address(Core& core) {
  auto ask = [&control = core.parts.control] { return control.parts().proxy.streamhosts; };
  for (const auto& host : co_await core.on_control(ask)) {
    if (!config::looks_local(host.host)) continue;
    co_return warning("Clients are told " + host.host + ", which only this network can reach.",
                      "Set [public] host to a name or address that the Internet reaches.");
  }
  co_return passed("No advertised address is private.");
}

Task<CheckOutcome> check_open(Core& core) {
  auto ask = [&control = core.parts.control] { return control.node(); };
  const api::NodeStatus node = co_await core.on_control(ask);
  if (!node.is_open) {
    co_return failed("New sessions are refused: Bellhop is draining or stopping.",
                     "`bellhopctl undrain` takes new sessions again.");
  }
  if (node.listen.empty()) co_return failed("No port is bound.", "Set proxy.listen.");
  std::string ports;
  for (const std::string& address : node.listen) ports += (ports.empty() ? "" : ", ") + address;
  co_return passed("Listening on " + ports + ".");
}

Task<CheckOutcome> check_descriptors(Core& core) {
  const api::ProcessStats process = api::read_process_stats();
  const std::uint64_t wanted = core.parts.settings.proxy.connections_max;
  const std::string limit = std::to_string(process.descriptor_limit);
  // A session in motion takes two sockets and a pipe.
  if (process.descriptor_limit < 1024 + wanted) {
    co_return warning("The process may open " + limit + " files, proxy.connections_max is " +
                          std::to_string(wanted) + ".",
                      "Raise LimitNOFILE= of the unit (or `ulimit -n`), or lower "
                      "proxy.connections_max.");
  }
  co_return passed("The process may open " + limit + " files, enough for proxy.connections_max.");
}

std::uint64_t read_number(const char* path) {
  std::uint64_t number = 0;
  std::ifstream(path) >> number;
  return number;
}

Task<CheckOutcome> check_buffers(Core&) {
  // TCP's largest window: the middle of three numbers is the default, the last one the most.
  std::uint64_t least = 0;
  std::uint64_t usual = 0;
  std::uint64_t most = 0;
  std::ifstream("/proc/sys/net/ipv4/tcp_wmem") >> least >> usual >> most;
  constexpr std::uint64_t kWanted = 4 * 1024 * 1024;
  constexpr std::uint64_t kBacklog = 1024;
  if (most != 0 && most < kWanted) {
    co_return warning("TCP may buffer " + std::to_string(most) +
                          " bytes for sending, which slows distant transfers.",
                      "sysctl net.ipv4.tcp_wmem=\"4096 65536 6291456\"");
  }
  const std::uint64_t backlog = read_number("/proc/sys/net/core/somaxconn");
  if (backlog != 0 && backlog < kBacklog) {
    co_return warning(
        "At most " + std::to_string(backlog) + " connections may wait to be accepted.",
        "sysctl net.core.somaxconn=4096");
  }
  co_return passed("Socket buffers and backlog are large enough.");
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

}  // namespace

std::span<const Check> all_checks() {
  static constexpr std::array<Check, 6> kChecks{{
      {"upstream.attached", check_attached},
      {"ports.bound", check_open},
      {"address.public", check_private_address},
      {"limits.descriptors", check_descriptors},
      {"limits.buffers", check_buffers},
      {"storage.works", check_storage},
  }};
  return kChecks;
}

}  // namespace bellhop::admin
