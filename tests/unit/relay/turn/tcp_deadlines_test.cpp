// What a TCP allocation does with connections that wait too long; time is what the test says.
#include <array>

#include "relay/stun/message.hpp"
#include "relay/turn/tcp_relay.hpp"
#include "relay/turn/turn_session.hpp"
#include "tests/unit/relay/turn/tcp_clients.hpp"

namespace bellhop::turn::test {
namespace {

using namespace std::chrono_literals;

// A client that keeps what it is sent.
class Control final : public StreamClient {
 public:
  void send(stun::Bytes, stun::Bytes body, std::size_t, net::SendCount&) override {
    const auto message = stun::Message::parse(body);
    last_id = message->find_u32(stun::AttributeType::connection_id);
  }
  void begin_bind(BindWish) override {}

  std::optional<ConnectionId> last_id;
};

class TcpDeadlines : public testing::Test {
 protected:
  TcpDeadlines() {
    shard_.tcp = &tcp_;
    shard_.on_ending = [](TurnSession&) {};
    tcp_.on_connect = [this](const ConnectAnswer& answer) { answer_ = answer.decision; };
    EXPECT_TRUE(tasks_.spawn(shard_.poller.run()));
    TurnSession::Parts parts{};
    parts.username = "romeo";
    parts.request.is_tcp = true;
    parts.request.lifetime = 600s;
    parts.grant.ports.v4 = 20000;
    parts.grant.connections = quota_;
    parts.client.transport = Transport::tcp;
    parts.client.stream = &control_;
    parts.limits = {4, 4};
    session_ = std::make_unique<TurnSession>(shard_, std::move(parts));
    EXPECT_TRUE(session_->open());
  }
  ~TcpDeadlines() override {
    session_->end(runtime::EndReason::completed);
    home_.sessions().finish(*session_, runtime::EndReason::completed);
    session_.reset();
    runtime::test::run(home_.context(), tcp_.join());
    tasks_.cancel();
    runtime::test::run(home_.context(), tasks_.join());
    EXPECT_EQ(quota_.taken(), 0U);
  }

  template <typename Done>
  void expect(Done is_done) {
    EXPECT_TRUE(runtime::test::run_until(home_.context(), is_done));
  }
  [[nodiscard]] base::IpEndpoint relayed() const { return session_->relayed_v4(); }
  TcpRelay& relay() { return *session_->tcp(); }
  // A peer that has been let in.
  Peer peer() {
    const std::array permitted{base::IpAddress::parse("127.0.0.1").value()};
    EXPECT_TRUE(session_->allocation().permit(permitted, base::Clock::now()));
    control_.last_id.reset();
    Peer peer = call(relayed());
    expect([&] { return control_.last_id.has_value(); });
    return peer;
  }

  runtime::Shard home_{0};
  runtime::test::TempLog log_;
  TurnCounters counters_{1};
  relay::PeerPolicy policy_{{}};
  RelayPlaces places_{{RelayPlaces::Address{base::IpAddress::parse("127.0.0.9").value(),
                                            base::IpAddress::parse("127.0.0.9").value()},
                       std::nullopt}};
  TurnShard shard_{home_, log_.log(), counters_.of_shard(0), policy_, places_};
  TcpShard tcp_{shard_, {0, 1}};
  runtime::TaskGroup tasks_{home_.executor(), log_.log(), 1};
  Control control_;
  ConnectionQuota quota_{10};
  std::optional<std::variant<ConnectionId, stun::ErrorCode>> answer_;
  std::unique_ptr<TurnSession> session_;
};

// TURN-T05
TEST_F(TcpDeadlines, ClosePeersThatNobodyBindsAfter30Seconds) {
  Peer early = peer();
  const base::TimePoint now = base::Clock::now();
  tcp_.expire(now + 29s);
  EXPECT_EQ(relay().peers().all().size(), 1U);
  EXPECT_FALSE(early.has_input());
  tcp_.expire(now + 30s);
  EXPECT_TRUE(relay().peers().all().empty());
  EXPECT_EQ(early.receive_all(), "");
  EXPECT_FALSE(tcp_.claim(*control_.last_id, "romeo"));
}

// TURN-T03: the peer's queue is full, so the kernel drops what asks for a connection.
TEST_F(TcpDeadlines, AnswerAConnectThatNobodyAnswersAfter30Seconds) {
  const base::UniqueFd deaf(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const net::SocketAddress any(bellhop::test::endpoint_of("127.0.0.1", 0));
  ASSERT_EQ(::bind(deaf.value(), any.raw(), any.size), 0);
  ASSERT_EQ(::listen(deaf.value(), 0), 0);
  const base::IpEndpoint place = net::bound_to(deaf.value());
  const Peer first = call(place);  // fills it
  relay().connect(place, {});
  const base::TimePoint now = base::Clock::now();
  EXPECT_TRUE(relay().peers().has(place));
  tcp_.expire(now + 29s);
  EXPECT_FALSE(answer_);
  tcp_.expire(now + 31s);
  ASSERT_TRUE(answer_);
  EXPECT_EQ(std::get<stun::ErrorCode>(*answer_), stun::ErrorCode::connection_timeout_or_failure);
  EXPECT_FALSE(relay().peers().has(place));
}

// TURN-T07: another user's is not found, and hers stays as it is (TURN-T11).
TEST_F(TcpDeadlines, LeaveAConnectionToItsOwner) {
  Peer waiting = peer();
  EXPECT_FALSE(tcp_.claim(*control_.last_id, "juliet"));
  EXPECT_FALSE(tcp_.claim(*control_.last_id + 1, "romeo"));
  EXPECT_TRUE(tcp_.claim(*control_.last_id, "romeo"));
  EXPECT_FALSE(tcp_.claim(*control_.last_id, "romeo"));
}

TEST_F(TcpDeadlines, CloseWhatWasBoundByAClientThatHasLeft) {
  Peer first = peer();
  EXPECT_TRUE(tcp_.claim(*control_.last_id, "romeo"));
  tcp_.adopt(*control_.last_id, ClientEnd());
  EXPECT_EQ(first.receive_all(), "");
  Peer second = peer();
  EXPECT_TRUE(tcp_.claim(*control_.last_id, "romeo"));
  tcp_.expire(base::Clock::now() + 31s);
  EXPECT_EQ(second.receive_all(), "");
}

// TURN-T06: what has no permission any more is not let in, but what is in stays.
TEST_F(TcpDeadlines, AskForAPermissionWhenAPeerComes) {
  Peer inside = peer();
  shard_.now = base::Clock::now() + kPermissionLifetime;
  EXPECT_FALSE(
      session_->allocation().is_permitted(base::IpAddress::parse("127.0.0.1").value(), shard_.now));
  EXPECT_EQ(relay().peers().all().size(), 1U);
  EXPECT_FALSE(inside.has_input());
}

}  // namespace
}  // namespace bellhop::turn::test
