// The trees of users' folders: names, what stands at them, and dead properties. SQLite.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "component/store/database.hpp"
#include "proxy/files/file_facts.hpp"
#include "proxy/webdav/property_answers.hpp"

namespace bellhop::webdav {

/// Bounds on one user's tree, which is walked on a thread that others wait for.
inline constexpr std::size_t kNodesMax = 50'000;
/// Members of one collection; a listing has all of them.
inline constexpr std::size_t kMembersMax = 10'000;
/// What one COPY may make.
inline constexpr std::size_t kCopiedMax = 5'000;
/// Levels below the root: a URL has two segments more, of at most http::kSegmentsMax.
inline constexpr std::size_t kLevelsMax = 60;
/// Dead properties of one resource, and the bytes of all of them.
inline constexpr std::size_t kPropertiesMax = 256;
inline constexpr std::size_t kPropertyBytesMax = 256 * 1024;

/// What stands at a name.
struct Node {
  std::int64_t id = 0;
  std::string name = {};                             ///< "" of the root
  std::optional<files::FileId> file = std::nullopt;  ///< none: a collection
  files::Second created = 0;
  files::Second modified = 0;  ///< of a file: of its content, as GET tells it
  std::uint64_t size = 0;      ///< as all that follow: of a file
  std::string type = {};       ///< empty: nobody has said it
  std::string entity_tag = {};

  [[nodiscard]] bool is_collection() const { return !file; }
};

/// Names below a user's root, decoded, compared byte for byte.
using Names = std::span<const std::string>;

/// One user's tree. Stored files never change, so several nodes may have one file: COPY costs no
/// bytes. A file that is gone from the store is as if its node were not there. Blocking; the thread
/// of the database; changes belong to the caller's transaction. Errors of all:
/// store::errors::database_failed.
class FolderTree {
 public:
  /// `database` has the tables of files::kMigrations; both outlive this object.
  FolderTree(store::Database& database, std::string_view owner)
      : database_(database), owner_(owner) {}

  /// None: nothing is there. The root is always there.
  [[nodiscard]] base::Result<std::optional<Node>> find(Names names);
  /// In order of their names; at most kMembersMax.
  [[nodiscard]] base::Result<std::vector<Node>> members(const Node& collection);
  [[nodiscard]] base::Result<std::vector<DeadProperty>> properties(const Node& node);

  /// Until something is put into it, a root has no row to hold properties.
  [[nodiscard]] base::Result<void> make_root(files::Second now);
  /// Adds a collection, or a file, at names that nothing stands at and whose parent is a
  /// collection. Errors: errors::folder_full.
  [[nodiscard]] base::Result<void> add(Names names, const std::optional<files::FileId>& file,
                                       files::Second now);
  /// Another content for a file; the one it had, if no other node has it.
  [[nodiscard]] base::Result<std::vector<files::FileId>> replace(const Node& node,
                                                                 const files::FileId& file,
                                                                 files::Second now);
  /// Takes out a node and what is below it; the files that no node has any more.
  [[nodiscard]] base::Result<std::vector<files::FileId>> remove(const Node& node,
                                                                files::Second now);
  /// How much of a collection is copied.
  enum class Extent : std::uint8_t { alone, with_members };
  /// Copies to names as for add(), with dead properties. Errors: errors::folder_full, too_deep.
  [[nodiscard]] base::Result<void> copy(const Node& node, Names to, Extent extent,
                                        files::Second now);
  /// Moves to names as for add(). Errors: errors::too_deep, folder_full.
  [[nodiscard]] base::Result<void> move(const Node& node, Names to, files::Second now);

  /// Of files that were taken out, those that no node has, whatever came after.
  [[nodiscard]] base::Result<std::vector<files::FileId>> still_unused(
      std::vector<files::FileId> files);

  [[nodiscard]] base::Result<void> set_property(const Node& node, const DeadProperty& property);
  [[nodiscard]] base::Result<void> remove_property(const Node& node, const XmlName& name);
  /// Errors: errors::properties_full.
  [[nodiscard]] base::Result<void> check_properties(const Node& node);

  /// Files of folders that no node has, of all users. Before anybody is served they are what a
  /// crash between two steps has left; later also what is being uploaded.
  [[nodiscard]] static base::Result<std::vector<files::FileId>> orphans(store::Database& database);

 private:
  struct Place {
    std::int64_t parent;
    std::string name;
  };

  [[nodiscard]] base::Result<std::optional<Node>> child(std::int64_t parent, std::string_view name);
  [[nodiscard]] base::Result<Place> make_place(Names names, files::Second now);
  [[nodiscard]] base::Result<std::int64_t> insert(const Place& place, std::string_view file,
                                                  files::Second now);
  [[nodiscard]] base::Result<std::int64_t> count(std::string_view sql, std::int64_t id);
  [[nodiscard]] base::Result<void> touch(std::int64_t parent, files::Second now);
  [[nodiscard]] base::Result<void> check_depth(const Node& node, Names to);
  [[nodiscard]] base::Result<void> copy_properties(std::int64_t from, std::int64_t to);
  [[nodiscard]] base::Result<std::vector<files::FileId>> unused(std::vector<std::string> files);

  store::Database& database_;
  std::string owner_;
};

}  // namespace bellhop::webdav
