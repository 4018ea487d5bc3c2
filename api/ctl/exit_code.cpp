#include "api/ctl/exit_code.hpp"

namespace bellhop::ctl {

ExitCode exit_code_of(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return ExitCode::ok;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::OUT_OF_RANGE:
      return ExitCode::usage;
    case grpc::StatusCode::NOT_FOUND:
      return ExitCode::not_found;
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return ExitCode::denied;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ExitCode::unreachable;
    default:
      return ExitCode::failed;
  }
}

std::string exit_codes_text() {
  std::string text;
  for (const ExitCodeRow& row : kExitCodes) {
    text += "  " + std::to_string(static_cast<int>(row.code)) + "  ";
    text += row.meaning;
    text += '\n';
  }
  return text;
}

}  // namespace bellhop::ctl
