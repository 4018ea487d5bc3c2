#include "api/admin/call.hpp"

#include <stdexcept>

namespace bellhop::admin {

std::string ApiError::message() const {
  std::string text = field_.empty() ? "" : field_ + ": ";
  return text + (message_.empty() ? std::string(kind_->text) : message_);
}

void throw_exception_from_error(const ApiError& error, const boost::source_location&) {
  throw std::logic_error("the value of a refusal was taken: " + error.message());
}

}  // namespace bellhop::admin
