#include "proxy/http/tus.hpp"

#include <algorithm>
#include <utility>

#include "component/xmpp/digest.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/http/http_date.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

base::Error malformed(const char* detail) {
  return {errors::bad_tus_header, detail};
}

base::Result<std::uint64_t> parse_bytes(std::string_view value, const char* detail) {
  const auto bytes = parse_number(trim(value));
  if (!bytes) return malformed(detail);
  return *bytes;
}

// tus 1.0.0, "Upload-Metadata": no blank, no comma, not empty; should be ASCII.
bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= kMetadataKeyBytesMax &&
         std::ranges::all_of(text, [](char c) { return is_visible(c) && c != ','; });
}

base::Result<UploadMetadata::Pair> parse_pair(std::string_view text) {
  const std::size_t blank = std::min(text.find(' '), text.size());
  if (!is_key(text.substr(0, blank))) return malformed("bad key of metadata");
  // The blank may be left out together with an empty value.
  const std::string_view encoded = trim(text.substr(blank));
  auto value = xmpp::from_base64(encoded);
  if (!value) return malformed("a value of metadata is not base64");
  if (value->size() > kMetadataValueBytesMax) return malformed("a value of metadata is too long");
  return UploadMetadata::Pair{std::string(text.substr(0, blank)), std::move(*value)};
}

struct AlgorithmRow {
  std::string_view name;
  ChecksumAlgorithm algorithm;
  std::size_t digest_bytes;
};

constexpr std::array kAlgorithms{
    AlgorithmRow{"sha1", ChecksumAlgorithm::sha1, 20},
    AlgorithmRow{"sha256", ChecksumAlgorithm::sha256, 32},
    AlgorithmRow{"md5", ChecksumAlgorithm::md5, 16},
};

}  // namespace

base::Result<void> check_tus_version(std::optional<std::string_view> value) {
  if (!value || trim(*value) != kTusVersion) return base::Error(errors::tus_version);
  return {};
}

base::Result<std::uint64_t> parse_upload_length(std::string_view value) {
  return parse_bytes(value, "Upload-Length");
}

base::Result<std::uint64_t> parse_upload_offset(std::string_view value) {
  return parse_bytes(value, "Upload-Offset");
}

base::Result<void> check_upload_defer_length(std::string_view value) {
  if (trim(value) != "1") return malformed("Upload-Defer-Length");
  return {};
}

const std::string* UploadMetadata::find(std::string_view key) const {
  const auto found = std::ranges::find(pairs, key, &Pair::key);
  return found == pairs.end() ? nullptr : &found->value;
}

base::Result<UploadMetadata> parse_upload_metadata(std::string_view value) {
  if (value.size() > kFieldValueBytesMax) return malformed("metadata is too long");
  UploadMetadata metadata;
  // Quotes mean nothing here, so that this is not split() of RFC 9110.
  std::string_view rest = trim(value);
  while (!rest.empty()) {
    const std::string_view text = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    auto pair = parse_pair(trim(text));
    if (!pair) return pair.error();
    if (metadata.find(pair->key) != nullptr) return malformed("a key of metadata stands twice");
    if (metadata.pairs.size() == kMetadataPairsMax) return malformed("too much metadata");
    metadata.pairs.push_back(std::move(*pair));
  }
  return metadata;
}

std::string format_upload_metadata(const UploadMetadata& metadata) {
  std::string text;
  for (const UploadMetadata::Pair& pair : metadata.pairs) {
    if (!text.empty()) text += ',';
    text += pair.key;
    if (!pair.value.empty()) text += ' ' + xmpp::to_base64(pair.value);
  }
  return text;
}

base::Result<UploadChecksum> parse_upload_checksum(std::string_view value) {
  value = trim(value);
  const std::size_t blank = std::min(value.find(' '), value.size());
  const auto* row = std::ranges::find(kAlgorithms, value.substr(0, blank), &AlgorithmRow::name);
  if (row == kAlgorithms.end()) return base::Error(errors::unknown_checksum);
  const std::string_view encoded = trim(value.substr(blank));
  // Before decoding: base64 is a third longer at the most, rounded up.
  if (encoded.size() > 2 * row->digest_bytes) return malformed("digest is too long");
  auto digest = xmpp::from_base64(encoded);
  if (!digest || digest->size() != row->digest_bytes) return malformed("no digest of its length");
  return UploadChecksum{row->algorithm, std::move(*digest)};
}

std::string format_upload_checksum(const UploadChecksum& checksum) {
  const auto* row = std::ranges::find(kAlgorithms, checksum.algorithm, &AlgorithmRow::algorithm);
  return std::string(row->name) + ' ' + xmpp::to_base64(checksum.digest);
}

std::string format_upload_expires(std::chrono::sys_seconds time) {
  return format_http_date(time);
}

}  // namespace bellhop::http
