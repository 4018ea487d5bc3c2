// In-band registration (XEP-0077): users get an account for files, change it, and give it up.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "component/base/request_limit.hpp"
#include "component/runtime/types.hpp"
#include "component/xmpp/disco_info.hpp"
#include "component/xmpp/iq_router.hpp"
#include "component/xmpp/registration_codec.hpp"

namespace bellhop::xmpp {

/// A password as it is handed to the accounts: `none` leaves the present one as it is.
using NewPassword = std::optional<config::Secret>;

/// Where accounts are kept, by bare JID. Refusals of these calls are answered as they are.
class Accounts {
 public:
  virtual ~Accounts() = default;
  /// Empty: not registered.
  [[nodiscard]] virtual runtime::Task<base::Result<std::optional<Account>>> find(Jid user) = 0;
  /// Errors: errors::conflict when `user` is registered already.
  [[nodiscard]] virtual runtime::Task<base::Result<void>> add(Jid user, config::Secret password,
                                                              AccountSettings settings) = 0;
  /// Errors: errors::registration_required when `user` is not registered (any more).
  [[nodiscard]] virtual runtime::Task<base::Result<void>> change(Jid user, NewPassword password,
                                                                 AccountSettings settings) = 0;
  /// Errors: errors::registration_required when `user` is not registered.
  [[nodiscard]] virtual runtime::Task<base::Result<void>> remove(Jid user) = 0;
};

/// What an operator decides about registration.
struct RegistrationPolicy {
  /// Who may register; asked with the sender of the request. Whoever is registered may always
  /// leave.
  std::function<base::Result<void>(const Jid&)> may_register;
  std::string address = {};  ///< https address of the WebDAV service, told with a made password
  /// Changes of one user: each costs a hash that is slow by intent.
  base::RequestRate changes = {.burst = 5, .interval = std::chrono::seconds(30)};
};

/// Registration with one component. Control shard.
class Registration {
 public:
  /// Users whose changes are counted at a time.
  static constexpr std::size_t kUsersMax = 4096;

  /// `accounts` must outlive this object.
  Registration(Accounts& accounts, RegistrationPolicy policy);

  /// Registers the routes and the feature (REG-06).
  void attach(IqRouter& router, DiscoInfo& info);

  /// REG-01, REG-04.
  [[nodiscard]] runtime::Task<Reply> answer_get(Iq iq);
  /// REG-02, REG-03.
  [[nodiscard]] runtime::Task<Reply> answer_set(Iq iq);

  /// Whether `user` (any resource) has an account. Errors: those of Accounts.
  [[nodiscard]] runtime::Task<base::Result<bool>> is_registered(Jid user);
  /// For who asks by other means, under the same limits: another password, an account with it for
  /// whoever has none. An empty one is made. The password that is in force now. Errors: as
  /// answer_set(); errors::not_acceptable, with text, for one that cannot be taken.
  [[nodiscard]] runtime::Task<Decision<config::Secret>> set_password(Jid user,
                                                                     config::Secret chosen);

 private:
  [[nodiscard]] runtime::Task<Reply> remove(Jid user);
  [[nodiscard]] runtime::Task<Reply> change(Iq iq, RegistrationSubmit submit);
  [[nodiscard]] runtime::Task<Reply> apply(Jid user, AccountChange change, bool is_registered);
  [[nodiscard]] runtime::Task<base::Result<void>> write(Jid user, NewPassword password,
                                                        AccountSettings settings,
                                                        bool is_registered);

  Accounts& accounts_;
  RegistrationPolicy policy_;
  base::RequestLimits<Jid> limits_;  // by bare JID
};

}  // namespace bellhop::xmpp
