#include "proxy/webdav/account_store.hpp"

#include <chrono>
#include <stdexcept>

#include "component/base/random.hpp"
#include "component/xmpp/errors.hpp"
#include "proxy/files/errors.hpp"
#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

using base::Error;
using runtime::Task;

// Whose password nobody knows: stands in for accounts that there are not.
PasswordHash make_nobody(const HashCost& cost) {
  auto hash = PasswordHash::make(config::Secret(base::random_bytes(32)), cost);
  if (!hash) throw std::runtime_error("OpenSSL has no scrypt");
  return std::move(*hash);
}

}  // namespace

AccountStore::AccountStore(files::FileStore& store, base::Log& log, HashCost cost)
    : store_(store),
      log_(log),
      cost_(cost),
      of_address_(kAttemptsOfAddress, kCountedMax),
      of_account_(kAttemptsOfAccount, kCountedMax),
      nobody_(make_nobody(cost)) {}

AccountStore::~AccountStore() = default;

void AccountStore::start() {
  thread_ = std::jthread([this] { hashing_.run(); });
}

void AccountStore::stop() {
  hashing_.release();
  thread_.join();
}

Task<base::Result<std::optional<xmpp::Account>>> AccountStore::find(xmpp::Jid user) {
  auto look = [owner = std::string(user.bare())](store::Database& database) {
    return AccountTable(database).find(owner);
  };
  auto found = co_await store_.look(std::move(look));
  if (!found) co_return Error(files::errors::store_failed, found.error().detail());
  if (!*found) co_return std::optional<xmpp::Account>();
  xmpp::Account account;
  account.settings = std::move((*found)->settings);
  co_return std::optional<xmpp::Account>(std::move(account));
}

// Whoever may takes one off waiting_ when its turn has come.
bool AccountStore::may_wait() {
  if (waiting_.fetch_add(1) < kWaitingMax) return true;
  waiting_.fetch_sub(1);
  return false;
}

Task<base::Result<std::string>> AccountStore::hash(config::Secret password) {
  if (!may_wait()) co_return Error(errors::too_many_logins, "hashes are waiting");
  auto make = [this, password = std::move(password)] {
    waiting_.fetch_sub(1);
    return PasswordHash::make(password, cost_);
  };
  const auto made = co_await runtime::hop(hashing_, std::move(make));
  if (!made) co_return Error(files::errors::store_failed, "scrypt failed");
  co_return made->text();
}

Task<base::Result<void>> AccountStore::add(xmpp::Jid user, config::Secret password,
                                           xmpp::AccountSettings settings) {
  auto hashed = co_await hash(std::move(password));
  if (!hashed) co_return hashed.error();
  AccountRow row{std::move(*hashed), std::move(settings)};
  const std::string owner(user.bare());
  bool is_new = false;
  files::FileStore::TableChange insert = [&](store::Database& database) -> base::Result<void> {
    const auto added = AccountTable(database).add(owner, row, files::now_s());
    if (!added) return added.error();
    is_new = *added;
    return {};
  };
  const auto written = co_await store_.change(std::move(insert));
  if (!written) co_return written.error();
  if (!is_new) co_return Error(xmpp::errors::conflict, "registered already");
  generation_.fetch_add(1);
  log_.write(base::Severity::info, "account_added", {{"owner", log_.shown_jid(owner)}});
  co_return base::Result<void>();
}

Task<base::Result<void>> AccountStore::change(xmpp::Jid user, xmpp::NewPassword password,
                                              xmpp::AccountSettings settings) {
  AccountRow row{{}, std::move(settings)};
  if (password) {
    config::Secret text = std::move(*password);
    auto hashed = co_await hash(std::move(text));
    if (!hashed) co_return hashed.error();
    row.password = std::move(*hashed);
  }
  const std::string owner(user.bare());
  bool is_there = false;
  files::FileStore::TableChange update = [&](store::Database& database) -> base::Result<void> {
    const auto changed = AccountTable(database).change(owner, row);
    if (!changed) return changed.error();
    is_there = *changed;
    return {};
  };
  const auto written = co_await store_.change(std::move(update));
  if (!written) co_return written.error();
  if (!is_there) co_return Error(xmpp::errors::registration_required, "not registered");
  generation_.fetch_add(1);
  co_return base::Result<void>();
}

Task<base::Result<void>> AccountStore::remove(xmpp::Jid user) {
  const std::string owner(user.bare());
  bool was_there = false;
  files::FileStore::TableChange erase = [&](store::Database& database) -> base::Result<void> {
    const auto removed = AccountTable(database).remove(owner);
    if (!removed) return removed.error();
    was_there = *removed;
    return {};
  };
  const auto written = co_await store_.change(std::move(erase));
  if (!written) co_return written.error();
  if (!was_there) co_return Error(xmpp::errors::registration_required, "not registered");
  generation_.fetch_add(1);
  log_.write(base::Severity::info, "account_removed", {{"owner", log_.shown_jid(owner)}});
  if (on_removed_) co_await on_removed_(owner);
  co_return base::Result<void>();
}

Task<base::Result<void>> AccountStore::verify(xmpp::Jid user, config::Secret password,
                                              base::IpAddress from) {
  const std::string owner(user.bare());
  auto look = [owner](store::Database& database) { return AccountTable(database).find(owner); };
  auto found = co_await store_.look(std::move(look));
  if (!found) co_return Error(files::errors::store_failed, found.error().detail());
  std::optional<PasswordHash> kept;
  if (*found) kept = PasswordHash::parse((*found)->password);
  if (!may_wait()) co_return Error(errors::too_many_logins, "hashes are waiting");
  auto check = [this, owner, from, kept = std::move(kept),
                password = std::move(password)]() -> base::Result<void> {
    waiting_.fetch_sub(1);
    const base::TimePoint now = base::Clock::now();
    if (!of_address_.take(from.subscriber(), now) || !of_account_.take(owner, now)) {
      return Error(errors::too_many_logins);
    }
    const bool is_right = (kept ? *kept : nobody_).matches(password);
    if (!kept || !is_right) return Error(errors::bad_login);
    return {};
  };
  auto verdict = co_await runtime::hop(hashing_, std::move(check));
  if (!verdict) {
    log_.write_limited(base::Severity::info, "login_refused",
                       {{"owner", log_.shown_jid(owner)},
                        {"peer", log_.shown_address(from.text())},
                        {"reason", verdict.error().kind().name}});
  }
  co_return verdict;
}

Task<base::Result<void>> AccountStore::log_in(LoginCache& remembered, xmpp::Jid user,
                                              config::Secret password, base::IpAddress from) {
  const std::string owner(user.bare());
  const std::uint64_t generation = this->generation();
  if (remembered.holds(owner, password, generation, base::Clock::now())) {
    co_return base::Result<void>();
  }
  config::Secret offered = password;
  auto verified = co_await verify(std::move(user), std::move(offered), from);
  if (verified) remembered.add(owner, password, generation, base::Clock::now());
  co_return verified;
}

}  // namespace bellhop::webdav
