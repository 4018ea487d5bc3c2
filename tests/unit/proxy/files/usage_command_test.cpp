// What a user is told of their room.
#include "proxy/files/usage_command.hpp"

#include "tests/unit/proxy/files/opened_commands.hpp"

namespace bellhop::files {
namespace {

class UsageCommandTest : public OpenedCommands {
 protected:
  std::string value(std::string_view var) {
    const xmpp::FormField* field = user_->form().field(var);
    return field == nullptr ? "none" : std::string(field->value());
  }
};

TEST_F(UsageCommandTest, ShowsWhatIsStoredAndWhatIsLeft) {
  policy_ = store_policy(4096);
  open_commands();
  upload("hello");
  (void)reserve(1019);
  EXPECT_EQ(user_->begin("usage").status(), "completed");
  EXPECT_EQ(value("used"), "1 KiB");
  EXPECT_EQ(value("files"), "2");
  EXPECT_EQ(value("available"), "3 KiB");
  EXPECT_EQ(value("file-max"), "1 GiB");
  EXPECT_EQ(value("kept"), "from 7 days (the largest) to 30 days (the smallest)");
  EXPECT_EQ(value("kept-in-folder"), "none");
}

TEST_F(UsageCommandTest, SaysThatThereIsNoLimit) {
  settings_.retention = std::chrono::hours(0);
  open_commands();
  user_->begin("usage");
  EXPECT_EQ(value("used"), "0 bytes");
  EXPECT_EQ(value("available"), "no limit");
  EXPECT_EQ(value("kept"), "for ever");
}

TEST_F(UsageCommandTest, SaysWhenAllFilesAreKeptAlike) {
  settings_.retention = std::chrono::hours(24);
  open_commands();
  EXPECT_EQ(user_->begin("usage").form().field("kept")->value(), "1 day");
}

}  // namespace
}  // namespace bellhop::files
