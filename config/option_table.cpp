#include "config/option_table.hpp"

#include <algorithm>

namespace bellhop::config {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kGiB = 1024 * kMiB;
constexpr std::uint64_t kTiB = 1024 * kGiB;

constexpr Range<milliseconds> kWait{100ms, 1h};
constexpr Range<milliseconds> kUploadTime{1s, 240h};
constexpr Range<milliseconds> kRetention{0s, 876000h};
constexpr Range<std::uint64_t> kRate{kKiB, kTiB};
// Far above what one process can hold; twice of it still fits into 32 bits.
constexpr std::uint32_t kSocketsMax = 10000000;
constexpr Range<std::uint32_t> kSockets{2, kSocketsMax};
constexpr Range<std::uint32_t> kSessions{1, kSocketsMax / 2};
constexpr Range<std::size_t> kAddresses{0, 64};
constexpr Range<std::size_t> kAccessList{0, 10000};
constexpr Range<std::size_t> kContacts{0, 32};
constexpr Range<std::size_t> kServiceCount{1, 16};
constexpr Range<std::size_t> kClients{0, 1000};
constexpr Range<std::uint64_t> kQuota{0, 1024 * kTiB};
constexpr Range<std::uint64_t> kFileBytes{1, 8 * kTiB};  // far below where a sum overflows
constexpr Range<std::uint64_t> kFileCount{0, 1'000'000'000};
constexpr Range<std::size_t> kRelayAddresses{0, 2};  // one of IPv4, one of IPv6
constexpr Range<std::size_t> kSecretFiles{0, 8};  // each costs an HMAC for a name it did not make
constexpr Range<std::size_t> kNetworks{0, 1000};
constexpr Range<std::uint32_t> kTurnItems{1, kSocketsMax};
constexpr Range<std::uint32_t> kTurnTableRows{1, 4096};        // of one allocation
constexpr Range<std::uint32_t> kChannels{0, kSocketsMax / 4};  // each has four sockets
// Below 1024 are the ports of services (TURN-A18).
constexpr Range<std::uint16_t> kRelayedPort{1024, 65535};

constexpr std::array<std::string_view, 3> kServices = {"proxy", "upload", "turn"};
constexpr std::array<std::string_view, 5> kLogLevels = {"trace", "debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 2> kAdminRoles = {"read", "full"};
constexpr std::array<std::string_view, 2> kLogPrivacy = {"full", "masked"};

bool has_no_control(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}
bool is_plain_text(std::string_view text) {
  return !text.empty() && has_no_control(text);
}
bool is_domain_or_star(std::string_view text) {
  return text == "*" || is_domain(text);
}
bool is_ip_literal(std::string_view text) {
  return is_ipv4_literal(text) || is_ipv6_literal(text);
}
// RFC 8489 §14.9: the content of a quoted string, without its escapes.
bool is_realm(std::string_view text) {
  return is_plain_text(text) && text.find_first_of("\"\\") == std::string_view::npos;
}
bool is_listable_domain(std::string_view text) {
  return text != "*" && is_domain(text);
}

constexpr TextForm kDomain{
    .allowed = "a domain of at most 1023 bytes, without \"@\", \"/\" or blanks",
    .accepts = is_domain};
constexpr TextForm kDomainOrNone{
    .allowed = kDomain.allowed, .accepts = is_domain, .may_be_empty = true};
constexpr TextForm kAllowDomain{.allowed = "a domain, or \"*\" for everybody",
                                .accepts = is_domain_or_star};
constexpr TextForm kDenyDomain{.allowed = "a domain", .accepts = is_listable_domain};
constexpr TextForm kBareJid{.allowed = "a bare JID, \"user@example.org\"", .accepts = is_bare_jid};
constexpr TextForm kName{
    .allowed = "1 to 256 bytes of text", .accepts = is_plain_text, .bytes_max = 256};
constexpr TextForm kPath{.allowed = "a path", .accepts = is_plain_text};
constexpr TextForm kPathOrNone{.allowed = "a path", .accepts = is_plain_text, .may_be_empty = true};
constexpr TextForm kNameOrNone{
    .allowed = "a name", .accepts = is_plain_text, .bytes_max = 256, .may_be_empty = true};
constexpr TextForm kVariable{
    .allowed = "the name of a variable", .accepts = is_plain_text, .bytes_max = 256};
constexpr TextForm kHostOrNone{
    .allowed = "a host name or an IP address", .accepts = is_host, .may_be_empty = true};
constexpr TextForm kIpv4OrNone{
    .allowed = "an IPv4 address", .accepts = is_ipv4_literal, .may_be_empty = true};
constexpr TextForm kIpv6OrNone{.allowed = "an IPv6 address without brackets and zone",
                               .accepts = is_ipv6_literal,
                               .may_be_empty = true};
constexpr TextForm kUrlOrNone{.allowed = "http:// or https://, a host, maybe a port and a path",
                              .accepts = is_web_url,
                              .bytes_max = 1024,
                              .may_be_empty = true};
constexpr TextForm kNetwork{.allowed = "an IP address, or one with a length such as \"10.0.0.0/8\"",
                            .accepts = is_ip_network};
constexpr TextForm kAddress{.allowed = "an IP address without brackets and zone",
                            .accepts = is_ip_literal};
// RFC 8489 §14.9: fewer than 128 characters, each of at most 6 bytes with its escape.
constexpr TextForm kRealmOrNone{.allowed = "at most 127 bytes without quotation marks and \"\\\"",
                                .accepts = is_realm,
                                .bytes_max = 127,
                                .may_be_empty = true};
constexpr TextForm kUri{.allowed = "a URI such as \"mailto:abuse@example.org\"", .accepts = is_uri};

// The rows of one section share its name, when they apply, and the path to its struct.

void add_component_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto codec, std::string_view help,
                           std::string_view note = {}) {
    rows.push_back(
        {"component", key, Apply::restart, bind_codec(component_field(member), codec), help, note});
  };
  using C = ComponentSettings;
  add("jid", &C::jid, text_codec(kDomain),
      "The domain that the XMPP server knows this component by.", "none, required");
  add("server", &C::server, host_port_codec(HostForm::name_or_literal),
      "The server's port for external components.", "none, required");
  add("secret", &C::secret, secret_codec(),
      "The shared secret, written here. Exactly one of secret, secret_file and secret_env is "
      "needed; the other two keep the secret out of this file.",
      "none");
  add("secret_file", &ComponentDraft::secret_file, text_codec(kPath),
      "A file with the secret in its only line. It must not be readable by everybody.", "none");
  add("secret_env", &ComponentDraft::secret_env, text_codec(kVariable),
      "The environment variable that holds the secret; names that begin with BELLHOP_SECRET are "
      "kept free for this.",
      "none");
  add("parent_domain", &C::parent_domain, text_codec(kDomainOrNone),
      "The domain whose users are served.", "the jid without its first label");
  add("name", &C::name, text_codec(kName), "The name that service discovery shows.");
  add("services", &C::services, list_codec(choice_codec<Service>(kServices), kServiceCount),
      "What is offered under this jid.");
  add("tls", &C::tls, boolean_codec(),
      "Whether TLS is spoken with the server from the first byte.");
  add("tls_name", &C::tls_name, text_codec(kHostOrNone),
      "The name that the server's certificate must carry.", "the host of server");
  add("tls_ca_file", &C::tls_ca_file, text_codec(kPathOrNone),
      "The certificates (PEM) that the server's one is checked against.", "the system's store");
}

void add_stream_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto codec, std::string_view help) {
    rows.push_back({"component_stream", key, Apply::restart,
                    bind_codec(field(&Settings::stream, member), codec), help});
  };
  using S = StreamSettings;
  add("connect_timeout", &S::connect_timeout, duration_codec(kWait),
      "How long connecting, TLS and the handshake may take together.");
  add("reconnect_delay", &S::reconnect_delay, duration_codec(kWait),
      "The first wait before connecting again; it doubles with every failure and is randomised.");
  add("reconnect_delay_max", &S::reconnect_delay_max, duration_codec(kWait),
      "The longest wait before connecting again. If not set, at least reconnect_delay.");
  add("refused_delay", &S::refused_delay, duration_codec(kWait),
      "The wait after the server refused us: wrong secret, unknown host, name taken.");
  add("ping_interval", &S::ping_interval, duration_codec(kWait),
      "How long the server may be silent before it is sent a ping.");
  add("ping_timeout", &S::ping_timeout, duration_codec(kWait),
      "How long the answer to a ping may take before the stream is given up.");
  // RFC 6120 §13.12: a limit below 10,000 bytes is not allowed.
  add("stanza_bytes_max", &S::stanza_bytes_max, byte_codec({10000, 16 * kMiB}),
      "The largest stanza that is read; a larger one ends the stream.");
  add("send_queue_bytes_max", &S::send_queue_bytes_max, byte_codec({64 * kKiB, kGiB}),
      "How much may wait to be sent to the server. If not set, at least stanza_bytes_max.");
}

