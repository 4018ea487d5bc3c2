// What the methods of WebDAV do to a user's folder (RFC 4918 §9): from a request to its answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "component/base/clock.hpp"
#include "proxy/http/authority.hpp"
#include "proxy/webdav/folder_tree.hpp"
#include "proxy/webdav/if_header.hpp"
#include "proxy/webdav/lock_table.hpp"

namespace bellhop::webdav {

/// The first segment of every URL of a folder; the second is the bare JID of its user.
inline constexpr std::string_view kDavPrefix = "dav";
/// A body of PROPFIND with its frame: some thousands of members.
inline constexpr std::size_t kAnswerBytesMax = 16 * 1024 * 1024;

/// A request of the folder's user, who was let in. Headers are as they came.
struct FolderRequest {
  using Header = std::optional<std::string>;

  std::string method;
  std::string owner;               ///< bare JID, prepared
  std::vector<std::string> names;  ///< below the root
  bool has_trailing_slash = false;
  std::string body = {};  ///< of all methods but PUT
  Header depth = {}, destination = {}, overwrite = {}, if_header = {}, timeout = {};
  Header lock_token = {}, if_match = {}, if_none_match = {}, if_unmodified_since = {};
  http::Authority host = {};  ///< who was asked
  /// What PUT stores, and LOCK at a name that nothing stands at. Without it both only say whether
  /// they would go on.
  std::optional<files::FileId> file = std::nullopt;
  std::uint64_t quota_used = 0;
  std::optional<std::uint64_t> quota_available = std::nullopt;
  files::Second now = 0;
  base::TimePoint steady_now = {};
};

/// An answer.
struct FolderReply {
  int status = 0;
  std::string body = {};  ///< XML, if any
  std::vector<std::pair<std::string_view, std::string>> fields = {};
  bool needs_file = false;  ///< nothing has been done: the method goes on with a file
  std::vector<files::FileId> unused = {};  ///< files that nobody has any more
};

/// The folders of all users with their locks. Blocking; the thread of the database, in a
/// transaction for methods that change something.
class Folders {
 public:
  Folders() = default;

  /// PROPFIND, PROPPATCH, MKCOL, PUT, DELETE, COPY, MOVE, LOCK, UNLOCK. A method that is refused
  /// changes nothing. Errors: rows of this folder; store::errors::database_failed, after which the
  /// transaction must be undone.
  [[nodiscard]] base::Result<FolderReply> answer(store::Database& database,
                                                 const FolderRequest& request);
  /// Whether answer() knows the method.
  [[nodiscard]] static bool knows(std::string_view method);
  /// Whether it only reads.
  [[nodiscard]] static bool is_reading(std::string_view method) { return method == "PROPFIND"; }

  /// Locks of a user whose folder is gone.
  void forget(const std::string& owner);
  [[nodiscard]] std::size_t locks() const { return locks_.size(); }

 private:
  struct Context;
  using Reply = base::Result<FolderReply>;

  [[nodiscard]] Reply dispatch(Context& context);
  [[nodiscard]] base::Result<void> check_conditions(Context& context);
  [[nodiscard]] base::Result<bool> if_holds(Context& context, const IfHeader& header);
  [[nodiscard]] std::optional<FolderReply> blocked(const Context& context,
                                                   const LockedChange& change) const;
  [[nodiscard]] base::Result<void> check_parent(Context& context, Names names);

  [[nodiscard]] Reply propfind(Context& context);
  [[nodiscard]] base::Result<std::pair<std::string, PropertyResults>> describe_node(
      Context& context, const PropfindRequest& request, const Node& node, Path names);
  [[nodiscard]] Reply proppatch(Context& context);
  [[nodiscard]] Reply mkcol(Context& context);
  [[nodiscard]] Reply put(Context& context);
  [[nodiscard]] Reply remove(Context& context);
  [[nodiscard]] Reply transfer(Context& context);
  [[nodiscard]] Reply lock(Context& context);
  [[nodiscard]] Reply refresh(Context& context);
  [[nodiscard]] Reply unlock(Context& context);

  struct Method {
    std::string_view name;
    bool has_body;
    Reply (Folders::*run)(Context&);
  };
  static const Method kMethods[];

  LockTable locks_;
};

/// The path of a resource as it stands in hrefs; collections end in a slash (DAV-05).
[[nodiscard]] std::string folder_href(std::string_view owner, Names names, bool is_collection);

/// What a URL means: the user as prepared, and the names below the root. None: it is not below
/// kDavPrefix, or names no bare JID.
struct FolderPath {
  std::string owner;
  std::vector<std::string> names;
};
[[nodiscard]] std::optional<FolderPath> to_folder_path(std::span<const std::string> segments);

}  // namespace bellhop::webdav
