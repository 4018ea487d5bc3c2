#include "api/web/open_metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "component/base/error.hpp"
#include "component/xmpp/utf8.hpp"

namespace bellhop::web {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Colons are for rules of Prometheus, so no metric of ours has one.
bool is_name(std::string_view name) {
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool is_label_name(std::string_view name) {
  return is_name(name) && !name.starts_with("__") && name != "le" && name != "quantile";
}

std::string_view without(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

void append_escaped(std::string& out, char c) {
  if (c == '\\' || c == '"') out += '\\';
  if (c == '\n') {
    out += "\\n";
  } else {
    out += c;
  }
}

// What may stand in a label's value as it is.
bool is_plain(char c) {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

void append_value(std::string& out, std::string_view value) {
  std::size_t left = OpenMetricsWriter::kLabelValueBytesMax;
  if (value.size() <= left && std::all_of(value.begin(), value.end(), is_plain)) {
    out.append(value);  // nearly always
    return;
  }
  while (!value.empty()) {
    const auto character = xmpp::decode_utf8(value);
    if (character.bytes > left) return;
    if (character.bytes == 1) {
      append_escaped(out, character.is_valid ? value.front() : '?');
    } else {
      out.append(value.substr(0, character.bytes));
    }
    left -= character.bytes;
    value.remove_prefix(character.bytes);
  }
}

// Help has no quotes around it: only the classic format leaves them as they are.
void append_help(std::string& out, std::string_view help, ExpositionFormat format) {
  for (const char c : help) {
    if (c == '"' && format == ExpositionFormat::prometheus) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
}

std::string to_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> digits{};
  const auto [end, fault] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                          std::chars_format::general);
  BELLHOP_ASSERT(fault == std::errc());
  return {digits.data(), end};
}

// OpenMetrics 1.0, "Considerations: Canonical Numbers": edges are part of a series' name, so they
// are spelled one way, with a point or an exponent. The classic format gets the same: a series
// must not change its name with the format.
std::string edge_text(double edge) {
  std::string text = to_text(edge);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

ExpositionFormat choose_format(std::string_view accept) {
  constexpr std::string_view kType = "application/openmetrics-text";
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  const auto found = std::search(accept.begin(), accept.end(), kType.begin(), kType.end(),
                                 [&](char left, char right) { return lower(left) == right; });
  return found == accept.end() ? ExpositionFormat::prometheus : ExpositionFormat::open_metrics;
}

std::string_view content_type(ExpositionFormat format) {
  return format == ExpositionFormat::open_metrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

OpenMetricsWriter::Family OpenMetricsWriter::counter(std::string_view name, std::string_view unit,
                                                     std::string_view help) {
  begin(without(name, "_total"), "_total", "counter", unit, help);
  return {*this, current_};
}

OpenMetricsWriter::Family OpenMetricsWriter::gauge(std::string_view name, std::string_view unit,
                                                   std::string_view help) {
  begin(name, "", "gauge", unit, help);
  return {*this, current_};
}

OpenMetricsWriter::HistogramFamily OpenMetricsWriter::histogram(std::string_view name,
                                                                std::string_view unit,
                                                                std::string_view help) {
  begin(name, "", "histogram", unit, help);
  return {*this, current_};
}

void OpenMetricsWriter::info(std::string_view name, std::string_view help, Labels labels) {
  begin(without(name, "_info"), "_info", "info", "", help);
  if (reserve(1)) line(current_, "", labels, "", "1");
}

void OpenMetricsWriter::begin(std::string_view name, std::string_view suffix, std::string_view type,
                              std::string_view unit, std::string_view help) {
  BELLHOP_ASSERT(!is_finished_);
  BELLHOP_ASSERT(is_name(name));
  // The suffixes that samples of other types have; a family named so could be taken for one.
  for (const std::string_view taken :
       {"_total", "_info", "_bucket", "_count", "_sum", "_created"}) {
    BELLHOP_ASSERT(!name.ends_with(taken));
  }
  BELLHOP_ASSERT(unit.empty() || name.ends_with("_" + std::string(unit)));
  BELLHOP_ASSERT(!help.empty() && xmpp::is_utf8(help));
  current_ = std::string(name).append(suffix);
  const bool is_open = format_ == ExpositionFormat::open_metrics;
  // OpenMetrics has one family for a gauge and a counter of one stem, so the counter becomes a
  // family of its own, of the one type whose samples may end in anything.
  const auto twin = families_.find(name);
  const bool has_twin = type == "counter" && twin != families_.end() && twin->second == "gauge";
  BELLHOP_ASSERT(families_.emplace(has_twin ? current_ : std::string(name), type).second);
  // The classic format knows no infos, and names a family as its samples.
  const std::string_view family = is_open && !has_twin ? name : std::string_view(current_);
  if (is_open && has_twin) type = "unknown";
  if (!is_open && type == "info") type = "gauge";
  text_.append("# HELP ").append(family).append(" ");
  append_help(text_, help, format_);
  text_.append("\n# TYPE ").append(family).append(" ").append(type).append("\n");
  if (is_open && !unit.empty() && !has_twin) {
    text_.append("# UNIT ").append(family).append(" ").append(unit).append("\n");
  }
}

void OpenMetricsWriter::expect_current(std::string_view sample_name) const {
  BELLHOP_ASSERT(!is_finished_ && sample_name == current_);
}

bool OpenMetricsWriter::reserve(std::size_t lines) {
  if (series_max_ - series_ < lines) {
    dropped_ += lines;
    return false;
  }
  series_ += lines;
  return true;
}

void OpenMetricsWriter::line(std::string_view name, std::string_view suffix, Labels labels,
                             std::string_view edge, std::string_view value) {
  text_.append(name).append(suffix);
  char separator = '{';
  for (const Label& label : labels) {
    BELLHOP_ASSERT(is_label_name(label.name));
    (text_ += separator).append(label.name).append("=\"");
    append_value(text_, label.value);
    text_ += '"';
    separator = ',';
  }
  if (!edge.empty()) {
    (text_ += separator).append("le=\"").append(edge).append("\"");
    separator = ',';
  }
  if (separator == ',') text_ += '}';
  text_.append(" ").append(value).append("\n");
}

std::string OpenMetricsWriter::finish() {
  BELLHOP_ASSERT(!is_finished_);
  is_finished_ = true;
  if (format_ == ExpositionFormat::open_metrics) text_ += "# EOF\n";
  return std::move(text_);
}

void OpenMetricsWriter::Family::sample(Labels labels, double value) {
  add(labels, to_text(value));
}

void OpenMetricsWriter::Family::add(Labels labels, std::string_view value) {
  writer_.expect_current(name_);
  if (writer_.reserve(1)) writer_.line(name_, "", labels, "", value);
}

void OpenMetricsWriter::HistogramFamily::sample(Labels labels, const HistogramReading& reading) {
  writer_.expect_current(name_);
  const auto& edges = reading.edges;
  BELLHOP_ASSERT(reading.counts.size() == edges.size() + 1);
  BELLHOP_ASSERT(std::adjacent_find(edges.begin(), edges.end(), std::greater_equal<>()) ==
                 edges.end());
  BELLHOP_ASSERT(
      std::all_of(edges.begin(), edges.end(), [](double e) { return std::isfinite(e); }));
  if (!writer_.reserve(reading.counts.size() + 2)) return;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < reading.counts.size(); ++i) {
    total += reading.counts[i];
    const std::string edge = i < edges.size() ? edge_text(edges[i]) : "+Inf";
    writer_.line(name_, "_bucket", labels, edge, std::to_string(total));
  }
  writer_.line(name_, "_sum", labels, "", to_text(reading.sum));
  writer_.line(name_, "_count", labels, "", std::to_string(total));
}

}  // namespace bellhop::web