void add_public_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto codec, std::string_view help) {
    rows.push_back({"public", key, Apply::restart,
                    bind_codec(field(&Settings::public_address, member), codec), help, "not set"});
  };
  using P = PublicSettings;
  add("host", &P::host, text_codec(kHostOrNone),
      "The name that clients reach this machine by. Preferred over the addresses below, because "
      "one name stands for IPv4 and IPv6.");
  add("ipv4", &P::ipv4, text_codec(kIpv4OrNone),
      "The IPv4 address that is told when there is no host.");
  add("ipv6", &P::ipv6, text_codec(kIpv6OrNone),
      "The IPv6 address that is told when there is neither host nor ipv4.");
}

using P = ProxySettings;

void add_proxy_address_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto codec, std::string_view help,
                           std::string_view note = {}) {
    rows.push_back({"proxy", key, Apply::restart,
                    bind_codec(field(&Settings::proxy, member), codec), help, note});
  };
  add("listen", &P::listen, list_codec(host_port_codec(HostForm::literal), kAddresses),
      "The addresses and ports that SOCKS5 connections are accepted on.");
  add("public_port", &P::public_port, integer_codec<std::uint16_t>({0, 65535}),
      "The port that clients are told; 0 is the port of the first listener. Set it if a firewall "
      "maps another port to this machine.");
  add("streamhosts", &P::streamhosts,
      list_codec(host_port_codec(HostForm::name_or_literal), kAddresses),
      "What clients are told instead of the address in [public]. One is best: of several, many "
      "clients try only the first or only the last.");
}

