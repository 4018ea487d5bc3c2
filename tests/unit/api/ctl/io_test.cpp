// Locale and environment.
#include "api/ctl/io.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace bellhop::ctl {
namespace {

bool is_utf8(std::map<std::string, std::string> environment) {
  std::stringstream stream;
  const Io io{.in = stream, .out = stream, .err = stream, .environment = std::move(environment)};
  return io.is_utf8();
}

TEST(Io, TakesTheCharactersFromTheFirstLocaleVariableThatIsSet) {
  EXPECT_FALSE(is_utf8({}));
  EXPECT_TRUE(is_utf8({{"LANG", "de_DE.UTF-8"}}));
  EXPECT_TRUE(is_utf8({{"LANG", "en_US.utf8"}}));
  EXPECT_FALSE(is_utf8({{"LANG", "de_DE.UTF-8"}, {"LC_CTYPE", "C"}}));
  EXPECT_TRUE(is_utf8({{"LC_ALL", "C.UTF-8"}, {"LC_CTYPE", "C"}}));
  EXPECT_TRUE(is_utf8({{"LC_ALL", ""}, {"LANG", "C.UTF-8"}}));
}

TEST(Io, OfTheProcessHasItsEnvironment) {
  ::setenv("BELLHOPCTL_TEST_VARIABLE", "a=b", 1);
  const Io io = process_io();
  EXPECT_EQ(io.variable("BELLHOPCTL_TEST_VARIABLE"), "a=b");
  EXPECT_EQ(io.variable("BELLHOPCTL_TEST_NONE"), "");
  EXPECT_GE(io.columns, 1U);
  ::unsetenv("BELLHOPCTL_TEST_VARIABLE");
}

}  // namespace
}  // namespace bellhop::ctl
