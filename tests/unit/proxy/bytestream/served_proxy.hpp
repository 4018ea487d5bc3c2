// Everything an activation needs, on the test's own thread: table, waits, relay, and clients that
// have done their SOCKS5 handshake.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "proxy/bytestream/bytestream_table.hpp"
#include "proxy/bytestream/pairing_waits.hpp"
#include "proxy/bytestream/relay.hpp"
#include "proxy/counters.hpp"
#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::bytestream::test {

inline constexpr std::string_view kRequester = "alice@example.org/phone";
inline constexpr std::string_view kTarget = "bob@example.net/desk";

inline xmpp::Jid jid(std::string_view text) {
  return xmpp::Jid::parse(text).value();
}

inline DstAddr name_of(std::string_view sid) {
  return DstAddr::of(sid, jid(kRequester), jid(kTarget));
}

/// What the configuration of the proxy amounts to.
inline policy::PolicyPtr policy_of(const config::ProxySettings& proxy, policy::Rules runtime = {}) {
  config::Settings settings;
  settings.proxy = proxy;
  return std::make_shared<policy::Policy>(policy::configured_rules(settings, {}),
                                          std::move(runtime), settings.access.parent_domain);
}

/// Runs on one shard, or on two of which the second has a thread of its own.
class ServedProxy {
 public:
  explicit ServedProxy(const config::ProxySettings& chosen = {}, std::size_t shards = 1)
      : settings(chosen), all_shards(shards), counters(shards) {
    runtime::test::ignore_broken_pipes();
    relay.start();
    for (std::size_t i = 1; i < shards; ++i) {
      threads_.emplace_back([this, i] { all_shards.at(i).run(); });
    }
  }
  ~ServedProxy() {
    runtime::test::run(context, relay.stop(std::chrono::seconds(0)));
    for (std::size_t i = 1; i < all_shards.size(); ++i) all_shards.at(i).release();
    threads_.clear();
    EXPECT_EQ(relay.running(), 0U);
    EXPECT_EQ(admission.running(), 0U);
  }
  ServedProxy(const ServedProxy&) = delete;
  ServedProxy& operator=(const ServedProxy&) = delete;

  /// A client whose connection waits for the activation of `sid`.
  runtime::test::Peer park(std::string_view sid) {
    auto connection = runtime::test::connected();
    const DstAddr dst_addr = name_of(sid);
    const auto no_ghosts = [](const ParkedConnection&) { return false; };
    EXPECT_TRUE(table.admit(dst_addr, no_ghosts));
    const base::IpEndpoint peer{base::IpAddress::from_v4(0x7f000001), 4711};
    ParkedConnection parked{std::move(connection.served), peer, {}};
    const auto state = table.park(dst_addr, std::move(parked), base::Clock::now());
    if (state == BytestreamTable::Parked::paired) waits.notify(dst_addr);
    return std::move(connection.peer);
  }
  /// Runs until `is_done()`; a test failure if that takes too long.
  template <typename Done>
  void expect(Done is_done) {
    EXPECT_TRUE(runtime::test::run_until(context, is_done));
  }
  [[nodiscard]] std::uint64_t ended(runtime::EndReason reason) const {
    return counters.session_ends.sum(static_cast<proxy::SessionEnd>(reason));
  }

  config::ProxySettings settings;
  runtime::test::TempLog log;
  runtime::ShardSet all_shards;
  boost::asio::io_context& context = all_shards.control().context();
  proxy::ProxyCounters counters;
  BytestreamTable table{std::chrono::minutes(1)};
  PairingWaits waits{context.get_executor()};
  policy::Admission admission{policy_of(settings)};
  Relay relay{all_shards, all_shards.size(), log.log(), counters, settings, table, admission};

 private:
  std::vector<std::jthread> threads_;
};

}  // namespace bellhop::bytestream::test
