// The admin side as a whole: its threads, its upkeep, its start and its end.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/admin/core.hpp"

namespace bellhop::admin {

/// How often a shard hands over what its sessions have moved: within this a quota is noticed.
inline constexpr std::chrono::milliseconds kFeedInterval{50};

/// Owns two threads beside the shards: one with the picture of everything and all its readers, one
/// that waits for the disk. Made and started before the shards run; nothing of it is on the way of
/// a relayed byte.
class Admin {
 public:
  struct Options {
    config::LoadOptions load_options;  ///< how the configuration was loaded, for reloads
    config::Origins origins;
  };

  /// All references outlive it.
  Admin(runtime::ShardSet& shards, api::Control& control, base::Log& log,
        const base::CounterRegistry& registry, const config::Settings& settings, Options options);
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  /// Opens the state, puts stored rules in force, binds sockets, starts the threads. What does not
  /// work of it is logged and left out. Throws what only a broken installation can cause.
  void start();

  // On the control shard:
  /// A component stream changed its state.
  void upstream_changed(api::UpstreamStatus status);
  /// The configuration file is to be read again (SIGHUP).
  void reload();
  /// The process is on its way to the end; the API goes on until stop().
  void note_stopping();
  /// Takes what is left of the sessions, saves everything, closes everything, ends the threads.
  [[nodiscard]] runtime::Task<> stop();

  /// Where the page is; empty: nowhere. After start().
  [[nodiscard]] std::string page_url() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace bellhop::admin
