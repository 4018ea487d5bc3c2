// Everything a relay channel needs, on the test's own thread or with a media shard beside it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "relay/nodes/channel_service.hpp"
#include "tests/unit/relay/nodes/udp_peer.hpp"

namespace bellhop::nodes::test {

inline constexpr std::string_view kRequester = "romeo@example.org/orchard";

inline xmpp::Jid jid(std::string_view text) {
  return xmpp::Jid::parse(text).value();
}

inline policy::PolicyPtr policy_of(const config::Settings& settings) {
  return std::make_shared<policy::Policy>(policy::configured_rules(settings, {}), policy::Rules{},
                                          settings.access.parent_domain);
}

/// What is refused on the Internet, but for loopback, where the parties of a test are.
inline relay::PeerPolicy::Options loopback_only() {
  relay::PeerPolicy::Options options;
  options.allowed.push_back(*base::IpNetwork::parse("127.0.0.1"));
  options.allowed.push_back(*base::IpNetwork::parse("127.0.0.2"));
  return options;
}

/// A channel and its four parties' sockets.
struct Call {
  ChannelOffer offer;
  UdpPeer romeo{};
  UdpPeer romeo_rtcp{};
  UdpPeer juliet{};
  UdpPeer juliet_rtcp{};
};

/// `media_shards` 0: channels run on the control shard, which is the test's thread.
class ServedNodes {
 public:
  struct Options {
    config::Settings settings{};
    std::uint16_t port_min = 40000;
    std::uint16_t port_max = 40999;
    std::size_t media_shards = 0;
  };

  ServedNodes() : ServedNodes(Options{}) {}
  explicit ServedNodes(const Options& chosen)
      : settings(chosen.settings),
        all_shards(1 + chosen.media_shards),
        counters(1 + chosen.media_shards),
        ports(chosen.port_min, chosen.port_max),
        free_ports(ports.free_ports()),
        service({.shards = all_shards,
                 .first_shard = chosen.media_shards == 0 ? 0U : 1U,
                 .threads = std::max<std::size_t>(chosen.media_shards, 1),
                 .log = log.log(),
                 .counters = counters,
                 .settings = settings.turn,
                 .admission = admission,
                 .peers = peers,
                 .ports = ports,
                 .relay_address = ip("127.0.0.1"),
                 .public_host = "198.51.100.7",
                 .is_open = is_open}) {
    service.start();
    for (std::size_t i = 1; i < all_shards.size(); ++i) {
      threads_.emplace_back([this, i] { all_shards.at(i).run(); });
    }
  }
  ~ServedNodes() {
    runtime::test::run(context, service.stop(std::chrono::seconds(0)));
    for (std::size_t i = 1; i < all_shards.size(); ++i) all_shards.at(i).release();
    threads_.clear();
    EXPECT_EQ(service.running(), 0U);
    EXPECT_EQ(admission.running(), 0U);
    EXPECT_EQ(ports.free_ports(), free_ports);
    EXPECT_EQ(counters.events.sum(NodesCounter::channels_active), 0U);
  }
  ServedNodes(const ServedNodes&) = delete;
  ServedNodes& operator=(const ServedNodes&) = delete;

  /// The channel, or the name of the refusal in its id.
  ChannelOffer open(std::string_view requester = kRequester) {
    auto ask = [](ChannelDesk& desk, ChannelRequest request) -> runtime::Task<ChannelOffer> {
      const auto offer = co_await desk.open(std::move(request));
      if (offer) co_return *offer;
      ChannelOffer none{};
      none.id = std::string(offer.error().kind().name);
      co_return none;
    };
    return runtime::test::run(context, ask(service, ChannelRequest(jid(requester), "example.org")));
  }
  /// A channel both of whose parties have sent on both of their ports.
  Call call() {
    Call call{open()};
    EXPECT_TRUE(call.romeo.send(call.offer.localport, "hello"));
    expect([&] { return counters.events.sum(NodesCounter::packets_early) == 1; });
    EXPECT_TRUE(call.juliet.send(call.offer.remoteport, "hello"));
    EXPECT_EQ(call.romeo.receive(context), "hello");
    EXPECT_TRUE(call.romeo_rtcp.send(rtcp(call.offer.localport), "report"));
    expect([&] { return counters.events.sum(NodesCounter::packets_early) == 2; });
    EXPECT_TRUE(call.juliet_rtcp.send(rtcp(call.offer.remoteport), "report"));
    EXPECT_EQ(call.romeo_rtcp.receive(context), "report");
    return call;
  }
  static std::uint16_t rtcp(std::uint16_t port) { return static_cast<std::uint16_t>(port + 1); }

  /// Runs until `is_done()`; a test failure if that takes too long.
  template <typename Done>
  void expect(Done is_done) {
    EXPECT_TRUE(runtime::test::run_until(context, is_done));
  }
  [[nodiscard]] std::uint64_t ended(runtime::EndReason reason) const {
    return counters.ends.sum(static_cast<ChannelEnd>(reason));
  }
  [[nodiscard]] std::uint64_t count(NodesCounter counter) const {
    return counters.events.sum(counter);
  }
  /// The only session of the control shard.
  runtime::Session& session() {
    runtime::Session* found = nullptr;
    all_shards.control().sessions().for_each([&](runtime::Session& each) { found = &each; });
    return *found;
  }

  config::Settings settings;
  runtime::test::TempLog log;
  runtime::ShardSet all_shards;
  boost::asio::io_context& context = all_shards.control().context();
  NodesCounters counters;
  turn::PortPool ports;
  std::size_t free_ports;
  bool is_open = true;
  policy::Admission admission{policy_of(settings)};
  relay::PeerPolicy peers{loopback_only()};
  ChannelService service;

 private:
  std::vector<std::jthread> threads_;
};

}  // namespace bellhop::nodes::test
