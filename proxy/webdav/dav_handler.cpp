#include "proxy/webdav/dav_handler.hpp"

#include <algorithm>

#include "proxy/files/download.hpp"
#include "proxy/files/errors.hpp"
#include "proxy/files/upload_body.hpp"
#include "proxy/http/basic_credentials.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/http/media_type.hpp"
#include "proxy/webdav/dav_answers.hpp"
#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/listing.hpp"
#include "proxy/webdav/xml_document.hpp"

namespace bellhop::webdav {
namespace {

using base::Error;
using base::Result;
using files::FileId;
using http::ResponseHead;
using runtime::Task;

constexpr std::size_t kBodyBytesMax = XmlLimits{}.bytes_max;
// Room is taken in such steps for a file whose length nobody has said; smaller ones near a quota.
constexpr std::uint64_t kStepBytes = 16 * 1024 * 1024;
constexpr std::uint64_t kStepBytesMin = 4 * 1024;
constexpr std::string_view kSessionKind = "dav";

FolderRequest::Header copy(const http::Request& request, std::string_view name) {
  const auto value = request.field(name);
  if (!value) return std::nullopt;
  return std::string(*value);
}

FolderRequest make_request(const http::Exchange& exchange, FolderPath path) {
  const http::Request& request = exchange.request();
  FolderRequest wanted{.method = std::string(request.method()),
                       .owner = std::move(path.owner),
                       .names = std::move(path.names),
                       .has_trailing_slash = request.target().path.has_trailing_slash};
  wanted.depth = copy(request, "Depth");
  wanted.destination = copy(request, "Destination");
  wanted.overwrite = copy(request, "Overwrite");
  wanted.if_header = copy(request, "If");
  wanted.timeout = copy(request, "Timeout");
  wanted.lock_token = copy(request, "Lock-Token");
  wanted.if_match = copy(request, "If-Match");
  wanted.if_none_match = copy(request, "If-None-Match");
  wanted.if_unmodified_since = copy(request, "If-Unmodified-Since");
  const auto port = http::default_port(exchange.is_https() ? "https" : "http");
  if (auto host = http::Authority::parse(request.field("Host").value_or(""), port)) {
    wanted.host = std::move(*host);
  }
  return wanted;
}

// False: it is larger, or the client is gone.
Task<bool> read_small_body(http::Exchange& exchange, std::string& body) {
  http::RequestReader& reader = exchange.reader();
  if (reader.has_body() && reader.expects_continue()) (void)co_await reader.send_continue();
  while (!reader.is_body_done()) {
    const auto piece = co_await reader.read_body(exchange.scratch());
    if (piece.empty()) co_return reader.is_body_done();
    if (body.size() + piece.size() > kBodyBytesMax) co_return false;
    body.append(piece.data(), piece.size());
    exchange.note_progress();
  }
  co_return true;
}

// What the client says it is; nonsense is as if it said nothing.
std::string type_of(const http::Request& request) {
  const auto sent = request.field("Content-Type");
  const auto type = http::MediaType::parse(sent.value_or(""));
  if (!type || type->essence() == http::kOctetStream) return {};
  return type->text();
}

}  // namespace

// One request, of a user or a guest.
struct DavHandler::Call {
  http::Exchange& exchange;
  files::FileWorker& worker;
  LoginCache& logins;
  files::Transfer* transfer = nullptr;
  bool is_answered = false;
  FolderRequest request = {};
};

DavHandler::DavHandler(Context context)
    : context_(std::move(context)),
      guests_({context_.store, context_.accounts, context_.confirmations, context_.control,
               context_.public_url}) {
  for (std::size_t i = 0; i < context_.workers; ++i) {
    logins_.push_back(std::make_unique<LoginCache>());
  }
}

Task<> DavHandler::handle(http::Exchange& exchange) {
  // Answered to anybody: clients ask before they have a password, and nothing is told but this.
  if (exchange.request().is("OPTIONS")) {
    ResponseHead head = dav_options_head();
    co_return co_await exchange.respond(std::move(head));
  }
  files::FileWorker& worker = context_.worker_of(exchange);
  Call call{exchange, worker, *logins_[worker.index]};
  // DAV-02: who it is comes before everything that a request might be refused for.
  auto outcome = co_await authenticate(call);
  if (outcome && !call.is_answered) outcome = co_await serve(call);
  if (outcome) co_return;
  worker.counters.count_refusal(worker.index + 1, outcome.error().kind());
  Answer answer = dav_refusal(outcome.error().kind());
  co_await exchange.respond(std::move(answer.head), std::move(answer.body));
}

// Who names the owner of the folder by the bare JID gives a password; anybody else is a guest.
Task<Result<void>> DavHandler::authenticate(Call& call) {
  http::Exchange& exchange = call.exchange;
  // DAV-11
  if (!exchange.is_https() && !is_loopback(exchange.client())) co_return Error(errors::needs_tls);
  auto credentials = http::parse_basic(exchange.request().field("Authorization").value_or(""));
  if (!credentials) co_return Error(http::errors::no_credentials);
  auto path = to_folder_path(exchange.request().target().path.segments);
  const auto jid = xmpp::Jid::parse(credentials->user);
  const bool is_own = path && jid && jid->text() == path->owner;
  if (path && !is_own) {
    GuestRequest request{std::move(*path), std::move(*credentials)};
    co_return co_await serve_guest(call, std::move(request));
  }
  if (path) call.request = make_request(exchange, std::move(*path));
  co_return co_await log_in(call, *credentials);
}

Task<Result<void>> DavHandler::log_in(Call& call, const http::BasicCredentials& credentials) {
  http::Exchange& exchange = call.exchange;
  auto jid = xmpp::Jid::parse(credentials.user);
  if (!jid || jid->has_resource()) co_return Error(errors::bad_login);
  config::Secret password = credentials.password;
  const auto known =
      co_await context_.accounts.log_in(call.logins, *jid, std::move(password), exchange.client());
  if (!known) co_return known;
  // What registration tells is the same address for everybody.
  if (exchange.request().target().path.segments.size() == 1) {
    ResponseHead head(307);
    head.add("Location", folder_href(jid->text(), {}, true));
    co_await exchange.respond(std::move(head));
    call.is_answered = true;
    co_return Result<void>();
  }
  if (call.request.owner.empty()) co_return Error(errors::source_missing);
  const std::string_view parent = call.worker.parent_of(jid->domain());
  const auto joined = co_await files::Transfer::join(call.worker.transfers, exchange, kSessionKind,
                                                     jid->text(), parent);
  if (!joined) co_return joined.error();
  call.transfer = *joined;
  co_return Result<void>();
}

// WDX-05
Task<Result<void>> DavHandler::serve_guest(Call& call, GuestRequest request) {
  using files::FileCounter;
  call.is_answered = true;
  const auto file = co_await guests_.admit(call.exchange, call.logins, std::move(request));
  auto& counters = call.worker.counters.events.of_shard(call.worker.index + 1);
  counters.add(file ? FileCounter::guests_let_in : FileCounter::guests_refused);
  if (!file) co_return file.error();
  co_return co_await send(call, *file);
}

Task<Result<void>> DavHandler::serve(Call& call) {
  const std::string& method = call.request.method;
  call.request.now = files::now_s();
  call.request.steady_now = base::Clock::now();
  if (method == "PUT") co_return co_await put(call);
  const bool is_get = method == "GET" || method == "HEAD";
  if (!is_get && !Folders::knows(method)) co_return Error(errors::method_not_allowed);
  const bool is_read = co_await read_small_body(call.exchange, call.request.body);
  if (!is_read) {
    call.exchange.close_after();
    co_return Error(errors::xml_too_large);
  }
  if (is_get) co_return co_await get(call);
  co_return co_await run_method(call);
}

Task<Result<void>> DavHandler::get(Call& call) {
  const FolderRequest& request = call.request;
  auto look = [&request](store::Database& database) {
    return FolderTree(database, request.owner).find(request.names);
  };
  auto found = co_await context_.store.look(std::move(look));
  if (!found) co_return found.error();
  if (!*found) co_return Error(errors::source_missing);
  Node node = std::move(**found);
  if (node.is_collection()) co_return co_await list(call, std::move(node));
  if (request.has_trailing_slash) co_return Error(errors::source_missing);
  co_return co_await send(call, *node.file);
}

Task<Result<void>> DavHandler::send(Call& call, FileId id) {
  files::FileCache::FilePtr file = call.worker.cache.find(id, files::now_s());
  if (!file) {
    auto opened = co_await context_.store.open(id);
    if (!opened) co_return opened.error();
    file = call.worker.cache.insert(std::move(*opened));
  }
  co_await files::send_file(call.worker, call.exchange, std::move(file), kSessionKind);
  co_return Result<void>();
}

// DAV-26, DAV-06
Task<Result<void>> DavHandler::list(Call& call, Node collection) {
  const FolderRequest& request = call.request;
  auto look = [&request, &collection](store::Database& database) {
    return FolderTree(database, request.owner).members(collection);
  };
  auto members = co_await context_.store.look(std::move(look));
  if (!members) co_return members.error();
  const std::string href = folder_href(request.owner, request.names, true);
  const std::string& title = request.names.empty() ? request.owner : request.names.back();
  std::string page = listing_page(title, href, *members);
  ResponseHead head = dav_page_head();
  if (!request.has_trailing_slash) head.add("Content-Location", href);
  co_await call.exchange.respond(std::move(head), std::move(page));
  co_return Result<void>();
}

Task<Result<FolderReply>> DavHandler::ask(Call& call) {
  auto look = [this, &call](store::Database& database) {
    return context_.folders.answer(database, call.request);
  };
  co_return co_await context_.store.look(std::move(look));
}

// A refusal is none of the transaction's business; a database that failed is.
Task<Result<FolderReply>> DavHandler::decide(Call& call) {
  Result<FolderReply> reply = Error(files::errors::store_failed);
  files::FileStore::TableChange change = [&](store::Database& database) -> Result<void> {
    reply = context_.folders.answer(database, call.request);
    const bool is_refused = !reply && errors::find_row(reply.error().kind()) != nullptr;
    if (!reply && !is_refused) return reply.error();
    return {};
  };
  const auto written = co_await context_.store.change(std::move(change));
  if (!written) co_return written.error();
  co_return reply;
}

Task<> DavHandler::drop(std::vector<FileId> files) {
  for (const FileId& id : files) {
    (void)co_await context_.store.remove(id, files::RemoveReason::by_user);
  }
}

Task<Result<void>> DavHandler::run_method(Call& call) {
  Result<FolderReply> reply = Error(files::errors::store_failed);
  if (Folders::is_reading(call.request.method)) {
    const files::Room room = co_await context_.store.room_of(call.request.owner);
    call.request.quota_used = room.used.bytes;
    call.request.quota_available = room.available_bytes;
    reply = co_await ask(call);
  } else {
    reply = co_await decide(call);
  }
  if (reply && reply->needs_file) {
    const auto made = co_await make_empty_file(call);
    if (!made) co_return made;
    reply = co_await decide(call);
    // Somebody else was quicker, or it is refused now.
    if (!reply || reply->status != 201) {
      std::vector<FileId> unused(1, *call.request.file);
      co_await drop(std::move(unused));
    }
  }
  if (!reply) co_return reply.error();
  co_return co_await answer(call, std::move(*reply));
}

Task<Result<void>> DavHandler::answer(Call& call, FolderReply reply) {
  std::vector<FileId> unused = std::move(reply.unused);
  co_await drop(std::move(unused));
  Answer answer = dav_answer(std::move(reply));
  co_await call.exchange.respond(std::move(answer.head), std::move(answer.body));
  co_return Result<void>();
}

// DAV-48
Task<Result<void>> DavHandler::make_empty_file(Call& call) {
  files::NewFile file;
  file.owner = call.request.owner;
  file.origin = files::FileOrigin::webdav;
  file.purpose = files::Purpose::permanent;
  file.name = call.request.names.back();
  const auto facts = co_await context_.store.reserve(std::move(file));
  if (!facts) co_return facts.error();
  auto writer = std::make_shared<files::Writer>();
  writer->evict = [] {};
  auto upload =
      co_await context_.store.begin(facts->id, files::UploadStart::anew, std::move(writer));
  if (!upload) co_return upload.error();
  const auto stored = co_await context_.store.finish(std::move(*upload));
  if (!stored) co_return stored.error();
  call.request.file = facts->id;
  co_return Result<void>();
}

// DAV-28: asked first, so that what will be refused is not sent; and again when the bytes are
// there.
Task<Result<void>> DavHandler::put(Call& call) {
  const http::Request& request = call.exchange.request();
  if (request.field("Content-Range")) co_return Error(errors::partial_put);
  auto reply = co_await ask(call);
  if (!reply) co_return reply.error();
  if (reply->needs_file) {
    const auto received = co_await receive(call);
    if (!received) co_return received;
    call.request.steady_now = base::Clock::now();
    call.request.now = files::now_s();
    reply = co_await decide(call);
    if (!reply || reply->status >= 300 || reply->status == 207) {
      std::vector<FileId> unused(1, *call.request.file);
      co_await drop(std::move(unused));
    }
    if (!reply) co_return reply.error();
  }
  co_return co_await answer(call, std::move(*reply));
}

Task<Result<void>> DavHandler::receive(Call& call) {
  http::Exchange& exchange = call.exchange;
  files::FileStore& store = context_.store;
  const auto length = exchange.reader().content_length();
  const bool is_counted = !length && exchange.reader().has_body();
  if (length.value_or(0) > store.settings().file_bytes_max) {
    exchange.close_after();
    co_return Error(files::errors::file_too_large);
  }
  files::NewFile file;
  file.owner = call.request.owner;
  file.origin = files::FileOrigin::webdav;
  file.purpose = files::Purpose::permanent;
  file.name = call.request.names.back();
  file.type = type_of(exchange.request());
  file.size = length.value_or(0);
  const auto facts = co_await store.reserve(std::move(file));
  if (!facts) co_return facts.error();
  const FileId id = facts->id;
  auto writer = std::make_shared<files::Writer>();
  writer->evict = [&shard = call.worker.shard, close = exchange.closer()] {
    runtime::asio::post(shard.executor(), close);
  };
  auto upload = co_await store.begin(id, files::UploadStart::anew, std::move(writer));
  if (!upload) co_return upload.error();
  if (exchange.reader().expects_continue()) (void)co_await exchange.reader().send_continue();
  std::optional<Error> no_room;
  files::MoreRoom more;
  if (is_counted) {
    more = [&store, &no_room, &id]() -> Task<std::uint64_t> {
      for (std::uint64_t step = kStepBytes; step >= kStepBytesMin; step /= 4) {
        const auto taken = co_await store.extend(id, step);
        if (taken) co_return step;
        no_room = taken.error();
      }
      co_return 0;
    };
  }
  files::PieceDigest digest(std::nullopt);
  const auto outcome = co_await files::receive_body(exchange, *call.transfer, *upload, facts->size,
                                                    digest, std::move(more));
  if (outcome != files::BodyOutcome::whole) {
    exchange.close_after();
    co_await store.leave(std::move(*upload));
    (void)co_await store.remove(id, files::RemoveReason::slot_lapsed);
    if (outcome == files::BodyOutcome::failed) co_return Error(files::errors::disk_full);
    if (outcome == files::BodyOutcome::too_long && no_room) co_return *no_room;
    co_return Error(files::errors::upload_broken);
  }
  const auto stored = co_await store.finish(std::move(*upload));
  if (!stored) co_return stored.error();
  call.request.file = id;
  co_return Result<void>();
}

}  // namespace bellhop::webdav
