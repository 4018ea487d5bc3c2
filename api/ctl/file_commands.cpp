#include "api/ctl/file_commands.hpp"

#include <algorithm>
#include <limits>
#include <ostream>

#include "api/ctl/bulk_change.hpp"
#include "api/ctl/client.hpp"
#include "api/ctl/command_tree.hpp"
#include "api/ctl/file_view.hpp"
#include "api/ctl/names.hpp"
#include "api/ctl/proto_time.hpp"
#include "bellhop/admin/v1/file_service.grpc.pb.h"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Files = v1::FileService::Stub;

constexpr std::uint64_t kPageMax = 1'000;  // of the API; more files come in further pages

// ---- list ----

struct ListOptions {
  FileChoice choice;
  std::string sort = "age";
  std::uint64_t limit = 0;  // 0: all
};

std::string order_by_of(std::string_view sort) {
  if (sort == "size") return "size_bytes desc";
  return sort == "newest" ? "create_time desc" : "";
}

// Calls `take` with page after page, until there are as many as wanted.
grpc::Status for_each_page(Client& client, const ListOptions& options,
                           const std::function<void(v1::ListFilesResponse&)>& take) {
  v1::ListFilesRequest request;
  request.set_filter(to_filter(options.choice));
  request.set_order_by(order_by_of(options.sort));
  std::uint64_t left =
      options.limit == 0 ? std::numeric_limits<std::uint64_t>::max() : options.limit;
  while (true) {
    request.set_page_size(static_cast<std::int32_t>(std::min(left, kPageMax)));
    // The page size is no part of what a token is bound to.
    v1::ListFilesResponse page;
    const grpc::Status status = client.call(&Files::ListFiles, request, page);
    if (!status.ok()) return status;
    left -= std::min(left, static_cast<std::uint64_t>(page.files_size()));
    take(page);
    if (page.next_page_token().empty() || left == 0) return status;
    request.set_page_token(page.next_page_token());
  }
}

ExitCode list_files(Client& client, const ListOptions& options) {
  v1::ListFilesResponse all;
  Table table = file_table();
  std::uint64_t count = 0;
  const grpc::Status status = for_each_page(client, options, [&](v1::ListFilesResponse& page) {
    count += static_cast<std::uint64_t>(page.files_size());
    if (client.is_json()) {
      all.MergeFrom(page);
      return;
    }
    for (const v1::File& file : page.files()) add_file_row(table, file, client.now());
    table.print(client.out(), client.style());
    client.out().flush();
  });
  if (!status.ok()) return client.report(status);
  all.clear_next_page_token();
  if (client.is_json()) client.print_json(all);
  const bool is_cut = options.sort != "age" && options.limit == 0 && count == kPageMax;
  if (is_cut) client.note("only the first 1000 are sorted and shown");
  return ExitCode::ok;
}

// ---- show, link, expire ----

struct NameOptions {
  std::string name;
};

// The API's name of what was typed: a name, short or whole, or a link.
grpc::Status resolve(Client& client, const std::string& text, std::string& name) {
  if (!is_link(text)) {
    name = full_name(kFilePrefix, text);
    return grpc::Status::OK;
  }
  v1::LookUpLinkRequest request;
  request.set_link(text.starts_with('/') || text.find("://") != std::string::npos ? text
                                                                                  : "/" + text);
  v1::LookUpLinkResponse response;
  const grpc::Status status = client.call(&Files::LookUpLink, request, response);
  if (status.ok()) name = response.file().name();
  return status;
}

ExitCode print_file(const Client& client, const google::protobuf::Message& response,
                    const v1::File& file) {
  if (client.is_json()) {
    client.print_json(response);
  } else {
    file_fields(file, client.now()).print(client.out(), client.style());
  }
  return ExitCode::ok;
}

ExitCode show_file(Client& client, const NameOptions& options) {
  v1::GetFileRequest request;
  grpc::Status status = resolve(client, options.name, *request.mutable_name());
  v1::GetFileResponse response;
  if (status.ok()) status = client.call(&Files::GetFile, request, response);
  if (!status.ok()) return client.report(status);
  return print_file(client, response, response.file());
}

ExitCode print_link(Client& client, const NameOptions& options) {
  v1::GetFileLinkRequest request;
  request.set_name(full_name(kFilePrefix, options.name));
  v1::GetFileLinkResponse response;
  const grpc::Status status = client.call(&Files::GetFileLink, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
  } else {
    client.out() << clean(response.link()) << '\n';
  }
  return ExitCode::ok;
}

