#include "api/admin/file_view.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "api/admin/convert.hpp"
#include "api/admin/errors.hpp"
#include "proxy/files/file_handler.hpp"
#include "proxy/webdav/folder.hpp"

namespace bellhop::admin {
namespace {

using files::FileFacts;
using files::Second;

enum class Field : std::size_t {
  name,
  owner,
  domain,
  origin,
  purpose,
  display_name,
  media_type,
  state,
  size_bytes,
  age_seconds,
  expires_seconds,
  sha256
};
constexpr std::array<Filter::Field, 12> kFields{{
    {"name", Filter::Type::text},
    {"owner", Filter::Type::text},
    {"domain", Filter::Type::text},
    {"origin", Filter::Type::text},
    {"purpose", Filter::Type::text},
    {"display_name", Filter::Type::text},
    {"media_type", Filter::Type::text},
    {"state", Filter::Type::text},
    {"size_bytes", Filter::Type::number},
    {"age_seconds", Filter::Type::number},
    {"expires_seconds", Filter::Type::number},
    {"sha256", Filter::Type::text},
}};

std::string_view text_of(files::FileOrigin origin) {
  return origin == files::FileOrigin::webdav ? "dav" : "upload";
}

std::string_view text_of(files::Purpose purpose) {
  switch (purpose) {
    case files::Purpose::message:
      return "message";
    case files::Purpose::profile:
      return "profile";
    case files::Purpose::ephemeral:
      return "ephemeral";
    case files::Purpose::permanent:
      return "permanent";
  }
  return "";
}

std::string_view text_of(files::FileState state) {
  return state == files::FileState::stored ? "stored" : "expected";
}

std::string name_of(const FileFacts& facts, const files::FileHandles& handles) {
  return "files/" + handles.make(facts.id);
}

std::uint64_t not_below_zero(Second seconds) {
  return static_cast<std::uint64_t>(std::max<Second>(0, seconds));
}

std::uint64_t expires_seconds(const FileFacts& facts, Second now) {
  if (facts.expires == 0) return std::numeric_limits<std::uint64_t>::max();
  return not_below_zero(facts.expires - now);
}

}  // namespace

v1::File to_proto(const FileFacts& facts, const files::FileHandles& handles) {
  v1::File file;
  file.set_name(name_of(facts, handles));
  file.set_owner(facts.owner);
  file.set_domain(std::string(facts.domain()));
  file.set_origin(std::string(text_of(facts.origin)));
  file.set_purpose(std::string(text_of(facts.purpose)));
  file.set_display_name(facts.name);
  file.set_media_type(facts.type);
  file.set_size_bytes(facts.size);
  const bool is_stored = facts.state == files::FileState::stored;
  file.set_state(is_stored ? v1::FILE_STATE_STORED : v1::FILE_STATE_EXPECTED);
  *file.mutable_create_time() = to_proto_time(facts.created);
  if (facts.expires > 0) *file.mutable_expire_time() = to_proto_time(facts.expires);
  file.set_sha256(facts.sha256);
  return file;
}

base::Result<Filter> parse_file_filter(const std::string& text) {
  return Filter::parse(text, kFields);
}

bool matches(const Filter& filter, const FileFacts& facts, const files::FileHandles& handles,
             Second now) {
  if (filter.is_empty()) return true;
  std::string name;  // made only if asked for
  return filter.matches([&](std::size_t index) -> Filter::Value {
    switch (static_cast<Field>(index)) {
      case Field::name:
        name = name_of(facts, handles);
        return std::string_view(name);
      case Field::owner:
        return std::string_view(facts.owner);
      case Field::domain:
        return facts.domain();
      case Field::origin:
        return text_of(facts.origin);
      case Field::purpose:
        return text_of(facts.purpose);
      case Field::display_name:
        return std::string_view(facts.name);
      case Field::media_type:
        return std::string_view(facts.type);
      case Field::state:
        return text_of(facts.state);
      case Field::size_bytes:
        return facts.size;
      case Field::age_seconds:
        return not_below_zero(now - facts.created);
      case Field::expires_seconds:
        return expires_seconds(facts, now);
      case Field::sha256:
        return std::string_view(facts.sha256);
    }
    return std::uint64_t{0};
  });
}

base::Result<LinkTarget> parse_link(std::string_view link) {
  link = link.substr(0, link.find_first_of("?#"));
  if (const auto scheme = link.find("://"); scheme != std::string_view::npos) {
    const auto path = link.find('/', scheme + 3);
    link = path == std::string_view::npos ? "" : link.substr(path);
  }
  const auto target = http::parse_request_target(link);
  if (!target) return base::Error(errors::bad_argument, "this is no link of a file");
  // A proxy in front may have put a path before ours.
  const auto& segments = target->path.segments;
  for (auto at = segments.begin(); at != segments.end(); ++at) {
    const auto behind = static_cast<std::size_t>(segments.end() - at) - 1;
    LinkTarget result;
    if (*at == files::kFilePrefix && behind == 2) {
      result.id = files::FileId::parse(at[1]);
      if (result.id) return result;
    }
    if (*at == webdav::kDavPrefix && behind >= 2) {
      if (auto place = webdav::to_folder_path({at, segments.end()})) {
        result.owner = std::move(place->owner);
        result.names = std::move(place->names);
      }
      return result;
    }
  }
  return base::Error(errors::bad_argument, "this is no link of a file");
}

}  // namespace bellhop::admin
