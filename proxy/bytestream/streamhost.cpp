#include "proxy/bytestream/streamhost.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

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

std::vector<base::IpAddress> machine_addresses() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> guard(list, &::freeifaddrs);
  std::vector<base::IpAddress> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || (entry->ifa_flags & IFF_UP) == 0) continue;
    if (entry->ifa_addr->sa_family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, entry->ifa_addr, sizeof v4);
      addresses.push_back(base::IpAddress::from_v4(ntohl(v4.sin_addr.s_addr)));
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, entry->ifa_addr, sizeof v6);
      std::array<std::uint8_t, 16> bytes{};
      std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
      addresses.push_back(base::IpAddress::from_v6(bytes));
    }
  }
  return addresses;
}

}  // namespace bellhop::bytestream
