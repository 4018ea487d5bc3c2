// The header fields of tus 1.0.0, the protocol of uploads that go on where they were cut off.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"

namespace bellhop::http {

/// tus 1.0.0, "Tus-Resumable", "Tus-Version".
inline constexpr std::string_view kTusVersion = "1.0.0";
/// tus 1.0.0, "PATCH": the only type of a body that carries a piece of a file.
inline constexpr std::string_view kTusContentType = "application/offset+octet-stream";
/// tus 1.0.0, "Tus-Checksum-Algorithm": what UploadChecksum knows. sha1 must be among them.
inline constexpr std::string_view kTusChecksumAlgorithms = "sha1,sha256,md5";

inline constexpr std::size_t kMetadataPairsMax = 32;
inline constexpr std::size_t kMetadataKeyBytesMax = 64;
/// Decoded; the longest that is used is a file name.
inline constexpr std::size_t kMetadataValueBytesMax = 4096;

/// tus 1.0.0, "Tus-Resumable": must stand in each request but OPTIONS. `value` is empty if it does
/// not. Errors: errors::tus_version (412; the answer names kTusVersion in Tus-Version).
[[nodiscard]] base::Result<void> check_tus_version(std::optional<std::string_view> value);

/// Upload-Length and Upload-Offset: a number of bytes, at most kFileBytesMax. Errors:
/// errors::bad_tus_header.
[[nodiscard]] base::Result<std::uint64_t> parse_upload_length(std::string_view value);
[[nodiscard]] base::Result<std::uint64_t> parse_upload_offset(std::string_view value);

/// Upload-Defer-Length, which says that the length comes later: `1` and nothing else. Errors:
/// errors::bad_tus_header.
[[nodiscard]] base::Result<void> check_upload_defer_length(std::string_view value);

/// Upload-Metadata.
struct UploadMetadata {
  /// A key and what stands with it: any bytes, maybe none.
  struct Pair {
    std::string key;
    std::string value;
    friend bool operator==(const Pair&, const Pair&) = default;
  };

  std::vector<Pair> pairs = {};  ///< in the order of the header; each key once

  /// The value of a key; null if it is not there.
  [[nodiscard]] const std::string* find(std::string_view key) const;

  friend bool operator==(const UploadMetadata&, const UploadMetadata&) = default;
};

/// Keys are visible US-ASCII without a comma. Errors: errors::bad_tus_header, also for a key that
/// stands twice and for more than the maxima above.
[[nodiscard]] base::Result<UploadMetadata> parse_upload_metadata(std::string_view value);
/// What parse_upload_metadata() reads again. The pairs come from there.
[[nodiscard]] std::string format_upload_metadata(const UploadMetadata& metadata);

/// The digests of Upload-Checksum.
enum class ChecksumAlgorithm : std::uint8_t { sha1, sha256, md5 };

/// Upload-Checksum: the digest of the bytes in this one request.
struct UploadChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::sha1;
  std::string digest = {};  ///< binary, as long as the algorithm makes it

  friend bool operator==(const UploadChecksum&, const UploadChecksum&) = default;
};

/// Errors: errors::unknown_checksum for an algorithm that is not named in kTusChecksumAlgorithms,
/// errors::bad_tus_header for a digest that is not base64 or has the wrong length.
[[nodiscard]] base::Result<UploadChecksum> parse_upload_checksum(std::string_view value);
[[nodiscard]] std::string format_upload_checksum(const UploadChecksum& checksum);

/// Upload-Expires: from when on an unfinished upload may be gone.
[[nodiscard]] std::string format_upload_expires(std::chrono::sys_seconds time);

}  // namespace bellhop::http
