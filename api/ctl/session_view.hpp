// Sessions for people: a row of a table, a line of a watch, all fields of one.
#pragma once

#include <string>

#include "api/ctl/table.hpp"
#include "api/ctl/units.hpp"
#include "bellhop/admin/v1/session_service.pb.h"

namespace bellhop::ctl {

/// Where sessions stand in rows.
enum class SessionRows : unsigned char {
  list,  ///< ids whole, to be copied
  top,   ///< ids cut before JIDs are: a session is chosen by a key there; and the limit
};

/// A table for add_session_row() with the same `rows`.
[[nodiscard]] Table session_table(SessionRows rows);
void add_session_row(Table& table, SessionRows rows, const bellhop::admin::v1::Session& session,
                     Moment now);

/// Bytes delivered, both directions together.
[[nodiscard]] std::uint64_t delivered_bytes(const bellhop::admin::v1::Session& session);

/// What is known of one session.
[[nodiscard]] FieldList session_fields(const bellhop::admin::v1::Session& session, Moment now);

/// `01J… socks5 alice@example.org > bob@example.org 1.5 MiB/s 3.0 MiB`, clean; with the reason if
/// it has ended.
[[nodiscard]] std::string session_line(const bellhop::admin::v1::Session& session);

}  // namespace bellhop::ctl
