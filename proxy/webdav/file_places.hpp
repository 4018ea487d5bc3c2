// At which names of a user's folder a stored file lies: COPY gives it several.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "component/store/database.hpp"
#include "proxy/files/file_id.hpp"

namespace bellhop::webdav {

/// The names below the root of each place, the oldest first, at most `count_max`. Blocking; the
/// thread of the database. Errors: store::errors::database_failed.
[[nodiscard]] base::Result<std::vector<std::vector<std::string>>> places_of(
    store::Database& database, std::string_view owner, const files::FileId& file,
    std::size_t count_max);

}  // namespace bellhop::webdav
