#include "tests/unit/relay/turn/served_turn.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace bellhop::turn::test {
namespace {

namespace asio = boost::asio;
using bellhop::test::TurnCredentials;

std::string password_of(std::string_view name) {
  return {name.rbegin(), name.rend()};
}

// base64(HMAC-SHA1(secret, user name)), by the library that the server does without.
std::string rest_password(std::string_view secret, std::string_view username) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned size = 0;
  HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(username.data()), username.size(), code.data(),
       &size);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> text{};
  const int length = EVP_EncodeBlock(text.data(), code.data(), static_cast<int>(size));
  return {text.begin(), text.begin() + length};
}

policy::PolicyPtr policy_of(const config::Settings& settings) {
  return std::make_shared<policy::Policy>(policy::configured_rules(settings, {}), policy::Rules{},
                                          settings.access.parent_domain);
}

}  // namespace

config::Settings loopback_settings() {
  config::Settings settings;
  config::ComponentSettings component;
  component.jid = "turn.example.org";
  component.parent_domain = "example.org";
  component.services = {config::Service::turn};
  settings.components.push_back(component);
  settings.monitoring.state_dir.clear();
  config::TurnSettings& turn = settings.turn;
  turn.listen = {{"127.0.0.1", 0}};
  turn.relay_addresses = {"127.0.0.1", "::1"};
  turn.allow_peers = {"127.0.0.1", "::1"};
  turn.secrets = {config::Secret(std::string(kSecret)), config::Secret(std::string(kOldSecret))};
  for (const char* name : {"alice", "bob", "carol"}) {
    turn.users.push_back({name, config::Secret(password_of(name))});
  }
  return settings;
}

TurnCredentials credentials_of(std::string_view name) {
  TurnCredentials credentials;
  credentials.username = name;
  credentials.password = password_of(name);
  return credentials;
}

TurnCredentials timed(std::string_view secret, std::string_view name, SystemTime expires) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(expires.time_since_epoch()).count();
  TurnCredentials credentials;
  credentials.username = std::to_string(seconds) + ":" + std::string(name);
  credentials.password = rest_password(secret, credentials.username);
  return credentials;
}

ServedTurn::ServedTurn(config::Settings chosen)
    : settings(std::move(chosen)),
      shards(1 + settings.turn.threads),
      admission(policy_of(settings)),
      server(std::make_unique<TurnServer>(
          TurnServer::Context{shards, 1, log.log(), settings, admission})) {
  free_v4_ = server->ports(base::IpAddress::from_v4(0)).free_ports();
  server->start();
  for (std::size_t i = 0; i < shards.size(); ++i) {
    threads_.emplace_back([this, i] { shards.at(i).run(); });
  }
}

ServedTurn::~ServedTurn() {
  if (!is_stopping_) begin_stop(std::chrono::seconds(0)).get();
  on_control([this] {
    EXPECT_EQ(server->allocations(), 0U);
    EXPECT_EQ(admission.running(), 0U);
    // What is reserved for half a minute may be missing.
    EXPECT_GE(server->ports(base::IpAddress::from_v4(0)).free_ports() + 4, free_v4_);
  });
  shards.release();
  threads_.clear();
  EXPECT_EQ(count(TurnCounter::allocations), 0U);
  EXPECT_EQ(count(TurnCounter::connections), 0U);
}

base::IpEndpoint ServedTurn::address(TurnTransport transport) const {
  const auto& bound = server->bound();
  return transport == TurnTransport::tls ? bound.tls.front() : bound.plain.front();
}

TurnClient ServedTurn::client(std::string_view user, TurnTransport transport) const {
  return client(credentials_of(user), transport);
}

TurnClient ServedTurn::client(TurnCredentials credentials, TurnTransport transport) const {
  TurnClient client(address(transport), transport);
  client.set_credentials(std::move(credentials));
  return client;
}

void ServedTurn::for_each_session(const std::function<void(runtime::Session&)>& visit) {
  for (std::size_t i = 1; i < shards.size(); ++i) {
    on_shard(i, [&] { shards.at(i).sessions().for_each(visit); });
  }
}

std::future<void> ServedTurn::begin_stop(base::Duration timeout) {
  is_stopping_ = true;
  return asio::co_spawn(shards.control().executor(), server->stop(timeout), asio::use_future);
}

HeldShard::HeldShard(ServedTurn& turn, std::size_t shard) : gate_(std::make_shared<Gate>()) {
  asio::post(turn.shards.at(shard).executor(), [gate = gate_] {
    gate->is_held = true;
    gate->is_held.notify_one();
    gate->is_open.wait(false);
  });
  gate_->is_held.wait(false);
}

void HeldShard::release() {
  gate_->is_open = true;
  gate_->is_open.notify_one();
}

}  // namespace bellhop::turn::test
