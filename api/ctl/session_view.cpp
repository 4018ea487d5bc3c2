#include "api/ctl/session_view.hpp"

#include <limits>

#include "api/ctl/names.hpp"
#include "api/ctl/proto_time.hpp"

namespace bellhop::ctl {
namespace {

using bellhop::admin::v1::Session;

std::string limit_of(const Session& session) {
  return format_rate(session.limit_bytes_per_second());
}

std::string since(const google::protobuf::Timestamp& time, Moment now) {
  return format_moment(to_moment(time)) + " (" + format_duration(now - to_moment(time)) + " ago)";
}

std::string with_endpoint(const std::string& bytes_to, std::uint64_t bytes) {
  return bytes_to.empty() ? format_bytes(bytes) : format_bytes(bytes) + " to " + bytes_to;
}

}  // namespace

Table session_table(SessionRows rows) {
  const bool is_top = rows == SessionRows::top;
  const std::size_t jid_width_min = is_top ? 10 : 8;
  std::vector<Column> columns{{.title = "SESSION", .may_cut = is_top, .width_min = 7},
                              {.title = "KIND"},
                              {.title = "REQUESTER", .may_cut = true, .width_min = jid_width_min},
                              {.title = "TARGET", .may_cut = true, .width_min = jid_width_min},
                              {.title = "RATE", .align = Align::right},
                              {.title = "BYTES", .align = Align::right},
                              {.title = "AGE", .align = Align::right}};
  if (is_top) columns.push_back({.title = "LIMIT", .align = Align::right});
  return Table(std::move(columns));
}

void add_session_row(Table& table, SessionRows rows, const Session& session, Moment now) {
  std::vector<Cell> cells{short_name(kSessionPrefix, session.name()),
                          session.kind(),
                          bare_jid(session.requester()),
                          bare_jid(session.target()),
                          format_rate(session.rates().ten_seconds_bytes_per_second()),
                          format_bytes(delivered_bytes(session)),
                          format_age(now - to_moment(session.create_time()))};
  if (rows == SessionRows::top) cells.emplace_back(limit_of(session));
  table.add(std::move(cells));
}

std::uint64_t delivered_bytes(const Session& session) {
  std::uint64_t sum = 0;
  const bool overflows = __builtin_add_overflow(session.first_to_second_bytes(),
                                                session.second_to_first_bytes(), &sum);
  return overflows ? std::numeric_limits<std::uint64_t>::max() : sum;
}

FieldList session_fields(const Session& session, Moment now) {
  FieldList fields;
  const bool is_ended = session.state() == bellhop::admin::v1::SESSION_STATE_ENDED;
  fields.add("session", session.name());
  fields.add("kind", session.kind());
  fields.add("state", is_ended ? "ended: " + session.end_reason() : std::string("active"));
  fields.add("requester", session.requester());
  fields.add("target", session.target());
  fields.add("began", since(session.create_time(), now));
  fields.add("last byte", since(session.last_progress_time(), now));
  fields.add("delivered",
             with_endpoint(session.second_endpoint(), session.first_to_second_bytes()));
  fields.add("and", with_endpoint(session.first_endpoint(), session.second_to_first_bytes()));
  fields.add("dropped", session.dropped_bytes() == 0 ? "" : format_bytes(session.dropped_bytes()));
  const auto& rates = session.rates();
  fields.add("rate", format_rate(rates.last_second_bytes_per_second()) + " now, " +
                         format_rate(rates.ten_seconds_bytes_per_second()) + " over 10 s, " +
                         format_rate(rates.minute_bytes_per_second()) + " over 1 min");
  fields.add("limit", session.limit_bytes_per_second() == 0 ? "none" : limit_of(session));
  return fields;
}

std::string session_line(const Session& session) {
  std::string line(short_name(kSessionPrefix, session.name()));
  line += " " + session.kind() + " ";
  line += bare_jid(session.requester());
  if (!session.target().empty()) line.append(" > ").append(bare_jid(session.target()));
  line += " " + format_rate(session.rates().last_second_bytes_per_second()) + " ";
  line += format_bytes(delivered_bytes(session));
  if (!session.end_reason().empty()) line += " (" + session.end_reason() + ")";
  return clean(line);
}

}  // namespace bellhop::ctl
