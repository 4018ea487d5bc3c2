// Addresses that no relay may send to, and the forms that hide an IPv4 address in an IPv6 one.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "component/base/ip_address.hpp"

namespace bellhop::relay {

// First, middle and last of each range that IANA lists.
inline constexpr std::string_view kSpecialV4[] = {
    "0.0.0.0",         "0.128.0.1",       "0.255.255.255",    // this network
    "10.0.0.0",        "10.127.3.4",      "10.255.255.255",   // private
    "100.64.0.0",      "100.100.100.200", "100.127.255.255",  // shared, of carriers
    "127.0.0.0",       "127.0.0.1",       "127.255.255.255",  // loopback
    "169.254.0.0",     "169.254.169.254", "169.254.255.255",  // link-local, metadata of clouds
    "172.16.0.0",      "172.24.1.1",      "172.31.255.255",   // private
    "192.0.0.0",       "192.0.0.170",     "192.0.0.255",      // protocol assignments
    "192.0.2.0",       "192.0.2.128",     "192.0.2.255",      // documentation
    "192.31.196.0",    "192.31.196.128",  "192.31.196.255",   // AS112
    "192.52.193.0",    "192.52.193.128",  "192.52.193.255",   // multicast tunnels
    "192.88.99.0",     "192.88.99.1",     "192.88.99.255",    // 6to4 relays
    "192.168.0.0",     "192.168.128.1",   "192.168.255.255",  // private
    "192.175.48.0",    "192.175.48.128",  "192.175.48.255",   // AS112
    "198.18.0.0",      "198.18.255.255",  "198.19.255.255",   // benchmarking
    "198.51.100.0",    "198.51.100.128",  "198.51.100.255",   // documentation
    "203.0.113.0",     "203.0.113.128",   "203.0.113.255",    // documentation
    "224.0.0.0",       "232.1.2.3",       "239.255.255.255",  // multicast
    "240.0.0.0",       "248.0.0.1",       "255.255.255.254",  // reserved
    "255.255.255.255",                                        // broadcast
};

inline constexpr std::string_view kSpecialV6[] = {
    "::",   // unspecified
    "::1",  // loopback
    "::2",
    "::7fff:ffff",  // compatible
    "::ffff:ffff",
    "::1:0:0:1",  // nobody's
    "64:ff9b:1::",
    "64:ff9b:1:7fff::1",                   // translation within a network
    "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",  //
    "100::",
    "100::8000:0:0:1",           // discard only
    "100::ffff:ffff:ffff:ffff",  //
    "100:0:0:1::",
    "100::1:8000:0:0:1",           // dummy
    "100::1:ffff:ffff:ffff:ffff",  //
    "2001::",
    "2001:0:8000::1",                        // Teredo
    "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "2001:1::1",
    "2001:2::1",  // protocol assignments, benchmarking
    "2001:3::1",
    "2001:4:112::1",  // multicast tunnels, AS112
    "2001:10::1",
    "2001:20::1",  // ORCHID
    "2001:30::1",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",  // drones
    "2001:db8::",
    "2001:db8:8000::1",                        // documentation
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "2002::",
    "2002:808:808::1",                          // 6to4
    "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "2620:4f:8000::",
    "2620:4f:8000:8000::1",                   // AS112
    "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",  //
    "3fff::",
    "3fff:800::1",                             // documentation
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "4000::1",
    "5f00::",  // nobody's, segment routing
    "5f00:8000::1",
    "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "fc00::",
    "fd00:ec2::254",                            // unique local, metadata of a cloud
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "fe80::",
    "fe80::1",                                  // link-local
    "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "fec0::",
    "fee0::1",                                  // site-local
    "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
    "ff00::",
    "ff02::1",                                  // multicast
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",  //
};

/// A form; its bits are `before`, the IPv4 address, `after`.
struct Disguise {
  std::string_view name;
  std::string_view before;  // of the 32 bits in hex
  std::string_view after;
  bool is_inverted;
  bool may_pass;  // with a public address in it
};

inline constexpr Disguise kDisguises[] = {
    {"mapped", "::ffff:", "", false, true},
    {"compatible", "::", "", false, false},
    {"translated", "::ffff:0:", "", false, false},
    {"NAT64", "64:ff9b::", "", false, true},
    {"NAT64 within a network", "64:ff9b:1::", "", false, false},
    {"6to4", "2002:", "::1", false, false},
    {"Teredo server", "2001:0:", "::1", false, false},
    {"Teredo client", "2001:0:808:808:0:1234:", "", true, false},
    {"ISATAP", "2a00:1450::5efe:", "", false, true},
    {"ISATAP, universal", "2a00:1450::200:5efe:", "", false, true},
    {"ISATAP, group", "2a00:1450::300:5efe:", "", false, true},
};

/// `address` in that form, as text.
inline std::string wear(const Disguise& disguise, const base::IpAddress& address) {
  const std::uint32_t bits = disguise.is_inverted ? ~address.v4() : address.v4();
  char text[16] = {};
  std::snprintf(text, sizeof text, "%x:%x", bits >> 16, bits & 0xFFFFu);
  return std::string(disguise.before) + text + std::string(disguise.after);
}

}  // namespace bellhop::relay
