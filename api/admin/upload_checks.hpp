// The way that a user's upload takes, walked by ourselves: slot, PUT, GET, DELETE.
#pragma once

#include "api/admin/checks.hpp"

namespace bellhop::admin {

/// `upload.address`: links are https and lead where the Internet gets.
[[nodiscard]] runtime::Task<CheckOutcome> check_upload_address(Core& core);
/// `upload.loop`: a file is granted a slot through the server, uploaded, fetched, deleted and gone.
[[nodiscard]] runtime::Task<CheckOutcome> check_upload_loop(Core& core);
/// `upload.room`: the disk has room for more.
[[nodiscard]] runtime::Task<CheckOutcome> check_upload_room(Core& core);

}  // namespace bellhop::admin
