// A TURN server with TCP relaying on threads of the test's process, and its clients.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "relay/turn/turn_server.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/turn_client.hpp"
#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::turn::test {

using bellhop::test::TurnAttribute;
using bellhop::test::TurnClient;
using bellhop::test::TurnMessage;
using bellhop::test::TurnRequest;
using bellhop::test::TurnTransport;

/// Clients and peers are on loopback, relayed addresses on 127.0.0.9.
class ServedTcpRelay {
 public:
  struct Options {
    std::uint32_t threads = 1;
    std::uint32_t connections_per_user_max = 100;
    std::uint64_t rate_per_allocation = 0;
    bool has_tls = false;
  };

  ServedTcpRelay() : ServedTcpRelay(Options()) {}
  explicit ServedTcpRelay(const Options& options)
      : settings(make_settings(options)),
        shards(1 + options.threads),
        server({shards, 1, log.log(), settings, admission}),
        thread_([this] { shards.run(); }) {
    call([this] { server.start(); });
  }
  ~ServedTcpRelay() {
    std::promise<void> stopped;
    boost::asio::post(shards.control().executor(), [this, &stopped] {
      boost::asio::co_spawn(shards.control().executor(), server.stop(std::chrono::seconds(0)),
                            [&stopped](const std::exception_ptr&) { stopped.set_value(); });
    });
    stopped.get_future().wait();
    EXPECT_EQ(server.allocations(), 0U);
    shards.release();
  }
  ServedTcpRelay(const ServedTcpRelay&) = delete;
  ServedTcpRelay& operator=(const ServedTcpRelay&) = delete;

  /// On the control shard.
  template <typename Function>
  void call(Function function) {
    std::promise<void> done;
    boost::asio::post(shards.control().executor(), [&] {
      function();
      done.set_value();
    });
    done.get_future().wait();
  }
  [[nodiscard]] TurnClient client(TurnTransport transport = TurnTransport::tcp,
                                  const std::string& user = "romeo") const {
    const auto& bound = transport == TurnTransport::tls ? server.bound().tls : server.bound().plain;
    TurnClient client(bound.front(), transport);
    client.set_credentials({user, user + "-pw"});
    return client;
  }
  /// What the first shard of TURN counts of sessions that move bytes, as of now.
  [[nodiscard]] std::string log_text() const { return log.text(); }

  config::Settings settings;
  runtime::test::TempLog log;
  runtime::ShardSet shards;
  policy::Admission admission{
      std::make_shared<policy::Policy>(policy::Rules{}, policy::Rules{}, true)};
  TurnServer server;

 private:
  static config::Settings make_settings(const Options& options) {
    config::Settings settings;
    settings.components.resize(1);
    settings.components[0].parent_domain = "example.org";
    settings.components[0].services = {config::Service::turn};
    config::TurnSettings& turn = settings.turn;
    turn.listen = {{"127.0.0.1", 0}};
    turn.relay_addresses = {"127.0.0.9"};
    turn.allow_peers = {"127.0.0.0/8"};
    turn.port_min = 20000;
    turn.port_max = 29999;
    turn.tcp_relay = true;
    turn.secrets.emplace_back(std::string("a secret of these tests"));
    for (const char* name : {"romeo", "juliet"}) {
      turn.users.push_back({name, config::Secret(std::string(name) + "-pw")});
    }
    turn.threads = options.threads;
    turn.tcp_connections_per_user_max = options.connections_per_user_max;
    turn.rate_per_allocation = options.rate_per_allocation;
    if (options.has_tls) add_tls(turn);
    return settings;
  }
  static void add_tls(config::TurnSettings& turn) {
    const auto folder = std::filesystem::path(testing::TempDir());
    const std::string name = "turn-" + std::to_string(::getpid());
    const auto certificate = folder / (name + ".pem");
    const auto key = folder / (name + ".key");
    bellhop::test::write_identity(certificate, key, "localhost");
    turn.tls_listen = {{"127.0.0.1", 0}};
    turn.tls_certificate = certificate;
    turn.tls_key = key;
  }

  std::jthread thread_;
};

}  // namespace bellhop::turn::test