void add_proxy_timeout_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto range, std::string_view help) {
    rows.push_back({"proxy", key, Apply::live,
                    bind_codec(field(&Settings::proxy, member), duration_codec(range)), help});
  };
  add("handshake_timeout", &P::handshake_timeout, kWait,
      "How long a client may take for the SOCKS5 greeting and request together.");
  add("activation_timeout", &P::activation_timeout, kWait,
      "How long a connection may wait for its other half and its activation.");
  add("activation_grace", &P::activation_grace, Range<milliseconds>{0ms, 30s},
      "How long an activation that comes too early waits for the second connection.");
  add("idle_timeout", &P::idle_timeout, Range<milliseconds>{100ms, 24h},
      "How long a session may move no byte in either direction before it is ended.");
}

void add_proxy_limit_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto codec, std::string_view help) {
    rows.push_back(
        {"proxy", key, Apply::live, bind_codec(field(&Settings::proxy, member), codec), help});
  };
  add("connections_max", &P::connections_max, integer_codec(kSockets),
      "Connections at one time, waiting and in use. A session takes two.");
  add("pending_per_address_max", &P::pending_per_address_max, integer_codec(kSockets),
      "Connections that wait for activation, for each IPv4 address or IPv6 /64. If not set, at "
      "most connections_max.");
  add("sessions_max", &P::sessions_max, integer_codec(kSessions),
      "Sessions at one time. If not set, at most half of connections_max.");
  add("sessions_per_jid_max", &P::sessions_per_jid_max, integer_codec(kSessions),
      "Sessions at one time for one user. If not set, at most sessions_per_domain_max.");
  add("sessions_per_domain_max", &P::sessions_per_domain_max, integer_codec(kSessions),
      "Sessions at one time for the users of one domain. If not set, at most sessions_max.");
  // XEP-0065 sets no limit; 128 is the one that ejabberd has (S5B-12).
  add("sid_bytes_max", &P::sid_bytes_max, integer_codec<std::uint32_t>({1, 1024}),
      "The longest stream id that is accepted, in bytes.");
  add("rate_per_session", &P::rate_per_session, rate_codec(kRate),
      "Bytes per second of one session, both directions together.");
  add("rate_per_jid", &P::rate_per_jid, rate_codec(kRate),
      "Bytes per second of all sessions that one user asked for.");
  add("rate_total", &P::rate_total, rate_codec(kRate), "Bytes per second of all sessions.");
}

