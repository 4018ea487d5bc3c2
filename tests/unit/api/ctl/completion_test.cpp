// The completion scripts: the files that are shipped, and bash running one.
#include "api/ctl/completion.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  ::pclose(pipe);
  return text;
}

// What bash offers for a line, one word a line; names come from a program that prints hostile ones.
std::string offered(const std::string& line) {
  const std::string script = BELLHOP_SOURCE_FOLDER "/deploy/completion/bellhopctl.bash";
  return output_of("bash --norc -c '. " + script + "; COMP_LINE=\"" + line +
                   "\"; COMP_POINT=${#COMP_LINE}; fake() { echo \"$*\" >&2; echo 01ABC; echo 02XYZ;"
                   " }; compopt() { :; }; _bellhopctl fake; printf \"%s\\n\" \"${COMPREPLY[@]}\"'"
                   " 2>/dev/null");
}

TEST(Completion, FilesAreWhatTheCommandPrints) {
  EXPECT_EQ(file_text(BELLHOP_SOURCE_FOLDER "/deploy/completion/bellhopctl.bash"),
            run_without({"completion", "bash"}).out)
      << "make it again: bellhopctl completion bash";
  EXPECT_EQ(file_text(BELLHOP_SOURCE_FOLDER "/deploy/completion/_bellhopctl"),
            run_without({"completion", "zsh"}).out)
      << "make it again: bellhopctl completion zsh";
}

TEST(Completion, OffersVerbsAndOptions) {
  EXPECT_EQ(offered("bellhopctl se"), "session\n");
  EXPECT_EQ(offered("bellhopctl session "), "list\nget\nwatch\nend\nlimit\n");
  EXPECT_EQ(offered("bellhopctl -o json --timeout 5s session l"), "list\nlimit\n");
  EXPECT_EQ(offered("bellhopctl session list --f"), "--filter\n");
  EXPECT_EQ(offered("bellhopctl policy quota set --d"), "--daily\n--dry-run\n");
  EXPECT_EQ(offered("bellhopctl session list --add"), "--address\n");
}

TEST(Completion, OffersTheWordsOfAnOption) {
  EXPECT_EQ(offered("bellhopctl session list --sort "), "rate\nbytes\nage\nnewest\n");
  EXPECT_EQ(offered("bellhopctl session list --sort=b"), "bytes\n");
  EXPECT_EQ(offered("bellhopctl node -o j"), "json\n");
  EXPECT_EQ(offered("bellhopctl log set d"), "debug\n");
  EXPECT_EQ(offered("bellhopctl policy access set total d"), "deny\n");
}

TEST(Completion, OffersOnlyTheRestOfAWordWithAColon) {
  EXPECT_EQ(offered("bellhopctl policy usage j"), "jid:\njid:*\n");
  EXPECT_EQ(offered("bellhopctl policy usage jid:"), "\n*\n");
}

TEST(Completion, AsksTheDaemonForNames) {
  EXPECT_EQ(offered("bellhopctl session get "), "01ABC\n02XYZ\n");
  EXPECT_EQ(offered("bellhopctl session end 01ABC 02"), "02XYZ\n");
  EXPECT_EQ(offered("bellhopctl upstream reconnect 0"), "01ABC\n02XYZ\n");
}

TEST(Completion, KnowsWhichNamesAShellCanTake) {
  for (const char* name : {"01JDX", "bellhop.example.org", "a-b_c@d/e:1"}) {
    EXPECT_TRUE(is_shell_safe(name)) << name;
  }
  for (const char* name : {"", "a b", "$(x)", "`x`", "a;b", "a*b", "é", "a\nb", "'a'"}) {
    EXPECT_FALSE(is_shell_safe(name)) << name;
  }
}

TEST(Completion, OfZshIsReadByZsh) {
  if (output_of("command -v zsh").empty()) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(output_of("zsh -n " BELLHOP_SOURCE_FOLDER "/deploy/completion/_bellhopctl 2>&1"), "");
}

}  // namespace
}  // namespace bellhop::ctl
