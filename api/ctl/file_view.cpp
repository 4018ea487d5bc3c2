#include "api/ctl/file_view.hpp"

#include "api/ctl/names.hpp"
#include "api/ctl/proto_time.hpp"

namespace bellhop::ctl {
namespace {

using bellhop::admin::v1::File;

bool is_expected(const File& file) {
  return file.state() == bellhop::admin::v1::FILE_STATE_EXPECTED;
}

std::string until(const File& file, Moment now) {
  if (!file.has_expire_time()) return "never";
  const Moment end = to_moment(file.expire_time());
  return end <= now ? "now" : "in " + format_age(end - now);
}

// A value of a filter, whatever is in it.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"' || c == '*') result += '\\';
    result += c;
  }
  return result + '"';
}

}  // namespace

Table file_table() {
  return Table({{.title = "FILE"},
                {.title = "OWNER", .may_cut = true},
                {.title = "FROM"},
                {.title = "SIZE", .align = Align::right},
                {.title = "AGE", .align = Align::right},
                {.title = "GOES", .align = Align::right},
                {.title = "TYPE", .may_cut = true},
                {.title = "NAME", .may_cut = true}});
}

void add_file_row(Table& table, const File& file, Moment now) {
  const Tone tone = is_expected(file) ? Tone::faint : Tone::plain;
  table.add({short_name(kFilePrefix, file.name()), file.owner(), file.origin(),
             format_bytes(file.size_bytes()), format_age(now - to_moment(file.create_time())),
             until(file, now), is_expected(file) ? "(expected)" : file.media_type(),
             Cell(file.display_name(), tone)});
}

FieldList file_fields(const File& file, Moment now) {
  FieldList fields;
  const auto when = [now](const google::protobuf::Timestamp& time) {
    return format_moment(to_moment(time)) + " (" + format_duration(now - to_moment(time)) + " ago)";
  };
  fields.add("file", file.name());
  fields.add("name", file.display_name());
  fields.add("owner", file.owner());
  fields.add("from", file.origin() == "dav" ? std::string("a WebDAV folder")
                                            : "an upload (" + file.purpose() + ")");
  fields.add("type", file.media_type());
  fields.add("size", format_bytes(file.size_bytes()));
  fields.add("state", is_expected(file) ? "expected: a slot was granted" : "stored");
  fields.add(is_expected(file) ? "granted" : "stored at", when(file.create_time()));
  fields.add("goes", file.has_expire_time() ? format_moment(to_moment(file.expire_time())) + " (" +
                                                  until(file, now) + ")"
                                            : "never");
  fields.add("sha-256", file.sha256());
  return fields;
}

std::string file_line(const File& file) {
  return clean(short_name(kFilePrefix, file.name())) + " " + clean(file.owner()) + " " +
         format_bytes(file.size_bytes()) + " " + clean(file.display_name());
}

std::string to_filter(const FileChoice& choice) {
  std::string result;
  const auto add = [&result](const std::string& term) {
    result += (result.empty() ? "" : " AND ") + term;
  };
  if (!choice.filter.empty()) add("(" + choice.filter + ")");
  const bool is_jid = choice.owner.find('@') != std::string::npos;
  if (!choice.owner.empty()) add((is_jid ? "owner = " : "domain = ") + quoted(choice.owner));
  if (choice.older_than.count() != 0) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(choice.older_than).count();
    add("age_seconds > " + std::to_string(seconds));
  }
  if (choice.larger_than != 0) add("size_bytes > " + std::to_string(choice.larger_than));
  return result;
}

bool is_link(std::string_view text) {
  return text.find("://") != std::string_view::npos || text.starts_with('/') ||
         text.starts_with("f/") || text.starts_with("dav/");
}

}  // namespace bellhop::ctl
