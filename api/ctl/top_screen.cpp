#include "api/ctl/top_screen.hpp"

#include <ncurses.h>
#include <poll.h>
#include <signal.h>  // NOLINT: sigaction() is POSIX, not in <csignal>
#include <unistd.h>

#include <array>
#include <clocale>
#include <csignal>

namespace bellhop::ctl {
namespace {

using Kind = TopKey::Kind;

constexpr std::array<int, 3> kSignals{SIGINT, SIGTERM, SIGHUP};
constexpr int kEscapeDelayMs = 25;  // between Escape alone and the key sequences that begin with it
constexpr int kEscape = 27;

// Written by the signal handler, which can reach nothing else.
volatile std::sig_atomic_t is_signalled = 0;

void on_signal(int) {
  is_signalled = 1;
}

// The colour pairs of ncurses, one for each Tone; 0 is the terminal's own.
int attributes_of(const TopLine& line, bool is_colored) {
  constexpr std::array<int, 6> kPairs{0, 0, 1, 2, 3, 0};
  int attributes = A_NORMAL;
  if (line.tone == Tone::title) attributes = A_BOLD;
  if (line.tone == Tone::faint) attributes = A_DIM;
  const int pair = kPairs[static_cast<std::size_t>(line.tone)];
  if (is_colored && pair != 0) attributes |= static_cast<int>(COLOR_PAIR(pair));
  if (line.is_selected) attributes |= static_cast<int>(A_REVERSE);
  return attributes;
}

std::optional<Kind> kind_of(int key) {
  switch (key) {
    case KEY_UP:
      return Kind::up;
    case KEY_DOWN:
      return Kind::down;
    case KEY_PPAGE:
      return Kind::page_up;
    case KEY_NPAGE:
      return Kind::page_down;
    case KEY_HOME:
      return Kind::home;
    case KEY_END:
      return Kind::end;
    case KEY_ENTER:
    case '\n':
    case '\r':
      return Kind::enter;
    case kEscape:
      return Kind::escape;
    case KEY_BACKSPACE:
    case '\b':
    case 0x7F:
      return Kind::backspace;
    default:
      return std::nullopt;
  }
}

// How many bytes follow a first byte of UTF-8.
int bytes_after(int first) {
  if (first >= 0xF0) return 3;
  if (first >= 0xE0) return 2;
  return first >= 0xC0 ? 1 : 0;
}

}  // namespace

struct TopScreen::Terminal {
  SCREEN* screen = nullptr;
  bool is_colored = false;
  bool is_gone = false;
  std::array<struct sigaction, kSignals.size()> actions_before{};
};

std::unique_ptr<TopScreen> TopScreen::open(bool is_colored) {
  std::setlocale(LC_CTYPE, "");  // ncurses asks it what the terminal's bytes mean
  auto terminal = std::make_unique<Terminal>();
  terminal->screen = ::newterm(nullptr, stdout, stdin);
  if (terminal->screen == nullptr) return nullptr;
  terminal->is_colored = is_colored && ::has_colors();
  if (terminal->is_colored) {
    ::start_color();
    ::use_default_colors();
    ::init_pair(1, COLOR_GREEN, -1);
    ::init_pair(2, COLOR_YELLOW, -1);
    ::init_pair(3, COLOR_RED, -1);
  }
  ::cbreak();
  ::noecho();
  ::keypad(stdscr, TRUE);
  ::nodelay(stdscr, TRUE);
  ::set_escdelay(kEscapeDelayMs);
  ::curs_set(0);
  return std::unique_ptr<TopScreen>(new TopScreen(std::move(terminal)));
}

TopScreen::TopScreen(std::unique_ptr<Terminal> terminal) : terminal_(std::move(terminal)) {
  is_signalled = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;  // without SA_RESTART, so that poll() returns
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &action, &terminal_->actions_before[i]);
  }
}

TopScreen::~TopScreen() {
  ::endwin();
  ::delscreen(terminal_->screen);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &terminal_->actions_before[i], nullptr);
  }
}

std::size_t TopScreen::rows() const {
  return static_cast<std::size_t>(LINES);
}
std::size_t TopScreen::columns() const {
  return static_cast<std::size_t>(COLS);
}
bool TopScreen::is_interrupted() const {
  return is_signalled != 0 || terminal_->is_gone;
}

void TopScreen::draw(const std::vector<TopLine>& lines) {
  ::erase();
  for (std::size_t row = 0; row < lines.size(); ++row) {
    TopLine line = lines[row];
    if (line.is_selected) {
      const std::size_t width = display_width(line.text);
      line.text.append(columns() - std::min(width, columns()), ' ');
    }
    ::attrset(attributes_of(line, terminal_->is_colored));
    ::move(static_cast<int>(row), 0);
    ::addstr(line.text.c_str());
  }
  ::attrset(A_NORMAL);
  ::refresh();
}

std::optional<TopKey> TopScreen::wait_key(std::chrono::milliseconds patience) {
  int key = ::getch();
  if (key == ERR) {
    pollfd wait{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(patience.count()));
    if (ready == 1 && (wait.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
      terminal_->is_gone = true;
      return std::nullopt;
    }
    key = ::getch();
    if (key == ERR) return std::nullopt;
  }
  if (const auto kind = kind_of(key)) return TopKey{.kind = *kind, .text = {}};
  if (key < ' ' || key > 0xFF) return std::nullopt;  // KEY_RESIZE and keys without a meaning
  TopKey typed{.kind = Kind::text, .text = {}};
  typed.text += static_cast<char>(key);
  for (int rest = bytes_after(key); rest > 0; --rest) {
    const int next = ::getch();
    if (next < 0x80 || next > 0xBF) return std::nullopt;
    typed.text += static_cast<char>(next);
  }
  return typed;
}

}  // namespace bellhop::ctl
