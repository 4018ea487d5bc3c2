// The refusals of bandwidth monitoring and of what it keeps: one row each.
#pragma once

#include <array>

#include "component/base/error.hpp"

namespace bellhop::observe::errors {

using base::ErrorKind;
using base::GrpcCode;
using base::StanzaErrorType;

/// More rows than kHistoryRowsMax would have to be read.
inline constexpr ErrorKind history_too_large{
    "history-too-large", StanzaErrorType::modify, "not-acceptable", GrpcCode::invalid_argument,
    "That is too much history at once: ask for longer steps, a shorter time or fewer groups."};
/// kPolicyRowsMax rows are there.
inline constexpr ErrorKind policy_rows_max{"policy-rows-max", StanzaErrorType::wait,
                                           "resource-constraint", GrpcCode::resource_exhausted,
                                           "Too many rules are set: remove some first."};
/// A text of a row is longer than kPolicyTextBytesMax.
inline constexpr ErrorKind policy_text_too_long{"policy-text-too-long", StanzaErrorType::modify,
                                                "not-acceptable", GrpcCode::invalid_argument,
                                                "The rule is too long."};

/// Every row above, once.
inline constexpr std::array kAll{&history_too_large, &policy_rows_max, &policy_text_too_long};

}  // namespace bellhop::observe::errors
