// The tables of what is observed and decided, version by version.
#pragma once

#include <array>
#include <string_view>

namespace bellhop::observe {

/// For store::Database::open(): entry n makes version n+1 of version n. An entry that was released
/// is never changed; what is new comes at the end.
inline constexpr std::array<std::string_view, 1> kMigrations{
    R"sql(
CREATE TABLE history_cell (
  tier INTEGER NOT NULL,      -- 2: minute, 3: hour
  begin INTEGER NOT NULL,     -- seconds since 1970, UTC
  kind TEXT NOT NULL,         -- empty: all
  domain TEXT NOT NULL,       -- empty: all
  bytes INTEGER NOT NULL,
  peak INTEGER NOT NULL,      -- bytes per second
  sessions INTEGER NOT NULL,
  PRIMARY KEY (tier, begin, kind, domain)
) STRICT, WITHOUT ROWID;

CREATE TABLE history_heavy (
  tier INTEGER NOT NULL,
  begin INTEGER NOT NULL,
  jid TEXT NOT NULL,          -- bare
  bytes INTEGER NOT NULL,
  error INTEGER NOT NULL,     -- bytes is too high by this at most
  PRIMARY KEY (tier, begin, jid)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage (
  subject TEXT NOT NULL,      -- jid:… or domain:…
  day INTEGER NOT NULL,       -- days since 1970, UTC
  bytes INTEGER NOT NULL,
  PRIMARY KEY (subject, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_by_day ON usage (day);

CREATE TABLE policy (
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  value TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (type, subject)
) STRICT, WITHOUT ROWID;
)sql"};

}  // namespace bellhop::observe
