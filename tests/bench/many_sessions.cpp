// A daemon with as many sessions as wanted, of which none relays: for what listing them takes.
// Real ones would need file descriptors.
//   many_sessions CONFIG COUNT      until it is killed; says `ready` once they are there
#include <charconv>
#include <cstdio>
#include <string>
#include <vector>

#include "api/daemon.hpp"
#include "config/loader.hpp"
#include "tests/unit/component/runtime/plain_session.hpp"

namespace bellhop {
namespace {

/// Of one of 1,000 users of ten domains; moves nothing more and never ends.
class StandIn final : public runtime::test::PlainSession {
 public:
  StandIn(const base::Ulid& id, std::size_t number)
      : PlainSession(id, base::Clock::now()),
        bare_jid_("user" + std::to_string(number % 1000) + "@d" + std::to_string(number % 10) +
                  ".example.org") {}

  [[nodiscard]] std::string_view kind() const override { return "socks5"; }
  void end(runtime::EndReason) override {}
  [[nodiscard]] runtime::SessionFacts facts() const override {
    return {id(),
            kind(),
            bare_jid_ + "/phone",
            "peer@example.net/desk",
            "192.0.2.1:40000",
            "198.51.100.1:50000",
            std::chrono::system_clock::now()};
  }
  [[nodiscard]] runtime::SessionBytes bytes() const override { return {4096, 512, 0}; }
  [[nodiscard]] std::string_view requester() const override { return bare_jid_; }

 private:
  std::string bare_jid_;
};

void serve(const std::string& path, std::size_t count) {
  config::LoadOptions options;
  options.path = path;
  config::LoadOutcome loaded = config::load_file(options);
  for (const auto& problem : loaded.problems) std::fputs(to_text(problem).c_str(), stderr);
  if (!loaded.problems.empty()) std::exit(1);
  base::Log log({.level = base::Severity::warn, .privacy = {}, .file = {}});
  api::Daemon daemon(std::move(loaded.settings), log);
  runtime::Shard& shard = daemon.shards().control();
  std::vector<std::unique_ptr<StandIn>> sessions;
  boost::asio::post(shard.executor(), [&shard, &sessions, count] {
    base::UlidSource ids;
    for (std::size_t i = 0; i < count; ++i) {
      const base::Ulid id = ids.next(std::chrono::system_clock::now());
      sessions.push_back(std::make_unique<StandIn>(id, i));
      shard.sessions().add(*sessions.back());
    }
    std::puts("ready");
    std::fflush(stdout);
  });
  daemon.run();
}

}  // namespace
}  // namespace bellhop

int main(int argc, char** argv) {
  std::size_t count = 0;
  const std::string text = argc == 3 ? argv[2] : "";
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) {
    std::fputs("usage: many_sessions CONFIG COUNT\n", stderr);
    return 2;
  }
  bellhop::serve(argv[1], count);
  return 0;
}
