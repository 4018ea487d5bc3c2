// Accounts: registering, changing, logging in.
#include "proxy/webdav/account_store.hpp"

#include "component/xmpp/errors.hpp"
#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/served_folder.hpp"

namespace bellhop::webdav {
namespace {

using test::ServedFolder;

class AccountStoreTest : public ServedFolder {
 protected:
  base::Result<void> log_in(std::string_view password, std::string_view from = "192.0.2.1") {
    return run(accounts().verify(jid(), config::Secret(std::string(password)),
                                 *base::IpAddress::parse(from)));
  }
};

// REG-02, REG-03
TEST_F(AccountStoreTest, AddsChangesAndRemoves) {
  EXPECT_FALSE(run(accounts().find(jid())).value());
  register_alice();
  EXPECT_TRUE(run(accounts().find(jid())).value());
  const auto again = run(accounts().add(jid(), config::Secret("another password"), {}));
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().is(xmpp::errors::conflict));
  EXPECT_TRUE(log_in(test::kPassword));
  EXPECT_TRUE(run(accounts().change(jid(), config::Secret("a new password"), {})));
  EXPECT_FALSE(log_in(test::kPassword));
  EXPECT_TRUE(log_in("a new password"));
  EXPECT_TRUE(run(accounts().change(jid(), std::nullopt, {.wants_notices = false})));
  EXPECT_TRUE(log_in("a new password"));
  EXPECT_FALSE((*run(accounts().find(jid())).value()).settings.wants_notices);
  EXPECT_TRUE(run(accounts().remove(jid())));
  EXPECT_FALSE(log_in("a new password"));
  const auto gone = run(accounts().remove(jid()));
  ASSERT_FALSE(gone);
  EXPECT_TRUE(gone.error().is(xmpp::errors::registration_required));
}

TEST_F(AccountStoreTest, BeginsAGenerationWithEachChange) {
  const std::uint64_t first = accounts().generation();
  register_alice();
  const std::uint64_t second = accounts().generation();
  EXPECT_GT(second, first);
  EXPECT_TRUE(run(accounts().remove(jid())));
  EXPECT_GT(accounts().generation(), second);
}

TEST_F(AccountStoreTest, TellsNobodyWhetherThereIsAnAccount) {
  const auto nobody = log_in("guess");
  register_alice();
  const auto somebody = log_in("guess");
  ASSERT_TRUE(!nobody && !somebody);
  EXPECT_TRUE(nobody.error().is(errors::bad_login));
  EXPECT_TRUE(somebody.error().is(errors::bad_login));
}

TEST_F(AccountStoreTest, SlowsDownWhoGuessesFromOneAddress) {
  register_alice();
  std::size_t tried = 0;
  while (tried < 1'000 && log_in("guess").error().is(errors::bad_login)) ++tried;
  EXPECT_GE(tried, AccountStore::kAttemptsOfAddress.burst);
  EXPECT_LT(tried, 2 * AccountStore::kAttemptsOfAddress.burst);
}

TEST_F(AccountStoreTest, SlowsDownGuessesAtOneAccountFromManyAddresses) {
  register_alice();
  std::size_t tried = 0;
  const auto guess = [&] {
    return log_in("guess", "192.0.2." + std::to_string(tried % 250)).error();
  };
  while (tried < 1'000 && guess().is(errors::bad_login)) ++tried;
  EXPECT_GE(tried, AccountStore::kAttemptsOfAccount.burst);
  EXPECT_LT(tried, 2 * AccountStore::kAttemptsOfAccount.burst);
}

}  // namespace
}  // namespace bellhop::webdav
