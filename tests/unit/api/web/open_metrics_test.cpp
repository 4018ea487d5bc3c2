// The text that Prometheus reads, line by line, and what promtool thinks of it.
#include "api/web/open_metrics.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

namespace bellhop::web {
namespace {

constexpr std::array<double, 3> kEdges{0.5, 60, 1048576};

void write_everything(OpenMetricsWriter& writer) {
  writer.info("bellhop_build", "Version of Bellhop.", {{"version", "0.1.0"}});
  auto bytes = writer.counter("bellhop_relay_bytes", "bytes", "Bytes delivered.");
  bytes.sample({{"kind", "socks5"}}, 42);
  bytes.sample({{"kind", "upload"}}, std::uint64_t{18446744073709551615U});
  writer.gauge("bellhop_sessions", "", "Sessions running.").sample({}, -1);
  const std::array<std::uint64_t, 4> counts{1, 0, 2, 3};
  writer.histogram("bellhop_session_duration_seconds", "seconds", "How long sessions lasted.")
      .sample({{"kind", "socks5"}}, {.edges = kEdges, .counts = counts, .sum = 123.5});
}

TEST(OpenMetrics, WritesEveryTypeInTheOpenFormat) {
  OpenMetricsWriter writer;
  write_everything(writer);
  EXPECT_EQ(writer.finish(), R"(# HELP bellhop_build Version of Bellhop.
# TYPE bellhop_build info
bellhop_build_info{version="0.1.0"} 1
# HELP bellhop_relay_bytes Bytes delivered.
# TYPE bellhop_relay_bytes counter
# UNIT bellhop_relay_bytes bytes
bellhop_relay_bytes_total{kind="socks5"} 42
bellhop_relay_bytes_total{kind="upload"} 18446744073709551615
# HELP bellhop_sessions Sessions running.
# TYPE bellhop_sessions gauge
bellhop_sessions -1
# HELP bellhop_session_duration_seconds How long sessions lasted.
# TYPE bellhop_session_duration_seconds histogram
# UNIT bellhop_session_duration_seconds seconds
bellhop_session_duration_seconds_bucket{kind="socks5",le="0.5"} 1
bellhop_session_duration_seconds_bucket{kind="socks5",le="60.0"} 1
bellhop_session_duration_seconds_bucket{kind="socks5",le="1.048576e+06"} 3
bellhop_session_duration_seconds_bucket{kind="socks5",le="+Inf"} 6
bellhop_session_duration_seconds_sum{kind="socks5"} 123.5
bellhop_session_duration_seconds_count{kind="socks5"} 6
# EOF
)");
}

TEST(OpenMetrics, WritesTheSameSeriesInTheClassicFormat) {
  OpenMetricsWriter writer(OpenMetricsWriter::kSeriesMax, ExpositionFormat::prometheus);
  write_everything(writer);
  EXPECT_EQ(writer.finish(), R"(# HELP bellhop_build_info Version of Bellhop.
# TYPE bellhop_build_info gauge
bellhop_build_info{version="0.1.0"} 1
# HELP bellhop_relay_bytes_total Bytes delivered.
# TYPE bellhop_relay_bytes_total counter
bellhop_relay_bytes_total{kind="socks5"} 42
bellhop_relay_bytes_total{kind="upload"} 18446744073709551615
# HELP bellhop_sessions Sessions running.
# TYPE bellhop_sessions gauge
bellhop_sessions -1
# HELP bellhop_session_duration_seconds How long sessions lasted.
# TYPE bellhop_session_duration_seconds histogram
bellhop_session_duration_seconds_bucket{kind="socks5",le="0.5"} 1
bellhop_session_duration_seconds_bucket{kind="socks5",le="60.0"} 1
bellhop_session_duration_seconds_bucket{kind="socks5",le="1.048576e+06"} 3
bellhop_session_duration_seconds_bucket{kind="socks5",le="+Inf"} 6
bellhop_session_duration_seconds_sum{kind="socks5"} 123.5
bellhop_session_duration_seconds_count{kind="socks5"} 6
)");
}

TEST(OpenMetrics, TakesTheNameOfACounterWithItsSuffixToo) {
  OpenMetricsWriter writer;
  writer.counter("bellhop_a_total", "", "A.").sample({}, 1);
  writer.counter("process_cpu_seconds_total", "seconds", "B.").sample({}, 0.25);
  writer.info("bellhop_c_info", "C.", {});
  EXPECT_EQ(writer.finish(),
            "# HELP bellhop_a A.\n# TYPE bellhop_a counter\nbellhop_a_total 1\n"
            "# HELP process_cpu_seconds B.\n# TYPE process_cpu_seconds counter\n"
            "# UNIT process_cpu_seconds seconds\nprocess_cpu_seconds_total 0.25\n"
            "# HELP bellhop_c C.\n# TYPE bellhop_c info\nbellhop_c_info 1\n# EOF\n");
}

// One name for two families is an error there: "MetricFamily names are unique".
TEST(OpenMetrics, GivesACounterBesideItsGaugeAFamilyOfItsOwn) {
  OpenMetricsWriter open;
  open.gauge("bellhop_sessions", "", "Running.").sample({}, 1);
  open.counter("bellhop_sessions", "", "Begun.").sample({}, 2);
  EXPECT_DEATH(open.counter("bellhop_sessions", "", "Begun."), "broken invariant");
  EXPECT_EQ(open.finish(),
            "# HELP bellhop_sessions Running.\n# TYPE bellhop_sessions gauge\nbellhop_sessions 1\n"
            "# HELP bellhop_sessions_total Begun.\n# TYPE bellhop_sessions_total unknown\n"
            "bellhop_sessions_total 2\n# EOF\n");
  OpenMetricsWriter classic(2, ExpositionFormat::prometheus);
  classic.gauge("bellhop_sessions", "", "Running.").sample({}, 1);
  classic.counter("bellhop_sessions", "", "Begun.").sample({}, 2);
  EXPECT_NE(classic.finish().find("# TYPE bellhop_sessions_total counter\n"), std::string::npos);
}

std::string value_line(double value) {
  OpenMetricsWriter writer;
  writer.gauge("g", "", "G.").sample({}, value);
  const std::string text = writer.finish();
  const std::size_t begin = text.find("\ng ") + 3;
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(OpenMetrics, WritesNumbersSoThatTheyReadBackTheSame) {
  EXPECT_EQ(value_line(0.0), "0");
  EXPECT_EQ(value_line(0.1), "0.1");
  EXPECT_EQ(value_line(1e21), "1e+21");
  EXPECT_EQ(value_line(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(value_line(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(value_line(std::nan("")), "NaN");
  for (const double value : {1.0 / 3, 1763986841.123456, 5e-324, 1.7976931348623157e308}) {
    EXPECT_EQ(std::strtod(value_line(value).c_str(), nullptr), value);
  }
}

/// What becomes of a label's value.
std::string written(std::string_view value) {
  OpenMetricsWriter writer;
  writer.gauge("g", "", "G.").sample({{"domain", value}}, 1);
  const std::string text = writer.finish();
  constexpr std::string_view kBefore = "\ng{domain=\"";
  const std::size_t begin = text.find(kBefore) + kBefore.size();
  return text.substr(begin, text.rfind("\"} 1\n") - begin);
}

TEST(OpenMetrics, EscapesLabelValues) {
  EXPECT_EQ(written("example.org"), "example.org");
  EXPECT_EQ(written("a\"b\\c\nd"), R"(a\"b\\c\nd)");
  EXPECT_EQ(written("\"} 1\ng 2"), R"(\"} 1\ng 2)");
  EXPECT_EQ(written(""), "");
  EXPECT_EQ(written("b\xC3\xBC"
                    "cher.example"),
            "b\xC3\xBC"
            "cher.example");
  EXPECT_EQ(written("a\xC3(\xFF\xED\xA0\x80"), "a?(????");
}

TEST(OpenMetrics, CutsLabelValuesAtAMaximumAndNeverWithinACharacter) {
  const std::string longest(OpenMetricsWriter::kLabelValueBytesMax, 'a');
  EXPECT_EQ(written(longest), longest);
  EXPECT_EQ(written(longest + "a"), longest);
  const std::string before = longest.substr(1);
  EXPECT_EQ(written(before + "\xC3\xBC"), before);
}

TEST(OpenMetrics, EscapesHelpAsEachFormatWantsIt) {
  OpenMetricsWriter open;
  open.gauge("g", "", "A \"b\" \\ c\nd.");
  EXPECT_TRUE(open.finish().starts_with(R"(# HELP g A \"b\" \\ c\nd.)"
                                        "\n"));
  OpenMetricsWriter classic(1, ExpositionFormat::prometheus);
  classic.gauge("g", "", "A \"b\" \\ c\nd.");
  EXPECT_TRUE(classic.finish().starts_with(R"(# HELP g A "b" \\ c\nd.)"
                                           "\n"));
}

TEST(OpenMetrics, LeavesOutAndCountsWhatExceedsTheBudget) {
  OpenMetricsWriter writer(3);
  auto gauge = writer.gauge("g", "", "G.");
  for (const std::string_view n : {"1", "2"}) gauge.sample({{"n", n}}, 1);
  EXPECT_EQ(writer.dropped(), 0U);
  const std::array<std::uint64_t, 4> counts{};
  auto histogram = writer.histogram("h", "", "H.");
  histogram.sample({}, {.edges = kEdges, .counts = counts});  // six lines: as a whole or not at all
  EXPECT_EQ(writer.dropped(), 6U);
  auto last = writer.gauge("last", "", "L.");
  last.sample({}, 1);
  EXPECT_EQ(writer.dropped(), 6U);
  last.sample({{"n", "1"}}, 1);
  writer.info("i", "I.", {});
  EXPECT_EQ(writer.dropped(), 8U);
  const std::string text = writer.finish();
  EXPECT_NE(text.find("\nlast 1\n"), std::string::npos);
  EXPECT_EQ(text.find("\nh_"), std::string::npos);
  EXPECT_EQ(text.find("\nlast{"), std::string::npos);
  EXPECT_EQ(text.find("i_info"), std::string::npos);
  EXPECT_TRUE(text.ends_with("# EOF\n"));
}

TEST(OpenMetrics, NeverWritesMoreThanTwoThousandSeriesByDefault) {
  OpenMetricsWriter writer;
  auto gauge = writer.gauge("g", "", "G.");
  for (int i = 0; i < 2001; ++i) gauge.sample({{"n", std::to_string(i)}}, i);
  EXPECT_EQ(writer.dropped(), 1U);
  const std::string text = writer.finish();
  EXPECT_NE(text.find("g{n=\"1999\"} 1999\n"), std::string::npos);
  EXPECT_EQ(text.find("g{n=\"2000\"}"), std::string::npos);
}

TEST(OpenMetrics, EndsTheProcessAtNamesThatNoScraperTakes) {
  const auto gauge = [](std::string_view name, std::string_view unit = "",
                        std::string_view help = "H.") {
    OpenMetricsWriter writer;
    writer.gauge(name, unit, help);
  };
  for (const std::string_view name : {"", "1g", "g-h", "g h", "g:h", "g_total", "g_info", "g_count",
                                      "g_sum", "g_bucket", "g_created", "g\xC3\xBC"}) {
    EXPECT_DEATH(gauge(name), "broken invariant") << name;
  }
  EXPECT_DEATH(gauge("bellhop_relay", "bytes"), "broken invariant");
  EXPECT_DEATH(gauge("g", "", ""), "broken invariant");
  EXPECT_DEATH(gauge("g", "", "\xFF"), "broken invariant");
  for (const std::string_view label : {"", "1", "a-b", "le", "quantile", "__name__"}) {
    OpenMetricsWriter writer;
    auto family = writer.gauge("g", "", "G.");
    EXPECT_DEATH(family.sample({{label, "x"}}, 1), "broken invariant") << label;
  }
}

TEST(OpenMetrics, EndsTheProcessAtFamiliesThatMix) {
  OpenMetricsWriter writer;
  auto first = writer.gauge("first", "", "F.");
  auto second = writer.counter("second", "", "S.");
  EXPECT_DEATH(first.sample({}, 1), "broken invariant");
  EXPECT_DEATH(writer.gauge("second", "", "S."), "broken invariant");
  EXPECT_DEATH(writer.counter("second_total", "", "S."), "broken invariant");
  second.sample({}, 1);
  EXPECT_FALSE(writer.finish().empty());
  EXPECT_DEATH(second.sample({}, 1), "broken invariant");
  EXPECT_DEATH((void)writer.finish(), "broken invariant");
}

TEST(OpenMetrics, EndsTheProcessAtBucketsThatCannotBe) {
  OpenMetricsWriter writer;
  auto family = writer.histogram("h", "", "H.");
  const std::array<std::uint64_t, 3> counts{};
  const std::array<double, 2> falling{2, 1};
  const std::array<double, 2> equal{1, 1};
  const std::array<double, 2> infinite{1, std::numeric_limits<double>::infinity()};
  EXPECT_DEATH(family.sample({}, {.edges = kEdges, .counts = counts}), "broken invariant");
  EXPECT_DEATH(family.sample({}, {.edges = falling, .counts = counts}), "broken invariant");
  EXPECT_DEATH(family.sample({}, {.edges = equal, .counts = counts}), "broken invariant");
  EXPECT_DEATH(family.sample({}, {.edges = infinite, .counts = counts}), "broken invariant");
}

TEST(OpenMetrics, AnswersEachScraperInWhatItReads) {
  using enum ExpositionFormat;
  EXPECT_EQ(choose_format("application/openmetrics-text;version=1.0.0,"
                          "application/openmetrics-text;version=0.0.1;q=0.75,"
                          "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
            open_metrics);
  EXPECT_EQ(choose_format("text/plain, Application/OpenMetrics-Text; q=0.1"), open_metrics);
  EXPECT_EQ(choose_format("text/plain;version=0.0.4;q=0.5,*/*;q=0.1"), prometheus);
  EXPECT_EQ(choose_format("application/openmetrics"), prometheus);
  EXPECT_EQ(choose_format(""), prometheus);
  EXPECT_EQ(content_type(open_metrics),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(content_type(prometheus), "text/plain; version=0.0.4; charset=utf-8");
}

TEST(OpenMetrics, PassesPromtool) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool is not installed (package prometheus)";
  }
  OpenMetricsWriter writer(OpenMetricsWriter::kSeriesMax, ExpositionFormat::prometheus);
  write_everything(writer);
  auto domains = writer.counter("bellhop_domain_bytes", "bytes", "Help with \"quotes\" and \\.");
  domains.sample({{"domain", "hostile\"} 1\nx 2\\"}, {"kind", "socks5"}}, 1);
  domains.sample({{"domain", "\xFF\xFE"}, {"kind", "socks5"}}, 1);
  const std::string log = ::testing::TempDir() + "promtool." + std::to_string(::getpid());
  FILE* const pipe = ::popen(("promtool check metrics >'" + log + "' 2>&1").c_str(), "w");
  ASSERT_NE(pipe, nullptr);
  const std::string text = writer.finish();
  EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), pipe), text.size());
  const int status = ::pclose(pipe);
  std::ifstream said(log);
  EXPECT_EQ(status, 0) << std::string(std::istreambuf_iterator<char>(said), {});
  std::filesystem::remove(log);
}

}  // namespace
}  // namespace bellhop::web
