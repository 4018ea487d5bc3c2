#include "api/ctl/bandwidth_commands.hpp"

#include <algorithm>
#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/proto_time.hpp"
#include "api/ctl/sparkline.hpp"
#include "api/ctl/watch_progress.hpp"
#include "bellhop/admin/v1/bandwidth_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Bandwidth = v1::BandwidthService::Stub;

constexpr std::size_t kChartColumns = 60;      // where there is no terminal
constexpr std::size_t kChartColumnsMin = 10;   // beside keys that are too long
constexpr std::size_t kChartColumnsMax = 200;  // wider lines are not read at a glance
constexpr std::size_t kSlotsMax = 100'000;     // of a chart, whatever range and step came back

v1::GroupBy group_by_of(const std::string& word) {
  if (word == "kind") return v1::GROUP_BY_KIND;
  if (word == "domain") return v1::GROUP_BY_DOMAIN;
  return word == "jid" ? v1::GROUP_BY_JID : v1::GROUP_BY_UNSPECIFIED;
}

// ---- now ----

struct NowOptions {
  std::string by;
  std::int32_t limit = 0;
  bool is_watch = false;
  std::chrono::milliseconds interval{0};
  WatchOptions watch;
};

void add_group_row(Table& table, const std::string& key, const v1::BandwidthGroup& group,
                   Tone tone) {
  const auto& rates = group.rates();
  table.add({Cell(key, tone), format_rate(rates.last_second_bytes_per_second()),
             format_rate(rates.ten_seconds_bytes_per_second()),
             format_rate(rates.minute_bytes_per_second()), std::to_string(group.session_count()),
             format_bytes(group.total_bytes())});
}

// GetBandwidthResponse and WatchBandwidthResponse say the same.
template <typename Response>
void print_figures(const Client& client, const Response& response) {
  Table table({{.title = "WHAT", .may_cut = true},
               {.title = "1 S", .align = Align::right},
               {.title = "10 S", .align = Align::right},
               {.title = "1 MIN", .align = Align::right},
               {.title = "SESSIONS", .align = Align::right},
               {.title = "SINCE START", .align = Align::right}});
  add_group_row(table, "total", response.total(), Tone::title);
  for (const v1::BandwidthGroup& group : response.groups()) {
    add_group_row(table, group.key(), group, Tone::plain);
  }
  table.print(client.out(), client.style());
}

ExitCode watch_figures(Client& client, const NowOptions& options) {
  v1::WatchBandwidthRequest request;
  request.set_group_by(group_by_of(options.by));
  request.set_page_size(options.limit);
  if (options.interval.count() != 0) *request.mutable_interval() = to_duration(options.interval);
  WatchProgress progress(client, options.watch);
  const std::function<bool(const v1::WatchBandwidthResponse&)> take =
      [&](const v1::WatchBandwidthResponse& message) {
        if (client.is_json()) {
          client.print_json_line(message);
        } else {
          client.out() << format_moment(to_moment(message.time())) << '\n';
          print_figures(client, message);
          client.out() << '\n' << std::flush;
        }
        return progress.lost(message.lost_count()) && progress.shown();
      };
  return progress.finish(client.watch(&Bandwidth::WatchBandwidth, request, take));
}

ExitCode show_figures(Client& client, const NowOptions& options) {
  if (options.is_watch) return watch_figures(client, options);
  v1::GetBandwidthRequest request;
  request.set_group_by(group_by_of(options.by));
  request.set_page_size(options.limit);
  v1::GetBandwidthResponse response;
  const grpc::Status status = client.call(&Bandwidth::GetBandwidth, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
  } else {
    print_figures(client, response);
  }
  return ExitCode::ok;
}

// ---- history ----

struct HistoryOptions {
  std::string since = "15m";
  std::string until = "now";
  std::chrono::milliseconds step{0};
  std::string by;
  std::string kind;
  std::string domain;
  std::string jid;
  bool is_chart = false;
};

// What a series is called: the sum has no key.
std::string title_of(const v1::HistorySeries& series) {
  return series.key().empty() ? "total" : clean(series.key());
}

void print_points(const Client& client, const v1::QueryHistoryResponse& response) {
  const std::int64_t step = std::max<std::int64_t>(response.step().seconds(), 1);
  bool is_jid = false;
  for (const auto& series : response.series()) {
    for (const auto& point : series.points()) is_jid = is_jid || point.error_bytes() != 0;
  }
  std::vector<Column> columns{{.title = "TIME"},
                              {.title = "WHAT", .may_cut = true},
                              {.title = "BYTES", .align = Align::right},
                              {.title = "AVERAGE", .align = Align::right},
                              {.title = "PEAK", .align = Align::right},
                              {.title = "SESSIONS", .align = Align::right}};
  if (is_jid) columns.push_back({.title = "TOO HIGH BY", .align = Align::right});
  Table table(std::move(columns));
  for (const auto& series : response.series()) {
    for (const auto& point : series.points()) {
      std::vector<Cell> row{format_moment(to_moment(point.time())),
                            title_of(series),
                            format_bytes(point.bytes()),
                            format_rate(point.bytes() / static_cast<std::uint64_t>(step)),
                            format_rate(point.peak_bytes_per_second()),
                            std::to_string(point.session_count())};
      if (is_jid) row.emplace_back("<= " + format_bytes(point.error_bytes()));
      table.add(std::move(row));
    }
  }
  table.print(client.out(), client.style());
}

