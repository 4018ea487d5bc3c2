// Accounts of users in the database of the file store.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "component/store/database.hpp"
#include "component/xmpp/registration_codec.hpp"
#include "proxy/files/file_facts.hpp"

namespace bellhop::webdav {

/// One row. The password is the text of a PasswordHash.
struct AccountRow {
  std::string password;
  xmpp::AccountSettings settings;
};

/// Blocking; the thread of the database. `owner` is a bare JID, prepared. Errors of all:
/// store::errors::database_failed.
class AccountTable {
 public:
  /// `database` has the tables of files::kMigrations and outlives this object.
  explicit AccountTable(store::Database& database) : database_(database) {}

  [[nodiscard]] base::Result<std::optional<AccountRow>> find(std::string_view owner);
  /// False: it is there already.
  [[nodiscard]] base::Result<bool> add(std::string_view owner, const AccountRow& row,
                                       files::Second now);
  /// An empty password leaves the present one. False: it is not there.
  [[nodiscard]] base::Result<bool> change(std::string_view owner, const AccountRow& row);
  /// False: it was not there.
  [[nodiscard]] base::Result<bool> remove(std::string_view owner);

 private:
  store::Database& database_;
};

}  // namespace bellhop::webdav
