// An XMPP address in prepared form (RFC 7622; prepared by stringprep as RFC 6122, which is what the
// servers in use do).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::xmpp {

/// RFC 7622 §3.1: each part is at most this long, in bytes of UTF-8 after preparation.
inline constexpr std::size_t kJidPartBytesMax = 1023;

/// `[local@]domain[/resource]`, always valid and prepared, so equality is equality of bytes.
/// Small: one string and two offsets. The domain is never empty.
class Jid {
 public:
  /// Splits at the first '/', then at the first '@' before it, and prepares each part (nodeprep,
  /// nameprep, resourceprep). One trailing dot of the domain is dropped. IPv4 and bracketed IPv6
  /// addresses are domains. Nothing is trimmed. Errors: errors::jid_malformed.
  [[nodiscard]] static base::Result<Jid> parse(std::string_view text);

  [[nodiscard]] std::string_view local() const;     ///< "" if there is none
  [[nodiscard]] std::string_view domain() const;    ///< lower case; IPv6 with its brackets
  [[nodiscard]] std::string_view resource() const;  ///< "" if there is none
  /// The whole address as it is written into stanzas and into hashes (XEP-0065 §6.3.2).
  [[nodiscard]] const std::string& text() const { return text_; }
  /// A view of text() without the resource; lives as long as this object.
  [[nodiscard]] std::string_view bare() const;

  [[nodiscard]] bool has_local() const { return domain_begin_ != 0; }
  [[nodiscard]] bool has_resource() const { return domain_end_ != text_.size(); }
  [[nodiscard]] bool is_domain_only() const { return !has_local() && !has_resource(); }

  /// The same address without its resource.
  [[nodiscard]] Jid to_bare() const;

  friend bool operator==(const Jid& a, const Jid& b) { return a.text_ == b.text_; }
  friend auto operator<=>(const Jid& a, const Jid& b) { return a.text_ <=> b.text_; }

 private:
  Jid(std::string text, std::size_t domain_begin, std::size_t domain_end)
      : text_(std::move(text)),
        domain_begin_(static_cast<std::uint16_t>(domain_begin)),
        domain_end_(static_cast<std::uint16_t>(domain_end)) {}

  std::string text_;
  std::uint16_t domain_begin_;  // 0, or one past the '@'
  std::uint16_t domain_end_;    // text_.size(), or the '/'
};

}  // namespace bellhop::xmpp

template <>
struct std::hash<bellhop::xmpp::Jid> {
  std::size_t operator()(const bellhop::xmpp::Jid& jid) const noexcept {
    return std::hash<std::string>{}(jid.text());
  }
};
