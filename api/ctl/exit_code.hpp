// What bellhopctl tells a script: one table, printed in --help and in the manual page.
#pragma once

#include <grpcpp/support/status_code_enum.h>

#include <array>
#include <string>
#include <string_view>

namespace bellhop::ctl {

/// The exit status of bellhopctl. The numbers are a promise to scripts and never change.
enum class ExitCode : int {
  ok = 0,
  failed = 1,
  usage = 2,
  not_found = 3,
  denied = 4,
  unreachable = 5,
  check_failed = 6,
  partly = 7,
};

/// One exit status and what it means, one line for people.
struct ExitCodeRow {
  ExitCode code;
  std::string_view meaning;
};

/// All of them, in order.
inline constexpr std::array<ExitCodeRow, 8> kExitCodes{{
    {ExitCode::ok, "done"},
    {ExitCode::failed, "failed, or not confirmed"},
    {ExitCode::usage, "wrong usage: an option or argument that bellhopctl or bellhopd refuses"},
    {ExitCode::not_found, "there is no such session, rule, component or part"},
    {ExitCode::denied, "not allowed: by the socket's permissions or by the caller's role"},
    {ExitCode::unreachable, "bellhopd cannot be reached, or did not answer in time"},
    {ExitCode::check_failed, "a check failed: doctor, health, config check or config reload"},
    {ExitCode::partly,
     "partly done: fewer ended than asked for, sessions cut short, a watch with"
     " gaps (--strict)"},
}};

/// What a status of the API means for the exit. Pure.
[[nodiscard]] ExitCode exit_code_of(grpc::StatusCode code);

/// The table as text, two columns, for --help.
[[nodiscard]] std::string exit_codes_text();

}  // namespace bellhop::ctl
