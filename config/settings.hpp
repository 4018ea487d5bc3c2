// Every option of Bellhop as a typed field: the manual for whoever writes code.
// Keys, ranges and help stand in option_table.cpp; the page made from it is config/REFERENCE.md.
// Defaults live here and nowhere else.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/secret.hpp"

namespace bellhop::config {

using namespace std::chrono_literals;

/// A host name or IP literal and a port, as written in the file; `[::1]:80` for IPv6.
struct HostPort {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// What one component JID offers. Later parts add their own.
enum class Service : std::uint8_t { proxy, upload, turn };

/// `[[component]]`: one stream to one XMPP server under one JID (XEP-0114).
struct ComponentSettings {
  std::string jid;               ///< the domain the server knows us by; no localpart, no resource
  HostPort server;               ///< the server's component port
  Secret secret;                 ///< from `secret`, `secret_file` or `secret_env`; never empty
  std::string parent_domain;     ///< whose users are served; default: jid without its first label
  std::string name = "Bellhop";  ///< shown in service discovery
  std::vector<Service> services = {Service::proxy};
  bool tls = false;         ///< TLS from the first byte (XEP-0368 style)
  std::string tls_name;     ///< name the certificate must carry; default: the server's host
  std::string tls_ca_file;  ///< PEM; default: the system's store
};

/// `[component_stream]`: how every component stream behaves.
struct StreamSettings {
  std::chrono::milliseconds connect_timeout = 10s;  ///< TCP, TLS and handshake together
  std::chrono::milliseconds reconnect_delay = 1s;   ///< base of the jittered back-off
  std::chrono::milliseconds reconnect_delay_max = 60s;
  std::chrono::milliseconds refused_delay =
      30s;  ///< after conflict, host-unknown, not-authorized (CMP-06)
  std::chrono::milliseconds ping_interval = 60s;  ///< silence after which a ping is sent (XEP-0199)
  std::chrono::milliseconds ping_timeout = 30s;   ///< silence after a ping that ends the stream
  std::uint64_t stanza_bytes_max = 512 * 1024;    ///< larger input ends the stream
  std::uint64_t send_queue_bytes_max = 4 * 1024 * 1024;
};

/// `[public]`: the addresses clients reach this machine by.
struct PublicSettings {
  std::string host;  ///< name or IP literal; preferred, because a name has A and AAAA
  std::string ipv4;  ///< used when there is no host
  std::string ipv6;  ///< used when there is neither
};

/// `[proxy]`: the SOCKS5 bytestream proxy (XEP-0065).
struct ProxySettings {
  std::vector<HostPort> listen = {{"0.0.0.0", 7777}, {"::", 7777}};
  std::uint16_t public_port = 0;      ///< advertised; 0: the first listener's port
  std::vector<HostPort> streamhosts;  ///< advertised instead of the one from [public]
  std::chrono::milliseconds handshake_timeout = 15s;   ///< greeting and request together
  std::chrono::milliseconds activation_timeout = 60s;  ///< from CONNECT until paired and activated
  std::chrono::milliseconds activation_grace =
      1s;  ///< how long an activation waits for the second CONNECT
  std::chrono::milliseconds idle_timeout = 10min;  ///< no byte moved in either direction
  std::uint32_t connections_max = 100000;          ///< unactivated and activated sockets together
  std::uint32_t pending_per_address_max = 1000;    ///< unactivated, per IPv4 address or IPv6 /64
  std::uint32_t sessions_max = 50000;              ///< activated
  std::uint32_t sessions_per_jid_max = 25000;      ///< activated, per bare JID of the requester
  std::uint32_t sessions_per_domain_max = 50000;   ///< activated, per domain of the requester
  std::uint32_t sid_bytes_max = 128;               ///< S5B-12
  std::uint64_t rate_per_session = 0;  ///< bytes per second, both directions together; 0: none
  std::uint64_t rate_per_jid = 0;      ///< per bare JID of the requester; 0: none
  std::uint64_t rate_total = 0;        ///< all sessions; 0: none
};

/// `[access]`: who may use the services. Deny wins over allow; nothing listed in allow: parent
/// domain.
struct AccessSettings {
  std::vector<std::string>
      allow_domains;                    ///< besides each component's parent domain; `*`: everybody
  std::vector<std::string> allow_jids;  ///< bare JIDs
  std::vector<std::string> deny_domains;
  std::vector<std::string> deny_jids;
  bool parent_domain = true;  ///< whether users of the parent domain may
};

/// `[quota]`: bytes delivered for the users' sessions of every kind together; 0: no limit. Days and
/// months are those of UTC.
struct QuotaSettings {
  std::uint64_t daily_bytes_per_jid = 0;  ///< per bare JID of the requester
  std::uint64_t monthly_bytes_per_jid = 0;
  std::uint64_t daily_bytes_per_domain = 0;  ///< all users of a domain together
  std::uint64_t monthly_bytes_per_domain = 0;
  // In the file store at one time, granted upload slots included.
  std::uint64_t stored_bytes_per_jid = std::uint64_t{10} * 1024 * 1024 * 1024;
  std::uint64_t stored_bytes_per_domain = 0;
  std::uint64_t stored_bytes_total = 0;
  std::uint64_t stored_files_per_jid = 10000;
  std::uint64_t stored_files_per_domain = 0;
  std::uint64_t stored_files_total = 0;
};

/// `[files]`: upload slots (XEP-0363) and the store behind them.
struct FilesSettings {
  std::string dir = "/var/lib/bellhop/files";  ///< index and bytes; one process at a time
  std::vector<HostPort> listen;                ///< HTTPS; needs tls_certificate and tls_key
  std::string tls_certificate;                 ///< PEM with the chain, reloaded when it changes
  std::string tls_key;
  std::vector<HostPort> plain_listen;        ///< HTTP: loopback, or behind a reverse proxy
  std::string public_url;                    ///< what links begin with; default: made of the above
  std::vector<std::string> trusted_proxies;  ///< networks whose X-Forwarded-For is believed
  std::uint32_t threads = 1;                 ///< that serve HTTP, beside those of the relay
  std::uint64_t file_bytes_max = std::uint64_t{1} * 1024 * 1024 * 1024;
  std::uint64_t free_bytes_min = std::uint64_t{1} * 1024 * 1024 * 1024;  ///< kept free on the disk
  std::chrono::milliseconds slot_timeout = 5min;   ///< from the slot until its upload begins
  std::chrono::milliseconds upload_timeout = 24h;  ///< from the last byte until it is given up
  std::chrono::milliseconds retention = 720h;  ///< how long the smallest files are kept; 0: ever
  std::chrono::milliseconds retention_min = 168h;       ///< how long the largest ones are
  std::chrono::milliseconds profile_retention = 8760h;  ///< of avatars and the like; 0: for ever
  std::chrono::milliseconds header_timeout = 10s;       ///< for the head of a request
  std::chrono::milliseconds idle_timeout = 60s;  ///< between requests, and without a byte moved
  std::uint32_t connections_max = 20000;
  std::uint32_t connections_per_address_max = 200;  ///< per IPv4 address or IPv6 /64
  std::uint32_t requests_per_address_max = 0;       ///< per second; 0: no limit
};

/// Somebody with a name and a password for TURN that do not expire.
struct TurnUser {
  std::string name;
  Secret password;
};

/// `[turn]`: STUN and TURN (RFC 8489, RFC 8656) and relay nodes (XEP-0278), for components with the
/// service `turn`.
struct TurnSettings {
  std::vector<HostPort> listen = {{"0.0.0.0", 3478}, {"::", 3478}};  ///< UDP and TCP
  std::vector<HostPort> tls_listen;  ///< TLS; needs tls_certificate and tls_key
  std::string tls_certificate;       ///< PEM with the chain, reloaded when it changes
  std::string tls_key;
  /// Local addresses that relayed ports are bound to, one of a family; default: the first global
  /// ones of the machine.
  std::vector<std::string> relay_addresses;
  /// The same as clients and peers see them, behind 1:1 NAT; default: the same.
  std::vector<std::string> public_relay_addresses;
  std::uint16_t port_min = 49152;  ///< relayed ports (RFC 8656 §7.2)
  std::uint16_t port_max = 65535;
  std::string realm;  ///< default: the parent domain of the first component with turn
  std::vector<Secret>
      secrets;  ///< from `secret_files`; the first one signs; none: one is made and kept
  std::vector<std::string> secret_files;
  std::string users_file;  ///< lines `name:password`, beside time-limited credentials; empty: none
  std::vector<TurnUser> users;                             ///< from `users_file`
  std::chrono::milliseconds credential_lifetime = 12h;     ///< of those that XEP-0215 hands out
  std::chrono::milliseconds allocation_lifetime = 10min;   ///< when the client names none
  std::chrono::milliseconds allocation_lifetime_max = 1h;  ///< RFC 8656 §7.2
  std::chrono::milliseconds nonce_lifetime = 10min;
  std::chrono::milliseconds connection_timeout = 30s;  ///< TCP and TLS without an allocation
  std::uint32_t allocations_max = 10000;
  std::uint32_t allocations_per_user_max = 30;
  std::uint32_t permissions_max = 64;                ///< of one allocation
  std::uint32_t channels_max = 64;                   ///< of one allocation
  std::uint32_t connections_max = 10000;             ///< TCP and TLS clients
  std::uint32_t tcp_connections_per_user_max = 100;  ///< data connections (RFC 6062)
  std::uint64_t rate_per_allocation = 0;    ///< bytes per second, both directions together; 0: none
  std::vector<std::string> allow_peers;     ///< networks that are refused otherwise
  std::vector<std::string> deny_peers;      ///< networks beside the special-purpose ones
  bool tcp_relay = false;                   ///< RFC 6062
  std::vector<HostPort> alternate_servers;  ///< told while draining (300); one of a family
  bool software = false;                    ///< whether answers carry SOFTWARE
  std::uint32_t threads = 1;                ///< that relay packets
  std::uint32_t channel_max_kbps = 0;       ///< XEP-0278 maxkbps; 0: no limit
  std::chrono::milliseconds channel_timeout =
      60s;                                         ///< XEP-0278 expire: silence that ends a channel
  std::uint32_t relay_channels_per_user_max = 10;  ///< XEP-0278; 0: relay nodes are off
};

/// What a caller of the admin API may do.
enum class AdminRole : std::uint8_t { read, full };

/// `[admin]`: the gRPC API, the web page and the metrics.
struct AdminSettings {
  std::string socket = "/run/bellhop/admin.sock";  ///< full role, mode 0660; empty: none
  std::string socket_group;                        ///< its group; empty: the process's
  std::string read_socket;                         ///< the same with the read-only role
  std::vector<HostPort> listen;                    ///< TCP, mutual TLS only
  std::string tls_certificate;                     ///< PEM, reloaded when it changes
  std::string tls_key;
  std::string tls_client_ca;               ///< whose clients are let in
  std::vector<std::string> full_clients;   ///< certificate names with the full role
  std::vector<std::string> read_clients;   ///< with the read-only role; `*`: every certificate
  std::vector<HostPort> plaintext_listen;  ///< TCP without TLS, loopback only
  AdminRole plaintext_role = AdminRole::read;
  std::vector<HostPort> http_listen = {{"127.0.0.1", 7780}};  ///< page, JSON, metrics, health
  std::string http_token_file;          ///< a bearer token with the full role, kept across restarts
  std::uint32_t connections_max = 100;  ///< to all admin sockets together
  std::uint32_t watches_max = 200;      ///< watches at one time
};

/// `[monitoring]`: what is kept of the past.
struct MonitoringSettings {
  std::string state_dir = "/var/lib/bellhop";  ///< database, accounting, audit log; empty: none
  bool accounting = true;                      ///< whether accounting records are written
  std::chrono::milliseconds accounting_interval = 5min;    ///< interim record of a running session
  std::uint64_t accounting_file_bytes = 64 * 1024 * 1024;  ///< then the next file begins
  std::uint32_t accounting_files = 10;                     ///< older ones are removed
};

/// `[contact]`: XEP-0157 addresses, each a list of URIs.
struct ContactSettings {
  std::vector<std::string> abuse, admin, feedback, sales, security, status, support;
};

/// Severity from which lines are written.
enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };

/// How JIDs and IP addresses are shown in the log.
enum class LogPrivacy : std::uint8_t {
  full,    ///< as they are
  masked,  ///< localparts, resources and the last part of addresses are replaced
};

/// `[log]`
struct LogSettings {
  LogLevel level = LogLevel::info;
  LogPrivacy privacy = LogPrivacy::full;
  std::string file;  ///< empty: standard error
};

/// `[runtime]`
struct RuntimeSettings {
  std::uint32_t shards = 0;                       ///< worker threads; 0: one for every two cores
  std::chrono::milliseconds drain_timeout = 30s;  ///< how long SIGTERM lets running sessions go on
};

/// Everything, checked: what `Loader` returns is safe to use without further checks of form.
struct Settings {
  std::vector<ComponentSettings> components;  ///< at least one
  StreamSettings stream;
  PublicSettings public_address;
  ProxySettings proxy;
  AccessSettings access;
  QuotaSettings quota;
  FilesSettings files;
  TurnSettings turn;
  AdminSettings admin;
  MonitoringSettings monitoring;
  ContactSettings contact;
  LogSettings log;
  RuntimeSettings runtime;
};

/// Whether a component has the service.
[[nodiscard]] inline bool offers(const Settings& settings, Service service) {
  const auto has_it = [service](const ComponentSettings& component) {
    const auto& services = component.services;
    return std::find(services.begin(), services.end(), service) != services.end();
  };
  return std::any_of(settings.components.begin(), settings.components.end(), has_it);
}

}  // namespace bellhop::config
