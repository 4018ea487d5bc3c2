// Hosts, domains, JIDs and address ranges as text, at the edges of each rule.
#include "config/host_text.hpp"

#include <gtest/gtest.h>

namespace bellhop::config {
namespace {

using namespace std::string_literals;

TEST(HostText, TellsIpLiteralsFromEverythingElse) {
  EXPECT_TRUE(is_ipv4_literal("192.0.2.1"));
  EXPECT_FALSE(is_ipv4_literal("192.0.2.256"));
  EXPECT_FALSE(is_ipv4_literal("192.0.2"));
  EXPECT_FALSE(is_ipv4_literal(" 192.0.2.1"));
  EXPECT_FALSE(is_ipv4_literal("192.0.2.1\0x"s));
  EXPECT_TRUE(is_ipv6_literal("2001:db8::1"));
  EXPECT_TRUE(is_ipv6_literal("::ffff:192.0.2.1"));
  EXPECT_FALSE(is_ipv6_literal("[2001:db8::1]"));
  EXPECT_FALSE(is_ipv6_literal("fe80::1%eth0"));
}

TEST(HostText, SpellsOneAddressOneWay) {
  EXPECT_EQ(canonical_host("0:0:0:0:0:0:0:1"), "::1");
  EXPECT_EQ(canonical_host("2001:DB8::0"), "2001:db8::");
  EXPECT_EQ(canonical_host("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical_host("Proxy.Example.ORG"), "proxy.example.org");
}

TEST(HostText, AcceptsHostNamesAndRefusesMistypedOnes) {
  EXPECT_TRUE(is_host("bellhop.example.org"));
  EXPECT_TRUE(is_host("localhost"));
  EXPECT_TRUE(is_host("xn--bcher-kva.example"));
  EXPECT_TRUE(is_host("::1"));
  EXPECT_FALSE(is_host(""));
  EXPECT_FALSE(is_host("example.org."));
  EXPECT_FALSE(is_host("a..b"));
  EXPECT_FALSE(is_host("-a.org"));
  EXPECT_FALSE(is_host("a-.org"));
  EXPECT_FALSE(is_host("ex ample.org"));
  EXPECT_FALSE(is_host("https://example.org"));
  EXPECT_FALSE(is_host("300.1.2.3"));
}

TEST(HostText, HoldsHostNamesToTheirLimits) {
  const std::string label(63, 'a');
  EXPECT_TRUE(is_host(label));
  EXPECT_FALSE(is_host(label + 'a'));
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
  ASSERT_EQ(longest.size(), 253U);
  EXPECT_TRUE(is_host(longest));
  EXPECT_FALSE(is_host(longest + 'b'));
}

TEST(HostText, AcceptsOnlyDomainsAsTheJidOfAComponent) {
  EXPECT_TRUE(is_domain("bellhop.example.org"));
  EXPECT_TRUE(is_domain("bellhop"));
  EXPECT_TRUE(
      is_domain("b\xC3\xBC"
                "cher.example"));
  EXPECT_TRUE(is_domain(std::string(1023, 'a')));
  EXPECT_FALSE(is_domain(std::string(1024, 'a')));
  for (const char* bad : {"", "a@b", "a/b", "@", "a b", "a..b", ".a", "a.", "a\tb", "a\x7F"}) {
    EXPECT_FALSE(is_domain(bad)) << bad;
  }
}

TEST(HostText, AcceptsOnlyBareJidsWithALocalpart) {
  EXPECT_TRUE(is_bare_jid("bob@example.net"));
  EXPECT_TRUE(is_bare_jid("d\\27artagnan@musketeers.lit"));
  for (const char* bad : {"example.net", "bob@example.net/home", "@example.net", "bob@", "a b@c",
                          "a\"b@c", "a<b@c", "a@b@c"}) {
    EXPECT_FALSE(is_bare_jid(bad)) << bad;
  }
  EXPECT_TRUE(is_bare_jid(std::string(1023, 'a') + "@b"));
  EXPECT_FALSE(is_bare_jid(std::string(1024, 'a') + "@b"));
}

TEST(HostText, WantsASchemeInFrontOfAUri) {
  EXPECT_TRUE(is_uri("mailto:abuse@example.org"));
  EXPECT_TRUE(is_uri("xmpp:admin@example.org"));
  EXPECT_TRUE(is_uri("https://example.org/status"));
  for (const char* bad : {"abuse@example.org", "", ":", "mailto:", "1a:b", "mail to:b", "a:b c"}) {
    EXPECT_FALSE(is_uri(bad)) << bad;
  }
}

TEST(HostText, KnowsTheEdgesOfTheRangesThatAreNotGlobal) {
  for (const char* local : {"0.0.0.0", "10.0.0.1", "100.64.0.0", "100.127.255.255", "127.0.0.1",
                            "169.254.1.1", "172.16.0.0", "172.31.255.255", "192.168.0.1", "::",
                            "::1", "fe80::1", "febf::1", "fc00::1", "fdff::1", "::ffff:10.0.0.1"}) {
    EXPECT_TRUE(is_local_literal(local)) << local;
  }
  for (const char* global :
       {"9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.0.0.1", "169.253.0.1",
        "172.15.255.255", "172.32.0.0", "192.167.0.1", "::2", "fec0::1", "fbff::1", "fe00::1",
        "2001:db8::1", "::ffff:192.0.2.1", "localhost"}) {
    EXPECT_FALSE(is_local_literal(global)) << global;
  }
}

TEST(HostText, KnowsTheEdgesOfLoopback) {
  for (const char* loopback :
       {"127.0.0.0", "127.0.0.1", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1"}) {
    EXPECT_TRUE(is_loopback_literal(loopback)) << loopback;
  }
  for (const char* other :
       {"126.255.255.255", "128.0.0.0", "0.0.0.0", "::", "::2", "1::1", "::ffff:127.0.0.1", "127.1",
        "127.0.0.1.example.org", "localhost", "", "[::1]", "10.0.0.1"}) {
    EXPECT_FALSE(is_loopback_literal(other)) << other;
  }
}

TEST(HostText, KnowsUrlsThatPathsCanBePutBehind) {
  for (const char* good : {"https://upload.example.org", "http://127.0.0.1:8080", "https://[::1]:1",
                           "https://example.org/files", "https://example.org:65535/a/b"}) {
    EXPECT_TRUE(is_web_url(good)) << good;
  }
  for (const char* bad :
       {"", "https://", "ftp://example.org", "example.org", "https://example.org/",
        "https://example.org:", "https://example.org:0", "https://example.org:65536",
        "https://[::1", "https://[::1]x", "https://[example.org]", "https://a b", "https://a?b",
        "https://a#b", "https://-", "https://user@example.org"}) {
    EXPECT_FALSE(is_web_url(bad)) << bad;
  }
  EXPECT_TRUE(is_loopback_url("http://127.0.0.1:8080/x"));
  EXPECT_TRUE(is_loopback_url("http://[::1]:80"));
  EXPECT_TRUE(is_loopback_url("http://LocalHost"));
  EXPECT_FALSE(is_loopback_url("http://localhost.example.org"));
}

TEST(HostText, KnowsAddressesAndNetworks) {
  for (const char* good : {"10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "fd00::/8", "::/128"}) {
    EXPECT_TRUE(is_ip_network(good)) << good;
  }
  for (const char* bad : {"", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08",
                          "example.org", "example.org/8", "10.0.0.0/8/8", "10.0.0.0/1000"}) {
    EXPECT_FALSE(is_ip_network(bad)) << bad;
  }
}

TEST(HostText, TakesShortAndInternalNamesForNear) {
  EXPECT_TRUE(looks_local("prosody"));
  EXPECT_TRUE(looks_local("xmpp.Internal"));
  EXPECT_TRUE(looks_local("127.0.0.1"));
  EXPECT_FALSE(looks_local("xmpp.example.org"));
  EXPECT_FALSE(looks_local("192.0.2.1"));
}

// TURN-D07: a network that leads to this machine in any of the forms an address may have.
TEST(HostText, FindsLoopbackInNetworks) {
  for (const char* network :
       {"127.0.0.1", "127.0.0.0/8", "127.255.255.255", "0.0.0.0/0", "0.0.0.0", "64.0.0.0/2", "::1",
        "::/0", "::", "::/96", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:0:0/96", "::2/126"}) {
    EXPECT_TRUE(holds_loopback(network)) << network;
  }
  for (const char* network :
       {"10.0.0.0/8", "126.255.255.255", "128.0.0.0/1", "1.0.0.0/8", "::2", "fc00::/7", "2000::/3",
        "::ffff:10.0.0.0/104", "", "localhost", "127.0.0.0/33"}) {
    EXPECT_FALSE(holds_loopback(network)) << network;
  }
}

}  // namespace
}  // namespace bellhop::config