void add_access_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto codec, std::string_view help) {
    rows.push_back(
        {"access", key, Apply::live, bind_codec(field(&Settings::access, member), codec), help});
  };
  using A = AccessSettings;
  add("allow_domains", &A::allow_domains, list_codec(text_codec(kAllowDomain), kAccessList),
      "Domains whose users may use the services, besides the parent domain; \"*\" lets everybody "
      "in.");
  add("allow_jids", &A::allow_jids, list_codec(text_codec(kBareJid), kAccessList),
      "Users who may use the services, whatever their domain.");
  add("deny_domains", &A::deny_domains, list_codec(text_codec(kDenyDomain), kAccessList),
      "Domains whose users may not. Deny wins over allow.");
  add("deny_jids", &A::deny_jids, list_codec(text_codec(kBareJid), kAccessList),
      "Users who may not. Deny wins over allow.");
  add("parent_domain", &A::parent_domain, boolean_codec(),
      "Whether the users of a component's parent domain may use its services.");
}

void add_quota_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, std::string_view help) {
    rows.push_back({"quota", key, Apply::live,
                    bind_codec(field(&Settings::quota, member), byte_codec(kQuota)), help});
  };
  using Q = QuotaSettings;
  add("daily_bytes_per_jid", &Q::daily_bytes_per_jid,
      "What may be delivered for one user within a day (UTC); 0: no limit.");
  add("monthly_bytes_per_jid", &Q::monthly_bytes_per_jid,
      "What may be delivered for one user within a month (UTC); 0: no limit.");
  add("daily_bytes_per_domain", &Q::daily_bytes_per_domain,
      "What may be delivered for all users of a domain within a day (UTC); 0: no limit.");
  add("monthly_bytes_per_domain", &Q::monthly_bytes_per_domain,
      "What may be delivered for all users of a domain within a month (UTC); 0: no limit.");
  add("stored_bytes_per_jid", &Q::stored_bytes_per_jid,
      "What one user may have in the store, granted slots included; 0: no limit.");
  add("stored_bytes_per_domain", &Q::stored_bytes_per_domain,
      "What all users of a domain may have in the store; 0: no limit.");
  add("stored_bytes_total", &Q::stored_bytes_total, "What the store may hold; 0: no limit.");
  const auto add_count = [&rows](std::string_view key, auto member, std::string_view help) {
    rows.push_back(
        {"quota", key, Apply::live,
         bind_codec(field(&Settings::quota, member), integer_codec<std::uint64_t>(kFileCount)),
         help});
  };
  add_count("stored_files_per_jid", &Q::stored_files_per_jid,
            "How many files one user may have in the store; 0: no limit.");
  add_count("stored_files_per_domain", &Q::stored_files_per_domain,
            "How many files all users of a domain may have in the store; 0: no limit.");
  add_count("stored_files_total", &Q::stored_files_total,
            "How many files the store may hold; 0: no limit.");
}

void add_files_address_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto codec, std::string_view help,
                           std::string_view note = {}) {
    rows.push_back({"files", key, Apply::restart,
                    bind_codec(field(&Settings::files, member), codec), help, note});
  };
  using F = FilesSettings;
  const auto addresses = list_codec(host_port_codec(HostForm::literal), kAddresses);
  add("dir", &F::dir, text_codec(kPath),
      "The folder of the stored files and their index. One process at a time.");
  add("listen", &F::listen, addresses,
      "Addresses and ports of HTTPS. tls_certificate and tls_key are needed.");
  add("tls_certificate", &F::tls_certificate, text_codec(kPathOrNone),
      "The certificate chain (PEM) for listen. It is read again when the file changes.");
  add("tls_key", &F::tls_key, text_codec(kPathOrNone), "The private key (PEM) for listen.");
  add("plain_listen", &F::plain_listen, addresses,
      "Addresses and ports of HTTP without TLS: on loopback, or behind a reverse proxy that does "
      "TLS.");
  add("public_url", &F::public_url, text_codec(kUrlOrNone),
      "What links begin with, such as \"https://upload.example.org\".",
      "made of [public] host and the first port of listen");
  add("trusted_proxies", &F::trusted_proxies, list_codec(text_codec(kNetwork), kAddresses),
      "Addresses and networks of reverse proxies whose Forwarded and X-Forwarded-For are "
      "believed.");
  add("threads", &F::threads, integer_codec<std::uint32_t>({1, 64}),
      "Threads that serve HTTP, beside those of the relay.");
}