struct ExpireOptions {
  std::string name;
  std::string when;
};

ExitCode expire_file(Client& client, const ExpireOptions& options) {
  v1::UpdateFileRequest request;
  request.mutable_update_mask()->add_paths("expire_time");
  if (options.when != "never") {
    const auto moment = parse_future(options.when, client.now());
    if (!moment) return client.refuse("WHEN: " + moment.error().detail());
    *request.mutable_file()->mutable_expire_time() = to_timestamp(*moment);
  }
  grpc::Status status = resolve(client, options.name, *request.mutable_file()->mutable_name());
  v1::UpdateFileResponse response;
  if (status.ok()) status = client.call(&Files::UpdateFile, request, response);
  if (!status.ok()) return client.report(status);
  return print_file(client, response, response.file());
}

// ---- delete ----

struct DeleteOptions {
  std::vector<std::string> names;
  FileChoice choice;
  BulkOptions matching;
};

std::string count_of_files(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " file" : " files");
}

ExitCode delete_one(Client& client, const std::string& text) {
  v1::DeleteFileRequest request;
  grpc::Status status = resolve(client, text, *request.mutable_name());
  v1::DeleteFileResponse response;
  if (status.ok()) status = client.call(&Files::DeleteFile, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json_line(response);
  } else {
    client.out() << "deleted " << file_line(response.file()) << '\n' << std::flush;
  }
  return ExitCode::ok;
}

ExitCode delete_filtered(Client& client, const BulkOptions& options) {
  BulkChange<v1::DeleteFilesResponse> change;
  change.call = [&](std::uint64_t expected, bool validate_only, auto& response) {
    v1::DeleteFilesRequest request;
    request.set_filter(options.filter);
    request.set_validate_only(validate_only);
    request.set_expected_count(expected);
    return client.call(&Files::DeleteFiles, request, response);
  };
  change.count_of = [](const v1::DeleteFilesResponse& response) -> std::uint64_t {
    return response.file_count();
  };
  change.describe = [](const v1::DeleteFilesResponse& response) {
    return count_of_files(response.file_count()) + ", " + format_bytes(response.size_bytes());
  };
  change.question = "Delete";
  change.done = "deleted";
  change.would = "would delete";
  return change_matching(client, options, change);
}

ExitCode delete_files(Client& client, const DeleteOptions& options) {
  BulkOptions matching = options.matching;
  matching.filter = to_filter(options.choice);
  if (options.names.empty() == matching.filter.empty()) {
    return client.refuse(
        "name the files to delete, or say which: --owner, --older-than, --larger-than or a"
        " --filter (name:* is all of them)");
  }
  if (!matching.filter.empty()) return delete_filtered(client, matching);
  if (matching.is_dry_run || matching.expected_count != 0) {
    return client.refuse("--dry-run and --expect go with --filter and its like");
  }
  const std::string question = "Delete " + count_of_files(options.names.size()) + "?";
  return change_named(client, options.names, question, delete_one);
}

// ---- usage ----

struct UsageOptions {
  std::int32_t owner_count = 10;
};

ExitCode show_storage(Client& client, const UsageOptions& options) {
  v1::GetStorageRequest request;
  request.set_owner_count(options.owner_count);
  v1::GetStorageResponse response;
  const grpc::Status status = client.call(&Files::GetStorage, request, response);
  if (!status.ok()) return client.report(status);
  if (client.is_json()) {
    client.print_json(response);
    return ExitCode::ok;
  }
  if (!response.is_offered()) {
    client.out() << "no component offers uploads\n";
    return ExitCode::ok;
  }
  const auto amount = [](std::uint64_t files, std::uint64_t bytes) {
    return count_of_files(files) + ", " + format_bytes(bytes);
  };
  FieldList fields;
  fields.add("taken", amount(response.file_count(), response.size_bytes()));
  fields.add("not uploaded yet", amount(response.expected_file_count(), response.expected_bytes()));
  fields.add("disk", {format_bytes(response.disk_free_bytes()) + " free, of which " +
                          format_bytes(response.disk_reserve_bytes()) + " are kept free",
                      response.disk_free_bytes() <= response.disk_reserve_bytes() ? Tone::bad
                                                                                  : Tone::plain});
  fields.add("owners", std::to_string(response.owner_count()));
  fields.print(client.out(), client.style());
  Table table({{.title = "OWNER", .may_cut = true},
               {.title = "FILES", .align = Align::right},
               {.title = "BYTES", .align = Align::right}});
  for (const v1::StorageUse& use : response.largest_owners()) {
    table.add({use.owner(), std::to_string(use.file_count()), format_bytes(use.size_bytes())});
  }
  table.print(client.out(), client.style());
  return ExitCode::ok;
}

