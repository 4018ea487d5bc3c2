// Which lines a file of users may have.
#include "config/user_file.hpp"

#include "tests/unit/config/load_support.hpp"

namespace bellhop::config {
namespace {

class UserFile : public testing::Test {
 protected:
  /// `name=password;` of each user, or why not.
  std::string users_in(std::string_view content, mode_t mode = 0600) {
    const auto users = read_user_file(folder_.write("users", content, mode));
    if (const auto* refusal = std::get_if<Refusal>(&users)) return "refused: " + refusal->message;
    std::string text;
    for (const TurnUser& user : std::get<std::vector<TurnUser>>(users)) {
      text += user.name + '=' + std::string(user.password.reveal()) + ';';
    }
    return text;
  }

  void expect_refused(std::string_view content, std::string_view why) {
    const std::string answer = users_in(content);
    EXPECT_NE(answer.find(why), std::string::npos) << answer;
    EXPECT_EQ(answer.find("hunter"), std::string::npos) << answer;
  }

  TemporaryFolder folder_;
};

TEST_F(UserFile, IsReadLineByLine) {
  EXPECT_EQ(users_in("romeo:montague\njuliet:capulet"), "romeo=montague;juliet=capulet;");
  EXPECT_EQ(users_in("# them\r\n\n  \nromeo: a:b \r\n"), "romeo= a:b ;");
  EXPECT_EQ(users_in("j\xC3\xBClia:pass\xC3\xA9\n"), "j\xC3\xBClia=pass\xC3\xA9;");
  EXPECT_EQ(users_in(""), "");
}

TEST_F(UserFile, IsRefusedWithTheLineThatIsWrongAndNothingOfIt) {
  expect_refused("romeo:x\n\nhunter2\n", "line 3 of ");
  expect_refused("hunter2\n", "has no colon");
  expect_refused(":hunter2\n", "has no name");
  expect_refused("hunter2:\n", "has no password");
  expect_refused("hunter1:hunter2\nhunter1:hunter3\n", "line 2 of ");
  expect_refused("hunter\t2:x\n", "has a control character");
  expect_refused("romeo:hunter\x7F\n", "has a control character");
}

// TURN-A11: a name of digits is a time of expiry, and so is what a server's credentials look like.
TEST_F(UserFile, HasNoNamesThatStandForATime) {
  expect_refused("1893456000:hunter2\n", "has a number as name");
  EXPECT_EQ(users_in("1893456000a:x\n"), "1893456000a=x;");
}

TEST_F(UserFile, MayHaveTheLongestNameAndPasswordAndNotOneByteMore) {
  const std::string name(508, 'n');
  const std::string password(256, 'p');
  EXPECT_EQ(users_in(name + ':' + password), name + '=' + password + ';');
  expect_refused(name + "n:" + password, "a name that is too long");
  expect_refused(name + ':' + password + 'p', "a password that is too long");
}

TEST_F(UserFile, MayHaveItsMaximumOfUsersAndNotOneMore) {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += 'u' + std::to_string(i) + ":p\n";
  EXPECT_FALSE(users_in(text).starts_with("refused"));
  expect_refused(text + "more:p\n", "line 10001 of ");
}

TEST_F(UserFile, IsRefusedWhenEverybodyMayReadItOrNobodyCan) {
  EXPECT_NE(users_in("romeo:x\n", 0644).find("read by everybody"), std::string::npos);
  EXPECT_EQ(users_in("romeo:x\n", 0640), "romeo=x;");
  EXPECT_TRUE(std::holds_alternative<Refusal>(read_user_file(folder_.path("missing"))));
}

}  // namespace
}  // namespace bellhop::config
