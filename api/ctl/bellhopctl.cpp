// bellhopctl: looks at a running bellhopd and steers it, through the admin API.
#include <iostream>

#include "api/ctl/run.hpp"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  bellhop::ctl::Io io = bellhop::ctl::process_io();
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return bellhop::ctl::run(arguments, io);
}
