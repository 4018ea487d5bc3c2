#include "component/base/error.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace bellhop::base {

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("value() of a refused result: " + std::string(error.kind().name) + " " +
                         error.detail());
}

void assertion_failed(const char* expression, std::source_location where) {
  std::fprintf(stderr, "%s:%u: broken invariant: %s\n", where.file_name(), where.line(),
               expression);
  std::abort();
}

}  // namespace bellhop::base
