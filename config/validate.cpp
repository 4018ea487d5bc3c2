#include "config/validate.hpp"

#include <sys/un.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/host_text.hpp"
#include "config/option_table.hpp"
#include "config/validate_turn.hpp"
#include "config/value_text.hpp"

namespace bellhop::config {
namespace {

// A limit as a bare number, durations in milliseconds.
struct Limit {
  std::string_view section;
  std::string_view key;
  std::uint64_t (*view)(const Settings&);
  void (*change)(Settings&, std::uint64_t);

  [[nodiscard]] std::string name() const { return find_option(section, key)->name(); }
  [[nodiscard]] std::string value(const Settings& settings) const {
    return find_option(section, key)->value.show(settings, {});
  }
};

template <typename T>
std::uint64_t to_number(T value) {
  return value;
}
std::uint64_t to_number(std::chrono::milliseconds value) {
  return static_cast<std::uint64_t>(value.count());
}

template <auto section, auto member>
constexpr Limit limit(std::string_view section_name, std::string_view key) {
  return {section_name, key,
          [](const Settings& settings) { return to_number(settings.*section.*member); },
          [](Settings& settings, std::uint64_t number) {
            auto& target = settings.*section.*member;
            target = std::remove_reference_t<decltype(target)>(number);
          }};
}

// Which of two limits that disagree is moved if nobody wrote it.
enum class GivesWay : std::uint8_t { smaller, either };

// smaller * factor <= larger
struct LimitRule {
  Limit smaller;
  std::uint64_t factor;
  Limit larger;
  GivesWay gives_way;
};

template <auto member>
constexpr Limit proxy_limit(std::string_view key) {
  return limit<&Settings::proxy, member>("proxy", key);
}
template <auto member>
constexpr Limit stream_limit(std::string_view key) {
  return limit<&Settings::stream, member>("component_stream", key);
}

template <auto member>
constexpr Limit turn_limit(std::string_view key) {
  return limit<&Settings::turn, member>("turn", key);
}

constexpr Limit kConnections = proxy_limit<&ProxySettings::connections_max>("connections_max");
constexpr Limit kSessions = proxy_limit<&ProxySettings::sessions_max>("sessions_max");
constexpr Limit kDomain =
    proxy_limit<&ProxySettings::sessions_per_domain_max>("sessions_per_domain_max");
constexpr Limit kJid = proxy_limit<&ProxySettings::sessions_per_jid_max>("sessions_per_jid_max");
constexpr Limit kPending =
    proxy_limit<&ProxySettings::pending_per_address_max>("pending_per_address_max");
constexpr Limit kDelay = stream_limit<&StreamSettings::reconnect_delay>("reconnect_delay");
constexpr Limit kDelayMax =
    stream_limit<&StreamSettings::reconnect_delay_max>("reconnect_delay_max");
constexpr Limit kStanza = stream_limit<&StreamSettings::stanza_bytes_max>("stanza_bytes_max");
constexpr Limit kQueue =
    stream_limit<&StreamSettings::send_queue_bytes_max>("send_queue_bytes_max");
constexpr Limit kLifetime = turn_limit<&TurnSettings::allocation_lifetime>("allocation_lifetime");
constexpr Limit kLifetimeMax =
    turn_limit<&TurnSettings::allocation_lifetime_max>("allocation_lifetime_max");
constexpr Limit kAllocations = turn_limit<&TurnSettings::allocations_max>("allocations_max");
constexpr Limit kUserAllocations =
    turn_limit<&TurnSettings::allocations_per_user_max>("allocations_per_user_max");

// In this order: a limit that was moved moves the ones below it.
constexpr std::array<LimitRule, 8> kLimitRules = {{
    {kSessions, 2, kConnections, GivesWay::smaller},
    {kDomain, 1, kSessions, GivesWay::smaller},
    {kJid, 1, kDomain, GivesWay::smaller},
    {kPending, 1, kConnections, GivesWay::smaller},
    {kDelay, 1, kDelayMax, GivesWay::either},
    {kStanza, 1, kQueue, GivesWay::either},
    {kLifetime, 1, kLifetimeMax, GivesWay::either},
    {kUserAllocations, 1, kAllocations, GivesWay::smaller},
}};

bool holds(const LimitRule& rule, const Settings& settings) {
  return rule.smaller.view(settings) * rule.factor <= rule.larger.view(settings);
}

Origin derived_from(std::string name) {
  return {Origin::Source::derived, {}, std::move(name)};
}

// Checks one configuration; every check tells what it finds at the origin of the value.
class Validator {
 public:
  Validator(const Settings& settings, const Origins& origins, Report& report)
      : settings_(settings), origins_(origins), report_(report) {}

