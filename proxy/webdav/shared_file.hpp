// Files that others than the owner of a folder may read (XEP-0129 §4).
#pragma once

#include <optional>
#include <span>

#include "component/xmpp/jid.hpp"
#include "proxy/webdav/folder.hpp"

namespace bellhop::webdav {

/// The list among the properties of a file; none: there is none, or none that can be read.
[[nodiscard]] std::optional<JidList> jid_list_of(std::span<const DeadProperty> properties);

/// The file at `path`, if `guest` may read it: the owner of the folder, or somebody who is on the
/// file's list (WDX-03 to WDX-05). None for all else; that takes the same steps whether something
/// is there or not. Blocking; the thread of the database. Errors: store::errors::database_failed.
[[nodiscard]] base::Result<std::optional<Node>> find_shared(store::Database& database,
                                                            const FolderPath& path,
                                                            const xmpp::Jid& guest);

}  // namespace bellhop::webdav