void add_files_limit_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto codec, std::string_view help) {
    rows.push_back(
        {"files", key, Apply::restart, bind_codec(field(&Settings::files, member), codec), help});
  };
  using F = FilesSettings;
  add("file_bytes_max", &F::file_bytes_max, byte_codec(kFileBytes),
      "The largest file that may be uploaded. Some clients cannot do 2 GiB and more.");
  add("free_bytes_min", &F::free_bytes_min, byte_codec(kQuota),
      "What is kept free on the disk: slots are refused before less is left.");
  add("slot_timeout", &F::slot_timeout, duration_codec(kUploadTime),
      "How long after a slot was granted its upload may begin.");
  add("upload_timeout", &F::upload_timeout, duration_codec(kUploadTime),
      "How long an upload that was cut off may be gone on with.");
  add("retention", &F::retention, duration_codec(kRetention),
      "How long the smallest files are kept; 0: for ever, as all others.");
  add("retention_min", &F::retention_min, duration_codec(kRetention),
      "How long a file of file_bytes_max is kept. Those between are kept the longer the smaller "
      "they are.");
  add("profile_retention", &F::profile_retention, duration_codec(kRetention),
      "How long pictures of profiles are kept; 0: for ever.");
  add("header_timeout", &F::header_timeout, duration_codec(kWait),
      "How long the head of a request may take.");
  add("idle_timeout", &F::idle_timeout, duration_codec(kWait),
      "How long a connection may wait between requests, or without a byte moved within one.");
  add("connections_max", &F::connections_max, integer_codec<std::uint32_t>(kSockets),
      "Connections at one time.");
  add("connections_per_address_max", &F::connections_per_address_max,
      integer_codec<std::uint32_t>(kSockets),
      "Connections of one IPv4 address or IPv6 /64 network.");
  add("requests_per_address_max", &F::requests_per_address_max,
      integer_codec<std::uint32_t>({0, 1000000}),
      "Requests of one IPv4 address or IPv6 /64 network within a second; 0: no limit.");
}

using T = TurnSettings;

void add_turn_address_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto codec, std::string_view help,
                           std::string_view note = {}) {
    rows.push_back({"turn", key, Apply::restart, bind_codec(field(&Settings::turn, member), codec),
                    help, note});
  };
  const auto addresses = list_codec(host_port_codec(HostForm::literal), kAddresses);
  const auto literals = list_codec(text_codec(kAddress), kRelayAddresses);
  add("listen", &T::listen, addresses, "Addresses and ports of STUN and TURN over UDP and TCP.");
  add("tls_listen", &T::tls_listen, addresses,
      "Addresses and ports of TURN over TLS, usually 5349 or 443. tls_certificate and tls_key are "
      "needed.");
  add("tls_certificate", &T::tls_certificate, text_codec(kPathOrNone),
      "The certificate chain (PEM) for tls_listen. It is read again when the file changes.");
  add("tls_key", &T::tls_key, text_codec(kPathOrNone), "The private key (PEM) for tls_listen.");
  add("relay_addresses", &T::relay_addresses, literals,
      "The local addresses that relayed ports are on, one of IPv4 and one of IPv6.",
      "the first global one of each family");
  add("public_relay_addresses", &T::public_relay_addresses, literals,
      "What clients and peers see instead of relay_addresses where a router maps one address to "
      "the other, port for port.",
      "the same as relay_addresses");
  add("port_min", &T::port_min, integer_codec<std::uint16_t>(kRelayedPort),
      "The first relayed port. Open port_min to port_max for UDP in the firewall.");
  add("port_max", &T::port_max, integer_codec<std::uint16_t>(kRelayedPort),
      "The last relayed port; at least 16 are needed.");
  add("realm", &T::realm, text_codec(kRealmOrNone), "The realm of the credentials.",
      "the parent domain of the first component with the service turn");
  add("alternate_servers", &T::alternate_servers, addresses,
      "Where clients are sent while this server is being shut down, one of IPv4 and one of IPv6.");
  add("tcp_relay", &T::tcp_relay, boolean_codec(),
      "Whether clients may reach peers over TCP, and be reached by them (RFC 6062). Calls do not "
      "need it. Peers are those of UDP: private networks and this machine only where allow_peers "
      "names them. The firewall must let TCP in on the relayed ports.");
  add("software", &T::software, boolean_codec(),
      "Whether answers name the software and its version.");
  add("threads", &T::threads, integer_codec<std::uint32_t>({1, 64}),
      "Threads that relay packets, beside those of the proxy.");
}

