// What the index knows of one file.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "proxy/files/file_id.hpp"

namespace bellhop::files {

/// Seconds since 1970, UTC.
using Second = std::int64_t;

[[nodiscard]] inline Second now_s() {
  const auto now = std::chrono::system_clock::now();
  return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
}

/// How a file came. The numbers stand in the index.
enum class FileOrigin : std::uint8_t {
  slot = 1,    ///< XEP-0363, and tus for its slots
  webdav = 2,  ///< a user's folder
};

/// The numbers stand in the index.
enum class FileState : std::uint8_t {
  expected = 1,  ///< its bytes are reserved; some may have come
  stored = 2,    ///< whole, synced, served
};

/// XEP-0363 §5. The numbers stand in the index.
enum class Purpose : std::uint8_t { message = 1, profile = 2, ephemeral = 3, permanent = 4 };

/// One file, whether its bytes have come or not.
struct FileFacts {
  FileId id;
  std::string owner;  ///< bare JID, prepared
  FileOrigin origin = FileOrigin::slot;
  Purpose purpose = Purpose::message;
  std::string name;  ///< as the user gave it; never a path of ours
  std::string type;  ///< media type in its one spelling; empty while nobody has said it
  std::uint64_t size = 0;
  FileState state = FileState::expected;
  Second created = 0;  ///< slot granted; of a stored file: stored
  /// Expected: until when an upload may begin or go on. Stored: from then on it is gone; 0: never.
  Second expires = 0;
  /// Of an expected file: how it expires once it is stored, seconds after that; 0: never.
  Second retention = 0;
  /// Not after this, whatever else is said (XEP-0363 §5.3); 0: no such moment.
  Second expires_at_latest = 0;
  std::string sha256;  ///< hex; empty until stored

  /// With its quotes. Of a stored file: half of its digest, which no two files share.
  [[nodiscard]] std::string entity_tag() const {
    constexpr std::size_t kDigits = 32;
    return '"' + sha256.substr(0, kDigits) + '"';
  }
  [[nodiscard]] std::string_view domain() const {
    const std::string_view text = owner;
    return text.substr(text.find('@') + 1);  // npos + 1 is 0: a JID without localpart
  }
};

}  // namespace bellhop::files
