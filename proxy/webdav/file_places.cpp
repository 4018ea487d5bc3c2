#include "proxy/webdav/file_places.hpp"

#include <algorithm>

#include "proxy/webdav/folder_tree.hpp"

namespace bellhop::webdav {
namespace {

using base::Result;

// The names from the root to this node, which a tree has no more than kLevelsMax of.
Result<std::vector<std::string>> names_to(store::Statement& parent_of, std::int64_t node) {
  std::vector<std::string> names;
  while (names.size() <= kLevelsMax) {
    parent_of.bind(node);
    const auto row = parent_of.step();
    if (!row) return row.error();
    if (!*row) break;
    node = parent_of.integer(0);
    if (node == 0) break;  // the root, which has no name
    names.push_back(parent_of.text(1));
  }
  std::ranges::reverse(names);
  return names;
}

}  // namespace

Result<std::vector<std::vector<std::string>>> places_of(store::Database& database,
                                                        std::string_view owner,
                                                        const files::FileId& file,
                                                        std::size_t count_max) {
  auto nodes =
      database.prepare("SELECT id FROM node WHERE file = ?1 AND owner = ?2 ORDER BY id LIMIT ?3");
  if (!nodes) return nodes.error();
  auto parent_of = database.prepare("SELECT parent, name FROM node WHERE id = ?1");
  if (!parent_of) return parent_of.error();
  const std::string id = file.text();
  nodes->bind(std::string_view(id), owner, count_max);
  std::vector<std::vector<std::string>> places;
  for (;;) {
    const auto row = nodes->step();
    if (!row) return row.error();
    if (!*row) return places;
    auto names = names_to(*parent_of, nodes->integer(0));
    if (!names) return names.error();
    places.push_back(std::move(*names));
  }
}

}  // namespace bellhop::webdav
