#include "proxy/webdav/copy_move_rules.hpp"

#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/lock_table.hpp"

namespace bellhop::webdav {
namespace {

// RFC 4918 §9.8.3, §9.9.2; §10.2: of a file the header is ignored.
base::Result<Depth> depth_of(const TransferFacts& facts) {
  if (facts.source != ResourceKind::collection) return Depth::zero;
  return parse_depth(facts.depth, facts.method == TransferMethod::copy ? DepthRule::zero_or_infinity
                                                                       : DepthRule::infinity_only);
}

base::Result<void> check_relation(PathRelation relation, Depth depth) {
  switch (relation) {
    case PathRelation::apart:
      return {};
    case PathRelation::same:
      return base::Error(errors::same_resource);
    case PathRelation::destination_below_source:
      // RFC 4918 §9.8.3 warns of the recursion; the collection alone may well go there.
      if (depth == Depth::infinity) return base::Error(errors::into_itself);
      return {};
    case PathRelation::destination_above_source:
      // The destination is deleted first (§9.9.3), and the source would be with it.
      return base::Error(errors::over_ancestor);
  }
  return {};
}

// RFC 4918 §5.1: the namespace stays consistent.
base::Result<void> check_parent(ResourceKind parent) {
  if (parent == ResourceKind::unmapped) return base::Error(errors::parent_missing);
  if (parent == ResourceKind::file) return base::Error(errors::parent_not_collection);
  return {};
}

}  // namespace

PathRelation relate(std::span<const std::string> source, std::span<const std::string> destination) {
  const bool is_below = is_at_or_below(destination, source);
  const bool is_above = is_at_or_below(source, destination);
  if (is_below && is_above) return PathRelation::same;
  if (is_below) return PathRelation::destination_below_source;
  return is_above ? PathRelation::destination_above_source : PathRelation::apart;
}

base::Result<TransferPlan> plan_transfer(const TransferFacts& facts) {
  if (facts.source == ResourceKind::unmapped) return base::Error(errors::source_missing);
  const auto depth = depth_of(facts);
  if (!depth) return depth.error();
  const auto overwrite = parse_overwrite(facts.overwrite);
  if (!overwrite) return overwrite.error();
  if (auto related = check_relation(facts.relation, *depth); !related) return related.error();
  if (auto parent = check_parent(facts.destination_parent); !parent) return parent.error();

  const bool is_mapped = facts.destination != ResourceKind::unmapped;
  if (is_mapped && *overwrite == Overwrite::no) return base::Error(errors::destination_exists);
  return TransferPlan{.includes_members = *depth == Depth::infinity,
                      .deletes_destination = is_mapped,
                      .success_status = is_mapped ? 204 : 201};
}

}  // namespace bellhop::webdav
