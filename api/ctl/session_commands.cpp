#include "api/ctl/session_commands.hpp"

#include <algorithm>
#include <ostream>

#include "api/ctl/bulk_change.hpp"
#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/names.hpp"
#include "api/ctl/proto_time.hpp"
#include "api/ctl/session_order.hpp"
#include "api/ctl/session_view.hpp"
#include "api/ctl/watch_progress.hpp"
#include "bellhop/admin/v1/session_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Sessions = v1::SessionService::Stub;

constexpr std::uint64_t kPageMax = 1'000;  // of the API; more sessions come in further pages

// ---- list ----

struct ListOptions {
  std::string filter;
  std::string sort = "age";
  std::uint64_t limit = 0;  // 0: all
};

// Calls `take` with page after page, until it has no use for more.
grpc::Status for_each_page(Client& client, const ListOptions& options,
                           const std::function<void(v1::ListSessionsResponse&)>& take) {
  v1::ListSessionsRequest request;
  request.set_filter(options.filter);
  request.set_order_by(order_by_of(options.sort));
  const std::uint64_t wanted = options.limit == 0 ? UINT64_MAX : options.limit;
  request.set_page_size(static_cast<std::int32_t>(std::min(wanted, kPageMax)));
  std::uint64_t count = 0;
  while (true) {
    v1::ListSessionsResponse page;
    const grpc::Status status = client.call(&Sessions::ListSessions, request, page);
    if (!status.ok()) return status;
    const std::uint64_t room = wanted - count;
    if (static_cast<std::uint64_t>(page.sessions_size()) > room) {
      const auto rest = static_cast<int>(room);
      page.mutable_sessions()->DeleteSubrange(rest, page.sessions_size() - rest);
    }
    count += static_cast<std::uint64_t>(page.sessions_size());
    take(page);
    if (page.next_page_token().empty() || count >= wanted) return status;
    request.set_page_token(page.next_page_token());
  }
}

// The API sorts the first page only.
void note_if_cut(const Client& client, const ListOptions& options, std::uint64_t count) {
  if (options.sort == "age" || options.limit != 0 || count < kPageMax) return;
  client.note("only the first 1000 are sorted and shown");
}

ExitCode list_as_json(Client& client, const ListOptions& options) {
  v1::ListSessionsResponse all;
  const grpc::Status status =
      for_each_page(client, options, [&](v1::ListSessionsResponse& page) { all.MergeFrom(page); });
  if (!status.ok()) return client.report(status);
  all.clear_next_page_token();
  client.print_json(all);
  note_if_cut(client, options, static_cast<std::uint64_t>(all.sessions_size()));
  return ExitCode::ok;
}

ExitCode list_sessions(Client& client, const ListOptions& options) {
  if (client.is_json()) return list_as_json(client, options);
  Table table = session_table(SessionRows::list);
  std::uint64_t count = 0;
  const grpc::Status status =
      for_each_page(client, options, [&](const v1::ListSessionsResponse& page) {
        for (const v1::Session& session : page.sessions()) {
          add_session_row(table, SessionRows::list, session, client.now());
        }
        table.print(client.out(), client.style());
        client.out().flush();
        count += static_cast<std::uint64_t>(page.sessions_size());
      });
  if (!status.ok()) return client.report(status);
  note_if_cut(client, options, count);
  return ExitCode::ok;
}

// ---- get ----

struct NameOptions {
  std::string name;
};

ExitCode print_session(const Client& client, const google::protobuf::Message& response,
                       const v1::Session& session) {
  if (client.is_json()) {
    client.print_json(response);
  } else {
    session_fields(session, client.now()).print(client.out(), client.style());
  }
  return ExitCode::ok;
}

ExitCode show_session(Client& client, const NameOptions& options) {
  v1::GetSessionRequest request;
  request.set_name(full_name(kSessionPrefix, options.name));
  v1::GetSessionResponse response;
  const grpc::Status status = client.call(&Sessions::GetSession, request, response);
  if (!status.ok()) return client.report(status);
  return print_session(client, response, response.session());
}

// ---- watch ----

struct SessionWatchOptions {
  std::string filter;
  std::chrono::milliseconds interval{0};
  WatchOptions watch;
};

