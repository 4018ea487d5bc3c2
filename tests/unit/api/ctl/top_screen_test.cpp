// `top` as a program on a terminal of its own: it draws, obeys keys, and leaves the terminal as it
// was, whatever ends it.
#include "api/ctl/top_screen.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>

#include "component/base/unique_fd.hpp"
#include "tests/unit/api/ctl/top_stand_in.hpp"

namespace bellhop::ctl {
namespace {

constexpr int kPatienceMs = 20'000;
const std::string kEnterScreen = "\x1B[?1049h";  // of TERM=xterm
const std::string kLeaveScreen = "\x1B[?1049l";

class TopProgram {
 public:
  TopProgram(const StandIn& daemon, unsigned short rows, unsigned short columns) {
    winsize size{};
    size.ws_row = rows;
    size.ws_col = columns;
    int outside = -1;
    int inside = -1;
    EXPECT_EQ(::openpty(&outside, &inside, nullptr, nullptr, &size), 0);
    outside_ = base::UniqueFd(outside);
    inside_ = base::UniqueFd(inside);
    EXPECT_EQ(::tcgetattr(inside, &before_), 0);
    std::string address = daemon.address();
    std::array<std::string, 4> words{BELLHOPCTL_PROGRAM, "--address", address, "top"};
    std::array<char*, 5> arguments{words[0].data(), words[1].data(), words[2].data(),
                                   words[3].data(), nullptr};
    std::array<std::string, 3> variables{"TERM=xterm", "LC_ALL=C.UTF-8", "TZ=UTC"};
    std::array<char*, 4> environment{variables[0].data(), variables[1].data(), variables[2].data(),
                                     nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    for (int fd = 0; fd < 3; ++fd) ::posix_spawn_file_actions_adddup2(&actions, inside, fd);
    EXPECT_EQ(::posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, arguments.data(),
                            environment.data()),
              0);
    ::posix_spawn_file_actions_destroy(&actions);
  }

  ~TopProgram() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  TopProgram(const TopProgram&) = delete;
  TopProgram& operator=(const TopProgram&) = delete;

  // Reads the screen until `text` comes.
  void expect(const std::string& text) {
    while (shown_.find(text) == std::string::npos) {
      pollfd wait{.fd = outside_.value(), .events = POLLIN, .revents = 0};
      ASSERT_EQ(::poll(&wait, 1, kPatienceMs), 1) << "no \"" << text << "\" in " << shown_;
      std::array<char, 4096> buffer;
      const ssize_t n = ::read(outside_.value(), buffer.data(), buffer.size());
      ASSERT_GT(n, 0) << shown_;
      shown_.append(buffer.data(), static_cast<std::size_t>(n));
    }
    shown_.erase(0, shown_.find(text) + text.size());
  }

  void type(const std::string& keys) {
    EXPECT_EQ(::write(outside_.value(), keys.data(), keys.size()),
              static_cast<ssize_t>(keys.size()));
  }
  void signal(int number) const { ::kill(pid_, number); }

  // The exit status; 128 and the signal if one ended it.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  [[nodiscard]] bool is_terminal_as_before() const {
    termios now{};
    ::tcgetattr(inside_.value(), &now);
    return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag &&
           now.c_oflag == before_.c_oflag;
  }

 private:
  base::UniqueFd outside_;
  base::UniqueFd inside_;
  termios before_{};
  pid_t pid_ = 0;
  std::string shown_;
};

TEST(TopScreen, DrawsAndRestoresTheTerminalOnQ) {
  StandIn daemon;
  answer_top(daemon);
  TopProgram top(daemon, 24, 80);
  top.expect(kEnterScreen);
  top.expect("alice@example.org");
  top.expect("q quit");
  top.type("q");
  top.expect(kLeaveScreen);
  EXPECT_EQ(top.wait(), 0);
  EXPECT_TRUE(top.is_terminal_as_before());
}

TEST(TopScreen, RestoresTheTerminalWhenASignalEndsIt) {
  StandIn daemon;
  answer_top(daemon);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    TopProgram top(daemon, 24, 80);
    top.expect("q quit");
    top.signal(number);
    top.expect(kLeaveScreen);
    EXPECT_EQ(top.wait(), 0) << number;
    EXPECT_TRUE(top.is_terminal_as_before()) << number;
  }
}

TEST(TopScreen, EndsASessionByKeys) {
  StandIn daemon;
  answer_top(daemon);
  daemon.answer("SessionService/EndSession", {bellhop::admin::v1::EndSessionResponse()});
  TopProgram top(daemon, 24, 80);
  top.expect("q quit");
  top.type("e");
  top.expect("Enter:");
  top.type("y\r");
  top.expect("ed 01ABC");  // "ended": only what has changed on the screen is sent
  top.type("q");
  EXPECT_EQ(top.wait(), 0);
  EXPECT_EQ(
      daemon.request<bellhop::admin::v1::EndSessionRequest>("SessionService/EndSession").name(),
      "sessions/01ABC");
}

TEST(TopScreen, WorksOnATinyTerminal) {
  StandIn daemon;
  answer_top(daemon);
  TopProgram top(daemon, 3, 20);
  top.expect("Bellhop 0.1.0");
  top.type("q");
  EXPECT_EQ(top.wait(), 0);
}

}  // namespace
}  // namespace bellhop::ctl
