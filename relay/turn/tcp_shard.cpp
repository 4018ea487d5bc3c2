#include "relay/turn/tcp_shard.hpp"

#include <array>
#include <cstring>

#include "component/base/random.hpp"
#include "relay/turn/tcp_relay.hpp"
#include "relay/turn/turn_session.hpp"

namespace bellhop::turn {
namespace {

using runtime::Task;

Task<> serve(std::unique_ptr<DataConnection> connection) {
  co_await connection->run();
}

}  // namespace

TcpShard::TcpShard(TurnShard& shard, Place place)
    : shard_(shard),
      place_(place),
      pipes_({}),
      running_(shard.home.executor(), shard.log, kDataConnectionsMax) {}

ConnectionId TcpShard::draw(TcpRelay& relay) {
  // RFC 6062 §5.2: unique among those that live; nobody can guess it.
  for (;;) {
    std::array<unsigned char, sizeof(ConnectionId)> bytes{};
    base::fill_random(bytes);
    ConnectionId id = 0;
    std::memcpy(&id, bytes.data(), bytes.size());
    if (id % place_.count == place_.index && by_id_.emplace(id, &relay).second) return id;
  }
}

bool TcpShard::claim(ConnectionId id, std::string_view username) {
  const auto found = by_id_.find(id);
  return found != by_id_.end() && found->second->claim(id, username);
}

void TcpShard::adopt(ConnectionId id, ClientEnd client) {
  const auto found = by_id_.find(id);
  if (found != by_id_.end()) found->second->adopt(id, std::move(client));
}

void TcpShard::expire(base::TimePoint now) {
  for (TcpRelay* relay : relays_) relay->expire(now);
}

bool TcpShard::run(std::unique_ptr<DataConnection> connection) {
  return running_.spawn(serve(std::move(connection)));
}

}  // namespace bellhop::turn
