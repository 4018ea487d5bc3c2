#include "api/ctl/top_command.hpp"

#include <algorithm>
#include <ostream>

#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/failure.hpp"
#include "api/ctl/names.hpp"
#include "api/ctl/session_order.hpp"
#include "api/ctl/top_model.hpp"
#include "api/ctl/top_screen.hpp"
#include "bellhop/admin/v1/bandwidth_service.grpc.pb.h"
#include "bellhop/admin/v1/node_service.grpc.pb.h"
#include "bellhop/admin/v1/session_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kReadInterval = std::chrono::seconds(1);
constexpr milliseconds kCallTimeout = std::chrono::seconds(2);  // keys wait for a call

struct TopOptions {
  std::string sort = "rate";
  std::string filter;
  bool is_once = false;
};

// One reading of everything; the first call that fails tells for all.
grpc::Status read_all(Client& client, const TopModel& model, TopReading& reading) {
  v1::GetNodeResponse node;
  grpc::Status status = client.call(&v1::NodeService::Stub::GetNode, v1::GetNodeRequest(), node);
  if (!status.ok()) return status;
  v1::GetBandwidthResponse bandwidth;
  status =
      client.call(&v1::BandwidthService::Stub::GetBandwidth, v1::GetBandwidthRequest(), bandwidth);
  if (!status.ok()) return status;
  v1::ListSessionsRequest request;
  request.set_page_size(kTopSessionsMax);
  request.set_filter(model.filter());
  request.set_order_by(order_by_of(model.sort()));
  v1::ListSessionsResponse sessions;
  status = client.call(&v1::SessionService::Stub::ListSessions, request, sessions);
  if (!status.ok()) return status;
  reading.node = node.node();
  reading.total = bandwidth.total();
  reading.sessions.assign(sessions.sessions().begin(), sessions.sessions().end());
  return status;
}

void read_into(Client& client, TopModel& model) {
  TopReading reading;
  const grpc::Status status = read_all(client, model, reading);
  if (!status.ok()) reading.error = describe(status, client.address()).sentence;
  model.take(std::move(reading));
}

grpc::Status end_session(Client& client, const std::string& name) {
  v1::EndSessionRequest request;
  request.set_name(name);
  v1::EndSessionResponse response;
  return client.call(&v1::SessionService::Stub::EndSession, request, response);
}

grpc::Status limit_session(Client& client, const std::string& name, std::uint64_t rate) {
  v1::UpdateSessionRequest request;
  request.mutable_session()->set_name(name);
  request.mutable_session()->set_limit_bytes_per_second(rate);
  request.mutable_update_mask()->add_paths("limit_bytes_per_second");
  v1::UpdateSessionResponse response;
  return client.call(&v1::SessionService::Stub::UpdateSession, request, response);
}

// Does what a key has asked for, and says what came of it.
void carry_out(Client& client, TopModel& model, const TopRequest& request) {
  const bool is_end = request.kind == TopRequest::Kind::end_session;
  if (is_end || request.kind == TopRequest::Kind::limit_session) {
    const grpc::Status status = is_end ? end_session(client, request.session)
                                       : limit_session(client, request.session, request.rate);
    const std::string name(short_name(kSessionPrefix, request.session));
    model.say(!status.ok() ? describe(status, client.address()).sentence
              : is_end     ? "ended " + name
                           : "limited " + name);
  }
  read_into(client, model);
}

ExitCode run_on_screen(Client& client, TopModel& model) {
  const auto screen = TopScreen::open(client.style().is_colored);
  if (screen == nullptr) {
    return client.refuse("this terminal ($TERM) cannot be used; --once prints one frame");
  }
  auto next_reading = steady_clock::now() + kReadInterval;
  while (!screen->is_interrupted()) {
    screen->draw(model.frame(screen->rows(), screen->columns(), client.now()));
    const auto rest = std::chrono::ceil<milliseconds>(next_reading - steady_clock::now());
    if (rest.count() <= 0) {
      read_into(client, model);
      next_reading = steady_clock::now() + kReadInterval;
      continue;
    }
    const auto key = screen->wait_key(rest);
    if (!key) continue;
    const auto request = model.press(*key);
    if (!request) continue;
    if (request->kind == TopRequest::Kind::quit) break;
    carry_out(client, model, *request);
  }
  return ExitCode::ok;
}

ExitCode print_once(Client& client, TopModel& model) {
  const Style& style = client.style();
  constexpr std::size_t kColumnsUncut = 1'000;
  const std::size_t columns = style.columns_max == 0 ? kColumnsUncut : style.columns_max;
  std::vector<TopLine> lines = model.frame(kTopSessionsMax + 5U, columns, client.now());
  lines.pop_back();  // keys are of no use on paper
  while (!lines.empty() && lines.back().text.empty()) lines.pop_back();
  for (const TopLine& line : lines) client.out() << style.painted(line.text, line.tone) << '\n';
  return ExitCode::ok;
}

ExitCode show_top(Client& client, const TopOptions& options) {
  if (client.is_json()) return client.refuse("top has no JSON: `session list` has");
  const bool is_screen = client.io().is_in_terminal && client.io().is_out_terminal;
  if (!options.is_once && !is_screen) {
    return client.refuse("top needs a terminal; --once prints one frame");
  }
  TopModel model(options.sort, options.filter, client.style().is_utf8);
  // Before the screen is taken: a daemon that is not there is told of as by any other command.
  TopReading reading;
  const grpc::Status status = read_all(client, model, reading);
  if (!status.ok()) return client.report(status);
  model.take(std::move(reading));
  if (options.is_once) return print_once(client, model);
  client.shorten_timeout(kCallTimeout);
  return run_on_screen(client, model);
}

}  // namespace

void add_top_command(CommandTree& tree) {
  const auto [command, options] = tree.verb<TopOptions>(
      tree.root(),
      {.name = "top",
       .summary = "Sessions on the whole screen, live: sort, filter, end, limit.",
       .example = "bellhopctl top --filter 'domain = \"example.org\"'\n"
                  "bellhopctl top --once"},
      show_top);
  command.add_option("--sort", options.sort, "default: rate")
      .accept_words({"rate", "bytes", "age", "newest"});
  command.add_option("--filter", options.filter, "as in `session list`").call_value("FILTER");
  command.add_flag("--once", options.is_once, "print one frame as text");
}

}  // namespace bellhop::ctl
