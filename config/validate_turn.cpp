#include "config/validate_turn.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "config/host_text.hpp"
#include "config/value_text.hpp"

namespace bellhop::config {
namespace {

// Two components of a call of two parties, with room for what was given back a moment ago.
constexpr int kRelayedPortsMin = 16;
// Whoever sees a user name and what it signed can try secrets for as long as they like.
constexpr std::size_t kTurnSecretBytesMin = 16;

// Checks `[turn]`; every check tells what it finds at the origin of the value.
class TurnValidator {
 public:
  TurnValidator(const Settings& settings, const Origins& origins, Report& report)
      : settings_(settings), origins_(origins), report_(report) {}

  void check_all() {
    check_listeners();
    check_ports();
    check_addresses();
    check_peers();
    check_secrets();
  }

 private:
  [[nodiscard]] Origin at(const std::string& name) const {
    const auto found = origins_.find(name);
    return found == origins_.end() ? Origin{} : found->second;
  }

  void problem(const std::string& name, std::string message, std::string hint) {
    report_.problem(at(name), {name + ": " + message, std::move(hint)});
  }
  void warning(const std::string& name, std::string message, std::string hint) {
    report_.warning(at(name), {name + ": " + message, std::move(hint)});
  }

  void check_covered(const std::string& name, const std::vector<HostPort>& listen) {
    for (const HostPort& address : listen) {
      const auto all = covering(address, listen);
      if (!all) continue;
      problem(name, host_port_text(address) + " is already covered by " + host_port_text(*all),
              "remove one of the two");
    }
  }

  void check_listeners() {
    const TurnSettings& turn = settings_.turn;
    check_covered("turn.listen", turn.listen);
    check_covered("turn.tls_listen", turn.tls_listen);
    if (!turn.tls_listen.empty() && (turn.tls_certificate.empty() || turn.tls_key.empty())) {
      problem("turn.tls_listen", "needs turn.tls_certificate and turn.tls_key", {});
    }
    for (const HostPort& address : turn.tls_listen) {
      if (std::find(turn.listen.begin(), turn.listen.end(), address) == turn.listen.end()) continue;
      problem("turn.tls_listen", host_port_text(address) + " is in turn.listen, too",
              "TLS needs a port of its own, usually 5349 or 443");
    }
    if (offers(settings_, Service::turn) && turn.listen.empty() && turn.tls_listen.empty()) {
      problem("turn.listen", "nothing to listen on, but a component offers turn",
              "list at least one address");
    }
  }

  void check_ports() {
    const TurnSettings& turn = settings_.turn;
    const int ports = int{turn.port_max} - int{turn.port_min} + 1;
    if (ports < kRelayedPortsMin) {
      problem("turn.port_max", "leaves " + std::to_string(std::max(ports, 0)) + " ports",
              "allowed: at least " + std::to_string(kRelayedPortsMin) + " from turn.port_min (" +
                  std::to_string(turn.port_min) + ") on");
    }
    for (const HostPort& address : turn.listen) {
      if (address.port < turn.port_min || address.port > turn.port_max) continue;
      warning("turn.listen", host_port_text(address) + " lies among the relayed ports",
              "choose a port outside turn.port_min to turn.port_max");
    }
  }

  // Tells if two are of one family; whether there is one of IPv4 and of IPv6.
  std::pair<bool, bool> check_families(const std::string& name,
                                       const std::vector<std::string>& addresses) {
    const auto ipv6 = static_cast<std::size_t>(
        std::count_if(addresses.begin(), addresses.end(), is_ipv6_literal));
    if (ipv6 > 1 || addresses.size() - ipv6 > 1) {
      problem(name, std::string("two addresses of IPv") + (ipv6 > 1 ? '6' : '4'),
              "allowed: one of IPv4 and one of IPv6");
    }
    return {addresses.size() > ipv6, ipv6 > 0};
  }

  void check_addresses() {
    const TurnSettings& turn = settings_.turn;
    const auto relay = check_families("turn.relay_addresses", turn.relay_addresses);
    const auto seen = check_families("turn.public_relay_addresses", turn.public_relay_addresses);
    std::vector<std::string> alternates;
    for (const HostPort& each : turn.alternate_servers) alternates.push_back(each.host);
    check_families("turn.alternate_servers", alternates);
    // Without relay_addresses they are looked for at start, and compared there.
    if (!turn.relay_addresses.empty() &&
        ((seen.first && !relay.first) || (seen.second && !relay.second))) {
      problem("turn.public_relay_addresses",
              "an address whose family is missing in turn.relay_addresses",
              "each public address stands for a local one of its family");
    }
    for (const std::string& each : turn.relay_addresses) {
      if (each != "0.0.0.0" && canonical_host(each) != "::") continue;
      problem("turn.relay_addresses", in_quotes(each) + " is no address that clients can be told",
              "name the machine's address");
    }
  }

  // TURN-D07: who may relay to loopback is on this machine, as far as the network can tell.
  void check_peers() {
    const TurnSettings& turn = settings_.turn;
    const auto is_local = [](const HostPort& each) { return is_loopback_literal(each.host); };
    const bool all_local = std::all_of(turn.listen.begin(), turn.listen.end(), is_local) &&
                           std::all_of(turn.tls_listen.begin(), turn.tls_listen.end(), is_local);
    if (all_local) return;
    for (const std::string& network : turn.allow_peers) {
      if (!holds_loopback(network)) continue;
      problem("turn.allow_peers",
              in_quotes(network) + " lets clients reach what listens on this machine's loopback",
              "allowed only if turn.listen and turn.tls_listen are on loopback");
    }
  }

  void check_secrets() {
    const TurnSettings& turn = settings_.turn;
    for (const Secret& secret : turn.secrets) {
      if (secret.reveal().size() >= kTurnSecretBytesMin) continue;
      problem("turn.secret_files", "a secret is too short",
              "allowed: at least " + std::to_string(kTurnSecretBytesMin) +
                  " bytes, such as from: openssl rand -hex 32");
    }
    if (offers(settings_, Service::turn) && turn.secret_files.empty() &&
        settings_.monitoring.state_dir.empty()) {
      warning("turn.secret_files", "there is no secret and no folder to keep a made one in",
              "credentials will be good until the next start; name a file, or set "
              "monitoring.state_dir");
    }
  }

  const Settings& settings_;
  const Origins& origins_;
  Report& report_;
};

}  // namespace

void validate_turn(const Settings& settings, const Origins& origins, Report& report) {
  TurnValidator(settings, origins, report).check_all();
}

}  // namespace bellhop::config
