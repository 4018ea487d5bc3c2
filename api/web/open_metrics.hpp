// What Prometheus reads: OpenMetrics 1.0, or the classic text format 0.0.4 for those who do not ask
// for it (and for `promtool check metrics`, which reads nothing else).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace bellhop::web {

/// Which text is written.
enum class ExpositionFormat : std::uint8_t { open_metrics, prometheus };

/// What a scraper with this Accept header is answered in. Whoever names OpenMetrics can read it,
/// so its weight is not looked at.
[[nodiscard]] ExpositionFormat choose_format(std::string_view accept);
/// The Content-Type that belongs to it.
[[nodiscard]] std::string_view content_type(ExpositionFormat format);

/// A label of a series; the name is ours, the value may be a stranger's.
struct Label {
  std::string_view name;
  std::string_view value;
};
using Labels = std::initializer_list<Label>;

/// Of one series: how many observations fell into which bucket.
struct HistogramReading {
  /// Upper edges, inclusive, ascending, finite.
  std::span<const double> edges;
  /// One more than edges: what fell into each bucket alone, last what is above all edges.
  std::span<const std::uint64_t> counts;
  double sum = 0;  ///< of all observations
};

/// Writes one scrape. Families come one after the other, each name once; a family's samples are
/// written before the next family begins, each set of labels once. Names, units and help are ours:
/// what the formats do not allow there is a broken invariant. Label values are escaped, of bytes
/// that are not UTF-8 a `?` is made, and what exceeds kLabelValueBytesMax is cut off.
/// Used by one thread; the text lives in memory, about 100 bytes for each series.
class OpenMetricsWriter {
 public:
  /// Enough for all we have; beyond it one process is a burden to Prometheus.
  static constexpr std::size_t kSeriesMax = 2000;
  /// A domain fits whole (RFC 7622 §3.2: 1,023 bytes).
  static constexpr std::size_t kLabelValueBytesMax = 1023;

  /// Takes the samples of the family that was begun last.
  class Family {
   public:
    void sample(Labels labels, std::integral auto value) { add(labels, number(value)); }
    void sample(Labels labels, double value);

   private:
    friend class OpenMetricsWriter;
    Family(OpenMetricsWriter& writer, std::string name) : writer_(writer), name_(std::move(name)) {}
    static std::string number(std::integral auto value) { return std::to_string(value); }
    void add(Labels labels, std::string_view value);

    OpenMetricsWriter& writer_;
    std::string name_;  // of the samples
  };

  /// The same for histograms.
  class HistogramFamily {
   public:
    void sample(Labels labels, const HistogramReading& reading);

   private:
    friend class OpenMetricsWriter;
    HistogramFamily(OpenMetricsWriter& writer, std::string name)
        : writer_(writer), name_(std::move(name)) {}

    OpenMetricsWriter& writer_;
    std::string name_;
  };

  explicit OpenMetricsWriter(std::size_t series_max = kSeriesMax,
                             ExpositionFormat format = ExpositionFormat::open_metrics)
      : series_max_(series_max), format_(format) {}
  OpenMetricsWriter(const OpenMetricsWriter&) = delete;  // families refer to it
  OpenMetricsWriter& operator=(const OpenMetricsWriter&) = delete;

  /// `unit` is empty or the last word of `name` (without `_total`): `bytes`, `seconds`. `name` of
  /// a counter may be given with or without `_total`, which its samples always have. A gauge of the
  /// same stem (`bellhop_sessions` beside `bellhop_sessions_total`) comes before its counter, whose
  /// type OpenMetrics then cannot tell.
  Family counter(std::string_view name, std::string_view unit, std::string_view help);
  Family gauge(std::string_view name, std::string_view unit, std::string_view help);
  HistogramFamily histogram(std::string_view name, std::string_view unit, std::string_view help);
  /// One series of value 1 whose labels tell something. `name` with or without `_info`.
  void info(std::string_view name, std::string_view help, Labels labels);

  /// Lines that were left out because series_max were written; a histogram is written whole or
  /// left out whole.
  [[nodiscard]] std::size_t dropped() const { return dropped_; }

  /// The whole text. Nothing may be written afterwards.
  [[nodiscard]] std::string finish();

 private:
  void begin(std::string_view name, std::string_view suffix, std::string_view type,
             std::string_view unit, std::string_view help);
  void expect_current(std::string_view sample_name) const;
  bool reserve(std::size_t lines);
  void line(std::string_view name, std::string_view suffix, Labels labels, std::string_view edge,
            std::string_view value);

  std::size_t series_max_;
  ExpositionFormat format_;
  std::string text_;
  std::string current_;  // name of the samples of the family that takes some now
  std::map<std::string, std::string_view, std::less<>> families_;  // their types
  std::size_t series_ = 0;
  std::size_t dropped_ = 0;
  bool is_finished_ = false;
};

}  // namespace bellhop::web
