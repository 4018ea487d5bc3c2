#include "proxy/webdav/shared_file.hpp"

#include "proxy/webdav/xml_document.hpp"

namespace bellhop::webdav {
namespace {

using base::Result;

// As that of a root that nobody has put anything into: no row has it.
constexpr std::int64_t kNoNode = -1;

}  // namespace

std::optional<JidList> jid_list_of(std::span<const DeadProperty> properties) {
  for (const DeadProperty& property : properties) {
    if (!is_jid_list(property.name)) continue;
    const auto element = parse_document(property.xml);
    auto list = element ? JidList::parse(*element) : Result<JidList>(element.error());
    if (list) return std::move(*list);
  }
  return std::nullopt;
}

Result<std::optional<Node>> find_shared(store::Database& database, const FolderPath& path,
                                        const xmpp::Jid& guest) {
  FolderTree tree(database, path.owner);
  auto found = tree.find(path.names);
  if (!found) return found.error();
  // Asked for also where nothing is: whoever measures the time learns nothing of names.
  const auto properties = tree.properties(found->value_or(Node{.id = kNoNode}));
  if (!properties) return properties.error();
  const auto list = jid_list_of(*properties);
  const bool may_read = guest.bare() == path.owner || (list && list->matches(guest));
  if (!*found || (*found)->is_collection() || !may_read) return std::optional<Node>();
  return std::move(*found);
}

}  // namespace bellhop::webdav
