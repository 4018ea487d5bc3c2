#include "proxy/files/file_cache.hpp"

#include <chrono>

#include "proxy/http/content_disposition.hpp"
#include "proxy/http/http_date.hpp"
#include "proxy/http/media_type.hpp"

namespace bellhop::files {
namespace {

std::string_view essence_of(std::string_view type) {
  return type.substr(0, type.find(';'));
}

}  // namespace

void ServedFile::describe(http::ResponseHead& head) const {
  const std::string_view type = facts.type.empty() ? http::kOctetStream : facts.type;
  const bool is_inline = http::is_inline(essence_of(type));
  const auto modified = std::chrono::sys_seconds(std::chrono::seconds(facts.created));
  head.add("Content-Type", type)
      .add("Content-Disposition",
           http::content_disposition(
               is_inline ? http::Disposition::in_place : http::Disposition::attachment, facts.name))
      .add("ETag", entity_tag)
      .add("Last-Modified", http::format_http_date(modified));
  describe_use(head);
}

void ServedFile::describe_use(http::ResponseHead& head) const {
  // A link to a slot's file is the permission to fetch it; a folder is behind a password, and what
  // stands at a name of it changes.
  const std::string_view caching = facts.origin == FileOrigin::webdav
                                       ? "private, no-cache"
                                       : "public, max-age=31536000, immutable";
  head.add("Accept-Ranges", "bytes")
      .add("Cache-Control", caching)
      // HUP-26: nothing that an uploaded file says runs here, whatever a browser takes it for.
      .add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
      .add("X-Content-Type-Options", "nosniff")
      .add("Cross-Origin-Resource-Policy", "cross-origin");
}

FileCache::FilePtr FileCache::find(const FileId& id, Second now) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  const FilePtr& file = *found->second;
  if (file->facts.expires > 0 && file->facts.expires <= now) {
    remove(id);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return entries_.front();
}

FileCache::FilePtr FileCache::insert(OpenFile file) {
  remove(file.facts.id);
  auto served = std::make_shared<ServedFile>();
  served->entity_tag = file.facts.entity_tag();
  served->facts = std::move(file.facts);
  served->fd = std::move(file.fd);
  entries_.push_front(std::move(served));
  by_id_[entries_.front()->facts.id] = entries_.begin();
  if (entries_.size() > kEntriesMax) remove(entries_.back()->facts.id);
  return entries_.front();
}

void FileCache::remove(const FileId& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  entries_.erase(found->second);
  by_id_.erase(found);
}

}  // namespace bellhop::files
