// Durations, sizes, addresses and strings: read, refused, written, read back.
#include "config/value_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bellhop::config {
namespace {

using namespace std::string_literals;

TEST(ValueText, ReadsDurationsWithAndWithoutUnit) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("15s"), 15s);
  EXPECT_EQ(parse_duration("10min"), 10min);
  EXPECT_EQ(parse_duration("10 min"), 10min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("2d"), 48h);
  EXPECT_EQ(parse_duration("30"), 30s);
  EXPECT_EQ(parse_duration(" 0 "), 0ms);
}

TEST(ValueText, RefusesDurationsThatCouldMeanTwoThings) {
  for (const char* bad :
       {"", " ", "s", "-1s", "+1s", "1.5s", "1h30min", "5m", "1 hour", "1S", "1s x"}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
}

TEST(ValueText, RefusesDurationsThatDoNotFit) {
  EXPECT_NE(parse_duration("9223372036854775807ms"), std::nullopt);
  EXPECT_EQ(parse_duration("9223372036854775808ms"), std::nullopt);
  EXPECT_EQ(parse_duration("9223372036854775807s"), std::nullopt);
  EXPECT_EQ(parse_duration("99999999999999999999999"), std::nullopt);
}

TEST(ValueText, WritesDurationsThatReadBack) {
  for (const auto duration : {0ms, 1ms, 999ms, 1000ms, 1500ms, 60000ms, 90000ms, 3600000ms}) {
    EXPECT_EQ(parse_duration(duration_text(duration)), duration) << duration_text(duration);
  }
  EXPECT_EQ(duration_text(10min), "10min");
  EXPECT_EQ(duration_text(90s), "90s");
}

TEST(ValueText, ReadsByteSizesInPowersOf1024) {
  EXPECT_EQ(parse_bytes("512 KiB"), 512U * 1024);
  EXPECT_EQ(parse_bytes("4MiB"), 4U * 1024 * 1024);
  EXPECT_EQ(parse_bytes("1 TiB"), 1ULL << 40U);
  EXPECT_EQ(parse_bytes("100 B"), 100U);
  EXPECT_EQ(parse_bytes("100"), 100U);
  for (const char* bad : {"", "1 KB", "1k", "1 kib", "-1", "1.5 MiB", "KiB", "8388608 TiB"}) {
    EXPECT_EQ(parse_bytes(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_bytes("8388607 TiB"), 8388607ULL << 40U);
}

TEST(ValueText, ReadsRatesWithAndWithoutPerSecond) {
  EXPECT_EQ(parse_rate("10 MiB"), 10U * 1024 * 1024);
  EXPECT_EQ(parse_rate("10 MiB/s"), 10U * 1024 * 1024);
  EXPECT_EQ(parse_rate("10 MiB/min"), std::nullopt);
  EXPECT_EQ(parse_rate("/s"), std::nullopt);
}

TEST(ValueText, WritesByteSizesThatReadBack) {
  for (const std::uint64_t bytes : {0ULL, 1ULL, 1023ULL, 1024ULL, 10000ULL, 1ULL << 30U}) {
    EXPECT_EQ(parse_bytes(bytes_text(bytes)), bytes) << bytes_text(bytes);
  }
  EXPECT_EQ(bytes_text(512 * 1024), "512 KiB");
}

TEST(ValueText, ReadsIntegersToTheLastDigit) {
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1x", "0x10", "9223372036854775808"}) {
    EXPECT_EQ(parse_integer(bad), std::nullopt) << bad;
  }
}

TEST(ValueText, SplitsHostAndPort) {
  EXPECT_EQ(parse_host_port("example.org:5347"), (HostPort{"example.org", 5347}));
  EXPECT_EQ(parse_host_port("[::1]:80"), (HostPort{"::1", 80}));
  EXPECT_EQ(parse_host_port("a:0"), (HostPort{"a", 0}));
  EXPECT_EQ(parse_host_port("a:65535"), (HostPort{"a", 65535}));
  for (const char* bad : {"", "a", ":80", "a:", "a:65536", "a:-1", "a:x", "::1:80", "[a]:80",
                          "[]:80", "[::1]", "[::1:80", "a:80:90"}) {
    EXPECT_EQ(parse_host_port(bad), std::nullopt) << bad;
  }
}

TEST(ValueText, WritesAddressesThatReadBack) {
  for (const HostPort& address :
       {HostPort{"::", 7777}, HostPort{"0.0.0.0", 1}, HostPort{"a.b", 2}}) {
    EXPECT_EQ(parse_host_port(host_port_text(address)), address);
  }
}

TEST(ValueText, MakesHostileTextFitForATerminal) {
  EXPECT_EQ(printable("plain \xC3\xA9\t\xF0\x9F\x93\xA6"), "plain \xC3\xA9\t\xF0\x9F\x93\xA6");
  EXPECT_EQ(printable("\x1B[31m"), "?[31m");
  EXPECT_EQ(printable("a\0b\x7F"s), "a?b?");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "?31m");  // C1 control sequence introducer
  EXPECT_EQ(printable("\xE2\x80\xAE"
                      "abc"),
            "?abc");                                 // right-to-left override
  EXPECT_EQ(printable("\xFF\xC3"), "??");            // never UTF-8, cut off
  EXPECT_EQ(printable("\xC0\xAF"), "??");            // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), "???");       // surrogate
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "????");  // above U+10FFFF
}

TEST(ValueText, BoundsWhatAMessageQuotes) {
  EXPECT_EQ(in_quotes("abc"), "\"abc\"");
  EXPECT_EQ(in_quotes(std::string(80, 'x')), '"' + std::string(80, 'x') + '"');
  EXPECT_EQ(in_quotes(std::string(81, 'x')), '"' + std::string(80, 'x') + "...\"");
  // The cut falls into a character, which is then left out whole.
  EXPECT_EQ(in_quotes(std::string(79, 'x') + "\xC3\xA9"
                                             "y"),
            '"' + std::string(79, 'x') + "...\"");
}

TEST(ValueText, EscapesWhatATomlStringMayNotHold) {
  EXPECT_EQ(toml_string("a\"b\\c\n\t\x01\x7F"), R"("a\"b\\c\n\t\u0001\u007F")");
}

TEST(ValueText, FindsTheWildcardThatCoversAnAddress) {
  const std::vector<HostPort> listen{{"::", 1}, {"0.0.0.0", 2}, {"127.0.0.1", 2}};
  EXPECT_EQ(covering({"127.0.0.1", 2}, listen), (HostPort{"0.0.0.0", 2}));
  EXPECT_EQ(covering({"::1", 1}, listen), (HostPort{"::", 1}));
  EXPECT_EQ(covering({"::", 1}, listen), std::nullopt) << "itself";
  EXPECT_EQ(covering({"127.0.0.1", 1}, listen), std::nullopt) << "another family";
  EXPECT_EQ(covering({"127.0.0.1", 3}, listen), std::nullopt) << "another port";
}

}  // namespace
}  // namespace bellhop::config
