// The refusals of the database: one row each.
#pragma once

#include <array>

#include "component/base/error.hpp"

namespace bellhop::store::errors {

using base::ErrorKind;
using base::GrpcCode;
using base::StanzaErrorType;

/// SQLite failed: disk full, file damaged, locked by somebody else for too long. The detail has its
/// words.
inline constexpr ErrorKind database_failed{"database-failed", StanzaErrorType::wait,
                                           "internal-server-error", GrpcCode::unavailable,
                                           "The database could not be used."};

/// Every row above, once.
inline constexpr std::array kAll{&database_failed};

}  // namespace bellhop::store::errors
