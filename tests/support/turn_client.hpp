// A STUN and TURN client for tests, one request at a time. Whatever a request is made of can be
// changed or left out, so that servers can be asked wrongly too.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/stun/key.hpp"
#include "relay/stun/message.hpp"
#include "relay/stun/message_writer.hpp"
#include "tests/support/turn_socket.hpp"

namespace bellhop::test {

/// One attribute of a request.
struct TurnAttribute {
  stun::AttributeType type{};
  Octets value;
  std::optional<base::IpEndpoint> address;  ///< instead of a value: hidden by the transaction id

  static TurnAttribute bytes(stun::AttributeType type, Octets value);
  static TurnAttribute text(stun::AttributeType type, std::string_view text);
  static TurnAttribute number(stun::AttributeType type, std::uint32_t value);
  static TurnAttribute hidden(stun::AttributeType type, const base::IpEndpoint& address);

  static TurnAttribute transport(std::uint8_t protocol = 17);  ///< REQUESTED-TRANSPORT; 17: UDP
  static TurnAttribute lifetime(std::chrono::seconds lifetime);
  static TurnAttribute peer(const base::IpEndpoint& address);
  static TurnAttribute channel(std::uint16_t number);
  static TurnAttribute family(stun::AddressFamily family);  ///< REQUESTED-ADDRESS-FAMILY
};

/// Who asks. With MD5 as clients of RFC 5389 do it; with SHA-256 the algorithms are named, and
/// MESSAGE-INTEGRITY-SHA256 signs.
struct TurnCredentials {
  std::string username;
  std::string password;
  stun::PasswordAlgorithm algorithm = stun::PasswordAlgorithm::md5;
  bool names_md5 = false;     ///< PASSWORD-ALGORITHM and -ALGORITHMS also for MD5
  bool has_userhash = false;  ///< USERHASH instead of USERNAME
};

/// What is sent. Empty options stand for what the client has or has learned.
struct TurnRequest {
  stun::Method method = stun::Method::binding;
  std::vector<TurnAttribute> attributes;  ///< in this order, before the credentials
  stun::MessageClass message_class = stun::MessageClass::request;
  bool is_signed = true;  ///< if there are credentials, and a realm has been learned

  std::optional<std::string> username, password, realm, nonce;
  std::optional<stun::Integrity> integrity;
  std::vector<stun::AttributeType> without;  ///< of what the client adds by itself
  std::vector<TurnAttribute> behind;         ///< behind the integrity
  bool has_fingerprint = false;
  std::optional<stun::TransactionId> id;  ///< of an earlier one, to send it again
};

/// A STUN message that came, with its bytes.
class TurnMessage {
 public:
  /// Missed if it is none.
  explicit TurnMessage(Octets bytes);
  TurnMessage(const TurnMessage&) = delete;
  TurnMessage& operator=(const TurnMessage&) = delete;
  TurnMessage(TurnMessage&&) = default;  // the bytes stay where they are
  TurnMessage& operator=(TurnMessage&&) = default;

  [[nodiscard]] const stun::Message& message() const { return message_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  /// 0: a success; else ERROR-CODE. Missed for an error without one.
  [[nodiscard]] int code() const;
  [[nodiscard]] bool has(stun::AttributeType type) const { return message_.has(type); }
  /// Empty if it is not there.
  [[nodiscard]] std::string text(stun::AttributeType type) const;
  [[nodiscard]] std::optional<std::uint32_t> number(stun::AttributeType type) const;
  /// Missed if it is not there, or not an address.
  [[nodiscard]] base::IpEndpoint address(stun::AttributeType type) const;
  /// All of that type, as answers to a dual allocation have them.
  [[nodiscard]] std::vector<base::IpEndpoint> addresses(stun::AttributeType type) const;

 private:
  Octets bytes_;
  stun::Message message_;
};

/// What a peer sent, as the server handed it over.
struct TurnData {
  std::optional<std::uint16_t> channel;  ///< by ChannelData
  std::optional<base::IpEndpoint> peer;  ///< by a Data indication
  std::optional<std::string> data;       ///< not there in one that tells of an ICMP error
  std::optional<std::string> icmp;       ///< the value of ICMP
};

/// One client: a socket, what it knows of the server, and what came while it waited for an answer.
/// Throws Missed for what does not come within kPatience.
class TurnClient {
 public:
  explicit TurnClient(const base::IpEndpoint& server, TurnTransport transport = TurnTransport::udp,
                      const std::optional<base::IpEndpoint>& source = std::nullopt)
      : socket_(server, transport, source) {}
  /// At 127.0.0.1.
  explicit TurnClient(std::uint16_t port, TurnTransport transport = TurnTransport::udp)
      : TurnClient(endpoint_of("127.0.0.1", port), transport) {}

