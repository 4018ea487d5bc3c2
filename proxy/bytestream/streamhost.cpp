#include "proxy/bytestream/streamhost.hpp"

#include <algorithm>

namespace bellhop::bytestream {
namespace {

// RFC 5952 for literals (S5B-03); names stay as the operator wrote them.
std::string canonical(const std::string& host) {
  const auto address = base::IpAddress::parse(host);
  return address ? address->text() : host;
}

std::string first_global(const std::vector<base::IpAddress>& machine, bool is_v4) {
  const auto found = std::find_if(machine.begin(), machine.end(), [&](const auto& address) {
    return address.is_v4() == is_v4 && address.is_global();
  });
  return found == machine.end() ? std::string() : found->text();
}

}  // namespace

std::vector<Streamhost> choose_streamhosts(const config::PublicSettings& public_address,
                                           const config::ProxySettings& proxy,
                                           std::uint16_t bound_port,
                                           const std::vector<base::IpAddress>& machine) {
  const std::uint16_t port = proxy.public_port != 0 ? proxy.public_port : bound_port;
  std::vector<Streamhost> hosts;
  for (const config::HostPort& listed : proxy.streamhosts) {
    const Streamhost host{canonical(listed.host), listed.port != 0 ? listed.port : port};
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.push_back(host);
  }
  if (!hosts.empty()) return hosts;
  for (const std::string& host : {public_address.host, public_address.ipv4, public_address.ipv6,
                                  first_global(machine, true), first_global(machine, false)}) {
    if (!host.empty()) return {Streamhost{canonical(host), port}};
  }
  return {};
}

}  // namespace bellhop::bytestream
