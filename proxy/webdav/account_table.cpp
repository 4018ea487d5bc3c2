#include "proxy/webdav/account_table.hpp"

namespace bellhop::webdav {
namespace {

// No JID has a line break in it: nodeprep, nameprep and resourceprep forbid control characters.
std::string to_lines(const std::vector<xmpp::Jid>& jids) {
  std::string out;
  for (const xmpp::Jid& jid : jids) out.append(jid.text()).append("\n");
  return out;
}

std::vector<xmpp::Jid> from_lines(std::string_view text) {
  std::vector<xmpp::Jid> jids;
  while (!text.empty() && jids.size() < xmpp::kAllowedPeersMax) {
    const std::size_t end = text.find('\n');
    if (auto jid = xmpp::Jid::parse(text.substr(0, end))) jids.push_back(std::move(*jid));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return jids;
}

}  // namespace

base::Result<std::optional<AccountRow>> AccountTable::find(std::string_view owner) {
  auto statement = database_.prepare(
      "SELECT password, wants_notices, allowed_peers FROM account WHERE owner = ?1");
  if (!statement) return statement.error();
  statement->bind(owner);
  const auto row = statement->step();
  if (!row) return row.error();
  if (!*row) return std::optional<AccountRow>();
  AccountRow account;
  account.password = statement->text(0);
  account.settings.wants_notices = statement->integer(1) != 0;
  account.settings.allowed_peers = from_lines(statement->text(2));
  return std::optional(std::move(account));
}

base::Result<bool> AccountTable::add(std::string_view owner, const AccountRow& row,
                                     files::Second now) {
  auto statement = database_.prepare(
      "INSERT OR IGNORE INTO account (owner, password, wants_notices, allowed_peers, created) "
      "VALUES (?1, ?2, ?3, ?4, ?5)");
  if (!statement) return statement.error();
  const std::string peers = to_lines(row.settings.allowed_peers);
  const auto ran = statement->run(owner, std::string_view(row.password),
                                  row.settings.wants_notices ? 1 : 0, std::string_view(peers), now);
  if (!ran) return ran.error();
  return database_.changed_rows() > 0;
}

base::Result<bool> AccountTable::change(std::string_view owner, const AccountRow& row) {
  auto statement = database_.prepare(
      "UPDATE account SET password = CASE ?2 WHEN '' THEN password ELSE ?2 END, "
      "wants_notices = ?3, allowed_peers = ?4 WHERE owner = ?1");
  if (!statement) return statement.error();
  const std::string peers = to_lines(row.settings.allowed_peers);
  const auto ran = statement->run(owner, std::string_view(row.password),
                                  row.settings.wants_notices ? 1 : 0, std::string_view(peers));
  if (!ran) return ran.error();
  return database_.changed_rows() > 0;
}

base::Result<bool> AccountTable::remove(std::string_view owner) {
  auto statement = database_.prepare("DELETE FROM account WHERE owner = ?1");
  if (!statement) return statement.error();
  if (const auto ran = statement->run(owner); !ran) return ran.error();
  return database_.changed_rows() > 0;
}

}  // namespace bellhop::webdav
