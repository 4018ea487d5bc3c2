#include "proxy/webdav/folder_tree.hpp"

#include <map>

#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

using base::Error;
using base::Result;
using files::FileId;
using files::Second;

constexpr std::int64_t kNoParent = 0;

// The columns in the order that read_row() takes them. Column 5 is NULL for a file that is gone.
constexpr std::string_view kSelect = R"sql(
SELECT n.id, n.name, n.file, n.created, n.modified, f.id, f.size, f.type, f.sha256, f.created
FROM node n LEFT JOIN file f ON f.id = n.file AND f.state = 2 )sql";

// ?1 and all nodes below it, with how far below.
constexpr std::string_view kBelow = R"sql(
WITH RECURSIVE below (id, level) AS (
  SELECT ?1, 0 UNION ALL
  SELECT n.id, b.level + 1 FROM below b JOIN node n ON n.owner = ?2 AND n.parent = b.id) )sql";

std::string joined(std::string_view a, std::string_view b) {
  return std::string(a).append(b);
}

bool is_dangling(const store::Statement& row) {
  return !row.text(2).empty() && row.text(5).empty();
}

Node read_row(const store::Statement& row) {
  Node node;
  node.id = row.integer(0);
  node.name = row.text(1);
  node.created = row.integer(3);
  node.modified = row.integer(4);
  if (row.text(2).empty()) return node;
  node.file = FileId::parse(row.text(5));
  node.size = row.unsigned_integer(6);
  node.type = row.text(7);
  files::FileFacts facts;
  facts.sha256 = row.text(8);
  node.entity_tag = facts.entity_tag();
  node.modified = row.integer(9);
  return node;
}

}  // namespace

Result<std::optional<Node>> FolderTree::child(std::int64_t parent, std::string_view name) {
  auto statement =
      database_.prepare(joined(kSelect, "WHERE n.owner = ?1 AND n.parent = ?2 AND n.name = ?3"));
  if (!statement) return statement.error();
  statement->bind(std::string_view(owner_), parent, name);
  const auto row = statement->step();
  if (!row) return row.error();
  if (!*row || is_dangling(*statement)) return std::optional<Node>();
  return std::optional(read_row(*statement));
}

Result<std::optional<Node>> FolderTree::find(Names names) {
  auto node = child(kNoParent, "");
  if (!node) return node;
  // Nobody has put anything there yet.
  if (!*node) return names.empty() ? std::optional(Node{.id = -1}) : std::optional<Node>();
  for (const std::string& name : names) {
    if (!(*node)->is_collection()) return std::optional<Node>();
    node = child((*node)->id, name);
    if (!node || !*node) return node;
  }
  return node;
}

Result<std::vector<Node>> FolderTree::members(const Node& collection) {
  auto statement = database_.prepare(
      joined(kSelect, "WHERE n.owner = ?1 AND n.parent = ?2 ORDER BY n.name LIMIT ?3"));
  if (!statement) return statement.error();
  statement->bind(std::string_view(owner_), collection.id, kMembersMax);
  std::vector<Node> nodes;
  for (;;) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return nodes;
    if (!is_dangling(*statement)) nodes.push_back(read_row(*statement));
  }
}

Result<std::vector<DeadProperty>> FolderTree::properties(const Node& node) {
  auto statement =
      database_.prepare("SELECT xmlns, local, xml FROM property WHERE node = ?1 LIMIT ?2");
  if (!statement) return statement.error();
  statement->bind(node.id, kPropertiesMax);
  std::vector<DeadProperty> properties;
  for (;;) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return properties;
    properties.push_back({{statement->text(0), statement->text(1)}, statement->text(2)});
  }
}

Result<std::int64_t> FolderTree::count(std::string_view sql, std::int64_t id) {
  auto statement = database_.prepare(sql);
  if (!statement) return statement.error();
  statement->bind(id, std::string_view(owner_));
  const auto row = statement->step();
  if (!row) return row.error();
  return *row ? statement->integer(0) : 0;
}

Result<void> FolderTree::make_root(Second now) {
  auto root = database_.prepare(
      "INSERT OR IGNORE INTO node (owner, parent, name, file, created, modified) "
      "VALUES (?1, 0, '', '', ?2, ?2)");
  if (!root) return root.error();
  return root->run(std::string_view(owner_), now);
}

