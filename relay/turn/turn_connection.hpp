// One TCP or TLS client of TURN.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "component/base/unique_fd.hpp"
#include "component/runtime/event.hpp"
#include "component/runtime/server_certificate.hpp"
#include "relay/turn/tls_bridge.hpp"
#include "relay/turn/turn_worker.hpp"

namespace bellhop::turn {

/// A connection as accepted, on its way to its shard.
struct AcceptedClient {
  base::UniqueFd socket;
  base::IpEndpoint peer;
  base::IpEndpoint local;
  runtime::ServerCertificate::Context tls;  ///< null: plain TCP
};

/// Reads frames until the client leaves, and sends what its allocation has for it.
///   1. the handshake, where there is TLS
///   2. read, take all frames, let the worker send what came of them, again
///   3. after a ConnectionBind (RFC 6062 §5.4) it is no client of TURN any more, and its bytes are
///   a
///      peer's: a plain socket moves to the shard that has the peer, TLS stays and is copied
///   4. its allocation ends, what is being written ends, the socket closes
class TurnConnection final : public StreamClient {
 public:
  /// What waits to be sent at most; more is dropped (TURN-D06).
  static constexpr std::size_t kQueueBytesMax = 256 * 1024;

  /// `worker` and `group`, which runs what it writes, outlive it.
  TurnConnection(TurnWorker& worker, runtime::TaskGroup& group, AcceptedClient accepted);

  [[nodiscard]] runtime::Task<> run();
  /// Ends every wait. Harmless when closed.
  void close();
  void send(stun::Bytes head, stun::Bytes body, std::size_t payload,
            net::SendCount& count) override;

  void begin_bind(BindWish wish) override { wish_.emplace(std::move(wish)); }

  /// Whether it carries a peer's bytes: a time-out is not for it.
  [[nodiscard]] bool is_data_connection() const { return bridge_ != nullptr; }
  /// Since when it has been without an allocation (STN-11, TURN-A23).
  [[nodiscard]] base::TimePoint idle_since() const { return idle_since_; }
  void note_busy(base::TimePoint now) { idle_since_ = now; }

 private:
  [[nodiscard]] runtime::Task<bool> handshake();
  [[nodiscard]] runtime::Task<std::size_t> read_some();
  [[nodiscard]] bool take_frames();
  [[nodiscard]] runtime::Task<> write_queued();
  [[nodiscard]] runtime::Task<bool> write_records();
  [[nodiscard]] runtime::Task<bool> bind();
  [[nodiscard]] runtime::Task<> relay(ConnectionId connection);

  TurnWorker& worker_;
  runtime::TaskGroup& group_;
  runtime::ServerCertificate::Context context_;  // in force when it was accepted
  runtime::TcpSocket socket_;
  std::unique_ptr<TlsStream> tls_;
  ClientPath path_;
  std::vector<std::uint8_t> input_;
  std::size_t input_size_ = 0;
  std::vector<std::uint8_t> queued_;
  std::vector<std::uint8_t> sending_;
  bool is_writing_ = false;
  bool is_closed_ = false;
  runtime::Event written_;
  base::TimePoint idle_since_;
  std::optional<BindWish> wish_;  // until it is answered
  std::unique_ptr<TlsBridge> bridge_;
};

}  // namespace bellhop::turn
