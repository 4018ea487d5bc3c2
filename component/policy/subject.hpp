// Whom a rule, quota or limit is for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::policy {

/// A user, a domain, each of them, each session, or everything. Prepared, so that comparing text
/// compares subjects.
struct Subject {
  enum class Type : std::uint8_t { jid, domain, each_jid, each_domain, each_session, total };

  Type type = Type::total;
  std::string key;  ///< the bare JID or the domain; empty for the others

  [[nodiscard]] static Subject of_jid(std::string_view bare_jid);
  [[nodiscard]] static Subject of_domain(std::string_view domain);

  /// `jid:alice@example.org`, `domain:example.org`, `jid:*`, `domain:*`, `session:*`, `total`.
  /// A JID is prepared and must be bare. Errors: errors::bad_subject.
  [[nodiscard]] static base::Result<Subject> parse(std::string_view text);
  /// What parse() reads.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const Subject&, const Subject&) = default;
};

/// The domain of a bare JID; a view into it.
[[nodiscard]] std::string_view domain_of(std::string_view bare_jid);

}  // namespace bellhop::policy
