// Files for people, and the filters that people's options stand for.
#pragma once

#include <chrono>
#include <string>

#include "api/ctl/table.hpp"
#include "api/ctl/units.hpp"
#include "bellhop/admin/v1/file_service.pb.h"

namespace bellhop::ctl {

/// A table for add_file_row().
[[nodiscard]] Table file_table();
void add_file_row(Table& table, const bellhop::admin::v1::File& file, Moment now);

/// What is known of one file.
[[nodiscard]] FieldList file_fields(const bellhop::admin::v1::File& file, Moment now);

/// `kXq… alice@example.org 1.5 MiB photo.jpg`, clean.
[[nodiscard]] std::string file_line(const bellhop::admin::v1::File& file);

/// Which files, as options say it.
struct FileChoice {
  std::string filter;                       ///< of the API
  std::string owner;                        ///< a bare JID, or a domain
  std::chrono::milliseconds older_than{0};  ///< 0: any age
  std::uint64_t larger_than = 0;            ///< bytes; 0: any size
};

/// All of it as one filter; empty: every file.
[[nodiscard]] std::string to_filter(const FileChoice& choice);

/// Whether text that stands for a file is a link, as users share it, and no name of the API.
[[nodiscard]] bool is_link(std::string_view text);

}  // namespace bellhop::ctl