void print_change(const Client& client, const v1::Session& session, bool is_snapshot) {
  const bool is_ended = session.state() == v1::SESSION_STATE_ENDED;
  const std::string_view what = is_snapshot ? "runs   " : is_ended ? "ended  " : "changed";
  const Tone tone = is_ended ? Tone::faint : Tone::plain;
  client.out() << format_time_of_day(client.now()) << ' ' << client.style().painted(what, tone)
               << ' ' << session_line(session) << '\n'
               << std::flush;
}

bool take_session_update(const Client& client, const v1::WatchSessionsResponse& message,
                         WatchProgress& progress) {
  const bool is_loss = message.has_lost();
  if (client.is_json()) {
    client.print_json_line(message);
  } else if (message.has_snapshot()) {
    print_change(client, message.snapshot(), true);
  } else if (message.has_changed()) {
    print_change(client, message.changed(), false);
  } else if (!is_loss) {
    return true;  // marks are for programs
  }
  if (is_loss && !progress.lost(message.lost().count())) return false;
  return progress.shown();
}

ExitCode watch_sessions(Client& client, const SessionWatchOptions& options) {
  v1::WatchSessionsRequest request;
  request.set_filter(options.filter);
  if (options.interval.count() != 0) *request.mutable_interval() = to_duration(options.interval);
  WatchProgress progress(client, options.watch);
  const grpc::Status status =
      client.watch<Sessions, v1::WatchSessionsRequest, v1::WatchSessionsResponse>(
          &Sessions::WatchSessions, request, [&](const v1::WatchSessionsResponse& message) {
            return take_session_update(client, message, progress);
          });
  return progress.finish(status);
}

// ---- end ----

struct EndOptions {
  std::vector<std::string> names;
  BulkOptions matching;
};

std::string count_of_sessions(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " session" : " sessions");
}

ExitCode end_one(Client& client, const std::string& name) {
  v1::EndSessionRequest request;
  request.set_name(full_name(kSessionPrefix, name));
  v1::EndSessionResponse response;
  const grpc::Status status = client.call(&Sessions::EndSession, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json_line(response);
  } else {
    client.out() << "ended " << session_line(response.session()) << '\n' << std::flush;
  }
  return ExitCode::ok;
}

ExitCode end_filtered(Client& client, const BulkOptions& options) {
  BulkChange<v1::EndSessionsResponse> change;
  change.call = [&](std::uint64_t expected, bool validate_only, auto& response) {
    v1::EndSessionsRequest request;
    request.set_filter(options.filter);
    request.set_validate_only(validate_only);
    request.set_expected_count(expected);
    return client.call(&Sessions::EndSessions, request, response);
  };
  change.count_of = [](const v1::EndSessionsResponse& response) -> std::uint64_t {
    return response.session_count();
  };
  change.describe = [](const v1::EndSessionsResponse& response) {
    return count_of_sessions(response.session_count());
  };
  change.question = "End";
  change.done = "ended";
  change.would = "would end";
  return change_matching(client, options, change);
}

ExitCode end_sessions(Client& client, const EndOptions& options) {
  const BulkOptions& matching = options.matching;
  if (options.names.empty() == matching.filter.empty()) {
    return client.refuse("name the sessions to end, or give a --filter (name:* is all of them)");
  }
  if (!matching.filter.empty()) return end_filtered(client, matching);
  if (matching.is_dry_run || matching.expected_count != 0) {
    return client.refuse("--dry-run and --expect go with --filter");
  }
  const std::string question = "End " + count_of_sessions(options.names.size()) + "?";
  return change_named(client, options.names, question, end_one);
}

// ---- limit ----

struct LimitOptions {
  std::string name;
  std::string rate;
};

ExitCode limit_session(Client& client, const LimitOptions& options) {
  v1::UpdateSessionRequest request;
  request.mutable_session()->set_name(full_name(kSessionPrefix, options.name));
  request.mutable_update_mask()->add_paths("limit_bytes_per_second");
  if (options.rate != "none") {
    const auto rate = parse_rate(options.rate);
    if (!rate) return client.refuse("RATE: " + rate.error().detail());
    if (*rate == 0) return client.refuse("RATE: 0 would stop it; `none` takes the limit away");
    request.mutable_session()->set_limit_bytes_per_second(*rate);
  }
  v1::UpdateSessionResponse response;
  const grpc::Status status = client.call(&Sessions::UpdateSession, request, response);
  if (!status.ok()) return client.report(status);
  return print_session(client, response, response.session());
}

