#include "api/admin/path_checks.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "api/admin/lookup.hpp"
#include "api/admin/proxy_client.hpp"
#include "component/base/random.hpp"
#include "component/runtime/timeout.hpp"
#include "component/xmpp/digest.hpp"
#include "config/host_text.hpp"
#include "config/value_text.hpp"
#include "proxy/bytestream/streamhost.hpp"

namespace bellhop::admin {
namespace {

using base::Deadline;
using bytestream::DstAddr;
using bytestream::Streamhost;
using runtime::Task;
namespace asio = runtime::asio;

// One of the advertised addresses that does not answer leaves time for the first listener.
constexpr std::chrono::milliseconds kGreetingWithin{1500};
constexpr std::size_t kLoopBytes = std::size_t{4} * 1024 * 1024;
// In the other direction.
constexpr std::size_t kReplyBytes = std::size_t{64} * 1024;

// A name of a bytestream that nobody else can guess.
DstAddr random_name() {
  return *DstAddr::from_hex(xmpp::to_hex(base::random_bytes(DstAddr::kHexDigits / 2)));
}

Task<std::vector<Streamhost>> advertised(Core& core) {
  auto ask = [&control = core.parts.control] { return control.parts().proxy.streamhosts; };
  co_return co_await core.on_control(ask);
}

CheckOutcome nothing_advertised() {
  return failed("Clients are told no address, so they are told that there is no proxy.",
                "Set [public] host, or proxy.streamhosts.");
}

Task<CheckOutcome> resolve(const Streamhost& host, Deadline deadline) {
  const auto lookup = co_await addresses_of(host.host, deadline);
  if (!lookup->trouble.empty() || lookup->addresses.empty()) {
    co_return failed(host.host + " has no address here: " + lookup->trouble + ".",
                     "Clients are told this host: it needs an A or AAAA record, or another name in"
                     " [public] host.");
  }
  std::vector<std::string> texts;
  for (const base::IpAddress& address : lookup->addresses) texts.push_back(address.text());
  const std::string list = joined(texts);
  if (list == host.host) co_return passed(host.host + " is an address.");
  co_return passed(host.host + " is " + list + ".");
}

CheckOutcome unreached(const Streamhost& host, const Trouble& trouble, bool is_ours) {
  const std::string summary =
      config::host_port_text(host) + " cannot be reached from here: " + trouble + ".";
  if (is_ours) {
    return failed(summary,
                  "The address is this machine's: does proxy.listen have this port, or"
                  " does a firewall refuse it?");
  }
  return warning(summary,
                 "The address is not this machine's. Behind a router that does not lead its own"
                 " network back in this is normal: try the port from outside. Otherwise forward"
                 " the port to this machine.");
}

Task<CheckOutcome> reach(Core& core, const Streamhost& host, Deadline deadline) {
  ProxyClient client(co_await asio::this_coro::executor);
  const DstAddr name = random_name();
  Trouble trouble = co_await client.greet(host.host, host.port, deadline);
  if (!trouble.empty()) {
    const auto lookup = co_await addresses_of(host.host, Deadline::after(kGreetingWithin));
    co_return unreached(host, trouble, is_here(lookup->addresses));
  }
  trouble = co_await client.request(name, deadline);
  // Ours if the connection that was just named waits here.
  auto drop = [&control = core.parts.control, name] { return control.drop_waiting(name); };
  const std::size_t dropped = co_await core.on_control(drop);
  if (trouble.empty() && dropped == 1)
    co_return passed(config::host_port_text(host) + " leads here.");
  co_return failed("Something else than this process answers at " + config::host_port_text(host) +
                       (trouble.empty() ? "." : ": " + trouble + "."),
                   "Clients are told this address. Look who listens there (`ss -ltnp`), or where"
                   " the router forwards the port.");
}

// A pair of connections to one address, and who they are.
struct Loop {
  explicit Loop(runtime::Executor executor) : requester(executor), target(executor) {}

