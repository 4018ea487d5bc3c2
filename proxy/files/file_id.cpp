#include "proxy/files/file_id.hpp"

#include <algorithm>

#include "component/base/random.hpp"
#include "component/base/url_base64.hpp"

namespace bellhop::files {

FileId FileId::random() {
  FileId id;
  base::fill_random(id.bytes);
  return id;
}

std::optional<FileId> FileId::parse(std::string_view text) {
  if (text.size() != kTextBytes) return std::nullopt;
  const auto bytes = base::from_url_base64(text);
  FileId id;
  if (!bytes || bytes->size() != id.bytes.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), id.bytes.begin());
  return id;
}

std::string FileId::text() const {
  return base::to_url_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace bellhop::files
