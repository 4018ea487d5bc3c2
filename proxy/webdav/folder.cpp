#include "proxy/webdav/folder.hpp"

#include <algorithm>
#include <iterator>

#include "component/xmpp/date_time.hpp"
#include "component/xmpp/jid.hpp"
#include "proxy/http/conditions.hpp"
#include "proxy/http/http_date.hpp"
#include "proxy/http/media_type.hpp"
#include "proxy/http/percent.hpp"
#include "proxy/http/request_target.hpp"
#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/folder_context.hpp"
#include "proxy/webdav/multistatus.hpp"
#include "proxy/webdav/propfind_request.hpp"
#include "proxy/webdav/shared_file.hpp"

namespace bellhop::webdav {
namespace {

using base::Error;
using base::Result;

std::chrono::sys_seconds at(files::Second second) {
  return std::chrono::sys_seconds(std::chrono::seconds(second));
}

std::optional<std::string_view> view(const FolderRequest::Header& header) {
  if (!header) return std::nullopt;
  return std::string_view(*header);
}

// Whether a URL in a header is of the server that was asked.
bool is_here(const http::RequestTarget& target, const http::Authority& host) {
  return target.form != http::TargetForm::absolute || target.authority == host;
}

}  // namespace

std::string folder_href(std::string_view owner, Names names, bool is_collection) {
  http::Path path;
  path.segments = {std::string(kDavPrefix), std::string(owner)};
  path.segments.insert(path.segments.end(), names.begin(), names.end());
  path.has_trailing_slash = is_collection;
  return http::make_path(path);
}

std::optional<FolderPath> to_folder_path(std::span<const std::string> segments) {
  if (segments.size() < 2 || segments[0] != kDavPrefix) return std::nullopt;
  const auto jid = xmpp::Jid::parse(segments[1]);
  if (!jid || jid->has_resource()) return std::nullopt;
  return FolderPath{jid->text(), {segments.begin() + 2, segments.end()}};
}

const Folders::Method Folders::kMethods[] = {
    // name, may have a body, what it does
    {"PROPFIND", true, &Folders::propfind}, {"PROPPATCH", true, &Folders::proppatch},
    {"MKCOL", false, &Folders::mkcol},      {"PUT", false, &Folders::put},
    {"DELETE", false, &Folders::remove},    {"COPY", false, &Folders::transfer},
    {"MOVE", false, &Folders::transfer},    {"LOCK", true, &Folders::lock},
    {"UNLOCK", false, &Folders::unlock},
};

bool Folders::knows(std::string_view method) {
  return std::ranges::find(kMethods, method, &Method::name) != std::end(kMethods);
}

void Folders::forget(const std::string& owner) {
  const Path root{owner};
  locks_.remove_rooted(root, LockTable::Removal::with_root);
}

// A method that finds out late that it must refuse may have written something: it is undone alone,
// as the transaction has changes of others.
Result<FolderReply> Folders::answer(store::Database& database, const FolderRequest& request) {
  Context context{request, FolderTree(database, request.owner)};
  if (is_reading(request.method)) return dispatch(context);
  if (const auto begun = database.run("SAVEPOINT dav"); !begun) return begun.error();
  auto reply = dispatch(context);
  if (!reply) {
    if (const auto undone = database.run("ROLLBACK TO dav"); !undone) return undone.error();
  }
  if (const auto ended = database.run("RELEASE dav"); !ended) return ended.error();
  return reply;
}

Result<FolderReply> Folders::dispatch(Context& context) {
  const FolderRequest& request = context.request;
  const auto method = std::ranges::find(kMethods, request.method, &Method::name);
  if (method == std::end(kMethods)) return Error(errors::method_not_allowed);
  // DAV-04, DAV-25
  if (!method->has_body && !request.body.empty()) return Error(errors::unexpected_body);
  auto node = context.tree.find(request.names);
  if (!node) return node.error();
  context.node = std::move(*node);
  if (const auto holds = check_conditions(context); !holds) return holds.error();
  return (this->*method->run)(context);
}

// RFC 4918 §10.4, RFC 9110 §13: before anything that the method itself would say.
Result<void> Folders::check_conditions(Context& context) {
  const FolderRequest& request = context.request;
  if (request.if_header) {
    auto header = parse_if(*request.if_header);
    if (!header) return header.error();
    context.tokens = header->submitted_tokens();
    context.if_header = std::move(*header);
    // A refresh only names a lock; whether it is this resource's is told apart (§9.10.6).
    const bool is_refresh = request.method == "LOCK" && request.body.empty();
    const auto holds = is_refresh ? Result<bool>(true) : if_holds(context, *context.if_header);
    if (!holds) return holds.error();
    if (!*holds) return Error(errors::if_failed);
  }
  http::Validators validators;
  const bool is_file = context.node && context.node->file;
  if (is_file) {
    validators.entity_tag = http::EntityTag::parse(context.node->entity_tag);
    validators.last_modified = at(context.node->modified);
  }
  const http::ConditionFields fields{view(request.if_match), view(request.if_unmodified_since),
                                     view(request.if_none_match), std::nullopt};
  const auto verdict = http::evaluate_conditions(
      http::MethodKind::other, fields, context.node ? &validators : nullptr, at(request.now));
  if (verdict != http::Verdict::go_on) return Error(errors::precondition_failed);
  return {};
}

Result<bool> Folders::if_holds(Context& context, const IfHeader& header) {
  std::optional<Error> failure;
  const auto state_of = [&](std::string_view resource) -> std::optional<IfState> {
    Path names = context.request.names;
    std::optional<Node> node = context.node;
    if (!resource.empty()) {
      const auto target = http::parse_destination(resource);
      if (!target || !is_here(*target, context.request.host)) return std::nullopt;
      auto path = to_folder_path(target->path.segments);
      if (!path || path->owner != context.request.owner) return std::nullopt;
      auto found = context.tree.find(path->names);
      if (!found) {
        failure = found.error();
        return std::nullopt;
      }
      names = std::move(path->names);
      node = std::move(*found);
    }
    IfState state;
    if (node) state.etag = node->entity_tag;
    const Path path = context.path_of(names);
    for (const Lock* lock : locks_.covering(path, context.request.steady_now)) {
      state.tokens.push_back(lock->token);
    }
    return state;
  };
  const bool is_true = holds(header, state_of);
  if (failure) return *failure;
  return is_true;
}

// DAV-45: 423 with what stands in the way; of locks below the resource a Multi-Status (DAV-27).
std::optional<FolderReply> Folders::blocked(const Context& context,
                                            const LockedChange& change) const {
  const Submission submission{context.request.owner, context.tokens};
  const auto locks = locks_.blocking(change, submission, context.request.steady_now);
  if (locks.empty()) return std::nullopt;
  std::vector<std::string> hrefs;
  bool is_below = true;
  for (const Lock* lock : locks) {
    if (is_at_or_below(change.path, lock->root)) is_below = false;
    if (std::ranges::find(hrefs, lock->root_href) == hrefs.end()) hrefs.push_back(lock->root_href);
  }
  const errors::HttpRow* row = errors::find_row(errors::locked);
  FolderReply reply{.status = row->status};
  if (!is_below) {
    reply.body = error_body(row->condition, hrefs);
    return reply;
  }
  Multistatus body(kAnswerBytesMax);
  for (const std::string& href : hrefs) {
    const std::vector<std::string> one{href};
    if (!body.add_status(href, row->status, row->condition, one)) break;
  }
  reply.status = 207;
  reply.body = std::move(body).finish();
  return reply;
}

// DAV-07
Result<void> Folders::check_parent(Context& context, Names names) {
  const auto parent = context.tree.find(names.first(names.size() - 1));
  if (!parent) return parent.error();
  if (!*parent) return Error(errors::parent_missing);
  if (!(*parent)->is_collection()) return Error(errors::parent_not_collection);
  return {};
}

Result<std::pair<std::string, PropertyResults>> Folders::describe_node(
    Context& context, const PropfindRequest& request, const Node& node, Path names) {
  const auto dead = context.tree.properties(node);
  if (!dead) return dead.error();
  ResourceFacts facts;
  facts.href = folder_href(context.request.owner, names, node.is_collection());
  facts.is_collection = node.is_collection();
  facts.size = node.size;
  if (node.file) facts.content_type = node.type.empty() ? http::kOctetStream : node.type;
  facts.etag = node.entity_tag;
  facts.created = xmpp::format_date_time(at(node.created));
  facts.modified = http::format_http_date(at(node.modified));
  if (node.is_collection()) {
    facts.quota_used = context.request.quota_used;
    facts.quota_available = context.request.quota_available;
  }
  facts.owner_href = "xmpp:" + http::encode_percent(context.request.owner, "-._~@");
  const Path path = context.path_of(names);
  for (const Lock* lock : locks_.covering(path, context.request.steady_now)) {
    facts.locks.push_back(describe(*lock, context.request.owner, context.request.steady_now));
  }
  facts.jid_list = jid_list_of(*dead);
  return std::pair(facts.href, answer_propfind(request, facts, *dead));
}

Result<FolderReply> Folders::propfind(Context& context) {
  const auto request = parse_propfind(context.request.body);
  if (!request) return request.error();
  const auto depth = parse_depth(view(context.request.depth), DepthRule::any);
  if (!depth) return depth.error();
  if (!context.node) return Error(errors::source_missing);
  const bool is_collection = context.node->is_collection();
  if (is_collection && *depth == Depth::infinity) return Error(errors::finite_depth);
  Multistatus body(kAnswerBytesMax);
  const auto add = [&](const Node& node, Path names) -> Result<void> {
    auto described = describe_node(context, *request, node, std::move(names));
    if (!described) return described.error();
    return body.add_properties(described->first, described->second);
  };
  if (const auto added = add(*context.node, context.request.names); !added) return added.error();
  if (is_collection && *depth == Depth::one) {
    const auto members = context.tree.members(*context.node);
    if (!members) return members.error();
    for (const Node& member : *members) {
      Path names = context.request.names;
      names.push_back(member.name);
      if (const auto added = add(member, std::move(names)); !added) return added.error();
    }
  }
  FolderReply reply{.status = 207, .body = std::move(body).finish()};
  // DAV-06
  if (is_collection && !context.request.has_trailing_slash) {
    reply.fields.emplace_back("Content-Location", context.href());
  }
  return reply;
}

}  // namespace bellhop::webdav