// The range that was asked for, in the steps that came back.
struct Slots {
  Moment begin;
  std::chrono::nanoseconds step;
  std::size_t count;
};

Slots slots_of(const v1::QueryHistoryRequest& request, const v1::QueryHistoryResponse& response) {
  const auto step =
      std::max<std::chrono::nanoseconds>(to_nanoseconds(response.step()), std::chrono::seconds(1));
  const Moment begin = to_moment(request.start_time());
  const auto length = std::max(to_moment(request.end_time()) - begin, step);
  const auto count = static_cast<std::size_t>((length + step - std::chrono::nanoseconds(1)) / step);
  return {begin, step, std::min(count, kSlotsMax)};
}

std::vector<std::uint64_t> values_of(const v1::HistorySeries& series, const Slots& slots) {
  std::vector<std::uint64_t> values(slots.count, 0);
  for (const v1::HistoryPoint& point : series.points()) {
    const auto place = (to_moment(point.time()) - slots.begin) / slots.step;
    const auto last = static_cast<std::int64_t>(slots.count) - 1;
    values[static_cast<std::size_t>(std::clamp<std::int64_t>(place, 0, last))] += point.bytes();
  }
  return values;
}

void print_charts(const Client& client, const v1::QueryHistoryRequest& request,
                  const v1::QueryHistoryResponse& response) {
  const Style& style = client.style();
  const Slots slots = slots_of(request, response);
  std::size_t label_width = 0;
  for (const auto& series : response.series()) {
    label_width = std::max(label_width, display_width(title_of(series)));
  }
  constexpr std::size_t kFiguresWidth = 40;  // "  12.0 MiB, at most 999.9 MiB/s" and the gaps
  std::size_t chart_width = kChartColumns;
  if (style.columns_max != 0) {
    label_width = std::min(label_width, style.columns_max / 3);
    const std::size_t used = label_width + kFiguresWidth;
    chart_width =
        style.columns_max > used + kChartColumnsMin ? style.columns_max - used : kChartColumnsMin;
  }
  chart_width = std::min(chart_width, kChartColumnsMax);
  for (const auto& series : response.series()) {
    std::uint64_t sum = 0;
    std::uint64_t peak = 0;
    for (const auto& point : series.points()) {
      sum += point.bytes();
      peak = std::max(peak, point.peak_bytes_per_second());
    }
    const std::string title = cut(title_of(series), label_width, style.ellipsis());
    std::string line = title + std::string(label_width - display_width(title), ' ') + "  ";
    line += sparkline(values_of(series, slots), chart_width, style.is_utf8);
    line += "  " + format_bytes(sum);
    if (peak != 0) line += ", at most " + format_rate(peak);
    client.out() << (style.columns_max == 0 ? line : cut(line, style.columns_max, "")) << '\n';
  }
  client.out() << format_moment(slots.begin) << " to "
               << format_moment(to_moment(request.end_time())) << ", in steps of "
               << format_duration(slots.step) << '\n';
}

ExitCode show_history(Client& client, const HistoryOptions& options) {
  const auto since = parse_moment(options.since, client.now());
  const auto until = parse_moment(options.until, client.now());
  if (!since) return client.refuse("--since: " + since.error().detail());
  if (!until) return client.refuse("--until: " + until.error().detail());
  if (*since >= *until) return client.refuse("--since must be before --until");
  v1::QueryHistoryRequest request;
  *request.mutable_start_time() = to_timestamp(*since);
  *request.mutable_end_time() = to_timestamp(*until);
  if (options.step.count() != 0) *request.mutable_step() = to_duration(options.step);
  request.set_group_by(group_by_of(options.by));
  request.set_kind(options.kind);
  request.set_domain(options.domain);
  request.set_jid(options.jid);
  v1::QueryHistoryResponse response;
  const grpc::Status status = client.call(&Bandwidth::QueryHistory, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
  } else if (options.is_chart) {
    print_charts(client, request, response);
  } else {
    print_points(client, response);
  }
  return ExitCode::ok;
}

// ---- talkers ----

struct TalkersOptions {
  std::string window = "hour";
  std::string by = "jid";
  std::int32_t limit = 0;
};

