// A user's files as a table.
#include "proxy/files/list_command.hpp"

#include "tests/unit/proxy/files/opened_commands.hpp"

namespace bellhop::files {
namespace {

class ListCommandTest : public OpenedCommands {
 protected:
  ListCommandTest() { open_commands(); }
  std::size_t rows() {
    std::size_t count = 0;
    const std::string& text = user_->text();
    for (std::size_t at = text.find("<item>"); at != std::string::npos;
         at = text.find("<item>", at + 1)) {
      ++count;
    }
    return count;
  }
};

TEST_F(ListCommandTest, IsOneTableOfFewFiles) {
  const FileFacts facts = upload("hello");
  EXPECT_EQ(user_->begin("list").status(), "completed");
  EXPECT_EQ(rows(), 1U);
  EXPECT_TRUE(user_->has("<value>cat.png</value>"));
  EXPECT_TRUE(user_->has("<value>5 bytes</value>"));
  EXPECT_TRUE(user_->has("<value>https://files.example.org/f/" + facts.id.text()));
  EXPECT_TRUE(user_->has(" UTC</value>"));
}

TEST_F(ListCommandTest, SaysThatThereIsNothing) {
  upload("hello", "bob@example.org");
  EXPECT_EQ(user_->begin("list").status(), "completed");
  EXPECT_TRUE(user_->has("<note type='info'>There are no files of yours here.</note>"));
}

TEST_F(ListCommandTest, GoesForthAndBackBetweenPages) {
  upload_many(kPageFiles + 2);
  EXPECT_EQ(user_->begin("list").status(), "executing");
  EXPECT_EQ(rows(), kPageFiles);
  const std::string first = user_->text();
  EXPECT_TRUE(user_->has("type='result'"));
  EXPECT_EQ(user_->step("next").status(), "completed");
  EXPECT_EQ(rows(), 2U);

  upload_many(kPageFiles);
  user_->begin("list");
  EXPECT_EQ(user_->step("next").status(), "executing");
  EXPECT_EQ(user_->step("prev").status(), "executing");
  EXPECT_TRUE(user_->has("type='result'"));
  EXPECT_EQ(rows(), kPageFiles);
  EXPECT_EQ(user_->step("complete").status(), "completed");
  EXPECT_EQ(rows(), 0U);
}

}  // namespace
}  // namespace bellhop::files
