// Pages of a user's files.
#include "proxy/files/file_page.hpp"

#include <set>

#include "tests/unit/proxy/files/opened_commands.hpp"

namespace bellhop::files {
namespace {

class FilePageTest : public OpenedCommands {
 protected:
  FilePageTest() { open_commands(); }
  base::Result<FilePage> page(std::string after = "") {
    const CommandContext context{*store_, admission_, nullptr, kUrl};
    base::Result<FilePage> read = base::Error(errors::store_failed);
    auto keep = [](runtime::Task<base::Result<FilePage>> task,
                   base::Result<FilePage>& to) -> runtime::Task<> {
      to = co_await std::move(task);
    };
    run(keep(read_page(context, "alice@example.org", std::move(after)), read));
    return read;
  }
};

TEST_F(FilePageTest, HasEachFileOnceAndNoneOfOthers) {
  upload_many(2 * kPageFiles);
  upload("y", "bob@example.org");
  (void)reserve(5);  // not stored yet
  std::set<std::string> names;
  std::string after;
  for (const std::size_t expected : {kPageFiles, kPageFiles}) {
    const auto read = page(after);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->files.size(), expected);
    for (const ShownFile& file : read->files) names.insert(file.facts.id.text());
    after = read->next;
  }
  EXPECT_EQ(names.size(), 2 * kPageFiles);
  EXPECT_EQ(after, "");
}

TEST_F(FilePageTest, SaysWhereAnUploadIs) {
  const FileFacts facts = upload("hello");
  const auto read = page();
  ASSERT_TRUE(read);
  ASSERT_EQ(read->files.size(), 1U);
  EXPECT_EQ(read->files[0].place, "upload");
  EXPECT_EQ(read->files[0].link, std::string(kUrl) + "/f/" + facts.id.text() + "/cat.png");
}

TEST_F(FilePageTest, BeginsNowhereElse) {
  for (const char* after : {"x", "1", "1.", "1.short", ".AAAAAAAAAAAAAAAAAAAAAA"}) {
    expect_refusal(page(after), errors::no_such_file);
  }
}

}  // namespace
}  // namespace bellhop::files
