// A client of a TURN server (RFC 8656), for checks of our own: one allocation, one peer.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/admin/proxy_client.hpp"
#include "component/base/clock.hpp"
#include "component/base/ip_address.hpp"
#include "component/runtime/connection.hpp"
#include "relay/stun/key.hpp"
#include "relay/stun/message.hpp"
#include "relay/stun/message_writer.hpp"

namespace bellhop::admin {

/// How far a client got, or what it did last.
enum class TurnStep : std::uint8_t {
  connect,   ///< an answer, of whatever kind, came from there
  allocate,  ///< credentials were believed and an address was lent
  permit,    ///< the peer may send
  bind,      ///< and has a channel
  relay,     ///< bytes came through
};

/// A client of one server. The thread of its executor; one call at a time.
class TurnClient {
 public:
  enum class Over : std::uint8_t { udp, tcp, tls };
  struct Server {
    Over over = Over::udp;
    std::string host;          ///< for TCP and TLS, where its certificate has to be for it
    base::IpEndpoint address;  ///< for UDP
    std::uint16_t port = 0;
  };
  struct User {
    std::string name;
    std::string password;
  };
  /// RFC 8489 §6.2.1: until a request by UDP is sent again; twice as long each time.
  static constexpr std::chrono::milliseconds kRetransmission{250};
  /// RFC 8656 §12: the first channel number.
  static constexpr std::uint16_t kChannel = 0x4000;
  /// What is taken as one message; requests and answers of ours are far smaller.
  static constexpr std::size_t kMessageBytesMax = 2048;

  TurnClient(runtime::Executor executor, Server server, User user);

  /// Connects, asks for an address of `family` without credentials and again with those that were
  /// given, and checks that the server knows the password as well.
  [[nodiscard]] runtime::Task<Trouble> allocate(stun::AddressFamily family,
                                                base::Deadline deadline);
  /// CreatePermission and ChannelBind, after allocate().
  [[nodiscard]] runtime::Task<Trouble> admit(base::IpEndpoint peer, base::Deadline deadline);
  /// To the peer by the channel, after admit().
  [[nodiscard]] runtime::Task<Trouble> send(std::string payload, base::Deadline deadline);
  /// Waits for `payload` of the peer by the channel; anything else that comes is passed over.
  [[nodiscard]] runtime::Task<Trouble> expect(std::string payload, base::Deadline deadline);
  /// Gives the allocation back (RFC 8656 §8); whether that arrived is not waited for.
  [[nodiscard]] runtime::Task<> release(base::Deadline deadline);

  /// What was lent, after allocate().
  [[nodiscard]] const base::IpEndpoint& relayed() const { return relayed_; }
  /// The step that a Trouble came at.
  [[nodiscard]] TurnStep step() const { return step_; }
  /// The error code that a Trouble stands for; 0: it was something else.
  [[nodiscard]] int error_code() const { return error_code_; }

 private:
  using Udp = runtime::asio::ip::udp;
  using UdpSocket = runtime::asio::basic_datagram_socket<Udp, runtime::Executor>;
  using Frame = std::vector<std::uint8_t>;
  // What a request is about, besides who asks.
  struct Question {
    stun::Method method;
    std::optional<stun::AddressFamily> family = std::nullopt;
    std::optional<base::IpEndpoint> peer = std::nullopt;
    bool has_channel = false;
    bool is_last = false;
  };

  [[nodiscard]] runtime::Task<Trouble> connect();
  [[nodiscard]] runtime::Task<Trouble> allocate_at(stun::AddressFamily family);
  [[nodiscard]] runtime::Task<Trouble> admit_peer(base::IpEndpoint peer);
  [[nodiscard]] runtime::Task<Trouble> ask(Question question);
  [[nodiscard]] runtime::Task<Trouble> exchange(Frame request);
  [[nodiscard]] runtime::Task<Trouble> await_payload(std::string payload);
  [[nodiscard]] runtime::Task<Trouble> await_answer();
  [[nodiscard]] runtime::Task<Trouble> write(Frame frame);
  [[nodiscard]] runtime::Task<Trouble> read();

  [[nodiscard]] Frame make(const Question& question);
  void take_challenge(const stun::Message& answer);
  [[nodiscard]] Trouble judge(const stun::Message& answer);

  Server server_;
  User user_;
  UdpSocket udp_;
  runtime::Connection stream_;
  std::vector<std::uint8_t> input_;  // of the stream, not framed yet
  Frame frame_;                      // read last
  Frame answer_;                     // to the question asked last
  stun::TransactionId id_{};         // of that question
  std::string realm_;
  std::string nonce_;
  stun::Key key_;
  base::IpEndpoint relayed_;
  TurnStep step_ = TurnStep::connect;
  int error_code_ = 0;
};

}  // namespace bellhop::admin