// A node whose file is gone makes way.
Result<FolderTree::Place> FolderTree::make_place(Names names, Second now) {
  if (const auto made = make_root(now); !made) return made.error();
  const auto parent = find(names.first(names.size() - 1));
  if (!parent) return parent.error();
  if (!*parent) return Error(errors::parent_missing);
  if (!(*parent)->is_collection()) return Error(errors::parent_not_collection);
  Place place{(*parent)->id, names.back()};
  auto erase = database_.prepare("DELETE FROM node WHERE owner = ?1 AND parent = ?2 AND name = ?3");
  if (!erase) return erase.error();
  const auto erased =
      erase->run(std::string_view(owner_), place.parent, std::string_view(place.name));
  if (!erased) return erased.error();
  const auto members =
      count("SELECT count(*) FROM node WHERE owner = ?2 AND parent = ?1", place.parent);
  if (!members) return members.error();
  if (static_cast<std::size_t>(*members) >= kMembersMax) return Error(errors::folder_full);
  if (auto touched = touch(place.parent, now); !touched) return touched.error();
  return place;
}

Result<std::int64_t> FolderTree::insert(const Place& place, std::string_view file, Second now) {
  auto statement = database_.prepare(
      "INSERT INTO node (owner, parent, name, file, created, modified) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?5)");
  if (!statement) return statement.error();
  const auto ran = statement->run(std::string_view(owner_), place.parent,
                                  std::string_view(place.name), file, now);
  if (!ran) return ran.error();
  return count("SELECT last_insert_rowid() WHERE ?1 = 0 AND ?2 <> ''", 0);
}

Result<void> FolderTree::add(Names names, const std::optional<FileId>& file, Second now) {
  const auto nodes = count("SELECT count(*) FROM node WHERE owner = ?2 AND ?1 = 0", 0);
  if (!nodes) return nodes.error();
  if (static_cast<std::size_t>(*nodes) >= kNodesMax) return Error(errors::folder_full);
  if (names.size() > kLevelsMax) return Error(errors::too_deep);
  const auto place = make_place(names, now);
  if (!place) return place.error();
  const auto added = insert(*place, file ? file->text() : std::string(), now);
  if (!added) return added.error();
  return {};
}

Result<void> FolderTree::touch(std::int64_t parent, Second now) {
  auto statement = database_.prepare("UPDATE node SET modified = max(modified, ?2) WHERE id = ?1");
  if (!statement) return statement.error();
  return statement->run(parent, now);
}

Result<std::vector<FileId>> FolderTree::replace(const Node& node, const FileId& file, Second now) {
  auto statement = database_.prepare("UPDATE node SET file = ?2, modified = ?3 WHERE id = ?1");
  if (!statement) return statement.error();
  const std::string id = file.text();
  const auto ran = statement->run(node.id, std::string_view(id), now);
  if (!ran) return ran.error();
  std::vector<std::string> files;
  if (node.file && *node.file != file) files.push_back(node.file->text());
  return unused(std::move(files));
}

Result<std::vector<FileId>> FolderTree::unused(std::vector<std::string> files) {
  auto statement = database_.prepare("SELECT 1 FROM node WHERE file = ?1 LIMIT 1");
  if (!statement) return statement.error();
  std::vector<FileId> ids;
  for (const std::string& file : files) {
    statement->bind(std::string_view(file));
    const auto row = statement->step();
    if (!row) return row.error();
    const auto id = FileId::parse(file);
    if (!*row && id) ids.push_back(*id);
  }
  return ids;
}

Result<std::vector<FileId>> FolderTree::still_unused(std::vector<FileId> files) {
  std::vector<std::string> texts;
  for (const FileId& file : files) texts.push_back(file.text());
  return unused(std::move(texts));
}

Result<std::vector<FileId>> FolderTree::remove(const Node& node, Second now) {
  auto select =
      database_.prepare(joined(kBelow,
                               "SELECT DISTINCT n.file FROM below b JOIN node n ON n.id = b.id "
                               "WHERE n.file <> ''"));
  if (!select) return select.error();
  select->bind(node.id, std::string_view(owner_));
  std::vector<std::string> files;
  for (;;) {
    const auto row = select->step();
    if (!row) return row.error();
    if (!*row) break;
    files.push_back(select->text(0));
  }
  const auto parent = count("SELECT parent FROM node WHERE id = ?1 AND owner = ?2", node.id);
  if (!parent) return parent.error();
  for (const std::string_view sql : {"DELETE FROM property WHERE node IN (SELECT id FROM below)",
                                     "DELETE FROM node WHERE id IN (SELECT id FROM below)"}) {
    auto erase = database_.prepare(joined(kBelow, sql));
    if (!erase) return erase.error();
    if (const auto ran = erase->run(node.id, std::string_view(owner_)); !ran) return ran.error();
  }
  if (auto touched = touch(*parent, now); !touched) return touched.error();
  return unused(std::move(files));
}

Result<void> FolderTree::check_depth(const Node& node, Names to) {
  const auto levels = count(joined(kBelow, "SELECT max(level) FROM below"), node.id);
  if (!levels) return levels.error();
  if (to.size() + static_cast<std::size_t>(*levels) > kLevelsMax) return Error(errors::too_deep);
  return {};
}

