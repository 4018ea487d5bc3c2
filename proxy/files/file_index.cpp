#include "proxy/files/file_index.hpp"

#include "component/base/random.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::files {
namespace {

constexpr std::string_view kInsert = R"sql(
INSERT INTO file (owner, origin, purpose, name, type, size, state, created, expires, retention,
  expires_at_latest, sha256, id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13))sql";

constexpr std::string_view kUpdate = R"sql(
UPDATE file SET owner = ?1, origin = ?2, purpose = ?3, name = ?4, type = ?5, size = ?6, state = ?7,
  created = ?8, expires = ?9, retention = ?10, expires_at_latest = ?11, sha256 = ?12
WHERE id = ?13)sql";

// The columns in the order that read_row() takes them.
constexpr std::string_view kSelect = R"sql(
SELECT id, owner, origin, purpose, name, type, size, state, created, expires, retention,
  expires_at_latest, sha256 FROM file )sql";

std::string select(std::string_view rest) {
  return std::string(kSelect).append(rest);
}

void bind_facts(store::Statement& statement, const FileFacts& facts) {
  statement.bind(std::string_view(facts.owner), static_cast<int>(facts.origin),
                 static_cast<int>(facts.purpose), std::string_view(facts.name),
                 std::string_view(facts.type), facts.size, static_cast<int>(facts.state),
                 facts.created, facts.expires, facts.retention, facts.expires_at_latest,
                 std::string_view(facts.sha256), std::string_view(facts.id.text()));
}

FileFacts read_row(const store::Statement& row) {
  FileFacts facts;
  facts.id = FileId::parse(row.text(0)).value_or(FileId{});  // written by text() alone
  facts.owner = row.text(1);
  facts.origin = static_cast<FileOrigin>(row.integer(2));
  facts.purpose = static_cast<Purpose>(row.integer(3));
  facts.name = row.text(4);
  facts.type = row.text(5);
  facts.size = row.unsigned_integer(6);
  facts.state = static_cast<FileState>(row.integer(7));
  facts.created = row.integer(8);
  facts.expires = row.integer(9);
  facts.retention = row.integer(10);
  facts.expires_at_latest = row.integer(11);
  facts.sha256 = row.text(12);
  return facts;
}

}  // namespace

base::Result<store::Statement*> FileIndex::prepared(std::optional<store::Statement>& slot,
                                                    std::string_view sql) {
  if (!slot) {
    auto statement = database_.prepare(sql);
    if (!statement) return statement.error();
    slot = std::move(*statement);
  }
  return &*slot;
}

base::Result<void> FileIndex::insert(const FileFacts& facts) {
  const auto statement = prepared(insert_, kInsert);
  if (!statement) return statement.error();
  bind_facts(**statement, facts);
  const auto stepped = (*statement)->step();
  if (!stepped) return stepped.error();
  return {};
}

base::Result<bool> FileIndex::update(const FileFacts& facts) {
  const auto statement = prepared(update_, kUpdate);
  if (!statement) return statement.error();
  bind_facts(**statement, facts);
  const auto stepped = (*statement)->step();
  if (!stepped) return stepped.error();
  return database_.changed_rows() > 0;
}

base::Result<bool> FileIndex::remove(const FileId& id) {
  const auto statement = prepared(remove_, "DELETE FROM file WHERE id = ?1");
  if (!statement) return statement.error();
  const auto ran = (*statement)->run(std::string_view(id.text()));
  if (!ran) return ran.error();
  return database_.changed_rows() > 0;
}

base::Result<std::optional<FileFacts>> FileIndex::find(const FileId& id) {
  const auto statement = prepared(find_, select("WHERE id = ?1"));
  if (!statement) return statement.error();
  (*statement)->bind(std::string_view(id.text()));
  const auto row = (*statement)->step();
  if (!row) return row.error();
  if (!*row) return std::optional<FileFacts>();
  FileFacts facts = read_row(**statement);
  (*statement)->bind(std::string_view());  // ends the read, which would hold the log back
  return std::optional(std::move(facts));
}

base::Result<std::vector<FileFacts>> FileIndex::read_all(store::Statement& statement) {
  std::vector<FileFacts> rows;
  for (;;) {
    const auto row = statement.step();
    if (!row) return row.error();
    if (!*row) return rows;
    rows.push_back(read_row(statement));
  }
}

base::Result<std::vector<FileFacts>> FileIndex::list(std::string_view owner,
                                                     const std::optional<FileFacts>& after,
                                                     std::size_t count_max) {
  auto statement =
      database_.prepare(select("WHERE owner = ?1 AND state = 2 AND (created, id) > (?2, ?3) "
                               "ORDER BY created, id LIMIT ?4"));
  if (!statement) return statement.error();
  const std::string id = after ? after->id.text() : std::string();
  statement->bind(owner, after ? after->created : Second{-1}, std::string_view(id), count_max);
  return read_all(*statement);
}

base::Result<std::vector<FileFacts>> FileIndex::oldest(const std::optional<FileFacts>& after,
                                                       std::size_t count_max) {
  auto statement =
      database_.prepare(select("WHERE (created, id) > (?1, ?2) ORDER BY created, id LIMIT ?3"));
  if (!statement) return statement.error();
  const std::string id = after ? after->id.text() : std::string();
  statement->bind(after ? after->created : Second{-1}, std::string_view(id), count_max);
  return read_all(*statement);
}

base::Result<std::vector<FileFacts>> FileIndex::expired(Second now, std::size_t count_max) {
  auto statement =
      database_.prepare(select("WHERE expires > 0 AND expires <= ?1 ORDER BY expires LIMIT ?2"));
  if (!statement) return statement.error();
  statement->bind(now, count_max);
  return read_all(*statement);
}

base::Result<void> FileIndex::for_each(const std::function<void(const FileFacts&)>& visit) {
  auto statement = database_.prepare(kSelect);
  if (!statement) return statement.error();
  for (;;) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return {};
    visit(read_row(*statement));
  }
}

base::Result<config::Secret> FileIndex::secret(std::string_view name, std::size_t bytes) {
  auto statement = database_.prepare("SELECT value FROM secret WHERE name = ?1");
  if (!statement) return statement.error();
  statement->bind(name);
  const auto row = statement->step();
  if (!row) return row.error();
  if (*row) {
    auto kept = xmpp::from_hex(statement->text(0));
    if (kept && kept->size() == bytes) return config::Secret(std::move(*kept));
  }
  std::string made = base::random_bytes(bytes);
  auto write = database_.prepare("INSERT OR REPLACE INTO secret (name, value) VALUES (?1, ?2)");
  if (!write) return write.error();
  const std::string hex = xmpp::to_hex(made);
  if (const auto ran = write->run(name, std::string_view(hex)); !ran) return ran.error();
  return config::Secret(std::move(made));
}

}  // namespace bellhop::files
