// The test client, and with it reader and writer, against another server: coturn, over UDP, TCP and
// TLS. What it shares with ours in being wrong would not show against our own.
#include "tests/support/turn_client.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/certificate.hpp"

extern char** environ;

namespace bellhop::test {
namespace {

using stun::AttributeType;

constexpr const char* kTurnServer = "/usr/bin/turnserver";

// A server with one user, ended with the object.
class Coturn {
 public:
  Coturn()
      : folder_(std::filesystem::temp_directory_path() / ("coturn-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    write_identity(folder_ / "cert.pem", folder_ / "key.pem", "turn.example.org");
    port_ = free_port();
    tls_port_ = free_port();
    start();
    const bool is_up = eventually(
        [this] { return is_listening(port_) && is_listening(tls_port_) && answers_datagrams(); });
    if (!is_up) throw Missed("turnserver does not listen");
  }
  Coturn(const Coturn&) = delete;
  Coturn& operator=(const Coturn&) = delete;
  ~Coturn() {
    if (pid_ > 0) {
      (void)::kill(pid_, SIGKILL);
      (void)::waitpid(pid_, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::uint16_t port(TurnTransport transport) const {
    return transport == TurnTransport::tls ? tls_port_ : port_;
  }

 private:
  // Nobody else gets one so soon after it was given back.
  static std::uint16_t free_port() { return Acceptor().port(); }

  static bool is_listening(std::uint16_t port) {
    try {
      const Peer peer(port);
      return true;
    } catch (const Missed&) {
      return false;
    }
  }

  // It opens its UDP sockets when it already listens.
  [[nodiscard]] bool answers_datagrams() const {
    TurnClient client(port_);
    client.socket().send(client.write({}));
    return client.next(100ms).has_value();
  }

  void start() {
    std::vector<std::string> arguments{kTurnServer,
                                       "-n",
                                       "--lt-cred-mech",
                                       "--allow-loopback-peers",
                                       "--no-dtls",
                                       "--no-cli",
                                       "--listening-ip=127.0.0.1",
                                       "--relay-ip=127.0.0.1",
                                       "--user=alice:secret",
                                       "--realm=example.org",
                                       "--log-file=/dev/null",
                                       "--listening-port=" + std::to_string(port_),
                                       "--tls-listening-port=" + std::to_string(tls_port_),
                                       "--cert=" + (folder_ / "cert.pem").string(),
                                       "--pkey=" + (folder_ / "key.pem").string(),
                                       "--userdb=" + (folder_ / "users").string(),
                                       "--pidfile=" + (folder_ / "pid").string()};
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int fd : {1, 2}) {
      posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
    }
    const int result =
        ::posix_spawn(&pid_, kTurnServer, &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (result != 0) throw Missed("turnserver does not start");
  }

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  pid_t pid_ = 0;
};

class TurnClientOverAll : public testing::TestWithParam<TurnTransport> {
 protected:
  static void SetUpTestSuite() {
    if (std::filesystem::exists(kTurnServer)) server_ = std::make_unique<Coturn>();
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_) GTEST_SKIP() << "coturn is not installed";
  }

  [[nodiscard]] static TurnClient client() {
    TurnClient client(server_->port(GetParam()), GetParam());
    client.set_credentials({.username = "alice", .password = "secret"});
    return client;
  }

  static std::unique_ptr<Coturn> server_;
};
std::unique_ptr<Coturn> TurnClientOverAll::server_;  // of the suite: one start for all its tests

// STN-09
TEST_P(TurnClientOverAll, SeesItselfInABindingAnswer) {
  TurnClient client = TurnClientOverAll::client();
  const TurnMessage answer = client.binding();
  EXPECT_EQ(answer.code(), 0);
  EXPECT_EQ(answer.address(AttributeType::xor_mapped_address).text(),
            client.socket().local().text());
}

// STN-07: refused unsigned, then taken; the answers are signed with the same key.
TEST_P(TurnClientOverAll, LearnsRealmAndNonceAndAllocates) {
  TurnClient client = TurnClientOverAll::client();
  const TurnMessage answer = client.allocate({TurnAttribute::lifetime(std::chrono::seconds(777))});
  ASSERT_EQ(answer.code(), 0);
  EXPECT_EQ(client.realm(), "example.org");
  EXPECT_FALSE(client.nonce().empty());
  EXPECT_TRUE(client.has_signed(answer));
  EXPECT_EQ(answer.number(AttributeType::lifetime), 777U);
  EXPECT_EQ(answer.address(AttributeType::xor_relayed_address).address.text(), "127.0.0.1");
  EXPECT_EQ(client.refresh(std::chrono::seconds(0)).code(), 0);
}

TEST_P(TurnClientOverAll, ExchangesDataByIndicationsAndByChannel) {
  TurnClient client = TurnClientOverAll::client();
  UdpPeer peer;
  const TurnMessage answer = client.allocate();
  ASSERT_EQ(answer.code(), 0);
  const base::IpEndpoint relayed = answer.address(AttributeType::xor_relayed_address);
  ASSERT_EQ(client.create_permission({peer.local()}).code(), 0);
  client.send(peer.local(), "by indication");
  const UdpPeer::Datagram first = peer.receive();
  EXPECT_EQ(first.data, "by indication");
  EXPECT_EQ(first.from.text(), relayed.text());
  peer.send(relayed, "back");
  const TurnData back = client.receive();
  EXPECT_EQ(back.data, "back");
  ASSERT_TRUE(back.peer);
  EXPECT_EQ(back.peer->text(), peer.local().text());

  ASSERT_EQ(client.channel_bind(0x4001, peer.local()).code(), 0);
  client.send_channel(0x4001, "by channel");
  EXPECT_EQ(peer.receive().data, "by channel");
  for (const std::string_view data : {"x", "four", "fifth"}) {
    peer.send(relayed, data);
    const TurnData framed = client.receive();
    EXPECT_EQ(framed.channel, 0x4001);
    EXPECT_EQ(framed.data, data);
  }
}

// What may be left out and changed: each is refused as RFC 8489 §9.2.4 has it.
TEST_P(TurnClientOverAll, AsksWronglyWhereTold) {
  TurnClient client = TurnClientOverAll::client();
  ASSERT_EQ(client.allocate().code(), 0);
  TurnRequest refresh;
  refresh.method = stun::Method::refresh;
  TurnRequest without_integrity = refresh;
  without_integrity.without = {AttributeType::message_integrity};
  EXPECT_EQ(client.request(without_integrity).code(), 401);
  TurnRequest without_user = refresh;
  without_user.without = {AttributeType::username};
  EXPECT_EQ(client.request(without_user).code(), 400);
  TurnRequest stale = refresh;
  stale.nonce = "0123456789abcdef";
  EXPECT_EQ(client.request(stale).code(), 438);
  TurnRequest unknown = refresh;
  unknown.attributes.push_back(TurnAttribute::number(AttributeType(0x7ABC), 1));
  const TurnMessage refused = client.request(unknown);
  EXPECT_EQ(refused.code(), 420);
  EXPECT_EQ(refused.text(AttributeType::unknown_attributes).substr(0, 2), "\x7A\xBC");
  EXPECT_EQ(client.request(refresh).code(), 0);
}

// RFC 8489 §6.3.2: an indication and, over UDP, what is no message at all.
TEST_P(TurnClientOverAll, TellsWhatIsIgnored) {
  TurnClient client = TurnClientOverAll::client();
  TurnRequest indication;
  indication.message_class = stun::MessageClass::indication;
  indication.has_fingerprint = true;
  EXPECT_TRUE(client.is_ignored(client.write(indication)));
  EXPECT_FALSE(client.is_ignored(client.write({})));
  if (GetParam() == TurnTransport::udp) {
    EXPECT_TRUE(client.is_ignored(Octets{0xFF, 0, 0, 0}));
  }
}

// RFC 8489 §9.2.3.2, without a server: coturn does not know SHA-256.
class TurnClientAlone : public testing::Test {
 protected:
  // What a server that offers both algorithms says first.
  static TurnMessage refusal() {
    Octets memory(512);
    stun::MessageWriter writer(memory, stun::MessageClass::error, stun::Method::allocate, {});
    writer.add_error(stun::ErrorCode::unauthenticated);
    writer.add_text(AttributeType::realm, "example.org");
    writer.add_text(AttributeType::nonce, "obMatJos2gAAA");
    writer.add(AttributeType::password_algorithms, kOffer);
    memory.resize(writer.finish().size());
    return TurnMessage(memory);
  }

  // A refresh by `credentials`, as the server receives it.
  TurnMessage received(TurnCredentials credentials) {
    TurnClient client(server_.local());
    client.set_credentials(std::move(credentials));
    client.learn(refusal());
    TurnRequest request;
    request.method = stun::Method::refresh;
    client.send_request(request);
    const std::string bytes = server_.receive().data;
    return TurnMessage(Octets(bytes.begin(), bytes.end()));
  }

  static inline const Octets kOffer{0, 2, 0, 0, 0, 1, 0, 0};
  UdpPeer server_;
};

TEST_F(TurnClientAlone, SignsWithSha256AndNamesWhatWasOffered) {
  const TurnMessage message = received(
      {.username = "alice", .password = "secret", .algorithm = stun::PasswordAlgorithm::sha256});
  EXPECT_EQ(message.text(AttributeType::username), "alice");
  EXPECT_EQ(message.text(AttributeType::password_algorithms),
            std::string(kOffer.begin(), kOffer.end()));
  EXPECT_EQ(message.number(AttributeType::password_algorithm), 0x00020000U);
  const stun::Key key =
      stun::long_term_key(stun::PasswordAlgorithm::sha256, "alice", "example.org", "secret");
  EXPECT_EQ(message.message().integrity(), stun::Integrity::sha256);
  EXPECT_TRUE(message.message().has_integrity_of(key.view()));
}

TEST_F(TurnClientAlone, HidesItsNameBehindAHash) {
  const TurnMessage message =
      received({.username = "alice", .password = "secret", .has_userhash = true});
  EXPECT_FALSE(message.has(AttributeType::username));
  const auto hash = stun::user_hash("alice", "example.org");
  EXPECT_EQ(message.text(AttributeType::userhash), std::string(hash.begin(), hash.end()));
  EXPECT_FALSE(message.has(AttributeType::password_algorithm));
  EXPECT_EQ(message.message().integrity(), stun::Integrity::sha1);
}

std::string name_of(const testing::TestParamInfo<TurnTransport>& info) {
  constexpr const char* kNames[] = {"Udp", "Tcp", "Tls"};
  return kNames[static_cast<int>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Coturn, TurnClientOverAll,
                         testing::Values(TurnTransport::udp, TurnTransport::tcp,
                                         TurnTransport::tls),
                         name_of);

}  // namespace
}  // namespace bellhop::test