  void check_all() {
    for (const LimitRule& rule : kLimitRules) check_limit(rule);
    check_jids();
    for (std::size_t i = 0; i < settings_.components.size(); ++i) check_component(i);
    check_listeners();
    check_public();
    check_streamhosts();
    check_rates();
    check_access();
    check_files();
    check_admin();
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

  void check_limit(const LimitRule& rule) {
    if (holds(rule, settings_)) return;
    const std::string times = rule.factor == 1 ? "" : std::to_string(rule.factor) + " times ";
    problem(rule.smaller.name(),
            times + rule.smaller.value(settings_) + " exceeds " + rule.larger.name() + " (" +
                rule.larger.value(settings_) + ")",
            "lower it or raise " + rule.larger.name());
  }

  void check_jids() {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < settings_.components.size(); ++i) {
      const std::string& jid = settings_.components[i].jid;
      if (jid.empty() || seen.insert(ascii_lower(jid)).second) continue;
      problem(component_option(i, "jid"), "another component has the jid " + in_quotes(jid),
              "allowed: each jid once");
    }
  }

  void refuse_without_tls(std::size_t i, std::string_view key) {
    problem(component_option(i, key), "has no effect without tls", "set tls = true");
  }

  void check_component(std::size_t i) {
    const ComponentSettings& component = settings_.components[i];
    if (!component.tls && !component.tls_name.empty()) refuse_without_tls(i, "tls_name");
    if (!component.tls && !component.tls_ca_file.empty()) refuse_without_tls(i, "tls_ca_file");
    const std::string& host = component.server.host;
    if (component.tls || host.empty() || looks_local(host)) return;
    warning(
        component_option(i, "server"),
        "the stream to " + in_quotes(host) + " is not encrypted and seems to leave this network",
        "set tls = true if the server can do that");
  }

  void check_listeners() {
    const auto& listen = settings_.proxy.listen;
    if (listen.empty())
      problem("proxy.listen", "nothing to listen on", "list at least one address");
    for (const HostPort& address : listen) {
      const auto all = covering(address, listen);
      if (!all) continue;
      problem("proxy.listen",
              host_port_text(address) + " is already covered by " + host_port_text(*all),
              "remove one of the two");
    }
  }

  void warn_if_local(const std::string& name, const std::string& host) {
    if (!is_local_literal(host)) return;
    warning(name, host + " cannot be reached from the Internet",
            "clients outside this network need a global address or a name");
  }

  void check_public() {
    const PublicSettings& address = settings_.public_address;
    warn_if_local("public.host", address.host);
    warn_if_local("public.ipv4", address.ipv4);
    warn_if_local("public.ipv6", address.ipv6);
  }

  void check_streamhosts() {
    const auto& streamhosts = settings_.proxy.streamhosts;
    for (const HostPort& each : streamhosts) warn_if_local("proxy.streamhosts", each.host);
    if (streamhosts.size() <= 1) return;
    warning("proxy.streamhosts", "several streamhosts: many clients try only one of them",
            "some use only the first, some only the last; a name with A and AAAA serves both");
  }

  void check_rate(std::string_view inner_key, std::uint64_t inner, std::uint64_t outer) {
    if (inner == 0 || outer == 0 || inner <= outer) return;
    const std::string name = "proxy." + std::string(inner_key);
    warning(name, "is never reached: a wider limit is lower (" + bytes_text(outer) + "/s)", {});
  }

  void check_rates() {
    const ProxySettings& proxy = settings_.proxy;
    check_rate("rate_per_session", proxy.rate_per_session, proxy.rate_per_jid);
    check_rate("rate_per_session", proxy.rate_per_session, proxy.rate_total);
    check_rate("rate_per_jid", proxy.rate_per_jid, proxy.rate_total);
  }

  void warn_of_both(const std::string& name, const std::vector<std::string>& allowed,
                    const std::vector<std::string>& denied) {
    std::set<std::string> lower;
    for (const std::string& each : denied) lower.insert(ascii_lower(each));
    for (const std::string& each : allowed) {
      if (!lower.contains(ascii_lower(each))) continue;
      warning(name, in_quotes(each) + " is allowed and denied", "deny wins");
    }
  }