Result<void> FolderTree::copy_properties(std::int64_t from, std::int64_t to) {
  auto statement = database_.prepare(
      "INSERT INTO property (node, xmlns, local, xml) "
      "SELECT ?2, xmlns, local, xml FROM property WHERE node = ?1");
  if (!statement) return statement.error();
  return statement->run(from, to);
}

Result<void> FolderTree::copy(const Node& node, Names to, Extent extent, Second now) {
  if (extent == Extent::with_members) {
    if (auto fits = check_depth(node, to); !fits) return fits;
  }
  if (to.size() > kLevelsMax) return Error(errors::too_deep);
  struct Row {
    std::int64_t id;
    std::int64_t parent;
    std::string name;
    std::string file;
  };
  std::vector<Row> rows;
  auto select = database_.prepare(
      joined(kBelow,
             "SELECT n.id, n.parent, n.name, n.file FROM below b JOIN node n ON n.id = b.id "
             "WHERE b.level <= ?3 ORDER BY b.level LIMIT ?4"));
  if (!select) return select.error();
  const int levels = extent == Extent::alone ? 0 : static_cast<int>(kLevelsMax);
  select->bind(node.id, std::string_view(owner_), levels, kCopiedMax + 1);
  for (;;) {
    const auto row = select->step();
    if (!row) return row.error();
    if (!*row) break;
    rows.push_back({select->integer(0), select->integer(1), select->text(2), select->text(3)});
  }
  const auto nodes = count("SELECT count(*) FROM node WHERE owner = ?2 AND ?1 = 0", 0);
  if (!nodes) return nodes.error();
  if (rows.size() > kCopiedMax || static_cast<std::size_t>(*nodes) + rows.size() > kNodesMax) {
    return Error(errors::folder_full);
  }
  const auto place = make_place(to, now);
  if (!place) return place.error();
  std::map<std::int64_t, std::int64_t> copies;  // parents come before their members
  for (const Row& row : rows) {
    const Place at = row.id == node.id ? *place : Place{copies[row.parent], row.name};
    const auto made = insert(at, row.file, now);
    if (!made) return made.error();
    copies[row.id] = *made;
    if (auto copied = copy_properties(row.id, *made); !copied) return copied;
  }
  return {};
}

Result<void> FolderTree::move(const Node& node, Names to, Second now) {
  if (auto fits = check_depth(node, to); !fits) return fits;
  const auto place = make_place(to, now);
  if (!place) return place.error();
  const auto parent = count("SELECT parent FROM node WHERE id = ?1 AND owner = ?2", node.id);
  if (!parent) return parent.error();
  if (auto touched = touch(*parent, now); !touched) return touched;
  auto statement = database_.prepare("UPDATE node SET parent = ?2, name = ?3 WHERE id = ?1");
  if (!statement) return statement.error();
  return statement->run(node.id, place->parent, std::string_view(place->name));
}

Result<void> FolderTree::set_property(const Node& node, const DeadProperty& property) {
  auto statement = database_.prepare(
      "INSERT OR REPLACE INTO property (node, xmlns, local, xml) VALUES (?1, ?2, ?3, ?4)");
  if (!statement) return statement.error();
  return statement->run(node.id, std::string_view(property.name.xmlns),
                        std::string_view(property.name.local), std::string_view(property.xml));
}

Result<void> FolderTree::remove_property(const Node& node, const XmlName& name) {
  auto statement =
      database_.prepare("DELETE FROM property WHERE node = ?1 AND xmlns = ?2 AND local = ?3");
  if (!statement) return statement.error();
  return statement->run(node.id, std::string_view(name.xmlns), std::string_view(name.local));
}

Result<void> FolderTree::check_properties(const Node& node) {
  auto statement =
      database_.prepare("SELECT count(*), sum(length(xml)) FROM property WHERE node = ?1");
  if (!statement) return statement.error();
  statement->bind(node.id);
  const auto row = statement->step();
  if (!row) return row.error();
  if (statement->unsigned_integer(0) > kPropertiesMax ||
      statement->unsigned_integer(1) > kPropertyBytesMax) {
    return Error(errors::properties_full);
  }
  return {};
}

Result<std::vector<FileId>> FolderTree::orphans(store::Database& database) {
  auto statement = database.prepare(
      "SELECT id FROM file WHERE origin = ?1 AND NOT EXISTS "
      "(SELECT 1 FROM node WHERE node.file = file.id AND node.file <> '')");
  if (!statement) return statement.error();
  statement->bind(static_cast<int>(files::FileOrigin::webdav));
  std::vector<FileId> ids;
  for (;;) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return ids;
    if (const auto id = FileId::parse(statement->text(0))) ids.push_back(*id);
  }
}

}  // namespace bellhop::webdav
