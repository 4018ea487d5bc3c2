// Short names and subjects.
#include "api/ctl/names.hpp"

#include <gtest/gtest.h>

namespace bellhop::ctl {
namespace {

TEST(Names, AreGivenWithOrWithoutTheirCollection) {
  EXPECT_EQ(full_name(kSessionPrefix, "1"), "sessions/1");
  EXPECT_EQ(full_name(kSessionPrefix, "sessions/1"), "sessions/1");
  EXPECT_EQ(short_name(kSessionPrefix, "sessions/1"), "1");
  EXPECT_EQ(short_name(kSessionPrefix, "1"), "1");
}

TEST(Names, LoseTheResource) {
  EXPECT_EQ(bare_jid("a@b/c/d"), "a@b");
  EXPECT_EQ(bare_jid("a@b"), "a@b");
}

TEST(Names, OfSubjectsMayBeShort) {
  EXPECT_EQ(*parse_subject("alice@example.org"), "jid:alice@example.org");
  EXPECT_EQ(*parse_subject("example.org"), "domain:example.org");
  for (const char* text : {"total", "jid:*", "domain:*", "session:*", "jid:a@b", "domain:b"}) {
    EXPECT_EQ(*parse_subject(text), text);
  }
}

TEST(Names, OfSubjectsAreRefusedWithAnUnknownPrefix) {
  for (const char* text : {"", "*", "jid:", "user:a@b", ":a"}) {
    EXPECT_FALSE(parse_subject(text)) << text;
  }
  EXPECT_LT(parse_subject("x:" + std::string(10'000, 'y')).error().detail().size(), 400U);
}

}  // namespace
}  // namespace bellhop::ctl
