// Which files a secret may come from.
#include "config/secret_file.hpp"

#include "tests/unit/config/load_support.hpp"

namespace bellhop::config {
namespace {

class SecretFile : public testing::Test {
 protected:
  std::string secret_in(std::string_view content) {
    const auto secret = read_secret_file(folder_.write("secret", content));
    if (const auto* refusal = std::get_if<Refusal>(&secret)) return "refused: " + refusal->message;
    return std::string(std::get<Secret>(secret).reveal());
  }

  TemporaryFolder folder_;
};

TEST_F(SecretFile, IsReadWithoutItsLineEnd) {
  EXPECT_EQ(secret_in("hunter2"), "hunter2");
  EXPECT_EQ(secret_in("hunter2\n"), "hunter2");
  EXPECT_EQ(secret_in("hunter2\r\n"), "hunter2");
  EXPECT_EQ(secret_in(" hunter 2 \n\n"), " hunter 2 ");
}

TEST_F(SecretFile, IsRefusedWhenEmpty) {
  EXPECT_NE(secret_in("").find("it is empty"), std::string::npos);
  EXPECT_NE(secret_in("\n\r\n").find("it is empty"), std::string::npos);
}

TEST_F(SecretFile, IsRefusedWithSeveralLinesAndNotQuoted) {
  const std::string answer = secret_in("hunter2\nhunter3\n");
  EXPECT_NE(answer.find("several lines"), std::string::npos);
  EXPECT_EQ(answer.find("hunter"), std::string::npos);
}

TEST_F(SecretFile, MayHaveItsMaximumAndNotOneByteMore) {
  EXPECT_EQ(secret_in(std::string(4096, 's')), std::string(4096, 's'));
  EXPECT_NE(secret_in(std::string(4097, 's')).find("too large"), std::string::npos);
}

TEST_F(SecretFile, IsRefusedWhenEverybodyMayReadIt) {
  const std::string path = folder_.write("secret", "hunter2\n", 0644);
  const auto secret = read_secret_file(path);
  ASSERT_TRUE(std::holds_alternative<Refusal>(secret));
  EXPECT_NE(std::get<Refusal>(secret).message.find("read by everybody"), std::string::npos);
  EXPECT_NE(std::get<Refusal>(secret).hint.find("chmod o= " + path), std::string::npos);
  EXPECT_EQ(std::get<Refusal>(secret).message.find("hunter2"), std::string::npos);
}

TEST_F(SecretFile, MayBeReadByItsGroup) {
  const auto secret = read_secret_file(folder_.write("secret", "hunter2\n", 0640));
  EXPECT_TRUE(std::holds_alternative<Secret>(secret));
}

TEST_F(SecretFile, IsRefusedWithTheReasonWhenItCannotBeRead) {
  const auto secret = read_secret_file(folder_.path("missing"));
  ASSERT_TRUE(std::holds_alternative<Refusal>(secret));
  EXPECT_NE(std::get<Refusal>(secret).message.find("No such file or directory"), std::string::npos);
}

}  // namespace
}  // namespace bellhop::config
