// The methods that change a folder, and those of locks.
#include <algorithm>
#include <array>

#include "component/base/random.hpp"
#include "component/xmpp/digest.hpp"
#include "proxy/http/request_target.hpp"
#include "proxy/webdav/copy_move_rules.hpp"
#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/folder_context.hpp"
#include "proxy/webdav/lock_request.hpp"
#include "proxy/webdav/multistatus.hpp"
#include "proxy/webdav/proppatch_request.hpp"

namespace bellhop::webdav {
namespace {

using base::Error;
using base::Result;

std::optional<std::string_view> view(const FolderRequest::Header& header) {
  if (!header) return std::nullopt;
  return std::string_view(*header);
}

// RFC 4122 §4.4: version 4, variant 1 (DAV-53).
std::string make_lock_token() {
  std::string bytes = base::random_bytes(16);
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x40U);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);
  std::string text = xmpp::to_hex(bytes);
  for (const std::size_t place : {20, 16, 12, 8}) text.insert(place, "-");
  return "urn:uuid:" + text;
}

// Both spellings of jidlist are one property.
Result<void> apply(FolderTree& tree, const Node& node, const PropertyInstruction& instruction) {
  const XmlName& name = instruction.property.name;
  if (is_jid_list(name)) {
    for (const XmlName& spelling :
         {XmlName{std::string(xmpp::ns::kWebdavFiles), name.local}, name}) {
      if (auto removed = tree.remove_property(node, spelling); !removed) return removed;
    }
  }
  if (instruction.action == PropertyInstruction::Action::remove) {
    return tree.remove_property(node, name);
  }
  return tree.set_property(node, {name, to_xml(instruction.property)});
}

}  // namespace

Result<FolderReply> Folders::proppatch(Context& context) {
  const auto instructions = parse_proppatch(context.request.body);
  if (!instructions) return instructions.error();
  if (!context.node) return Error(errors::source_missing);
  if (auto reply = blocked(context, {.path = context.lock_path()})) return *reply;
  const auto outcomes = judge_instructions(*instructions, check_instruction);
  const bool is_possible = std::ranges::none_of(
      outcomes, [](const PropertyOutcome& outcome) { return outcome.error.has_value(); });
  if (is_possible) {
    if (const auto made = context.tree.make_root(context.request.now); !made) return made.error();
    auto node = context.tree.find(context.request.names);
    if (!node) return node.error();
    context.node = std::move(*node);
    for (const PropertyInstruction& instruction : *instructions) {
      const auto applied = apply(context.tree, *context.node, instruction);
      if (!applied) return applied.error();
    }
    if (const auto fits = context.tree.check_properties(*context.node); !fits) return fits.error();
  }
  Multistatus body(kAnswerBytesMax);
  const auto added = body.add_properties(context.href(), answer_proppatch(outcomes));
  if (!added) return added.error();
  return FolderReply{.status = 207, .body = std::move(body).finish()};
}

// DAV-25
Result<FolderReply> Folders::mkcol(Context& context) {
  const FolderRequest& request = context.request;
  if (context.node) return Error(errors::method_not_allowed);
  if (const auto parent = check_parent(context, request.names); !parent) return parent.error();
  const LockedChange change{.path = context.lock_path(), .changes_membership = true};
  if (auto reply = blocked(context, change)) return *reply;
  const auto added = context.tree.add(request.names, std::nullopt, request.now);
  if (!added) return added.error();
  return FolderReply{.status = 201};
}

// DAV-28
Result<FolderReply> Folders::put(Context& context) {
  const FolderRequest& request = context.request;
  if (request.has_trailing_slash || (context.node && context.node->is_collection())) {
    return Error(errors::method_not_allowed);
  }
  if (const auto parent = check_parent(context, request.names); !parent) return parent.error();
  const LockedChange change{.path = context.lock_path(), .changes_membership = !context.node};
  if (auto reply = blocked(context, change)) return *reply;
  if (!request.file) return FolderReply{.needs_file = true};
  if (!context.node) {
    const auto added = context.tree.add(request.names, request.file, request.now);
    if (!added) return added.error();
    return FolderReply{.status = 201};
  }
  auto unused = context.tree.replace(*context.node, *request.file, request.now);
  if (!unused) return unused.error();
  return FolderReply{.status = 204, .unused = std::move(*unused)};
}

// DAV-27
Result<FolderReply> Folders::remove(Context& context) {
  const FolderRequest& request = context.request;
  if (!context.node) return Error(errors::source_missing);
  if (context.node->is_collection()) {
    const auto depth = parse_depth(view(request.depth), DepthRule::infinity_only);
    if (!depth) return depth.error();
  }
  if (request.names.empty()) return Error(errors::root_stays);
  const LockedChange change{
      .path = context.lock_path(), .changes_membership = true, .includes_members = true};
  if (auto reply = blocked(context, change)) return *reply;
  auto unused = context.tree.remove(*context.node, request.now);
  if (!unused) return unused.error();
  locks_.remove_rooted(context.lock_path(), LockTable::Removal::with_root);
  return FolderReply{.status = 204, .unused = std::move(*unused)};
}

