#include "proxy/files/upload.hpp"

#include <unistd.h>

#include "proxy/files/errors.hpp"
#include "proxy/files/file_handler.hpp"
#include "proxy/files/upload_body.hpp"
#include "proxy/http/basic_credentials.hpp"
#include "proxy/http/content_disposition.hpp"
#include "proxy/http/content_range.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/http/media_type.hpp"
#include "proxy/http/tus.hpp"

namespace bellhop::files {
namespace {

using base::Error;
using http::ResponseHead;
using runtime::Task;
namespace http_errors = http::errors;

constexpr std::string_view kQueryToken = "slot=";

// HUP-24: the slot's header, or for clients of before XEP-0363 had headers the query.
base::Result<SlotClaims> claims_of(const FileWorker& worker, const http::Request& request) {
  std::string_view token;
  if (const auto authorization = request.field("Authorization")) {
    const auto bearer = http::parse_bearer(*authorization);
    if (!bearer) return bearer.error();
    token = *bearer;
  } else if (request.target().query && request.target().query->starts_with(kQueryToken)) {
    token = std::string_view(*request.target().query).substr(kQueryToken.size());
  } else {
    return Error(http_errors::no_credentials);
  }
  const auto claims = worker.store.tokens().read(token);
  if (!claims) return Error(errors::bad_slot);
  return *claims;
}

void add_upload_state(ResponseHead& head, std::uint64_t offset, std::uint64_t size) {
  allow_origins(head);
  head.add("Tus-Resumable", http::kTusVersion)
      .add("Upload-Offset", offset)
      .add("Upload-Length", size)
      .add("Cache-Control", "no-store");
}

// HUP-22, ROOM-13: only a type that says something else is refused; the type of a slot that has
// none is that of its upload.
base::Result<std::string> type_of(const FileFacts& facts, const http::Request& request) {
  const auto sent = request.field("Content-Type");
  if (!sent || sent->empty()) return facts.type;
  const auto type = http::MediaType::parse(*sent);
  if (!type) return type.error();
  if (facts.type.empty() || facts.type == http::kOctetStream) {
    return type->essence() == http::kOctetStream ? facts.type : type->text();
  }
  if (type->essence() == http::kOctetStream) return facts.type;
  const auto announced = http::MediaType::parse(facts.type);
  if (announced && !http::is_same_type(*announced, *type)) return Error(errors::wrong_type);
  return facts.type;
}

// One request that brings bytes.
struct Piece {
  UploadStart start = UploadStart::anew;
  std::uint64_t first = 0;
  std::optional<std::uint64_t> length = std::nullopt;  // none: chunked, counted
  bool is_tus = false;
  std::optional<http::UploadChecksum> checksum = std::nullopt;
};

// PUT: the whole file, or with Content-Range a part that begins where the upload stands.
base::Result<Piece> piece_of_put(const http::Exchange& exchange, std::uint64_t size) {
  Piece piece;
  piece.length = exchange.reader().content_length();
  const auto range_field = exchange.request().field("Content-Range");
  if (!range_field) {
    if (piece.length && *piece.length != size) return Error(errors::wrong_length);
    return piece;
  }
  const auto range = http::parse_content_range(*range_field);
  if (!range) return range.error();
  if (!range->range || (range->size && *range->size != size) || range->range->last >= size) {
    return Error(errors::wrong_length);
  }
  if (piece.length && *piece.length != range->range->length()) return Error(errors::wrong_length);
  piece.start = UploadStart::where_it_is;
  piece.first = range->range->first;
  piece.length = range->range->length();
  return piece;
}

// tus 1.0.0, "PATCH".
base::Result<Piece> piece_of_patch(const http::Exchange& exchange, std::uint64_t size) {
  const http::Request& request = exchange.request();
  if (request.field("Content-Type") != http::kTusContentType) return Error(errors::wrong_type);
  const auto offset = http::parse_upload_offset(request.field("Upload-Offset").value_or(""));
  if (!offset) return offset.error();
  Piece piece;
  piece.start = UploadStart::where_it_is;
  piece.is_tus = true;
  piece.first = *offset;
  piece.length = exchange.reader().content_length();
  // An offset behind the end is a wrong one, which is told with the right one later.
  if (*offset <= size && piece.length && *piece.length > size - *offset) {
    return Error(errors::wrong_length);
  }
  if (const auto checksum = request.field("Upload-Checksum")) {
    auto parsed = http::parse_upload_checksum(*checksum);
    if (!parsed) return parsed.error();
    piece.checksum = std::move(*parsed);
  }
  return piece;
}

Error error_of(BodyOutcome outcome) {
  if (outcome == BodyOutcome::too_long) return {errors::wrong_length, "more than announced"};
  if (outcome == BodyOutcome::failed) return {errors::disk_full};
  return {errors::upload_broken};
}

Task<> answer_progress(http::Exchange& exchange, std::uint64_t offset, std::uint64_t size,
                       bool is_tus) {
  // Whoever sends a file by Content-Range is told by 308 how much has come, as others do it.
  ResponseHead head(is_tus ? 204 : 308);
  add_upload_state(head, offset, size);
  if (!is_tus && offset > 0) head.add("Range", "bytes=0-" + std::to_string(offset - 1));
  co_await exchange.respond(std::move(head));
}

// Of a piece that was not begun. Whoever is told where the upload stands can go on there.
Task<> refuse_piece(FileWorker& worker, http::Exchange& exchange, Error error, std::uint64_t offset,
                    std::uint64_t size) {
  if (!error.is(errors::wrong_offset)) {
    co_return co_await refuse(worker, exchange, std::move(error));
  }
  worker.counters.count_refusal(worker.index + 1, error.kind());
  ResponseHead head(errors::status_of(error.kind()));
  add_upload_state(head, offset, size);
  co_await exchange.respond_text(std::move(head), error.kind().text);
}

// False: the bytes were not those announced, and are gone again.
Task<bool> keep_piece(FileWorker& worker, http::Exchange& exchange, Upload& upload,
                      std::uint64_t before, PieceDigest& digest) {
  if (digest.matches()) co_return true;
  if (::ftruncate(upload.fd.value(), static_cast<off_t>(before)) != 0) {
    exchange.log().write_limited(base::Severity::error, "file_truncate_failed",
                                 {{"file", upload.facts.id.text()}});
  }
  co_await worker.store.leave(std::move(upload));
  Error error(http_errors::checksum_mismatch);
  co_await refuse(worker, exchange, std::move(error));
  co_return false;
}

Task<> receive(FileWorker& worker, http::Exchange& exchange, Piece piece, SlotClaims claims) {
  auto writer = std::make_shared<Writer>();
  writer->evict = [&shard = worker.shard, close = exchange.closer()] {
    runtime::asio::post(shard.executor(), close);
  };
  auto upload = co_await worker.store.begin(claims.id, piece.start, std::move(writer));
  if (!upload) co_return co_await refuse(worker, exchange, upload.error());
  const std::uint64_t before = upload->offset;
  auto type = type_of(upload->facts, exchange.request());
  if (piece.is_tus) type = upload->facts.type;
  std::optional<Error> refusal;
  if (!type) refusal = type.error();
  if (piece.first != before) refusal = Error(errors::wrong_offset);
  const std::string_view parent = worker.parent_of(upload->facts.domain());
  const std::string owner = upload->facts.owner;
  Transfer* transfer = nullptr;
  if (!refusal) {
    const auto joined =
        co_await Transfer::join(worker.transfers, exchange, "upload", owner, parent);
    if (joined) {
      transfer = *joined;
    } else {
      refusal = joined.error();
    }
  }
  if (refusal) {
    co_await worker.store.leave(std::move(*upload));
    co_return co_await refuse_piece(worker, exchange, std::move(*refusal), before, claims.size);
  }
  upload->facts.type = std::move(*type);
  if (exchange.reader().expects_continue()) (void)co_await exchange.reader().send_continue();
  const std::uint64_t bytes_max = piece.length.value_or(claims.size - before);
  PieceDigest digest(piece.checksum);
  const auto outcome = co_await receive_body(exchange, *transfer, *upload, bytes_max, digest);
  if (outcome != BodyOutcome::whole) {
    exchange.close_after();
    co_await worker.store.leave(std::move(*upload));
    co_return co_await refuse(worker, exchange, error_of(outcome));
  }
  const bool is_kept = co_await keep_piece(worker, exchange, *upload, before, digest);
  if (!is_kept) co_return;
  const std::uint64_t offset = upload->offset;
  if (offset < claims.size) {
    co_await worker.store.leave(std::move(*upload));
    // HUP-21: without a length and short.
    if (piece.start == UploadStart::anew) {
      Error error(errors::upload_broken, "short");
      co_return co_await refuse(worker, exchange, std::move(error));
    }
    co_return co_await answer_progress(exchange, offset, claims.size, piece.is_tus);
  }
  const auto stored = co_await worker.store.finish(std::move(*upload));
  if (!stored) co_return co_await refuse(worker, exchange, stored.error());
  if (piece.is_tus) co_return co_await answer_progress(exchange, offset, claims.size, true);
  ResponseHead head(201);
  allow_origins(head);
  co_await exchange.respond(std::move(head));
}

Task<> answer_put(FileWorker& worker, http::Exchange& exchange, SlotClaims claims) {
  const auto range_field = exchange.request().field("Content-Range");
  if (range_field) {
    const auto range = http::parse_content_range(*range_field);
    // `bytes */N`: how much has come?
    if (range && !range->range && range->size == claims.size) {
      const auto offset = co_await worker.store.offset_of(claims.id);
      // All of it: whoever asks has lost the answer that said so.
      if (!offset && offset.error().is(errors::slot_used)) {
        ResponseHead head(200);
        allow_origins(head);
        co_return co_await exchange.respond(std::move(head));
      }
      if (!offset) co_return co_await refuse(worker, exchange, offset.error());
      co_return co_await answer_progress(exchange, *offset, claims.size, false);
    }
  }
  auto piece = piece_of_put(exchange, claims.size);
  if (!piece) co_return co_await refuse(worker, exchange, piece.error());
  co_await receive(worker, exchange, std::move(*piece), claims);
}

Task<> answer_patch(FileWorker& worker, http::Exchange& exchange, SlotClaims claims) {
  auto piece = piece_of_patch(exchange, claims.size);
  if (!piece) co_return co_await refuse(worker, exchange, piece.error());
  co_await receive(worker, exchange, std::move(*piece), claims);
}

// tus 1.0.0, "HEAD". A file that is whole has all its bytes.
Task<> answer_offset(FileWorker& worker, http::Exchange& exchange, SlotClaims claims) {
  auto offset = co_await worker.store.offset_of(claims.id);
  if (!offset && offset.error().is(errors::slot_used)) offset = claims.size;
  if (!offset) co_return co_await refuse(worker, exchange, offset.error());
  ResponseHead head(200);
  add_upload_state(head, *offset, claims.size);
  co_await exchange.respond(std::move(head));
}

// tus 1.0.0, "Creation": the slot is the permission, so its URL is where the upload is.
Task<> answer_creation(FileWorker& worker, http::Exchange& exchange, SlotClaims claims,
                       std::string path) {
  const auto length =
      http::parse_upload_length(exchange.request().field("Upload-Length").value_or(""));
  if (!length) co_return co_await refuse(worker, exchange, length.error());
  if (*length != claims.size) {
    Error error(errors::wrong_length);
    co_return co_await refuse(worker, exchange, std::move(error));
  }
  const auto facts = co_await worker.store.find(claims.id);
  if (!facts) co_return co_await refuse(worker, exchange, facts.error());
  ResponseHead head(201);
  add_upload_state(head, 0, claims.size);
  const auto expires = std::chrono::sys_seconds(std::chrono::seconds(facts->expires));
  head.add("Location", path).add("Upload-Expires", http::format_upload_expires(expires));
  co_await exchange.respond(std::move(head));
}

// tus 1.0.0, "Termination"; of a stored file too: whoever could upload it may take it back.
Task<> answer_delete(FileWorker& worker, http::Exchange& exchange, SlotClaims claims) {
  const auto removed = co_await worker.store.remove(claims.id, RemoveReason::by_user);
  if (!removed) co_return co_await refuse(worker, exchange, removed.error());
  worker.cache.remove(claims.id);
  ResponseHead head(204);
  allow_origins(head);
  head.add("Tus-Resumable", http::kTusVersion);
  co_await exchange.respond(std::move(head));
}

}  // namespace

bool is_upload(const http::Request& request) {
  if (request.is("GET")) return false;
  return !request.is("HEAD") || request.field("Tus-Resumable").has_value();
}

Task<> answer_upload(FileWorker& worker, http::Exchange& exchange, FileId id, std::string name) {
  const http::Request& request = exchange.request();
  const auto claims = claims_of(worker, request);
  if (!claims) co_return co_await refuse(worker, exchange, claims.error());
  if (claims->id != id) {
    Error error(errors::bad_slot, "of another file");
    co_return co_await refuse(worker, exchange, std::move(error));
  }
  const auto facts = co_await worker.store.find(id);
  if (!facts || link_name(*facts) != name) {
    Error error(errors::bad_slot, "lapsed, or another name");
    co_return co_await refuse(worker, exchange, std::move(error));
  }
  if (request.is("PUT")) co_return co_await answer_put(worker, exchange, *claims);
  if (request.is("DELETE")) co_return co_await answer_delete(worker, exchange, *claims);
  if (const auto version = http::check_tus_version(request.field("Tus-Resumable")); !version) {
    ResponseHead head = head_of(version.error().kind());
    head.add("Tus-Version", http::kTusVersion);
    co_return co_await exchange.respond(std::move(head));
  }
  if (request.is("HEAD")) co_return co_await answer_offset(worker, exchange, *claims);
  if (request.is("PATCH")) co_return co_await answer_patch(worker, exchange, *claims);
  std::string path = http::make_path(request.target().path);
  co_await answer_creation(worker, exchange, *claims, std::move(path));
}

}  // namespace bellhop::files
