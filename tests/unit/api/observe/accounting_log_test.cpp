// Accounting records: what a line says, and files that rotate.
#include "api/observe/accounting_log.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "component/xmpp/utf8.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::observe {
namespace {

using store::mode_of;
using store::TemporaryFolder;
using store::text_of;
using store::write_text;

AccountingRecord record(std::uint64_t sequence = 1) {
  AccountingRecord record;
  record.session = "01HF7YAT00000000000000000A";
  record.sequence = sequence;
  record.kind = "socks5";
  record.requester = "alice@a.example/phone";
  record.target = "bob@b.example/desk";
  record.domain = "a.example";
  record.start = xmpp::Timestamp(std::chrono::milliseconds(1'700'000'000'000));
  record.stop = record.start + std::chrono::milliseconds(1234);
  record.first_to_second_bytes = 18'446'744'073'709'551'615U;
  record.second_to_first_bytes = 2;
  record.dropped_bytes = 3;
  record.duration_ms = 1234;
  return record;
}

AccountingLog::Options options(const TemporaryFolder& folder,
                               std::uint64_t file_bytes_max = 1 << 20,
                               std::uint32_t old_files_max = 3) {
  return {.path = folder.file("accounting.log"),
          .file_bytes_max = file_bytes_max,
          .old_files_max = old_files_max};
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::istringstream text(text_of(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

// The sequence numbers in a file, 0 for each line that is no record.
std::vector<std::uint64_t> sequences(const std::filesystem::path& path) {
  std::vector<std::uint64_t> numbers;
  for (const auto& line : lines_of(path)) {
    boost::json::error_code ec;
    const auto value = boost::json::parse(line, ec);
    const bool is_record = !ec && value.is_object();
    numbers.push_back(is_record ? value.at("sequence").to_number<std::uint64_t>() : 0);
  }
  return numbers;
}

std::string open_error(AccountingLog::Options options) {
  try {
    const AccountingLog log(std::move(options));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "opened";
}

// Files may not grow beyond this while it lives: what a full disk looks like.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST(AccountingRecord, IsOneLineOfJson) {
  AccountingRecord last = record();
  last.is_final = true;
  last.reason = "completed";
  EXPECT_EQ(to_json_line(last),
            R"({"session":"01HF7YAT00000000000000000A","sequence":1,"final":true,)"
            R"("kind":"socks5","requester":"alice@a.example/phone",)"
            R"("target":"bob@b.example/desk","domain":"a.example",)"
            R"("start":"2023-11-14T22:13:20.000Z","stop":"2023-11-14T22:13:21.234Z",)"
            R"("first_to_second_bytes":18446744073709551615,"second_to_first_bytes":2,)"
            R"("dropped_bytes":3,"duration_ms":1234,"reason":"completed"})"
            "\n");
}

TEST(AccountingRecord, IsOneLineOfJsonWhateverTheTextsHold) {
  AccountingRecord hostile = record();
  for (int byte = 0; byte < 256; ++byte) hostile.requester += static_cast<char>(byte);
  hostile.target = "\"},{\"sequence\":7,\"\\\r\n\xE2\x80\xA8\xF0\x9F\x8E\x92\xED\xA0\x80\xC0\x80";
  hostile.reason = std::string(100'000, '"');
  const std::string line = to_json_line(hostile);
  EXPECT_TRUE(xmpp::is_utf8(line));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto object = boost::json::parse(line).as_object();
  EXPECT_EQ(object.size(), 14U);
  EXPECT_EQ(object.at("sequence").as_int64(), 1);
  EXPECT_EQ(object.at("reason").as_string(), hostile.reason);
  EXPECT_TRUE(object.at("target").as_string().starts_with("\"},{\"sequence\":7,\"\\\r\n\xE2\x80"));
  EXPECT_TRUE(object.at("target").as_string().ends_with("\xEF\xBF\xBD"));
}

TEST(AccountingLog, IsReadableByItsGroupWhateverTheUmaskSays) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(0077);
  AccountingLog log(options(folder, 1));
  EXPECT_FALSE(log.append(record(1)));
  EXPECT_FALSE(log.append(record(2)));
  ::umask(before);
  EXPECT_EQ(mode_of(folder.file("accounting.log")), 0640U);
  EXPECT_EQ(mode_of(folder.file("accounting.log.1")), 0640U);
}

TEST(AccountingLog, AppendsAcrossARestart) {
  const TemporaryFolder folder;
  for (std::uint64_t start = 0; start < 2; ++start) {
    AccountingLog log(options(folder));
    EXPECT_FALSE(log.append(record(2 * start + 1)));
    EXPECT_FALSE(log.append(record(2 * start + 2)));
  }
  EXPECT_EQ(sequences(folder.file("accounting.log")), (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

TEST(AccountingLog, IsThereBeforeItIsClosed) {
  const TemporaryFolder folder;
  AccountingLog log(options(folder));
  EXPECT_FALSE(log.append(record(1)));
  EXPECT_EQ(text_of(folder.file("accounting.log")), to_json_line(record(1)));
  EXPECT_FALSE(log.sync());
}

// A crash may cut the last line anywhere, even before its newline only.
TEST(AccountingLog, EndsALineThatACrashCutOff) {
  const std::string line = to_json_line(record(1));
  for (std::size_t kept = 0; kept <= line.size(); kept += 7) {
    const TemporaryFolder folder;
    write_text(folder.file("accounting.log"), line + line.substr(0, kept));
    AccountingLog log(options(folder));
    EXPECT_FALSE(log.append(record(9)));
    const auto numbers = sequences(folder.file("accounting.log"));
    EXPECT_EQ(numbers.front(), 1U);
    EXPECT_EQ(numbers.back(), 9U);
    EXPECT_EQ(numbers.size(), kept == 0 ? 2U : 3U);
  }
}

TEST(AccountingLog, RotatesBeforeAFileBecomesTooLarge) {
  const TemporaryFolder folder;
  const std::uint64_t line = to_json_line(record(1)).size();
  AccountingLog log(options(folder, 2 * line, 2));
  for (std::uint64_t i = 1; i <= 2; ++i) EXPECT_FALSE(log.append(record(i)));
  EXPECT_EQ(mode_of(folder.file("accounting.log.1")), 0U);  // exactly at its maximum
  for (std::uint64_t i = 3; i <= 9; ++i) EXPECT_FALSE(log.append(record(i)));
  EXPECT_EQ(sequences(folder.file("accounting.log")), (std::vector<std::uint64_t>{9}));
  EXPECT_EQ(sequences(folder.file("accounting.log.1")), (std::vector<std::uint64_t>{7, 8}));
  EXPECT_EQ(sequences(folder.file("accounting.log.2")), (std::vector<std::uint64_t>{5, 6}));
  EXPECT_EQ(mode_of(folder.file("accounting.log.3")), 0U);
  EXPECT_EQ(mode_of(folder.file("accounting.log.new")), 0U);
  EXPECT_FALSE(log.rotation_error());
}

TEST(AccountingLog, GivesALongRecordAFileOfItsOwn) {
  const TemporaryFolder folder;
  AccountingLog log(options(folder, 10, 1));
  EXPECT_FALSE(log.append(record(1)));
  EXPECT_EQ(mode_of(folder.file("accounting.log.1")), 0U);
  EXPECT_FALSE(log.append(record(2)));
  EXPECT_EQ(sequences(folder.file("accounting.log")), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(sequences(folder.file("accounting.log.1")), (std::vector<std::uint64_t>{1}));
}

TEST(AccountingLog, WritesOnWhenItCannotRotate) {
  const TemporaryFolder folder;
  AccountingLog log(options(folder, 10, 1));
  EXPECT_FALSE(log.append(record(1)));
  std::filesystem::create_directories(folder.file("accounting.log.1/taken"));
  EXPECT_FALSE(log.append(record(2)));
  EXPECT_TRUE(log.rotation_error());
  EXPECT_EQ(sequences(folder.file("accounting.log")), (std::vector<std::uint64_t>{1, 2}));
  std::filesystem::remove_all(folder.file("accounting.log.1"));
  EXPECT_FALSE(log.append(record(3)));
  EXPECT_FALSE(log.rotation_error());
  EXPECT_EQ(sequences(folder.file("accounting.log")), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(sequences(folder.file("accounting.log.1")), (std::vector<std::uint64_t>{1, 2}));
}

TEST(AccountingLog, TakesBackARecordThatDoesNotFitOnTheDisk) {
  const TemporaryFolder folder;
  AccountingLog log(options(folder));
  EXPECT_FALSE(log.append(record(1)));
  const std::string before = text_of(folder.file("accounting.log"));
  {
    const FileSizeLimit limit(before.size() + 100);
    EXPECT_TRUE(log.append(record(2)));
  }
  EXPECT_EQ(text_of(folder.file("accounting.log")), before);
  EXPECT_FALSE(log.append(record(2)));
  EXPECT_EQ(sequences(folder.file("accounting.log")), (std::vector<std::uint64_t>{1, 2}));
}

TEST(AccountingLog, TellsWhenItIsClosed) {
  const TemporaryFolder folder;
  AccountingLog log(options(folder));
  EXPECT_FALSE(log.close());
  EXPECT_TRUE(log.append(record(1)));
  EXPECT_TRUE(log.sync());
}

TEST(AccountingLog, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  AccountingLog::Options bad = options(folder);
  std::filesystem::create_directory(bad.path);
  EXPECT_NE(open_error(bad).find(bad.path.string()), std::string::npos);
  bad.path = folder.file("pipe");
  ASSERT_EQ(::mkfifo(bad.path.c_str(), 0600), 0);
  EXPECT_NE(open_error(bad).find("not a regular file"), std::string::npos);
  bad.path = folder.file("link");
  std::filesystem::create_symlink(folder.file("elsewhere"), bad.path);
  EXPECT_NE(open_error(bad), "opened");
  bad.path = folder.file("no/such/folder");
  EXPECT_NE(open_error(bad).find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace bellhop::observe
