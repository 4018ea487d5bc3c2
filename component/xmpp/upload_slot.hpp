// Upload slots on the wire (XEP-0363), in today's namespace and in the old one: requests, slots,
// refusals, discovery. No state, no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "component/xmpp/date_time.hpp"
#include "component/xmpp/disco_info.hpp"
#include "component/xmpp/element.hpp"
#include "component/xmpp/media_type.hpp"
#include "component/xmpp/stanza_error.hpp"

namespace bellhop::xmpp {

/// Bytes of a file name in a request. File systems allow 255; names come from many of them.
inline constexpr std::size_t kUploadNameBytesMax = 1024;
/// What a file may have at all: the range of a database's signed integers.
inline constexpr std::uint64_t kUploadSizeMax = INT64_MAX;
/// Dino takes header values below 8192 bytes only (HUP-08).
inline constexpr std::size_t kSlotHeaderBytesMax = 8191;
/// Headers of one slot: three names are allowed (XEP-0363 §4).
inline constexpr std::size_t kSlotHeadersMax = 3;
/// What we give out as an address; clients and servers on the way know no common limit.
inline constexpr std::size_t kSlotUrlBytesMax = 4096;

/// Which of the two syntaxes a client speaks; the answer is in the same one.
enum class UploadSyntax : std::uint8_t {
  attributes,  ///< ns::kUpload
  elements,    ///< ns::kUploadOld; has no purposes and no headers
};

/// The namespace of that syntax.
[[nodiscard]] std::string_view xmlns_of(UploadSyntax syntax);

/// What a file is for (XEP-0363 §5).
enum class UploadPurpose : std::uint8_t { message, profile, ephemeral, permanent };

/// The purposes that a service offers; `message` always is.
class UploadPurposes {
 public:
  constexpr UploadPurposes() = default;
  constexpr UploadPurposes& add(UploadPurpose purpose) {
    bits_ |= bit(purpose);
    return *this;
  }
  [[nodiscard]] constexpr bool has(UploadPurpose purpose) const {
    return (bits_ & bit(purpose)) != 0;
  }

 private:
  static constexpr unsigned bit(UploadPurpose purpose) {
    return 1u << static_cast<unsigned>(purpose);
  }
  unsigned bits_ = bit(UploadPurpose::message);
};

/// A valid request for a slot.
struct UploadRequest {
  UploadSyntax syntax;
  std::string name;        ///< last part of what was sent: not empty, no '/', no '\', no "..",
                           ///< no control characters
  std::uint64_t size;      ///< bytes, 1 to kUploadSizeMax
  std::string media_type;  ///< lower case, parameters as sent (HUP-16); kDefaultMediaType if none
  UploadPurpose purpose = UploadPurpose::message;
  std::optional<Timestamp> expire_before = std::nullopt;  ///< of ephemeral only; may have passed
};

/// Reads `<request/>` of either syntax. A purpose that is unknown or not in `offered` counts as
/// message (ROOM-14); without a valid date ephemeral is refused all the same (HUP-12). Errors:
/// errors::bad_request with a text for the sender, for a name, size or media type that is none
/// (HUP-03, HUP-16).
[[nodiscard]] Decision<UploadRequest> parse_upload_request(const Element& request,
                                                           const UploadPurposes& offered);

/// One header that the client sends with its PUT.
struct SlotHeader {
  std::string name;   ///< Authorization, Cookie or Expires, spelled like that (ROOM-33)
  std::string value;  ///< printable ASCII, at most kSlotHeaderBytesMax
};

/// What is granted.
struct UploadSlot {
  std::string put_url;
  std::string get_url;
  std::vector<SlotHeader> headers = {};
};

/// `<slot/>` in the syntax of the request. Errors: errors::internal_server_error for a slot that
/// clients would reject (HUP-07, HUP-08): an address that is not https (or http on loopback) or has
/// other than printable ASCII, another header name, a value with CR, LF or too many bytes, or
/// headers in the syntax that has none (there the PUT address itself must be the authority).
[[nodiscard]] base::Result<Element> to_element(const UploadSlot& slot, UploadSyntax syntax);

/// not-acceptable with `<file-too-large/>` and the limit in bytes (HUP-04).
[[nodiscard]] Refusal file_too_large(UploadSyntax syntax, std::uint64_t file_bytes_max);

/// resource-constraint with `text` for the sender and, if that is known, when to come again
/// (HUP-05).
[[nodiscard]] Refusal upload_not_now(UploadSyntax syntax, std::string_view text,
                                     std::optional<Timestamp> retry_at);

/// What discovery tells about uploads.
struct UploadOffer {
  std::uint64_t file_bytes_max;  ///< Dino and iris send only what is smaller than this
  UploadPurposes purposes = {};
  bool has_old_syntax = true;
};

/// Identity store/file, the features of namespaces and purposes, and for each namespace a form with
/// max-file-size (HUP-01, HUP-11, DSC-10).
void announce_uploads(DiscoInfo& info, const UploadOffer& offer);

}  // namespace bellhop::xmpp
