// The state folder: made, refused, kept.
#include "api/state.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::api {
namespace {

using store::mode_of;
using store::TemporaryFolder;
using store::text_of;
using store::write_text;

config::MonitoringSettings in(const std::filesystem::path& folder) {
  config::MonitoringSettings settings;
  settings.state_dir = folder.string();
  return settings;
}

// What the refusal says; a test failure if there is none.
std::string refusal(const config::MonitoringSettings& settings) {
  try {
    const State state(settings);
  } catch (const std::runtime_error& failure) {
    return failure.what();
  }
  ADD_FAILURE() << "it was opened";
  return {};
}

TEST(State, MakesItsFolderForItselfAlone) {
  const TemporaryFolder parent;
  const State state(in(parent.file("state")));
  EXPECT_EQ(mode_of(parent.file("state")), 0750U);
  EXPECT_EQ(mode_of(parent.file("state/audit.jsonl")) & 0007U, 0U);
  EXPECT_EQ(mode_of(parent.file("state/accounting.jsonl")) & 0007U, 0U);
  EXPECT_NE(mode_of(parent.file("state/bellhop.db")), 0U);
  EXPECT_TRUE(state.accounting);
}

TEST(State, TakesAFolderThatIsThereAsItIs) {
  const TemporaryFolder parent;
  std::filesystem::create_directory(parent.file("state"));
  std::filesystem::permissions(parent.file("state"), std::filesystem::perms(0700));
  const State state(in(parent.file("state")));
  EXPECT_EQ(mode_of(parent.file("state")), 0700U);
}

TEST(State, WritesNoAccountingThatNobodyWants) {
  const TemporaryFolder parent;
  auto settings = in(parent.file("state"));
  settings.accounting = false;
  const State state(settings);
  EXPECT_FALSE(state.accounting);
  EXPECT_FALSE(std::filesystem::exists(parent.file("state/accounting.jsonl")));
}

TEST(State, RefusesAFileInTheWay) {
  const TemporaryFolder parent;
  write_text(parent.file("state"), "mine");
  EXPECT_NE(refusal(in(parent.file("state"))).find(parent.file("state").string()),
            std::string::npos);
  EXPECT_EQ(text_of(parent.file("state")), "mine");
}

TEST(State, DoesNotMakeParents) {
  const TemporaryFolder parent;
  EXPECT_FALSE(refusal(in(parent.file("not/there"))).empty());
  EXPECT_FALSE(std::filesystem::exists(parent.file("not")));
}

TEST(State, RefusesFoldersInTheWayOfItsFiles) {
  for (const char* name : {"bellhop.db", "accounting.jsonl", "audit.jsonl"}) {
    const TemporaryFolder parent;
    std::filesystem::create_directories(parent.file("state") / name);
    const std::string words = refusal(in(parent.file("state")));
    EXPECT_EQ(words.find('\n'), std::string::npos) << words;
  }
}

TEST(State, RefusesADatabaseThatIsNone) {
  const TemporaryFolder parent;
  std::filesystem::create_directory(parent.file("state"));
  const std::string text(10'000, 'x');
  write_text(parent.file("state/bellhop.db"), text);
  EXPECT_FALSE(refusal(in(parent.file("state"))).empty());
  EXPECT_EQ(text_of(parent.file("state/bellhop.db")), text);
}

TEST(State, AppendsToTheAuditLogAcrossRestarts) {
  const TemporaryFolder parent;
  {
    State state(in(parent.file("state")));
    EXPECT_TRUE(state.append_audit(R"({"n":1})"));
    EXPECT_TRUE(state.append_audit(R"({"n":2})"));
  }
  State state(in(parent.file("state")));
  EXPECT_TRUE(state.append_audit(R"({"n":3})"));
  EXPECT_EQ(text_of(parent.file("state/audit.jsonl")), "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
}

TEST(State, KeepsRulesAndUsage) {
  const TemporaryFolder parent;
  {
    State state(in(parent.file("state")));
    ASSERT_TRUE(state.policy.set({"quota", "total", "{}", "uid:0", 1}));
    ASSERT_TRUE(state.usage.add({{"total", 19'000, 5}}));
  }
  const State state(in(parent.file("state")));
  EXPECT_EQ(state.policy.load().value().size(), 1U);
  EXPECT_EQ(state.usage.read("total", 19'000).value().day_bytes, 5U);
}

}  // namespace
}  // namespace bellhop::api
