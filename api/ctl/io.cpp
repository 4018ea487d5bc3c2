#include "api/ctl/io.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>
#include <string_view>

extern char** environ;

namespace bellhop::ctl {
namespace {

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) {
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return variables;
}

}  // namespace

std::string Io::variable(const std::string& name) const {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

bool Io::is_utf8() const {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = variable(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

Io process_io() {
  Io io{.in = std::cin,
        .out = std::cout,
        .err = std::cerr,
        .is_in_terminal = ::isatty(STDIN_FILENO) != 0,
        .is_out_terminal = ::isatty(STDOUT_FILENO) != 0,
        .environment = process_environment()};
  winsize size{};
  if (io.is_out_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) {
    io.columns = size.ws_col;
    io.rows = size.ws_row;
  }
  return io;
}

}  // namespace bellhop::ctl