void add_turn_peer_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, std::string_view help) {
    rows.push_back(
        {"turn", key, Apply::restart,
         bind_codec(field(&Settings::turn, member), list_codec(text_codec(kNetwork), kNetworks)),
         help});
  };
  add("allow_peers", &T::allow_peers,
      "Networks that may be relayed to although they are private, special or this machine's own. "
      "By default none of these may, so that TURN is no way into the operator's network.");
  add("deny_peers", &T::deny_peers,
      "Further networks that must not be relayed to. allow_peers wins.");
}

void add_turn_credential_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, Apply apply, auto member, auto codec,
                           std::string_view help, std::string_view note = {}) {
    rows.push_back(
        {"turn", key, apply, bind_codec(field(&Settings::turn, member), codec), help, note});
  };
  add("secret_files", Apply::live, &T::secret_files, list_codec(text_codec(kPath), kSecretFiles),
      "Files with one secret each, at least 16 bytes, that time-limited credentials are made with; "
      "the XMPP server may have it, too. The first one makes, all are accepted: to change the "
      "secret, put the new one first and take the old one away a day later. The files must not be "
      "readable by everybody; a reload reads them again.",
      "none: one is made and kept in the state folder");
  add("users_file", Apply::live, &T::users_file, text_codec(kPathOrNone),
      "A file with lines \"name:password\" of users whose credentials do not expire. It must not "
      "be readable by everybody; a reload reads it again. Empty: there are none.");
  add("credential_lifetime", Apply::live, &T::credential_lifetime, duration_codec({1min, 168h}),
      "How long the credentials that users are given over XMPP are valid (XEP-0215, XEP-0278).");
  add("nonce_lifetime", Apply::restart, &T::nonce_lifetime, duration_codec({1s, 1h}),
      "How long a nonce is valid. Clients get the next one without noticing.");
}

void add_turn_limit_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, Apply apply, auto member, auto codec,
                           std::string_view help) {
    rows.push_back({"turn", key, apply, bind_codec(field(&Settings::turn, member), codec), help});
  };
  add("allocation_lifetime", Apply::restart, &T::allocation_lifetime, duration_codec({1s, 24h}),
      "How long an allocation lasts when the client says nothing.");
  add("allocation_lifetime_max", Apply::restart, &T::allocation_lifetime_max,
      duration_codec({1s, 24h}),
      "How long an allocation lasts at most without being refreshed. If not set, at least "
      "allocation_lifetime.");
  add("connection_timeout", Apply::restart, &T::connection_timeout, duration_codec(kWait),
      "How long a TCP or TLS connection may stay without an allocation.");
  add("allocations_max", Apply::live, &T::allocations_max, integer_codec(kTurnItems),
      "Allocations at one time.");
  add("allocations_per_user_max", Apply::live, &T::allocations_per_user_max,
      integer_codec(kTurnItems),
      "Allocations at one time for one user. If not set, at most allocations_max.");
  add("permissions_max", Apply::restart, &T::permissions_max, integer_codec(kTurnTableRows),
      "Peer addresses that one allocation may have permissions for.");
  add("channels_max", Apply::restart, &T::channels_max, integer_codec(kTurnTableRows),
      "Channels of one allocation.");
  add("connections_max", Apply::restart, &T::connections_max, integer_codec(kTurnItems),
      "TCP and TLS connections of clients at one time.");
  add("tcp_connections_per_user_max", Apply::restart, &T::tcp_connections_per_user_max,
      integer_codec(kTurnItems),
      "Connections with peers at one time for one user, if tcp_relay is on; one allocation has 32 "
      "at most.");
  add("rate_per_allocation", Apply::restart, &T::rate_per_allocation, rate_codec(kRate),
      "Bytes per second of one allocation, both directions together.");
  add("channel_max_kbps", Apply::live, &T::channel_max_kbps,
      integer_codec<std::uint32_t>({0, 10000000}),
      "Kilobits per second of one relay channel (XEP-0278), both directions together; 0: no "
      "limit.");
  add("channel_timeout", Apply::live, &T::channel_timeout, duration_codec({1s, 1h}),
      "How long a relay channel may be without a packet before it is closed, in whole seconds.");
  add("relay_channels_per_user_max", Apply::live, &T::relay_channels_per_user_max,
      integer_codec(kChannels),
      "Relay channels at one time for one user; 0: relay nodes are switched off.");
}

