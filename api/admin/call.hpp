// What a call to the admin API is, whatever transport it came by.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <utility>

#include "api/admin/errors.hpp"
#include "component/base/error.hpp"
#include "config/settings.hpp"

namespace bellhop::admin {

/// Who calls, as the transport found out.
struct Caller {
  std::string identity;  ///< `uid:1000`, a certificate's name, `page`, `loopback`
  config::AdminRole role = config::AdminRole::read;
};

/// A refusal for an operator, who unlike a user is told everything.
class ApiError {
 public:
  ApiError() : kind_(&base::kNoError) {}  // boost::system::result asks for it
  ApiError(const base::Error& error)      // NOLINT: a refusal from below *is* one
      : kind_(&error.kind()), message_(error.detail()) {}
  explicit ApiError(const base::ErrorKind& kind, std::string message = {}, std::string field = {})
      : kind_(&kind), message_(std::move(message)), field_(std::move(field)) {}

  [[nodiscard]] const base::ErrorKind& kind() const { return *kind_; }
  /// One sentence; the row's own text where there is nothing more to say.
  [[nodiscard]] std::string message() const;
  /// The field of the request at fault; empty: none.
  [[nodiscard]] const std::string& field() const { return field_; }
  [[nodiscard]] ApiError at(std::string field) && {
    field_ = std::move(field);
    return std::move(*this);
  }

 private:
  const base::ErrorKind* kind_;
  std::string message_;
  std::string field_;
};

/// value() of an error is a bug of ours.
[[noreturn]] void throw_exception_from_error(const ApiError& error, const boost::source_location&);

template <typename T>
using ApiResult = boost::system::result<T, ApiError>;

/// A field of the request is wrong.
[[nodiscard]] inline ApiError bad(std::string field, std::string message) {
  return ApiError(errors::bad_argument, std::move(message), std::move(field));
}

}  // namespace bellhop::admin