// ---- the tree ----

constexpr const char* kFilterHelp =
    "which ones: 'media_type:\"video/*\" AND size_bytes > 1M'; over name, owner, domain, origin,"
    " purpose, display_name, media_type, state, size_bytes, age_seconds, expires_seconds, sha256";
constexpr const char* kFileHelp = "its id, with or without files/, or a link";

void add_choice(const Command& command, FileChoice& choice) {
  command.add_option("--owner", choice.owner, "files of a user, or of all users of a domain")
      .call_value("JID|DOMAIN")
      .refuse_empty();
  command.add_duration("--older-than", choice.older_than, "stored longer ago");
  command.add_size("--larger-than", choice.larger_than, "with more bytes");
  command.add_option("--filter", choice.filter, kFilterHelp).call_value("FILTER").refuse_empty();
}

void add_list(CommandTree& tree, const Command& file) {
  const auto [command, options] = tree.verb<ListOptions>(
      file,
      {.name = "list",
       .summary = "Files of the store, oldest first; granted slots too.",
       .example = "bellhopctl file list --sort size --limit 20\n"
                  "bellhopctl file list --owner alice@example.org --older-than 30d"},
      list_files);
  add_choice(command, options.choice);
  command.add_option("--limit", options.limit, "at most so many; default: all").call_value("N");
  command.add_option("--sort", options.sort, "largest first, oldest (age) or newest")
      .accept_words({"size", "age", "newest"});
}

void add_named(CommandTree& tree, const Command& file) {
  const auto shown =
      tree.verb<NameOptions>(file,
                             {.name = "show",
                              .summary = "All that is known of one file, or of a link's.",
                              .example = "bellhopctl file show https://files.example.org/f/…"},
                             show_file);
  shown.command.add_option("FILE", shown.options.name, kFileHelp)
      .require()
      .call_value("")
      .offer_names("files");
  const auto linked = tree.verb<NameOptions>(
      file,
      {.name = "link",
       .summary = "The link of a file, with which anybody can fetch it. Is audited.",
       .example = "bellhopctl file link 5o0cUhDPqWm1Ue5Cq3wZBA"},
      print_link);
  linked.command.add_option("FILE", linked.options.name, "its id, with or without files/")
      .require()
      .call_value("")
      .offer_names("files");
  const auto expired =
      tree.verb<ExpireOptions>(file,
                               {.name = "expire",
                                .summary = "Changes when a file goes by itself.",
                                .example = "bellhopctl file expire 5o0cUhDPqWm1Ue5Cq3wZBA 7d\n"
                                           "bellhopctl file expire 5o0cUhDPqWm1Ue5Cq3wZBA never"},
                               expire_file);
  expired.command.add_option("FILE", expired.options.name, kFileHelp)
      .require()
      .call_value("")
      .offer_names("files");
  expired.command.add_option("WHEN", expired.options.when, "7d from now, a date and time, or never")
      .require()
      .call_value("")
      .offer_words({"never"});
}

void add_delete(CommandTree& tree, const Command& file) {
  const auto [command, options] = tree.verb<DeleteOptions>(
      file,
      {.name = "delete",
       .summary = "Deletes files: those named, or those that match. Asks.",
       .example = "bellhopctl file delete https://files.example.org/f/…\n"
                  "bellhopctl file delete --owner mallory@example.org --yes"},
      delete_files);
  command.add_option("FILE", options.names, "ids, with or without files/, or links")
      .call_value("")
      .offer_names("files");
  add_choice(command, options.choice);
  command
      .add_option("--expect", options.matching.expected_count,
                  "delete none unless exactly so many match")
      .call_value("N");
  command.add_flag("--dry-run", options.matching.is_dry_run, "only count them");
}

}  // namespace

void add_file_commands(CommandTree& tree) {
  const Command file = tree.noun(tree.root(), "file", "The file store: look, expire, delete.");
  add_list(tree, file);
  add_named(tree, file);
  add_delete(tree, file);
  const auto [command, options] =
      tree.verb<UsageOptions>(file,
                              {.name = "usage",
                               .summary = "How full the store is, and whose files fill it.",
                               .example = "bellhopctl file usage --owners 20"},
                              show_storage);
  command.add_option("--owners", options.owner_count, "show so many, those with the most bytes")
      .call_value("N")
      .limit(1, 1000);
}

}  // namespace bellhop::ctl
