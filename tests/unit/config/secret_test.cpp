// A secret cannot be printed or compared.
#include "config/secret.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>

namespace bellhop::config {
namespace {

template <typename T>
concept Printable = requires(std::ostream& stream, const T& value) {
  stream << value;
};
static_assert(!Printable<Secret>, "a secret must have no way to be printed");
static_assert(!std::equality_comparable<Secret>, "comparing leaks where two secrets differ");
static_assert(!std::convertible_to<Secret, std::string>, "revealing must be asked for by name");

TEST(Secret, IsCopiedWhole) {
  const Secret original(std::string(100, 's'));
  Secret copy = original;
  EXPECT_EQ(copy.reveal(), original.reveal());
  copy = Secret("other");
  EXPECT_EQ(copy.reveal(), "other");
  EXPECT_EQ(original.reveal(), std::string(100, 's'));
}

TEST(Secret, IsEmptyAfterItWasMovedFrom) {
  Secret original("hunter2");
  const Secret moved = std::move(original);
  EXPECT_EQ(moved.reveal(), "hunter2");
  EXPECT_TRUE(original.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
}

TEST(Secret, SurvivesAssignmentToItself) {
  Secret secret("hunter2");
  const Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.reveal(), "hunter2");
}

}  // namespace
}  // namespace bellhop::config
