// Files as text, with hostile names, and options as filters.
#include "api/ctl/file_view.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace bellhop::ctl {
namespace {

using namespace std::chrono_literals;
using bellhop::admin::v1::File;

constexpr std::int64_t kNow = 1'772'366'400;  // 2026-03-01 12:00:00 UTC

Moment now() {
  return Moment(std::chrono::seconds(kNow));
}

File picture() {
  File file;
  file.set_name("files/kXq");
  file.set_owner("alice@example.org");
  file.set_origin("upload");
  file.set_purpose("message");
  file.set_display_name("photo.jpg");
  file.set_media_type("image/jpeg");
  file.set_size_bytes(1536 * 1024);
  file.set_state(bellhop::admin::v1::FILE_STATE_STORED);
  file.mutable_create_time()->set_seconds(kNow - 200);
  file.mutable_expire_time()->set_seconds(kNow + 7200);
  file.set_sha256("ab12");
  return file;
}

std::string row_of(const File& file) {
  Table table = file_table();
  add_file_row(table, file, now());
  std::ostringstream out;
  table.print(out, {});
  return out.str();
}

std::string fields_of(const File& file) {
  std::ostringstream out;
  file_fields(file, now()).print(out, {});
  return out.str();
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(FileView, RowTellsWhoseFileItIsAndWhenItGoes) {
  EXPECT_EQ(row_of(picture()),
            "FILE  OWNER              FROM       SIZE  AGE   GOES  TYPE        NAME\n"
            "kXq   alice@example.org  upload  1.5 MiB   3m  in 2h  image/jpeg  photo.jpg\n");
}

TEST(FileView, RowMarksWhatHasNotCome) {
  File file = picture();
  file.set_state(bellhop::admin::v1::FILE_STATE_EXPECTED);
  file.clear_expire_time();
  const std::string row = row_of(file);
  EXPECT_TRUE(has(row, "(expected)")) << row;
  EXPECT_FALSE(has(row, "image/jpeg")) << row;
  EXPECT_TRUE(has(row, "never")) << row;
  file.mutable_expire_time()->set_seconds(kNow);
  EXPECT_TRUE(has(row_of(file), " now ")) << row_of(file);
}

TEST(FileView, FieldsTellAllThatIsKnown) {
  const std::string text = fields_of(picture());
  for (const char* line :
       {"file:       files/kXq\n", "name:       photo.jpg\n", "owner:      alice@example.org\n",
        "from:       an upload (message)\n", "type:       image/jpeg\n", "size:       1.5 MiB\n",
        "state:      stored\n", "stored at:  2026-03-01 11:56:40 (3m 20s ago)\n",
        "goes:       2026-03-01 14:00:00 (in 2h)\n", "sha-256:    ab12\n"}) {
    EXPECT_TRUE(has(text, line)) << text;
  }
}

TEST(FileView, FieldsTellOfWhatHasNotCome) {
  File file = picture();
  file.set_state(bellhop::admin::v1::FILE_STATE_EXPECTED);
  file.set_origin("dav");
  file.clear_expire_time();
  const std::string text = fields_of(file);
  EXPECT_TRUE(has(text, "expected: a slot was granted\n")) << text;
  EXPECT_TRUE(has(text, "granted:")) << text;
  EXPECT_FALSE(has(text, "stored at")) << text;
  EXPECT_TRUE(has(text, "a WebDAV folder\n")) << text;
  EXPECT_TRUE(has(text, " never\n")) << text;
}

// Users choose names; a terminal must not obey them.
TEST(FileView, TextIsCleanWhateverTheNamesHold) {
  File file = picture();
  file.set_display_name("a\x1B[2J\nb");
  file.set_media_type("x\x1B/\r");
  file.set_owner("o\x07@b");
  for (const std::string& text : {row_of(file), fields_of(file), file_line(file)}) {
    EXPECT_EQ(text.find_first_of("\x1B\x07\r"), std::string::npos) << text;
  }
  EXPECT_EQ(row_of(file).find('\n', row_of(file).find('\n') + 1), row_of(file).size() - 1);
  EXPECT_EQ(file_line(file), "kXq o�@b 1.5 MiB a�[2J�b");
  EXPECT_EQ(file_line(picture()), "kXq alice@example.org 1.5 MiB photo.jpg");
}

FileChoice of_owner(std::string owner) {
  FileChoice choice;
  choice.owner = std::move(owner);
  return choice;
}

TEST(FileView, FilterOfNothingIsEmpty) {
  EXPECT_EQ(to_filter({}), "");
}

TEST(FileView, FilterSaysWhatOptionsSay) {
  EXPECT_EQ(to_filter(of_owner("alice@example.org")), "owner = \"alice@example.org\"");
  EXPECT_EQ(to_filter(of_owner("example.org")), "domain = \"example.org\"");
  FileChoice choice;
  choice.older_than = 90s;
  EXPECT_EQ(to_filter(choice), "age_seconds > 90");
  choice.older_than = 1ms;
  EXPECT_EQ(to_filter(choice), "age_seconds > 1") << "rather a second too old than too young";
  choice.larger_than = 18'446'744'073'709'551'615U;
  EXPECT_EQ(to_filter(choice), "age_seconds > 1 AND size_bytes > 18446744073709551615");
  choice.filter = "state = stored OR origin = dav";
  choice.owner = "a@b";
  EXPECT_EQ(to_filter(choice),
            "(state = stored OR origin = dav) AND owner = \"a@b\" AND age_seconds > 1 AND"
            " size_bytes > 18446744073709551615");
}

// XEP-0106 JIDs have backslashes; a star or a quote must not widen what is deleted.
TEST(FileView, FilterTakesOwnersLiterally) {
  EXPECT_EQ(to_filter(of_owner(R"(bob\40example.net@b)")), R"(owner = "bob\\40example.net@b")");
  EXPECT_EQ(to_filter(of_owner("*@example.org")), R"(owner = "\*@example.org")");
  EXPECT_EQ(to_filter(of_owner("*")), R"(domain = "\*")");
  EXPECT_EQ(to_filter(of_owner(R"(" OR name:* OR owner = "a@b)")),
            R"(owner = "\" OR name:\* OR owner = \"a@b")");
}

TEST(FileView, TellsLinksFromNames) {
  for (const char* link : {"https://files.example.org/f/x/y", "aesgcm://h/f/x/y#z", "/f/x/y",
                           "/dav/a@b/c", "f/x/y", "dav/a@b/c", "/", "://"}) {
    EXPECT_TRUE(is_link(link)) << link;
  }
  for (const char* name : {"", "kXq", "files/kXq", "f", "dav", "fx/y", "davx/y", "f-x_Y"}) {
    EXPECT_FALSE(is_link(name)) << name;
  }
}

}  // namespace
}  // namespace bellhop::ctl
