// Where activated bytestreams run: chooses the shard, hands over, keeps account, stops.
#pragma once

#include <memory>
#include <vector>

#include "component/base/log.hpp"
#include "component/policy/admission.hpp"
#include "component/runtime/event.hpp"
#include "component/runtime/pipe_pool.hpp"
#include "component/runtime/shard.hpp"
#include "component/runtime/task_group.hpp"
#include "config/settings.hpp"
#include "proxy/bytestream/bytestream_session.hpp"
#include "proxy/bytestream/bytestream_table.hpp"

namespace bellhop::bytestream {

/// Called on the control shard; its workers live on theirs.
class Relay {
 public:
  /// `table` and `admission` are told of each end. All references must outlive the relay.
  /// Sessions run on the first `workers` shards.
  Relay(runtime::ShardSet& shards, std::size_t workers, base::Log& log,
        proxy::ProxyCounters& counters, const config::ProxySettings& settings,
        BytestreamTable& table, policy::Admission& admission);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Starts the periodic work of every shard. Once, before the first stream.
  void start();

  /// Takes an activated pair, whose session admission has granted, to its shard. Relaying is on
  /// when this returns (S5B-07). What was granted is given back when the session has ended.
  [[nodiscard]] runtime::Task<base::Result<void>> relay(Activation activation);

  [[nodiscard]] std::uint32_t running() const { return running_; }

  /// The settings have changed: those that the shards use are taken over there.
  [[nodiscard]] runtime::Task<> renew();

  /// Waits until no session runs, `timeout` at most, then ends the rest (reason `shutdown`) and
  /// stops the periodic work. How many were cut short.
  [[nodiscard]] runtime::Task<std::size_t> stop(base::Duration timeout);
  /// Ends the wait of a stop() that is under way.
  void hurry();

 private:
  struct Worker;

  [[nodiscard]] static runtime::Task<> sweep_idle(Worker& worker);
  [[nodiscard]] runtime::Task<> run_session(std::unique_ptr<BytestreamSession> session,
                                            DstAddr dst_addr, xmpp::Jid requester);
  void on_ended(const DstAddr& dst_addr, const xmpp::Jid& requester);
  [[nodiscard]] runtime::Task<bool> emptied();
  [[nodiscard]] runtime::Task<bool> emptied_or_hurried();

  runtime::ShardSet& shards_;
  base::Log& log_;
  proxy::ProxyCounters& counters_;
  const config::ProxySettings& settings_;
  BytestreamTable& table_;
  policy::Admission& admission_;
  std::vector<std::unique_ptr<Worker>> workers_;  // by shard; each touched by its shard only
  runtime::Event session_ended_;
  std::size_t turn_ = 0;
  std::uint32_t running_ = 0;
  bool is_hurried_ = false;
};

}  // namespace bellhop::bytestream