std::chrono::seconds window_of(const std::string& word) {
  if (word == "minute") return std::chrono::minutes(1);
  return word == "day" ? std::chrono::hours(24) : std::chrono::hours(1);
}

std::string share_of(std::uint64_t bytes, std::uint64_t total) {
  if (total == 0) return "-";
  const double percent = 100.0 * static_cast<double>(bytes) / static_cast<double>(total);
  return std::to_string(static_cast<int>(std::min(percent, 100.0) + 0.5)) + "%";
}

ExitCode show_talkers(Client& client, const TalkersOptions& options) {
  v1::ListTopTalkersRequest request;
  *request.mutable_window() = to_duration(window_of(options.window));
  request.set_group_by(group_by_of(options.by));
  request.set_page_size(options.limit);
  v1::ListTopTalkersResponse response;
  const grpc::Status status = client.call(&Bandwidth::ListTopTalkers, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  Table table({{.title = "WHO", .may_cut = true},
               {.title = "BYTES", .align = Align::right},
               {.title = "TOO HIGH BY", .align = Align::right},
               {.title = "SHARE", .align = Align::right}});
  for (const v1::TopTalker& talker : response.talkers()) {
    table.add({talker.key(), format_bytes(talker.bytes()),
               talker.error_bytes() == 0 ? "-" : "<= " + format_bytes(talker.error_bytes()),
               share_of(talker.bytes(), response.total_bytes())});
  }
  table.print(client.out(), client.style());
  client.out() << "everybody in the last " << options.window << ": "
               << format_bytes(response.total_bytes()) << '\n';
  return ExitCode::ok;
}

void add_now(CommandTree& tree, const Command& parent) {
  const auto [command, options] =
      tree.verb<NowOptions>(parent,
                            {.name = "now",
                             .summary = "How fast and how much: in total and by group.",
                             .example = "bellhopctl bandwidth now --by domain\n"
                                        "bellhopctl bandwidth now --watch --interval 5s"},
                            show_figures);
  command.add_option("--by", options.by, "groups besides the total")
      .accept_words({"kind", "domain", "jid"});
  command.add_option("--limit", options.limit, "at most so many groups, the fastest; default 100")
      .call_value("N")
      .limit(1, 1'000);
  command.add_flag("--watch", options.is_watch, "again and again, until Ctrl-C");
  command.add_duration("--interval", options.interval, "with --watch; default 1s, at least 200ms");
  command.add_flag("--strict", options.watch.is_strict,
                   "with --watch: end with code 7 if moments are missed");
  command.add_option("--count", options.watch.count_max, "with --watch: end after so many")
      .call_value("N");
}

void add_history(CommandTree& tree, const Command& parent) {
  const auto [command, options] = tree.verb<HistoryOptions>(
      parent,
      {.name = "history",
       .summary = "Bytes over time, up to two years back.",
       .example = "bellhopctl bandwidth history --since 1h --chart --by domain\n"
                  "bellhopctl bandwidth history --since 2026-03-01 --until 2026-04-01 --step 1d"},
      show_history);
  command.add_moment("--since", options.since, "a duration ago, or a moment; default 15m");
  command.add_moment("--until", options.until, "the same; default now");
  command.add_duration("--step", options.step, "per line; default: at most 1000 lines");
  command.add_option("--by", options.by, "one series for each")
      .accept_words({"kind", "domain", "jid"});
  command.add_option("--kind", options.kind, "only this kind of session").call_value("KIND");
  command.add_option("--domain", options.domain, "only this domain").call_value("DOMAIN");
  command.add_option("--jid", options.jid, "only this user").call_value("JID");
  command.add_flag("--chart", options.is_chart, "a line of bars for each series");
}

void add_talkers(CommandTree& tree, const Command& parent) {
  const auto [command, options] =
      tree.verb<TalkersOptions>(parent,
                                {.name = "talkers",
                                 .summary = "Who moves most, with the error of each figure.",
                                 .example = "bellhopctl bandwidth talkers --window day --limit 20"},
                                show_talkers);
  command.add_option("--window", options.window, "how far back; default hour")
      .accept_words({"minute", "hour", "day"});
  command.add_option("--by", options.by, "users or domains; default jid")
      .accept_words({"jid", "domain"});
  command.add_option("--limit", options.limit, "at most so many; default 10")
      .call_value("N")
      .limit(1, 1'000);
}

}  // namespace

void add_bandwidth_commands(CommandTree& tree) {
  const Command bandwidth =
      tree.noun(tree.root(), "bandwidth", "Bytes moved: now, in the past, by whom.");
  add_now(tree, bandwidth);
  add_history(tree, bandwidth);
  add_talkers(tree, bandwidth);
}

}  // namespace bellhop::ctl
