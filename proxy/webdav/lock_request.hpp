// The body of LOCK (RFC 4918 §9.10, §14.11).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::webdav {

/// How long the owner of a lock may be as text: it is kept in memory as long as the lock.
inline constexpr std::size_t kLockOwnerBytesMax = 8 * 1024;

/// RFC 4918 §6.2.
enum class LockScope : std::uint8_t { exclusive, shared };

/// A write lock that is asked for.
struct LockRequest {
  LockScope scope;
  std::string owner_xml;  ///< `<D:owner>` as it was given (DAV-54), by to_xml(); "" if absent
};

/// Reads a body; unknown elements are ignored. Errors: those of parse_document(); errors::bad_body
/// unless it is a lockinfo of type write with one scope; errors::xml_too_large for an owner above
/// kLockOwnerBytesMax. A LOCK without body is a refresh (§9.10.2) and is not for this.
[[nodiscard]] base::Result<LockRequest> parse_lock(std::string_view body);

}  // namespace bellhop::webdav