  void check_access() {
    const AccessSettings& access = settings_.access;
    const auto& domains = access.allow_domains;
    if (std::find(domains.begin(), domains.end(), "*") != domains.end()) {
      warning("access.allow_domains", "everybody may use the services, strangers too",
              "name the domains instead of \"*\"");
    }
    if (!access.parent_domain && domains.empty() && access.allow_jids.empty()) {
      warning("access.parent_domain", "nobody may use the services",
              "allow a domain or a user as well");
    }
    warn_of_both("access.allow_domains", domains, access.deny_domains);
    warn_of_both("access.allow_jids", access.allow_jids, access.deny_jids);
  }

  void check_files() {
    const FilesSettings& files = settings_.files;
    if (!files.listen.empty() && (files.tls_certificate.empty() || files.tls_key.empty())) {
      problem("files.listen", "needs files.tls_certificate and files.tls_key",
              "or use files.plain_listen behind a reverse proxy");
    }
    if (!offers(settings_, Service::upload)) return;
    if (files.listen.empty() && files.plain_listen.empty()) {
      problem("files.listen", "nothing to listen on, but a component offers upload",
              "list an address, or one in files.plain_listen behind a reverse proxy");
    }
    if (files.listen.empty() && files.public_url.empty()) {
      problem("files.public_url", "is needed where only files.plain_listen serves",
              "the URL by which clients reach the reverse proxy");
    }
    // HUP-07: clients refuse links that are not https; on this machine people try things out.
    if (files.public_url.starts_with("http://") && !is_loopback_url(files.public_url)) {
      problem("files.public_url", "is not https", "clients refuse such links");
    }
    for (const HostPort& address : files.plain_listen) {
      if (is_loopback_literal(address.host) || !files.trusted_proxies.empty()) continue;
      warning("files.plain_listen", host_port_text(address) + " speaks HTTP without TLS",
              "put a proxy with TLS before it and name that in files.trusted_proxies");
    }
    if (files.retention.count() > 0 && files.retention_min > files.retention) {
      problem("files.retention_min", "is longer than files.retention",
              "large files are kept for a shorter time than small ones");
    }
  }

  void check_admin() {
    const AdminSettings& admin = settings_.admin;
    if (!admin.listen.empty()) {
      const std::array needed{std::pair("admin.tls_certificate", &admin.tls_certificate),
                              std::pair("admin.tls_key", &admin.tls_key),
                              std::pair("admin.tls_client_ca", &admin.tls_client_ca)};
      for (const auto& [name, value] : needed) {
        if (!value->empty()) continue;
        problem("admin.listen", "needs " + std::string(name),
                "without mutual TLS nobody is let in over TCP");
      }
      if (admin.full_clients.empty() && admin.read_clients.empty()) {
        warning("admin.listen", "no certificate has a role", "list names in admin.full_clients");
      }
    }
    for (const HostPort& address : admin.plaintext_listen) {
      if (is_loopback_literal(address.host)) continue;
      problem("admin.plaintext_listen", host_port_text(address) + " is not on loopback",
              "allowed: 127.0.0.1 or [::1]; use admin.listen with TLS for other addresses");
    }
    for (const HostPort& address : admin.http_listen) {
      if (is_loopback_literal(address.host)) continue;
      warning("admin.http_listen", host_port_text(address) + " speaks HTTP without TLS",
              "tokens and JIDs cross the network in clear; put a proxy with TLS before loopback");
    }
    check_socket("admin.socket", admin.socket);
    check_socket("admin.read_socket", admin.read_socket);
  }

  void check_socket(const std::string& name, const std::string& path) {
    if (path.size() < sizeof(sockaddr_un::sun_path)) return;
    problem(name, "the path has " + std::to_string(path.size()) + " bytes",
            "allowed: at most " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                ", which is all that a unix socket can have");
  }

  const Settings& settings_;
  const Origins& origins_;
  Report& report_;
};

}  // namespace

void fit_defaults(Settings& settings, Origins& origins) {
  for (const LimitRule& rule : kLimitRules) {
    if (holds(rule, settings)) continue;
    if (!origins.contains(rule.smaller.name())) {
      rule.smaller.change(settings, rule.larger.view(settings) / rule.factor);
      origins[rule.smaller.name()] = derived_from(rule.larger.name());
    } else if (rule.gives_way == GivesWay::either && !origins.contains(rule.larger.name())) {
      rule.larger.change(settings, rule.smaller.view(settings) * rule.factor);
      origins[rule.larger.name()] = derived_from(rule.smaller.name());
    }
  }
}

void validate(const Settings& settings, const Origins& origins, Report& report) {
  Validator(settings, origins, report).check_all();
  validate_turn(settings, origins, report);
}

}  // namespace bellhop::config