// COPY and MOVE: DAV-29 to DAV-33.
Result<FolderReply> Folders::transfer(Context& context) {
  const FolderRequest& request = context.request;
  const bool is_move = request.method == "MOVE";
  const auto target = http::parse_destination(request.destination.value_or(""));
  if (!target) return Error(errors::bad_destination);
  if (target->form == http::TargetForm::absolute && target->authority != request.host) {
    return Error(errors::foreign_destination);
  }
  const auto to = to_folder_path(target->path.segments);
  if (!to) return Error(errors::foreign_destination);
  if (to->owner != request.owner) return Error(errors::not_owner);
  const auto destination = context.tree.find(to->names);
  if (!destination) return destination.error();
  std::optional<Node> parent = Node{};
  if (!to->names.empty()) {
    auto found = context.tree.find(Names(to->names).first(to->names.size() - 1));
    if (!found) return found.error();
    parent = std::move(*found);
  }
  const Path from_path = context.lock_path();
  const Path to_path = context.path_of(to->names);
  const TransferFacts facts{is_move ? TransferMethod::move : TransferMethod::copy,
                            relate(from_path, to_path),
                            context.kind_of(context.node),
                            context.kind_of(*destination),
                            context.kind_of(parent),
                            view(request.depth),
                            view(request.overwrite)};
  const auto plan = plan_transfer(facts);
  if (!plan) return plan.error();
  if (is_move && request.names.empty()) return Error(errors::root_stays);
  const LockedChange leaves{
      .path = from_path, .changes_membership = true, .includes_members = true};
  if (is_move) {
    if (auto reply = blocked(context, leaves)) return *reply;
  }
  const LockedChange arrives{
      .path = to_path, .changes_membership = !*destination, .includes_members = true};
  if (auto reply = blocked(context, arrives)) return *reply;
  FolderReply reply{.status = plan->success_status};
  if (plan->deletes_destination && *destination) {
    auto unused = context.tree.remove(**destination, request.now);
    if (!unused) return unused.error();
    reply.unused = std::move(*unused);
  }
  const auto extent =
      plan->includes_members ? FolderTree::Extent::with_members : FolderTree::Extent::alone;
  const auto done = is_move ? context.tree.move(*context.node, to->names, request.now)
                            : context.tree.copy(*context.node, to->names, extent, request.now);
  if (!done) return done.error();
  // A destination that had a copy of the source's file: the file is in use again.
  if (!reply.unused.empty()) {
    auto unused = context.tree.still_unused(std::move(reply.unused));
    if (!unused) return unused.error();
    reply.unused = std::move(*unused);
  }
  // DAV-50: locks do not move, and what was replaced keeps its own alone (RFC 4918 §7.6).
  if (is_move) locks_.remove_rooted(from_path, LockTable::Removal::with_root);
  locks_.remove_rooted(to_path, LockTable::Removal::members_only);
  return reply;
}

// DAV-40, DAV-41, DAV-48
Result<FolderReply> Folders::lock(Context& context) {
  const FolderRequest& request = context.request;
  locks_.expire(request.steady_now);
  if (request.body.empty()) return refresh(context);
  auto wanted = parse_lock(request.body);
  if (!wanted) return wanted.error();
  const auto depth = parse_depth(view(request.depth), DepthRule::zero_or_infinity);
  if (!depth) return depth.error();
  const Path path = context.lock_path();
  const auto conflict = locks_.find_conflict(path, wanted->scope, *depth, request.steady_now);
  if (conflict) {
    const errors::HttpRow* row = errors::find_row(errors::lock_conflict);
    const std::vector<std::string> hrefs{conflict->lock.root_href};
    if (!conflict->is_below) {
      return FolderReply{.status = row->status, .body = error_body(row->condition, hrefs)};
    }
    Multistatus body(kAnswerBytesMax);
    if (auto added = body.add_status(hrefs.front(), row->status); !added) return added.error();
    const errors::HttpRow* rest = errors::find_row(errors::failed_dependency);
    if (auto added = body.add_status(context.href(), rest->status); !added) return added.error();
    return FolderReply{.status = 207, .body = std::move(body).finish()};
  }
  const bool is_new = !context.node;
  if (is_new) {
    if (request.has_trailing_slash) return Error(errors::parent_missing, "a collection to be");
    if (const auto parent = check_parent(context, request.names); !parent) return parent.error();
    const LockedChange change{.path = path, .changes_membership = true};
    if (auto reply = blocked(context, change)) return *reply;
    if (!request.file) return FolderReply{.needs_file = true};
    const auto added = context.tree.add(request.names, request.file, request.now);
    if (!added) return added.error();
  }
  Lock row;
  row.token = make_lock_token();
  row.scope = wanted->scope;
  row.depth = *depth;
  row.root = path;
  row.root_href = context.href();
  row.creator = request.owner;
  row.owner_xml = std::move(wanted->owner_xml);
  row.timeout = grant_timeout(view(request.timeout), {});
  const auto created = locks_.create(std::move(row), request.steady_now);
  if (!created) return created.error();
  const std::array shown{describe(*created, request.owner, request.steady_now)};
  FolderReply reply{.status = is_new ? 201 : 200, .body = lock_response_body(shown)};
  reply.fields.emplace_back("Lock-Token", "<" + created->token + ">");
  return reply;
}

// DAV-42
Result<FolderReply> Folders::refresh(Context& context) {
  const FolderRequest& request = context.request;
  const auto token = refreshed_token(context.if_header);
  if (!token) return token.error();
  const auto refreshed =
      locks_.refresh(*token, context.lock_path(), request.owner,
                     grant_timeout(view(request.timeout), {}), request.steady_now);
  if (!refreshed) return refreshed.error();
  const std::array shown{describe(*refreshed, request.owner, request.steady_now)};
  return FolderReply{.status = 200, .body = lock_response_body(shown)};
}

// DAV-44
Result<FolderReply> Folders::unlock(Context& context) {
  const FolderRequest& request = context.request;
  const auto token = parse_lock_token(view(request.lock_token));
  if (!token) return token.error();
  const auto ended = locks_.unlock(*token, context.lock_path(), request.owner,
                                   LockTable::Privilege::any_lock, request.steady_now);
  if (!ended) return ended.error();
  return FolderReply{.status = 204};
}

}  // namespace bellhop::webdav