constexpr const char* kFilterHelp =
    "which ones: 'domain = \"example.org\" AND bytes > 1M'; over name, kind, requester, target,"
    " domain, bytes, rate, age_seconds, idle_seconds";

void add_list(CommandTree& tree, const Command& parent) {
  const auto [command, options] =
      tree.verb<ListOptions>(parent,
                             {.name = "list",
                              .summary = "Running sessions, oldest first.",
                              .example = "bellhopctl session list --sort rate --limit 20\n"
                                         "bellhopctl session list --filter 'idle_seconds > 60'"},
                             list_sessions);
  command.add_option("--filter", options.filter, kFilterHelp).call_value("FILTER");
  command.add_option("--limit", options.limit, "at most so many; default: all").call_value("N");
  command
      .add_option("--sort", options.sort,
                  "highest rate or most bytes first, oldest (age) or newest")
      .accept_words({"rate", "bytes", "age", "newest"});
}

void add_get(CommandTree& tree, const Command& parent) {
  const auto [command, options] =
      tree.verb<NameOptions>(parent,
                             {.name = "get",
                              .summary = "All that is known of one session.",
                              .example = "bellhopctl session get 01JDXQ4T9V7M2K8Z3N5P6R7S8T"},
                             show_session);
  auto name = command.add_option("SESSION", options.name, "its id, with or without sessions/");
  name.require().call_value("").offer_names("sessions");
}

void add_watch(CommandTree& tree, const Command& parent) {
  const auto [command, options] = tree.verb<SessionWatchOptions>(
      parent,
      {.name = "watch",
       .summary = "Sessions as they run, and every change, until Ctrl-C.",
       .example = "bellhopctl session watch --filter 'kind = \"socks5\"'\n"
                  "bellhopctl -o json session watch --strict --interval 5s"},
      watch_sessions);
  command.add_option("--filter", options.filter, kFilterHelp).call_value("FILTER");
  command.add_duration("--interval", options.interval,
                       "between two lines about one session; default 1s, at least 200ms");
  command.add_flag("--strict", options.watch.is_strict, "end with code 7 if messages are missed");
  command.add_option("--count", options.watch.count_max, "end after so many").call_value("N");
}

void add_end(CommandTree& tree, const Command& parent) {
  const auto [command, options] =
      tree.verb<EndOptions>(parent,
                            {.name = "end",
                             .summary = "Ends sessions: those named, or those that match. Asks.",
                             .example = "bellhopctl session end 01JDXQ4T9V7M2K8Z3N5P6R7S8T\n"
                                        "bellhopctl session end --filter "
                                        "'requester:\"mallory@*\"' --yes"},
                            end_sessions);
  auto names = command.add_option("SESSION", options.names, "ids, with or without sessions/");
  names.call_value("").offer_names("sessions");
  command.add_option("--filter", options.matching.filter, kFilterHelp).call_value("FILTER");
  command
      .add_option("--expect", options.matching.expected_count,
                  "end none unless exactly so many match")
      .call_value("N");
  command.add_flag("--dry-run", options.matching.is_dry_run, "only count them");
}

void add_limit(CommandTree& tree, const Command& parent) {
  const auto [command, options] = tree.verb<LimitOptions>(
      parent,
      {.name = "limit",
       .summary = "Limits how fast a running session may be.",
       .example = "bellhopctl session limit 01JDXQ4T9V7M2K8Z3N5P6R7S8T 500k\n"
                  "bellhopctl session limit 01JDXQ4T9V7M2K8Z3N5P6R7S8T none"},
      limit_session);
  auto name = command.add_option("SESSION", options.name, "its id, with or without sessions/");
  name.require().call_value("").offer_names("sessions");
  auto rate = command.add_option("RATE", options.rate, "bytes per second (500k, 1Mi), or none");
  rate.require().call_value("").offer_words({"none"});
}

}  // namespace

void add_session_commands(CommandTree& tree) {
  const Command session =
      tree.noun(tree.root(), "session", "Running sessions: list, watch, limit, end.");
  add_list(tree, session);
  add_get(tree, session);
  add_watch(tree, session);
  add_end(tree, session);
  add_limit(tree, session);
}

}  // namespace bellhop::ctl
