// The bytes of an upload on their way from the connection to the disk.
#pragma once

#include "proxy/files/file_worker.hpp"
#include "proxy/files/piece_digest.hpp"

namespace bellhop::files {

/// What became of a body.
enum class BodyOutcome : std::uint8_t {
  whole,     ///< all that the request brings has come
  cut_off,   ///< the client is gone, or was ended
  too_long,  ///< more than `bytes_max`
  failed,    ///< the disk refused
};

/// Takes room for more of a file and returns for how many bytes; 0: there is none.
using MoreRoom = std::function<runtime::Task<std::uint64_t>()>;

/// Writes the body of a request behind what `upload` has, and digests it, also into `piece`; the
/// offset moves with it. Memory does not grow with the size of the file. `more`, if any, is asked
/// before `bytes_max` might not do.
[[nodiscard]] runtime::Task<BodyOutcome> receive_body(http::Exchange& exchange, Transfer& transfer,
                                                      Upload& upload, std::uint64_t bytes_max,
                                                      PieceDigest& piece, MoreRoom more = {});

}  // namespace bellhop::files
