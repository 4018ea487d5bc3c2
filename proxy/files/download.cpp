#include "proxy/files/download.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "component/base/random.hpp"
#include "proxy/files/errors.hpp"
#include "proxy/files/file_handler.hpp"
#include "proxy/http/byte_range.hpp"
#include "proxy/http/conditions.hpp"
#include "proxy/http/content_disposition.hpp"
#include "proxy/http/media_type.hpp"
#include "proxy/http/multipart_ranges.hpp"

namespace bellhop::files {
namespace {

using http::ResponseHead;
using runtime::Task;

// What goes out before others of the shard have their turn, unless the client is slower.
constexpr std::size_t kTurnBytes = 1024 * 1024;
// Up to this much head and body go out in one call, which is less work than sendfile(2) makes.
constexpr std::size_t kSmallBytes = 32 * 1024;
constexpr std::size_t kBoundaryBytes = 12;

std::chrono::sys_seconds now() {
  return std::chrono::sys_seconds(std::chrono::seconds(now_s()));
}

http::ConditionFields conditions_of(const http::Request& request) {
  return {request.field("If-Match"), request.field("If-Unmodified-Since"),
          request.field("If-None-Match"), request.field("If-Modified-Since")};
}

// Stored files never change, so a date tells two apart.
http::Validators validators_of(const ServedFile& file) {
  return {http::EntityTag::parse(file.entity_tag),
          std::chrono::sys_seconds(std::chrono::seconds(file.facts.created)), true};
}

// False: the client has gone, or the session was ended.
Task<bool> send_range(http::Exchange& exchange, Transfer& transfer, const ServedFile& file,
                      http::ByteRange range) {
  std::uint64_t at = range.first;
  std::uint64_t left = range.length();
  while (left > 0) {
    const std::uint64_t wanted = std::min<std::uint64_t>(left, kTurnBytes);
    const std::uint64_t allowed = co_await transfer.wait_for_allowance(wanted);
    if (allowed == 0) co_return false;
    const std::size_t n = co_await exchange.stream().send_file(file.fd.value(), at, allowed);
    if (n == 0) co_return false;
    transfer.add_sent(n);
    exchange.note_progress();
    at += n;
    left -= n;
    if (n == kTurnBytes) {
      const auto executor = co_await runtime::asio::this_coro::executor;
      co_await runtime::asio::post(executor, runtime::asio::deferred);
    }
  }
  co_return true;
}

Task<> send_whole_small(http::Exchange& exchange, Transfer& transfer, const ServedFile& file,
                        ResponseHead head) {
  const std::size_t size = file.facts.size;
  std::string body(size, '\0');
  const ssize_t n = ::pread(file.fd.value(), body.data(), size, 0);
  if (n != static_cast<ssize_t>(size)) {
    exchange.close_after();
    co_return;
  }
  std::string text = exchange.begin(head);
  text += body;
  const bool is_sent = co_await exchange.stream().write(text);
  if (!is_sent) {
    exchange.close_after();
    co_return;
  }
  transfer.add_sent(size);
  exchange.note_progress();
}

Task<> send_single(http::Exchange& exchange, Transfer& transfer, const ServedFile& file,
                   ResponseHead head, http::ByteRange range) {
  head.add("Content-Length", range.length());
  const bool is_head_only = exchange.request().is("HEAD");
  const bool is_whole = range.length() == file.facts.size;
  if (!is_head_only && is_whole && file.facts.size <= kSmallBytes && !transfer.limits().any()) {
    co_return co_await send_whole_small(exchange, transfer, file, std::move(head));
  }
  bool is_sent = co_await exchange.send_head(head, !is_head_only);
  if (is_sent && !is_head_only) is_sent = co_await send_range(exchange, transfer, file, range);
  if (!is_sent) exchange.close_after();  // a length was promised that did not come
}

Task<> send_several(http::Exchange& exchange, Transfer& transfer, const ServedFile& file,
                    const std::vector<http::ByteRange>& ranges) {
  const std::string_view type = file.facts.type.empty() ? http::kOctetStream : file.facts.type;
  const std::string boundary = xmpp::to_hex(base::random_bytes(kBoundaryBytes));
  const auto layout = http::lay_out_multipart(ranges, file.facts.size, type, boundary);
  ResponseHead head(206);
  allow_origins(head);
  head.add("Content-Type", layout.content_type)
      .add("Content-Length", layout.length)
      .add("ETag", file.entity_tag);
  file.describe_use(head);
  const bool is_head_only = exchange.request().is("HEAD");
  bool is_sent = co_await exchange.send_head(head, !is_head_only);
  if (is_head_only) co_return;
  for (const auto& part : layout.parts) {
    if (is_sent) is_sent = co_await exchange.stream().write(part.head, true);
    if (is_sent) is_sent = co_await send_range(exchange, transfer, file, part.range);
  }
  if (is_sent) is_sent = co_await exchange.stream().write(layout.tail);
  if (!is_sent) exchange.close_after();
}

}  // namespace

Task<> send_file(FileWorker& worker, http::Exchange& exchange, FileCache::FilePtr file,
                 std::string_view kind) {
  const http::Request& request = exchange.request();
  const FileFacts& facts = file->facts;
  const http::Validators validators = validators_of(*file);
  const auto verdict = http::evaluate_conditions(http::MethodKind::retrieval,
                                                 conditions_of(request), &validators, now());
  if (verdict != http::Verdict::go_on) {
    ResponseHead head(verdict == http::Verdict::not_modified ? 304 : 412);
    allow_origins(head);
    file->describe(head);
    if (verdict == http::Verdict::not_modified) {  // RFC 9110 §15.4.5: no body, no length of one
      (void)co_await exchange.send_head(head, false);
      co_return;
    }
    co_return co_await exchange.respond(std::move(head));
  }
  http::RangeSelection selection;
  const auto range = request.field("Range");
  if (range && http::may_send_range(request.field("If-Range"), validators, now())) {
    selection = http::select_ranges(*range, facts.size);
  }
  if (selection.outcome == http::RangeOutcome::unsatisfiable) {
    ResponseHead head(416);
    allow_origins(head);
    head.add("Content-Range", http::unsatisfied_range(facts.size));
    co_return co_await exchange.respond(std::move(head));
  }
  const std::string_view parent = worker.parent_of(facts.domain());
  const auto transfer =
      co_await Transfer::join(worker.transfers, exchange, kind, facts.owner, parent);
  if (!transfer) co_return co_await refuse(worker, exchange, transfer.error());
  const bool is_whole = selection.outcome == http::RangeOutcome::whole;
  if (selection.ranges.size() > 1) {
    co_return co_await send_several(exchange, **transfer, *file, selection.ranges);
  }
  ResponseHead head(is_whole ? 200 : 206);
  allow_origins(head);
  file->describe(head);
  if (!is_whole) {
    head.add("Content-Range", http::satisfied_range(selection.ranges.front(), facts.size));
    co_return co_await send_single(exchange, **transfer, *file, std::move(head),
                                   selection.ranges.front());
  }
  if (facts.size == 0) co_return co_await exchange.respond(std::move(head));
  const http::ByteRange all{0, facts.size - 1};
  co_await send_single(exchange, **transfer, *file, std::move(head), all);
}

Task<> answer_download(FileWorker& worker, http::Exchange& exchange, FileId id,
                       std::string_view name) {
  FileCache::FilePtr file = worker.cache.find(id, now_s());
  if (!file) {
    auto opened = co_await worker.store.open(id);
    if (!opened) co_return co_await refuse(worker, exchange, opened.error());
    file = worker.cache.insert(std::move(*opened));
  }
  // The name in a link is part of it: nobody may make one that looks like another file. What is in
  // a folder has no link.
  if (file->facts.origin != FileOrigin::slot || link_name(file->facts) != name) {
    base::Error error(errors::no_such_file, "another name");
    co_return co_await refuse(worker, exchange, std::move(error));
  }
  co_await send_file(worker, exchange, std::move(file), "download");
}

}  // namespace bellhop::files
