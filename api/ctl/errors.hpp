// What a person can get wrong on the command line. The detail of the Error is the sentence shown.
#pragma once

#include "component/base/error.hpp"

namespace bellhop::ctl::errors {

/// An argument that does not say what it should; the detail says what may stand there.
inline constexpr base::ErrorKind bad_argument{"bad-argument", base::StanzaErrorType::modify,
                                              "bad-request", base::GrpcCode::invalid_argument,
                                              "An argument is wrong."};

}  // namespace bellhop::ctl::errors