  void set_credentials(TurnCredentials credentials) { credentials_ = std::move(credentials); }
  /// Takes REALM, NONCE and PASSWORD-ALGORITHMS of an error.
  void learn(const TurnMessage& refusal);
  void set_nonce(std::string nonce) { nonce_ = std::move(nonce); }
  [[nodiscard]] const std::string& nonce() const { return nonce_; }
  [[nodiscard]] const std::string& realm() const { return realm_; }

  /// The bytes of a request; with a new transaction id unless it has one.
  [[nodiscard]] Octets write(const TurnRequest& request);
  /// Sends it; its id.
  stun::TransactionId send_request(const TurnRequest& request);
  /// The answer to that id. What else comes before is kept for receive().
  [[nodiscard]] TurnMessage answer_to(const stun::TransactionId& id);
  /// Asks once, and learns nothing.
  [[nodiscard]] TurnMessage request(const TurnRequest& request);
  /// Asks as RFC 8489 §9.2.3 wants it: unsigned if nothing is known of the server yet, and again
  /// after a 401 to that or a 438. Missed for a success that is not signed as it must be.
  [[nodiscard]] TurnMessage ask(TurnRequest request);

  [[nodiscard]] TurnMessage binding();
  /// With REQUESTED-TRANSPORT first, unless there is one in `attributes`.
  [[nodiscard]] TurnMessage allocate(std::vector<TurnAttribute> attributes = {});
  [[nodiscard]] TurnMessage refresh(std::chrono::seconds lifetime);
  [[nodiscard]] TurnMessage create_permission(const std::vector<base::IpEndpoint>& peers);
  [[nodiscard]] TurnMessage channel_bind(std::uint16_t number, const base::IpEndpoint& peer);

  /// A Send indication.
  void send(const base::IpEndpoint& peer, std::string_view data);
  /// ChannelData, with padding over TCP and TLS only.
  void send_channel(std::uint16_t number, std::string_view data);
  /// The next data from a peer. Missed for another message.
  [[nodiscard]] TurnData receive();
  /// The next message of any kind; nothing: none came in time.
  [[nodiscard]] std::optional<Octets> next(std::chrono::milliseconds wait = kPatience);
  /// Sends bytes and then a Binding request: whether the answer to that is all that comes.
  [[nodiscard]] bool is_ignored(stun::Bytes bytes);

  [[nodiscard]] TurnSocket& socket() { return socket_; }
  /// Whether an answer is signed with this client's key.
  [[nodiscard]] bool has_signed(const TurnMessage& answer) const;

 private:
  [[nodiscard]] bool names_algorithm() const;
  [[nodiscard]] stun::Key key_for(const TurnRequest& request) const;
  void add_credentials(stun::MessageWriter& writer, const TurnRequest& request) const;

  TurnSocket socket_;
  std::optional<TurnCredentials> credentials_;
  std::string realm_;
  std::string nonce_;
  Octets algorithms_;  // as the server offered them
  std::deque<Octets> waiting_;
};

}  // namespace bellhop::test
