// The tables of the file store, version by version.
#pragma once

#include <array>
#include <string_view>

namespace bellhop::files {

/// For store::Database::open(): entry n makes version n+1 of version n. An entry that was released
/// is never changed; what is new comes at the end.
inline constexpr std::array<std::string_view, 3> kMigrations{
    R"sql(
CREATE TABLE file (
  id TEXT NOT NULL PRIMARY KEY,       -- FileId
  owner TEXT NOT NULL,                -- bare JID
  origin INTEGER NOT NULL,            -- FileOrigin
  purpose INTEGER NOT NULL,           -- Purpose
  name TEXT NOT NULL,
  type TEXT NOT NULL,                 -- media type
  size INTEGER NOT NULL,              -- bytes, as announced and as stored
  state INTEGER NOT NULL,             -- FileState
  created INTEGER NOT NULL,           -- seconds since 1970, UTC, as all times here
  expires INTEGER NOT NULL,           -- 0: never
  retention INTEGER NOT NULL,         -- seconds; 0: for ever
  expires_at_latest INTEGER NOT NULL, -- 0: no such moment
  sha256 TEXT NOT NULL                -- hex; empty until stored
) STRICT, WITHOUT ROWID;
CREATE INDEX file_by_owner ON file (owner, created, id);
CREATE INDEX file_by_expiry ON file (expires) WHERE expires > 0;

CREATE TABLE secret (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL                 -- hex
) STRICT, WITHOUT ROWID;
)sql",
    R"sql(
CREATE TABLE account (
  owner TEXT NOT NULL PRIMARY KEY,    -- bare JID
  password TEXT NOT NULL,             -- PasswordHash with its salt and cost
  wants_notices INTEGER NOT NULL,
  allowed_peers TEXT NOT NULL,        -- JIDs, one in a line
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE node (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,                -- bare JID
  parent INTEGER NOT NULL,            -- 0: it is the root, whose name is empty
  name TEXT NOT NULL,                 -- compared byte for byte
  file TEXT NOT NULL,                 -- FileId; empty: a collection
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  UNIQUE (owner, parent, name)
) STRICT;
CREATE INDEX node_by_file ON node (file) WHERE file <> '';

CREATE TABLE property (
  node INTEGER NOT NULL,
  xmlns TEXT NOT NULL,
  local TEXT NOT NULL,
  xml TEXT NOT NULL,                  -- the whole element
  PRIMARY KEY (node, xmlns, local)
) STRICT, WITHOUT ROWID;
)sql",
    R"sql(
CREATE INDEX file_by_age ON file (created, id);
)sql"};

}  // namespace bellhop::files
