// Files are chosen, asked for again, and deleted.
#include "proxy/files/delete_command.hpp"

#include "tests/unit/proxy/files/opened_commands.hpp"

namespace bellhop::files {
namespace {

using xmpp::test::CommandUser;

class DeleteCommandTest : public OpenedCommands {
 protected:
  DeleteCommandTest() { open_commands(); }
  // A submit that chooses these files.
  static std::string choose(const std::vector<std::string>& ids, bool wants_more = false) {
    std::string xml = "<field var='files'>";
    for (const std::string& id : ids) xml.append("<value>").append(id).append("</value>");
    xml.append("</field>");
    return xml + CommandUser::field("more", wants_more ? "1" : "0");
  }
  std::vector<std::string> options() {
    std::vector<std::string> ids;
    const xmpp::FormField* files = user_->form().field("files");
    if (files == nullptr) return ids;
    for (const xmpp::FieldOption& option : files->options) ids.push_back(option.value);
    return ids;
  }
  std::uint64_t files() { return store_->total().files; }
};

// ADM-04
TEST_F(DeleteCommandTest, DeletesNothingBeforeTheLastForm) {
  const FileFacts kept = upload("hello");
  const FileFacts gone = upload("hello you");
  EXPECT_EQ(user_->begin("delete").status(), "executing");
  EXPECT_EQ(options().size(), 2U);
  EXPECT_EQ(user_->step("next", choose({gone.id.text()})).status(), "executing");
  EXPECT_TRUE(user_->has("1 file with 9 bytes will be deleted."));
  EXPECT_EQ(files(), 2U);
  EXPECT_EQ(user_->step("complete").status(), "completed");
  EXPECT_TRUE(user_->has("<note type='info'>1 file with 9 bytes deleted.</note>"));
  EXPECT_EQ(stored_text(gone.id), "no-such-file");
  EXPECT_EQ(stored_text(kept.id), "hello");
  EXPECT_EQ(count_of("bellhop_files_removed_total", "by-user"), 1U);
}

TEST_F(DeleteCommandTest, DeletesNothingThatWasCalledOff) {
  const FileFacts facts = upload("hello");
  user_->begin("delete").step("next", choose({facts.id.text()}));
  EXPECT_EQ(user_->step("cancel").status(), "canceled");
  EXPECT_EQ(user_->step("complete").status(), "session-expired");
  EXPECT_EQ(stored_text(facts.id), "hello");
}

// ADH-07
TEST_F(DeleteCommandTest, TakesWhatItHasOfferedAndNothingElse) {
  upload("hello");
  const FileFacts other = upload("hello", "bob@example.org");
  user_->begin("delete");
  EXPECT_EQ(options().size(), 1U);
  EXPECT_EQ(user_->step("next", choose({other.id.text()})).status(), "bad-payload");
  EXPECT_EQ(user_->step("next", choose({})).status(), "bad-payload");
  EXPECT_EQ(user_->refusal().text, "Choose at least one file.");
  EXPECT_EQ(files(), 2U);
}

TEST_F(DeleteCommandTest, ChoosesFromSeveralPages) {
  upload_many(kPageFiles + 2);
  user_->begin("delete");
  const std::string first = options().front();
  EXPECT_EQ(user_->step("next", choose({first}, true)).status(), "executing");
  EXPECT_EQ(options().size(), 2U);
  EXPECT_TRUE(user_->has("Chosen before: 1 file."));
  EXPECT_EQ(user_->step("next", choose(options())).status(), "executing");
  EXPECT_TRUE(user_->has("3 files with 3 bytes will be deleted."));
  user_->step("complete");
  EXPECT_EQ(files(), kPageFiles - 1);
}

TEST_F(DeleteCommandTest, ForgetsWhatWasChosenOnAPageThatWasLeftBackwards) {
  upload_many(kPageFiles + 1);
  user_->begin("delete");
  const std::vector<std::string> page = options();
  user_->step("next", choose({page[0]}, true)).step("prev");
  user_->step("next", choose({page[1], page[2]}));
  EXPECT_TRUE(user_->has("2 files with 2 bytes"));
}

TEST_F(DeleteCommandTest, DeletesSoManyAtOnceAndNoMore) {
  upload_many(DeleteCommand::kChosenMax + 1);
  user_->begin("delete");
  for (std::size_t page = 0; page < DeleteCommand::kChosenMax / kPageFiles; ++page) {
    EXPECT_EQ(user_->step("next", choose(options(), true)).status(), "executing");
  }
  EXPECT_EQ(user_->step("next", choose(options())).status(), "bad-payload");
  EXPECT_EQ(user_->step("next", choose({})).status(), "executing");
  EXPECT_TRUE(user_->has("and 80 files more"));
  user_->step("complete");
  EXPECT_EQ(files(), 1U);
}

TEST_F(DeleteCommandTest, IsNotPutOffByFilesThatAreGoneAlready) {
  const FileFacts facts = upload("hello");
  user_->begin("delete");
  const std::string form = choose({facts.id.text()});
  EXPECT_TRUE(run(store_->remove(facts.id, RemoveReason::by_operator)));
  EXPECT_EQ(user_->step("next", form).status(), "completed");
  EXPECT_TRUE(user_->has("These files are gone already."));
  EXPECT_EQ(user_->begin("delete").status(), "completed");
  EXPECT_TRUE(user_->has("There are no files of yours here."));
}

}  // namespace
}  // namespace bellhop::files
