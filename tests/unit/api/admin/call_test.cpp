// Refusals as an operator reads them.
#include "api/admin/call.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace bellhop::admin {
namespace {

TEST(ApiError, SaysWhatItsRowSaysWhereThereIsNothingMore) {
  EXPECT_EQ(ApiError(errors::not_found).message(), std::string(errors::not_found.text));
  EXPECT_EQ(ApiError(errors::not_found, "no such thing").message(), "no such thing");
}

TEST(ApiError, NamesTheFieldAtFault) {
  const ApiError error = bad("page_size", "must not be negative");
  EXPECT_EQ(&error.kind(), &errors::bad_argument);
  EXPECT_EQ(error.field(), "page_size");
  EXPECT_EQ(error.message(), "page_size: must not be negative");
  EXPECT_EQ(ApiError(errors::bad_argument, "x").at("a.b").message(), "a.b: x");
}

TEST(ApiError, TakesOverARefusalFromBelowWithItsDetail) {
  const base::Error below(errors::bad_filter, "column 7: unknown field");
  const ApiError error = ApiError(below).at("filter");
  EXPECT_EQ(&error.kind(), &errors::bad_filter);
  EXPECT_EQ(error.message(), "filter: column 7: unknown field");
}

TEST(ApiError, TheValueOfARefusalIsABugThatNamesIt) {
  const ApiResult<int> refused = bad("size", "is wrong");
  try {
    (void)refused.value();
    FAIL();
  } catch (const std::logic_error& failure) {
    EXPECT_NE(std::string(failure.what()).find("size: is wrong"), std::string::npos);
  }
}

}  // namespace
}  // namespace bellhop::admin
