// An allocation and its client.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/unit/relay/turn/served_turn.hpp"

namespace bellhop::turn::test {

/// Throws Missed if it is not granted.
struct Lent {
  explicit Lent(ServedTurn& turn, std::string_view user = "alice",
                std::vector<bellhop::test::TurnAttribute> attributes = {},
                TurnTransport transport = TurnTransport::udp)
      : client(turn.client(user, transport)) {
    const auto answer = client.allocate(std::move(attributes));
    if (answer.code() != 0) {
      throw bellhop::test::Missed("no allocation: " + std::to_string(answer.code()));
    }
    relayed = answer.address(stun::AttributeType::xor_relayed_address);
  }

  TurnClient client;
  base::IpEndpoint relayed;
};

/// The shard that an allocation lives on.
[[nodiscard]] inline std::size_t shard_of(ServedTurn& turn, const Lent& lent) {
  std::size_t found = 0;
  const std::string relayed = lent.relayed.text();
  for (std::size_t i = 1; i < turn.shards.size(); ++i) {
    turn.on_shard(i, [&] {
      turn.shards.at(i).sessions().for_each([&](runtime::Session& session) {
        if (session.facts().second == relayed) found = i;
      });
    });
  }
  return found;
}

/// Another allocation on the same shard, or on another one; null: the kernel gave none there. Which
/// shard a client comes to depends on its port.
[[nodiscard]] inline std::unique_ptr<Lent> lent_on_shard(ServedTurn& turn, const Lent& first,
                                                         bool is_same) {
  for (int i = 0; i < 12; ++i) {
    auto lent = std::make_unique<Lent>(turn, "bob");
    if ((shard_of(turn, *lent) == shard_of(turn, first)) == is_same) return lent;
    (void)lent->client.refresh(std::chrono::seconds(0));
  }
  return nullptr;
}

}  // namespace bellhop::turn::test