void add_admin_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, auto codec, std::string_view help) {
    rows.push_back(
        {"admin", key, Apply::restart, bind_codec(field(&Settings::admin, member), codec), help});
  };
  using A = AdminSettings;
  const auto addresses = list_codec(host_port_codec(HostForm::literal), kAddresses);
  const auto path = text_codec(kPathOrNone);
  add("socket", &A::socket, path,
      "The unix socket of the admin API, mode 0660; whoever may open it has the full role. Empty: "
      "none.");
  add("socket_group", &A::socket_group, text_codec(kNameOrNone),
      "The group that may open the sockets. Empty: the group of the process.");
  add("read_socket", &A::read_socket, path,
      "A second unix socket, for callers who may only look. Empty: none.");
  add("listen", &A::listen, addresses,
      "Addresses and ports of the admin API on TCP. Mutual TLS only: tls_certificate, tls_key and "
      "tls_client_ca are needed.");
  add("tls_certificate", &A::tls_certificate, path,
      "The certificate chain (PEM) for listen. It is read again when the file changes.");
  add("tls_key", &A::tls_key, path, "The private key (PEM) for listen.");
  add("tls_client_ca", &A::tls_client_ca, path,
      "The certificates (PEM) that clients' certificates are checked against.");
  const auto clients = list_codec(text_codec(kName), kClients);
  add("full_clients", &A::full_clients, clients,
      "Names in client certificates (alternative names, common name) that have the full role.");
  add("read_clients", &A::read_clients, clients,
      "Names in client certificates that may only look; \"*\": every certificate of the CA.");
  add("plaintext_listen", &A::plaintext_listen, addresses,
      "Addresses and ports of the admin API without TLS and without names: loopback only, for "
      "tools that can do neither. Everybody on this machine can connect.");
  add("plaintext_role", &A::plaintext_role, choice_codec<AdminRole>(kAdminRoles),
      "What callers of plaintext_listen may do.");
  add("http_listen", &A::http_listen, addresses,
      "Addresses and ports of the web page, the metrics and the health checks. On loopback looking "
      "needs no token.");
  add("http_token_file", &A::http_token_file, path,
      "A file with a token in its only line (at least 16 characters) that gives the full role over "
      "HTTP. It must not be readable by everybody. Without it tokens are good until the next "
      "start.");
  add("connections_max", &A::connections_max, integer_codec<std::uint32_t>({1, 10000}),
      "Connections to all admin sockets together.");
  add("watches_max", &A::watches_max, integer_codec<std::uint32_t>({1, 10000}),
      "Watches at one time.");
}

void add_monitoring_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, Apply apply, auto member, auto codec,
                           std::string_view help) {
    rows.push_back(
        {"monitoring", key, apply, bind_codec(field(&Settings::monitoring, member), codec), help});
  };
  using M = MonitoringSettings;
  add("state_dir", Apply::restart, &M::state_dir, text_codec(kPathOrNone),
      "The folder of the database, the accounting records and the audit log. Empty: nothing is "
      "kept across restarts.");
  add("accounting", Apply::restart, &M::accounting, boolean_codec(),
      "Whether accounting records are written.");
  add("accounting_interval", Apply::restart, &M::accounting_interval, duration_codec({1s, 24h}),
      "How often a running session gets a record.");
  add("accounting_file_bytes", Apply::restart, &M::accounting_file_bytes,
      byte_codec({64 * kKiB, 64 * kGiB}), "How large an accounting file may become.");
  add("accounting_files", Apply::restart, &M::accounting_files,
      integer_codec<std::uint32_t>({1, 1000}), "How many of them are kept.");
}

void add_contact_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view key, auto member, std::string_view help) {
    rows.push_back(
        {"contact", key, Apply::restart,
         bind_codec(field(&Settings::contact, member), list_codec(text_codec(kUri), kContacts)),
         help});
  };
  using C = ContactSettings;
  add("abuse", &C::abuse, "Where to report abuse.");
  add("admin", &C::admin, "Who runs the service.");
  add("feedback", &C::feedback, "Where to send feedback.");
  add("sales", &C::sales, "Where to ask about buying.");
  add("security", &C::security, "Where to report security problems.");
  add("status", &C::status, "Where the state of the service is published.");
  add("support", &C::support, "Where users find help.");
}

