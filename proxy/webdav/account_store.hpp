// Accounts of users: what in-band registration changes and what log-ins over HTTP are held against.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "component/base/ip_address.hpp"
#include "component/base/request_limit.hpp"
#include "component/xmpp/registration.hpp"
#include "proxy/files/file_store.hpp"
#include "proxy/webdav/account_table.hpp"
#include "proxy/webdav/login_cache.hpp"
#include "proxy/webdav/password_hash.hpp"

namespace bellhop::webdav {

/// Any shard may call. Passwords are hashed on a thread of its own, one after the other, so that
/// nobody but those who log in waits for it.
class AccountStore final : public xmpp::Accounts {
 public:
  /// Attempts that were not remembered as right: each costs a hash. A guesser gets few, a person
  /// who mistypes does not notice.
  static constexpr base::RequestRate kAttemptsOfAddress{.burst = 20,
                                                        .interval = std::chrono::seconds(5)};
  static constexpr base::RequestRate kAttemptsOfAccount{.burst = 20,
                                                        .interval = std::chrono::seconds(10)};
  /// Addresses and accounts whose attempts are counted at a time.
  static constexpr std::size_t kCountedMax = 16384;
  /// Hashes that may wait for their turn.
  static constexpr std::size_t kWaitingMax = 64;

  /// `store` and `log` outlive it.
  AccountStore(files::FileStore& store, base::Log& log, HashCost cost = {});
  ~AccountStore() override;

  void start();
  /// Once, after the last caller has ended and before the store stops.
  void stop();
  /// What else goes with an account that is removed, such as its folder; before start().
  void on_removed(std::function<runtime::Task<>(std::string owner)> told) {
    on_removed_ = std::move(told);
  }

  [[nodiscard]] runtime::Task<base::Result<std::optional<xmpp::Account>>> find(
      xmpp::Jid user) override;
  [[nodiscard]] runtime::Task<base::Result<void>> add(xmpp::Jid user, config::Secret password,
                                                      xmpp::AccountSettings settings) override;
  [[nodiscard]] runtime::Task<base::Result<void>> change(xmpp::Jid user, xmpp::NewPassword password,
                                                         xmpp::AccountSettings settings) override;
  [[nodiscard]] runtime::Task<base::Result<void>> remove(xmpp::Jid user) override;

  /// Whether this is the password of `user`. Takes the same time for users that there are not.
  /// Errors: errors::bad_login; errors::too_many_logins for an address or account that tries too
  /// often, and while too many wait; those of the store.
  [[nodiscard]] runtime::Task<base::Result<void>> verify(xmpp::Jid user, config::Secret password,
                                                         base::IpAddress from);
  /// The same, through what a shard remembers of log-ins that were right.
  [[nodiscard]] runtime::Task<base::Result<void>> log_in(LoginCache& remembered, xmpp::Jid user,
                                                         config::Secret password,
                                                         base::IpAddress from);
  /// Grows when any account changes: what was remembered of log-ins before does not count.
  [[nodiscard]] std::uint64_t generation() const { return generation_.load(); }

 private:
  [[nodiscard]] bool may_wait();
  [[nodiscard]] runtime::Task<base::Result<std::string>> hash(config::Secret password);

  files::FileStore& store_;
  base::Log& log_;
  HashCost cost_;
  std::function<runtime::Task<>(std::string)> on_removed_;
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<std::size_t> waiting_{0};
  base::RequestLimits<base::IpAddress> of_address_;  // as all below: the hashing thread
  base::RequestLimits<std::string> of_account_;
  PasswordHash nobody_;
  runtime::Shard hashing_{0};
  std::jthread thread_;
};

}  // namespace bellhop::webdav
