// Which parts of a file are never shown, however it is broken.
#include "config/source_text.hpp"

#include <gtest/gtest.h>

namespace bellhop::config {
namespace {

// Every line of a text as it would be shown.
std::string shown(std::string_view text) {
  const SourceText source(text);
  std::string result;
  for (std::size_t line = 1; line <= 6; ++line) result += source.shown_line(line) + '\n';
  return result;
}

TEST(SourceText, ShowsLinesWithoutTheirEnds) {
  const SourceText source("a = 1\r\n\tb = 2\n\nlast");
  EXPECT_EQ(source.shown_line(1), "a = 1");
  EXPECT_EQ(source.shown_line(2), "\tb = 2");
  EXPECT_EQ(source.shown_line(3), "");
  EXPECT_EQ(source.shown_line(4), "last");
  EXPECT_EQ(source.shown_line(0), "");
  EXPECT_EQ(source.shown_line(5), "");
}

TEST(SourceText, LeavesOutAByteOrderMark) {
  EXPECT_EQ(SourceText("\xEF\xBB\xBFjid = 1").shown_line(1), "jid = 1");
}

TEST(SourceText, DoesNotShowVeryLongLines) {
  const std::string longest(500, 'a');
  EXPECT_EQ(SourceText(longest).shown_line(1), longest);
  EXPECT_EQ(SourceText(longest + 'a').shown_line(1), "");
}

TEST(SourceText, TellsKeysOfSecretsFromOthers) {
  for (const char* key : {"secret", "Secret", "secrets", "secrt", "sceret", "my_secret", "password",
                          "passwd", "pass", "secret_fil"}) {
    EXPECT_TRUE(is_secret_key(key)) << key;
  }
  for (const char* key :
       {"secret_file", "secret_env", "server", "security", "services", "jid", ""}) {
    EXPECT_FALSE(is_secret_key(key)) << key;
  }
}

TEST(SourceText, HidesASecretHoweverItIsWritten) {
  for (const char* line :
       {"secret = \"hunter2\"", "secret=hunter2", "secret: hunter2", "secret \"hunter2\"",
        "\"secret\" = 'hunter2'", "component = [{jid = \"a\", secret = \"hunter2\"}]",
        "# secret = \"hunter2\"", "a.secret = \"hunter2\"", "secrt = \"hunter2\"",
        "password = \"hunter2\"", "SECRET = hunter2", "  secret = 'x' # hunter2"}) {
    const std::string text = shown(line);
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
    EXPECT_NE(text.find("(hidden)"), std::string::npos) << text;
  }
}

TEST(SourceText, HidesASecretThatGoesOverSeveralLines) {
  for (const char* text :
       {"secret = \"\"\"\nhunter2\nhunter2\"\"\"\nnext = 1",
        "secret = '''x\nhunter2'''\n\nnext = 1", "secret = [\n\"hunter2\",\n]\nnext = 1",
        "secret =\nhunter2\n\nnext = 1", "secret:\n  hunter2\n\nnext = 1"}) {
    const std::string lines = shown(text);
    EXPECT_EQ(lines.find("hunter2"), std::string::npos) << lines;
    EXPECT_NE(lines.find("next = 1"), std::string::npos) << lines;
  }
}

TEST(SourceText, HidesASecretBehindAStringThatIsNotClosed) {
  EXPECT_EQ(shown("name = \"\"\"abc\nsecret = \"hunter2\"").find("hunter2"), std::string::npos);
  EXPECT_EQ(shown("name = \"abc\nsecret = \"hunter2\"").find("hunter2"), std::string::npos);
}

TEST(SourceText, ShowsPathsAndNamesThatOnlyPointToASecret) {
  for (const char* line : {"secret_file = \"/etc/bellhop/secret\"", "secret_env = \"BELLHOP_KEY\"",
                           "server = \"a:1\""}) {
    EXPECT_EQ(SourceText(line).shown_line(1), line);
  }
}

TEST(SourceText, DistrustsMessagesAboutTheLineAfterASecretToo) {
  const SourceText source("a = 1\nsecret = \"x\"\nb = 1\nc = 1");
  EXPECT_FALSE(source.may_quote_secret(1));
  EXPECT_TRUE(source.may_quote_secret(2));
  EXPECT_TRUE(source.may_quote_secret(3));
  EXPECT_FALSE(source.may_quote_secret(4));
}

TEST(SourceText, FindsAKeyWithMorePartsThanTheParserShouldSee) {
  EXPECT_EQ(SourceText("x = 1\na.b.c.d.e.f.g.h = 1").too_deep_key(), std::nullopt);
  EXPECT_EQ(SourceText("x = 1\na.b.c.d.e.f.g.h.i = 1").too_deep_key(), (Position{2, 1}));
  EXPECT_EQ(SourceText("[a.b.c.d.e.f.g.h.i]").too_deep_key(), (Position{1, 1}));
  EXPECT_EQ(SourceText("'a'.\"b\".c.d.e.f.g.h.i = 1").too_deep_key(), (Position{1, 1}));
}

TEST(SourceText, CountsNoDotsInStringsAndComments) {
  for (const char* text :
       {"a = \"1.2.3.4.5.6.7.8.9.10\"", "a = '1.2.3.4.5.6.7.8.9.10'", "# 1.2.3.4.5.6.7.8.9.10",
        "a = \"\"\"\n1.2.3.4.5.6.7.8.9.10\n\"\"\"",
        "a = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]", "a = \"\\\"\" # 1.2.3.4.5.6.7.8.9.10",
        "a = \"\"\"x\"\"\"\"\" # 1.2.3.4.5.6.7.8.9.10"}) {
    EXPECT_EQ(SourceText(text).too_deep_key(), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace bellhop::config
