#include "proxy/files/file_page.hpp"

#include <charconv>

#include "proxy/files/errors.hpp"
#include "proxy/files/file_handler.hpp"

namespace bellhop::files {
namespace {

using base::Error;
using base::Result;
using runtime::Task;

// By what FileIndex::list() goes on: the moment and the id.
std::string cursor_of(const FileFacts& facts) {
  return std::to_string(facts.created) + '.' + facts.id.text();
}

std::optional<FileFacts> parse_cursor(std::string_view text) {
  FileFacts facts;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), facts.created);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || digits >= text.size() || *end != '.') return std::nullopt;
  const auto id = FileId::parse(text.substr(digits + 1));
  if (!id) return std::nullopt;
  facts.id = *id;
  return facts;
}

std::string place_text(const FolderPlace& place) {
  if (place.others == 0) return place.path;
  return place.path + " and " + std::to_string(place.others) + " more";
}

Task<Result<void>> find_places(const CommandContext& context, std::string owner, FilePage& page) {
  std::vector<FileId> ids;
  std::vector<ShownFile*> shown;
  for (ShownFile& file : page.files) {
    if (file.facts.origin != FileOrigin::webdav) continue;
    ids.push_back(file.facts.id);
    shown.push_back(&file);
  }
  if (ids.empty() || context.folders == nullptr) co_return Result<void>();
  const auto places = co_await context.folders->places_of(std::move(owner), std::move(ids));
  if (!places) co_return places.error();
  for (std::size_t i = 0; i < shown.size() && i < places->size(); ++i) {
    const FolderPlace& place = (*places)[i];
    shown[i]->place = place_text(place);
    if (!place.href.empty()) shown[i]->link = context.public_url + place.href;
  }
  co_return Result<void>();
}

}  // namespace

Task<Result<FilePage>> read_page(CommandContext context, std::string owner, std::string after) {
  std::optional<FileFacts> cursor;
  if (!after.empty()) {
    cursor = parse_cursor(after);
    if (!cursor) co_return Error(errors::no_such_file, "no place in a list");
  }
  // One more than is shown tells whether there is another page.
  auto listed = co_await context.store.list(owner, std::move(cursor), kPageFiles + 1);
  if (!listed) co_return Error(errors::store_failed, listed.error().detail());
  FilePage page;
  for (FileFacts& facts : *listed) {
    if (page.files.size() == kPageFiles) {
      page.next = cursor_of(page.files.back().facts);
      break;
    }
    ShownFile file;
    if (facts.origin == FileOrigin::slot) {
      file.link = context.public_url + file_path(facts);
      file.place = "upload";
    }
    file.facts = std::move(facts);
    page.files.push_back(std::move(file));
  }
  const auto found = co_await find_places(context, std::move(owner), page);
  if (!found) co_return found.error();
  co_return page;
}

}  // namespace bellhop::files
