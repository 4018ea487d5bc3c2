// A server, the daemon attached to it, and the sentences scenarios are made of.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "component/xmpp/element.hpp"
#include "tests/scenario/running_daemon.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/socks5_client.hpp"

namespace bellhop::test {

// The people of the scenarios are those of XEP-0065's examples.
inline constexpr std::string_view kProxy = "proxy.example.com";
inline constexpr std::string_view kRequester = "requester@example.com/foo";
inline constexpr std::string_view kTarget = "target@example.org/bar";
inline constexpr std::string_view kStranger = "stranger@example.net/baz";

inline constexpr std::string_view kBytestreams = "http://jabber.org/protocol/bytestreams";
inline constexpr std::string_view kDiscoInfo = "http://jabber.org/protocol/disco#info";

using Change = std::function<void(config::Settings&)>;

/// One component for users of example.com on the server at `server_port`, a listener on a free
/// port, two shards, short delays towards the server; then `change`.
[[nodiscard]] config::Settings scenario_settings(std::uint16_t server_port,
                                                 const Change& change = {});

/// `<iq/>` with one payload.
[[nodiscard]] std::string iq(std::string_view type, std::string_view id, std::string_view payload,
                             std::string_view from = kRequester, std::string_view to = kProxy);
/// `<query xmlns='…'/>`
[[nodiscard]] std::string query(std::string_view xmlns);
[[nodiscard]] std::string activation(std::string_view sid, std::string_view target = kTarget);

/// "result", or "type/condition" of an error after a look at its form (RFC 6120 §8.3.2): one
/// condition, a text with its language, no code of old.
[[nodiscard]] std::string outcome(const xmpp::Element& answer);

/// The two connections of one bytestream.
struct Pair {
  Socks5Client requester;
  Socks5Client target;
};

/// The server is attached from the start; at the end it goes away first, so that nothing waits.
class Conversation {
 public:
  enum class Start : std::uint8_t { attached, not_attached };

  explicit Conversation(const Change& change = {}, Start start = Start::attached);
  ~Conversation();

  /// Sends a request and returns the next stanza, which must be its answer: id and addresses are
  /// checked (STZ-01).
  [[nodiscard]] xmpp::Element ask(std::string_view type, std::string_view payload,
                                  std::string_view from = kRequester, std::string_view to = kProxy);
  /// The next stanza, which must be the answer to request `id`.
  [[nodiscard]] xmpp::Element answer_to(std::string_view id);
  /// Proves that nothing has been sent and nothing waits: the answer to a ping comes next.
  [[nodiscard]] bool is_silent();

  /// outcome() of an activation.
  [[nodiscard]] std::string activate(std::string_view sid, std::string_view from = kRequester,
                                     std::string_view target = kTarget);
  [[nodiscard]] Socks5Client connect(std::string_view hash) { return {bellhop.port(), hash}; }
  /// Both sides connected, not activated.
  [[nodiscard]] Pair connect_pair(std::string_view sid, std::string_view requester = kRequester);
  /// Both sides connected and activated. Throws Missed when that is refused.
  [[nodiscard]] Pair open(std::string_view sid, std::string_view requester = kRequester);

  ScriptedServer server;
  RunningDaemon bellhop;

 private:
  int last_id_ = 0;
};

/// `bytes` go in at one side and come out at the other.
[[nodiscard]] bool passes(Peer& from, Peer& to, std::string_view bytes);
/// Bytes that look random, with a period no buffer has: what is lost, doubled or swapped shows.
[[nodiscard]] std::string pattern(std::size_t n);

}  // namespace bellhop::test