void add_process_rows(std::vector<Option>& rows) {
  const auto add = [&rows](std::string_view section, std::string_view key, Apply apply,
                           OptionValue value, std::string_view help) {
    rows.push_back({section, key, apply, std::move(value), help});
  };
  const auto log = [](auto member, auto codec) {
    return bind_codec(field(&Settings::log, member), codec);
  };
  add("log", "level", Apply::live, log(&LogSettings::level, choice_codec<LogLevel>(kLogLevels)),
      "The least severe lines that are written.");
  add("log", "privacy", Apply::live,
      log(&LogSettings::privacy, choice_codec<LogPrivacy>(kLogPrivacy)),
      "How users and IP addresses are shown: as they are, or with the telling part replaced.");
  add("log", "file", Apply::restart, log(&LogSettings::file, text_codec(kPathOrNone)),
      "Where the log is written; empty: standard error.");
  const auto runtime = [](auto member, auto codec) {
    return bind_codec(field(&Settings::runtime, member), codec);
  };
  add("runtime", "shards", Apply::restart,
      runtime(&RuntimeSettings::shards, integer_codec<std::uint32_t>({0, 1024})),
      "Worker threads; 0: one for every two cores. The others do the kernel's half of the work.");
  add("runtime", "drain_timeout", Apply::live,
      runtime(&RuntimeSettings::drain_timeout, duration_codec({0ms, 24h})),
      "How long running sessions may go on after SIGTERM.");
}

std::vector<Option> make_table() {
  std::vector<Option> rows;
  add_component_rows(rows);
  add_stream_rows(rows);
  add_public_rows(rows);
  add_proxy_address_rows(rows);
  add_proxy_timeout_rows(rows);
  add_proxy_limit_rows(rows);
  add_access_rows(rows);
  add_quota_rows(rows);
  add_files_address_rows(rows);
  add_files_limit_rows(rows);
  add_turn_address_rows(rows);
  add_turn_peer_rows(rows);
  add_turn_credential_rows(rows);
  add_turn_limit_rows(rows);
  add_admin_rows(rows);
  add_monitoring_rows(rows);
  add_contact_rows(rows);
  add_process_rows(rows);
  return rows;
}

}  // namespace

std::string Option::name() const {
  return std::string(section) + '.' + std::string(key);
}

std::string Option::environment_name() const {
  if (in_component()) return {};
  std::string name = "BELLHOP_" + std::string(section) + '_' + std::string(key);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

const std::vector<Option>& option_table() {
  static const std::vector<Option> table = make_table();
  return table;
}

const std::vector<SectionInfo>& section_table() {
  static const std::vector<SectionInfo> table = {
      {"component", "One table for each jid that is served; at least one."},
      {"component_stream", "How every connection to an XMPP server behaves."},
      {"public",
       "How clients reach this machine. If nothing is set, a global address of this "
       "machine is looked for at start."},
      {"proxy", "The SOCKS5 bytestream proxy (XEP-0065)."},
      {"access", "Who may use the services. By default only users of the parent domain."},
      {"quota",
       "What may be delivered, every kind of session together, and what may be stored; 0: no "
       "limit."},
      {"files",
       "The file store: upload slots (XEP-0363) and HTTP. For jids with the service upload."},
      {"turn",
       "STUN and TURN (RFC 8489, RFC 8656) and relay nodes (XEP-0278). For jids with the service "
       "turn."},
      {"admin", "The admin API (gRPC), the web page and the metrics."},
      {"monitoring", "What is kept of the past: history, usage, accounting, audit log."},
      {"contact", "Addresses shown in service discovery (XEP-0157), each a list of URIs."},
      {"log", "What is written to the log."},
      {"runtime", "The process."},
  };
  return table;
}

std::vector<const Option*> options_of(std::string_view section) {
  std::vector<const Option*> options;
  for (const Option& option : option_table()) {
    if (option.section == section) options.push_back(&option);
  }
  return options;
}

std::string component_option(std::size_t index, std::string_view key) {
  return "component[" + std::to_string(index) + "]." + std::string(key);
}

const Option* find_option(std::string_view section, std::string_view key) {
  const auto& table = option_table();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Option& option) {
    return option.section == section && option.key == key;
  });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace bellhop::config
