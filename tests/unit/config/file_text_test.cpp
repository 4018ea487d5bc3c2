// Reading small files: limits, modes, and what is no regular file.
#include "config/file_text.hpp"

#include "tests/unit/config/load_support.hpp"

namespace bellhop::config {
namespace {

using namespace std::string_literals;

TEST(FileText, ReadsAFileUpToItsLimit) {
  const TemporaryFolder folder;
  const auto content = read_file(folder.write("f", "12345"), 5);
  ASSERT_TRUE(std::holds_alternative<FileText>(content));
  EXPECT_EQ(std::get<FileText>(content).text, "12345");
  EXPECT_TRUE(std::holds_alternative<Refusal>(read_file(folder.path("f"), 4)));
}

TEST(FileText, ReadsAnEmptyFile) {
  const TemporaryFolder folder;
  const auto content = read_file(folder.write("f", ""), 5);
  ASSERT_TRUE(std::holds_alternative<FileText>(content));
  EXPECT_EQ(std::get<FileText>(content).text, "");
}

TEST(FileText, SeesWhoMayRead) {
  const TemporaryFolder folder;
  const auto readable = [&](mode_t mode) {
    return std::get<FileText>(read_file(folder.write("f", "x", mode), 5)).readable;
  };
  EXPECT_EQ(readable(0600), Readable::by_some);
  EXPECT_EQ(readable(0640), Readable::by_some);
  EXPECT_EQ(readable(0604), Readable::by_everybody);
}

TEST(FileText, SaysWhyAFileCannotBeRead) {
  const TemporaryFolder folder;
  const auto why = [](const std::string& path) {
    return std::get<Refusal>(read_file(path, 5)).message;
  };
  EXPECT_NE(why(folder.path("missing")).find("No such file"), std::string::npos);
  EXPECT_NE(why(folder.path("")).find("not a regular file"), std::string::npos);
  EXPECT_NE(why(folder.write("f", "x") + "\0y"s).find("Invalid argument"), std::string::npos);
}

TEST(FileText, DoesNotWaitForTheWriterOfAFifo) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.path("fifo").c_str(), 0600), 0);
  const auto content = read_file(folder.path("fifo"), 5);
  EXPECT_NE(std::get<Refusal>(content).message.find("not a regular file"), std::string::npos);
}

}  // namespace
}  // namespace bellhop::config
