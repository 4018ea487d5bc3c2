// The error model, and what a broken invariant does.
#include "component/base/error.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace bellhop::base {
namespace {

constexpr ErrorKind kFull{"full", StanzaErrorType::wait, "resource-constraint",
                          GrpcCode::resource_exhausted, "There is no room."};
constexpr ErrorKind kTwin = kFull;

Result<int> half_of(int number) {
  if (number % 2 != 0) return Error(kFull, "odd");
  return number / 2;
}

TEST(Error, IsOfItsOwnRowOnlyEvenIfAnotherSaysTheSame) {
  const Error error(kFull, "detail");
  EXPECT_TRUE(error.is(kFull));
  EXPECT_FALSE(error.is(kTwin));
  EXPECT_EQ(&error.kind(), &kFull);
  EXPECT_EQ(error.detail(), "detail");
}

TEST(Error, IsNoErrorByDefault) {
  EXPECT_TRUE(Error().is(kNoError));
  EXPECT_EQ(Error().detail(), "");
}

TEST(Result, CarriesTheValueOrTheError) {
  EXPECT_EQ(half_of(8).value(), 4);
  const auto refused = half_of(7);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(kFull));
  EXPECT_TRUE(half_of(8).error().is(kNoError));
}

TEST(Result, SaysWhichErrorWasTakenForAValue) {
  try {
    (void)half_of(7).value();
    FAIL() << "a value came out of an error";
  } catch (const std::logic_error& error) {
    EXPECT_NE(std::string(error.what()).find("full odd"), std::string::npos) << error.what();
  }
}

TEST(Assertion, PassesQuietlyWhenItHolds) {
  int evaluated = 0;
  BELLHOP_ASSERT(++evaluated == 1);
  EXPECT_EQ(evaluated, 1);
}

TEST(AssertionDeathTest, EndsTheProcessAndNamesThePlaceWhenItDoesNotHold) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(BELLHOP_ASSERT(1 + 1 == 3), "error_test.cpp:[0-9]+: broken invariant: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace bellhop::base