  ProxyClient requester;
  ProxyClient target;
  std::string address;
  DstAddr name = random_name();
};

// Through the first advertised address like most clients, else through the first listener.
Task<Trouble> connect(Core& core, Loop& loop, Deadline deadline) {
  std::vector<Streamhost> hosts = co_await advertised(core);
  if (hosts.size() > 1) hosts.resize(1);
  auto ask = [&control = core.parts.control] { return control.parts().socks5.bound(); };
  const std::vector<base::IpEndpoint> bound = co_await core.on_control(ask);
  if (!bound.empty()) {
    const std::string any = bound[0].address.text();
    const bool is_any = any == "0.0.0.0" || any == "::";
    hosts.push_back({is_any ? (any == "::" ? "::1" : "127.0.0.1") : any, bound[0].port});
  }
  Trouble trouble = "there is no port";
  for (const Streamhost& host : hosts) {
    loop.address = config::host_port_text(host);
    const Deadline greeting_by(std::min(deadline.at(), Deadline::after(kGreetingWithin).at()));
    trouble = co_await loop.requester.greet(host.host, host.port, greeting_by);
    if (!trouble.empty()) {
      trouble = loop.address + ": " + trouble;
      continue;
    }
    trouble = co_await loop.target.greet(host.host, host.port, deadline);
    if (trouble.empty()) trouble = co_await loop.requester.request(loop.name, deadline);
    if (trouble.empty()) trouble = co_await loop.target.request(loop.name, deadline);
    if (!trouble.empty()) trouble = loop.address + ": " + trouble;
    break;
  }
  co_return trouble;
}

// How far the bytes got.
struct Transfer {
  std::string bytes = base::random_bytes(kLoopBytes);
  std::size_t there = 0;
  std::size_t back = 0;
};

// Both ways at the same time.
Task<Trouble> transfer(Loop& loop, Transfer& transfer) {
  using namespace asio::experimental::awaitable_operators;
  const std::string_view there = transfer.bytes;
  const std::string_view back = there.substr(0, kReplyBytes);
  auto [sent, arrived, replied, returned] =
      co_await (loop.requester.send(there) && loop.target.expect(there, transfer.there) &&
                loop.target.send(back) && loop.requester.expect(back, transfer.back));
  for (const Trouble* trouble : {&sent, &arrived, &replied, &returned}) {
    if (!trouble->empty()) co_return *trouble;
  }
  co_return Trouble();
}

std::string in_mib(std::size_t bytes) {
  return std::to_string(bytes / (1024 * 1024)) + " MiB";
}

CheckOutcome judge_transfer(const std::optional<Trouble>& trouble, const Loop& loop,
                            const Transfer& transfer, base::Duration took) {
  if (!trouble && transfer.there > 0) {
    return warning("Only " + std::to_string(transfer.there) + " of " + std::to_string(kLoopBytes) +
                       " bytes came through " + loop.address + " in time.",
                   "Is there a rate limit (`bellhopctl policy rate list`), or is the machine"
                   " busy?");
  }
  const std::string why = trouble ? *trouble : "no bytes came in time";
  if (!why.empty()) {
    return failed(
        "A stream through " + loop.address + " was relayed, and then failed: " + why + ".",
        "See how its session ended in the log; what stands between clients and the port"
        " must pass bytes on as they are.");
  }
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  return passed(in_mib(kLoopBytes) + " came through " + loop.address + " as they were sent, in " +
                std::to_string(std::max<std::int64_t>(ms, 1)) + " ms.");
}

}  // namespace

Task<CheckOutcome> check_public(Core& core) {
  for (const Streamhost& host : co_await advertised(core)) {
    if (!config::looks_local(host.host)) continue;
    co_return warning("Clients are told " + host.host + ", which only this network can reach.",
                      "Set [public] host to a name or address that the Internet reaches.");
  }
  co_return passed("No advertised address is private.");
}

Task<CheckOutcome> check_resolves(Core& core) {
  const std::vector<Streamhost> hosts = co_await advertised(core);
  if (hosts.empty()) co_return nothing_advertised();
  const Deadline deadline = Deadline::after(kCheckWithin);
  std::vector<CheckOutcome> outcomes;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    outcomes.push_back(co_await resolve(hosts[i], share_of(deadline, hosts.size() - i)));
  }
  co_return worst_of(outcomes);
}

Task<CheckOutcome> check_reaches(Core& core) {
  const std::vector<Streamhost> hosts = co_await advertised(core);
  if (hosts.empty()) co_return nothing_advertised();
  const Deadline deadline = Deadline::after(kCheckWithin - kGreetingWithin);
  std::vector<CheckOutcome> outcomes;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    outcomes.push_back(co_await reach(core, hosts[i], share_of(deadline, hosts.size() - i)));
  }
  co_return worst_of(outcomes);
}

Task<CheckOutcome> check_loop(Core& core) {
  const Deadline deadline = Deadline::after(kCheckWithin);
  Loop loop(co_await asio::this_coro::executor);
  Trouble trouble = co_await connect(core, loop, deadline);
  auto drop = [&control = core.parts.control, name = loop.name] {
    return control.drop_waiting(name);
  };
  if (!trouble.empty()) {
    co_await core.on_control(drop);
    co_return failed("No two connections to the proxy: " + trouble + ".",
                     "address.reaches and ports.bound tell more.");
  }
  const base::Result<void> started =
      co_await core.on_control_task(core.parts.control.start_own(loop.name));
  if (!started) {
    co_await core.on_control(drop);
    co_return failed(
        "The proxy did not relay a stream of its own: " + std::string(started.error().kind().text),
        "Through a name that leads to another machine the connections do not arrive"
        " here; caps on sessions count for this one too.");
  }
  Transfer moved;
  const base::TimePoint began = base::Clock::now();
  const std::optional<Trouble> ended =
      co_await runtime::with_deadline(transfer(loop, moved), deadline);
  co_return judge_transfer(ended, loop, moved, base::Clock::now() - began);
}

}  // namespace bellhop::admin
