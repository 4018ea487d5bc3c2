#include "component/xmpp/registration.hpp"

#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/random_id.hpp"

namespace bellhop::xmpp {
namespace {

// XEP-0077 §3.3: the request may hold a password and is not sent back.
Refusal hidden(base::Error error) {
  return {std::move(error), ErrorExtras{.hides_request = true}};
}

Reply done() {
  return std::optional<Element>();
}

}  // namespace

Registration::Registration(Accounts& accounts, RegistrationPolicy policy)
    : accounts_(accounts), policy_(std::move(policy)), limits_(policy_.changes, kUsersMax) {}

void Registration::attach(IqRouter& router, DiscoInfo& info) {
  info.add_feature(ns::kRegister);
  router.add_task({IqType::get, "query", ns::kRegister},
                  [this](Iq iq) { return answer_get(std::move(iq)); });
  router.add_task({IqType::set, "query", ns::kRegister},
                  [this](Iq iq) { return answer_set(std::move(iq)); });
}

runtime::Task<Reply> Registration::answer_get(Iq iq) {
  const Jid user = iq.from.to_bare();
  const auto account = co_await accounts_.find(user);
  if (!account) co_return account.error();
  if (!*account) {
    if (const auto allowed = policy_.may_register(iq.from); !allowed) co_return allowed.error();
  }
  const Account* known = account->has_value() ? &**account : nullptr;
  co_return Reply(std::optional<Element>(registration_query(user, known)));
}

runtime::Task<Reply> Registration::answer_set(Iq iq) {
  using Kind = RegistrationSubmit::Kind;
  auto submit = parse_registration(*iq.payload());
  if (!submit) co_return submit.error();
  if (submit->kind == Kind::called_off) co_return done();
  const Jid user = iq.from.to_bare();
  if (!limits_.take(user, base::Clock::now())) {
    co_return hidden(base::Error(errors::resource_constraint, "registers too often"));
  }
  if (submit->kind == Kind::removal) co_return co_await remove(user);
  RegistrationSubmit content = std::move(*submit);
  co_return co_await change(std::move(iq), std::move(content));
}

runtime::Task<Reply> Registration::remove(Jid user) {
  auto removed = co_await accounts_.remove(std::move(user));
  if (!removed) co_return removed.error();
  co_return done();
}

runtime::Task<Reply> Registration::change(Iq iq, RegistrationSubmit submit) {
  const Jid user = iq.from.to_bare();
  const auto account = co_await accounts_.find(user);
  if (!account) co_return hidden(account.error());
  if (const auto allowed = policy_.may_register(iq.from); !allowed) {
    co_return hidden(allowed.error());
  }
  const Account* known = account->has_value() ? &**account : nullptr;
  auto change = read_change(submit, user, known);
  if (!change) co_return change.error();
  AccountChange wanted = std::move(*change);
  co_return co_await apply(user, std::move(wanted), known != nullptr);
}

runtime::Task<Reply> Registration::apply(Jid user, AccountChange change, bool is_registered) {
  using Password = AccountChange::Password;
  const bool is_made = change.password == Password::make;
  NewPassword password;
  if (is_made) password = config::Secret(random_password());
  if (change.password == Password::chosen) password = change.chosen;
  NewPassword given = password;
  const auto outcome =
      co_await write(user, std::move(given), std::move(change.settings), is_registered);
  if (!outcome) co_return hidden(outcome.error());
  if (!is_made) co_return done();
  Element shown = made_password_query(user, *password, policy_.address);
  co_return Reply(std::optional<Element>(std::move(shown)));
}

runtime::Task<base::Result<void>> Registration::write(Jid user, NewPassword password,
                                                      AccountSettings settings,
                                                      bool is_registered) {
  if (is_registered) {
    co_return co_await accounts_.change(std::move(user), std::move(password), std::move(settings));
  }
  BELLHOP_ASSERT(password);  // read_change() lets nobody register without
  config::Secret first = std::move(*password);
  co_return co_await accounts_.add(std::move(user), std::move(first), std::move(settings));
}

runtime::Task<base::Result<bool>> Registration::is_registered(Jid user) {
  const auto account = co_await accounts_.find(user.to_bare());
  if (!account) co_return account.error();
  co_return account->has_value();
}

runtime::Task<Decision<config::Secret>> Registration::set_password(Jid user,
                                                                   config::Secret chosen) {
  const Jid bare = user.to_bare();
  if (!limits_.take(bare, base::Clock::now())) {
    co_return base::Error(errors::resource_constraint, "registers too often");
  }
  const auto account = co_await accounts_.find(bare);
  if (!account) co_return account.error();
  if (const auto allowed = policy_.may_register(user); !allowed) co_return allowed.error();
  const Account* known = account->has_value() ? &**account : nullptr;
  if (chosen.empty()) {
    chosen = config::Secret(random_password());
  } else {
    const RegistrationSubmit submit{.kind = RegistrationSubmit::Kind::fields, .password = chosen};
    if (const auto change = read_change(submit, bare, known); !change) co_return change.error();
  }
  NewPassword password = chosen;
  AccountSettings settings;
  if (known != nullptr) settings = known->settings;
  const auto outcome =
      co_await write(bare, std::move(password), std::move(settings), known != nullptr);
  if (!outcome) co_return outcome.error();
  co_return chosen;
}

}  // namespace bellhop::xmpp
