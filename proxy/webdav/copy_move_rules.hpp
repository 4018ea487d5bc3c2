// Whether a COPY or MOVE may be done, and how it is answered (RFC 4918 §9.8, §9.9). Pure decisions
// over facts; locks are LockTable's, and the If header comes before all of this (§10.4).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "proxy/webdav/dav_headers.hpp"

namespace bellhop::webdav {

/// What is mapped at a path.
enum class ResourceKind : std::uint8_t { unmapped, file, collection };

/// The two methods that have a Destination.
enum class TransferMethod : std::uint8_t { copy, move };

/// How two paths stand to each other.
enum class PathRelation : std::uint8_t {
  apart,
  same,
  destination_below_source,
  destination_above_source,
};

/// From decoded segments.
[[nodiscard]] PathRelation relate(std::span<const std::string> source,
                                  std::span<const std::string> destination);

/// What must be known of a request whose Destination is on this server.
struct TransferFacts {
  TransferMethod method;
  PathRelation relation;
  ResourceKind source;
  ResourceKind destination;
  ResourceKind destination_parent;
  std::optional<std::string_view> depth = std::nullopt;      ///< header as it came
  std::optional<std::string_view> overwrite = std::nullopt;  ///< header as it came
};

/// What is to be done, once the locks allow it.
struct TransferPlan {
  bool includes_members;  ///< false only for COPY of a collection with Depth 0, and for files
  bool
      deletes_destination;  ///< with everything below it, first: nothing is merged (DAV-30, DAV-31)
  int success_status;       ///< 201 for a new URL, 204 for one that was mapped
};

/// Errors, in this order: errors::source_missing; bad_depth, bad_overwrite; same_resource,
/// into_itself, over_ancestor; parent_missing, parent_not_collection; destination_exists (DAV-29 to
/// DAV-33).
[[nodiscard]] base::Result<TransferPlan> plan_transfer(const TransferFacts& facts);

}  // namespace bellhop::webdav
