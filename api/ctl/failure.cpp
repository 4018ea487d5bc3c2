#include "api/ctl/failure.hpp"

#include <grp.h>
#include <sys/stat.h>

#include <array>
#include <vector>

#include "api/ctl/text.hpp"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bellhop::ctl {
namespace {

constexpr std::size_t kSentenceBytesMax = 2'048;
constexpr int kDetailsMax = 16;  // a status of bellhopd has three at most

std::string_view default_text(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::NOT_FOUND:
      return "there is no such thing";
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return "not allowed";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "no answer in time";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "this bellhopd does not know the command";
    default:
      return "the call failed";
  }
}

// What the details say, by the field at fault and the stable reason.
struct Details {
  std::string fields;
  std::string reason;
  std::string hint;
};

void add_sentence(std::string& text, const std::string& part) {
  if (part.empty()) return;
  text += (text.empty() ? "" : "; ") + part;
}

void read_detail(const google::protobuf::Any& any, Details& details) {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::PreconditionFailure precondition;
  google::rpc::QuotaFailure quota;
  google::rpc::ResourceInfo resource;
  google::rpc::Help help;
  if (any.UnpackTo(&info)) {
    details.reason = info.reason();
  } else if (any.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      add_sentence(details.fields, violation.field() + ": " + violation.description());
    }
  } else if (any.UnpackTo(&precondition)) {
    for (const auto& violation : precondition.violations()) {
      add_sentence(details.fields, violation.description());
    }
  } else if (any.UnpackTo(&quota)) {
    for (const auto& violation : quota.violations()) {
      add_sentence(details.fields, violation.subject() + ": " + violation.description());
    }
  } else if (any.UnpackTo(&resource)) {
    add_sentence(details.fields, resource.resource_name());
  } else if (any.UnpackTo(&help)) {
    for (const auto& link : help.links()) add_sentence(details.hint, link.description());
  }
}

Details read_details(const std::string& bytes) {
  Details details;
  google::rpc::Status status;
  if (!status.ParseFromString(bytes)) return details;
  const int count = std::min(status.details_size(), kDetailsMax);
  for (int i = 0; i < count; ++i) read_detail(status.details(i), details);
  return details;
}

std::string join(std::string message, const Details& details) {
  // A message that already names the field is not told twice.
  if (!details.fields.empty() && message.find(details.fields) == std::string::npos) {
    message += ": " + details.fields;
  }
  if (!details.reason.empty()) message += " (" + details.reason + ")";
  return cut(clean(message), kSentenceBytesMax, "…");
}

std::string hint_of(const grpc::Status& status, const Address& address) {
  switch (status.error_code()) {
    case grpc::StatusCode::PERMISSION_DENIED:
      return "`bellhopctl whoami` tells what the daemon takes you for.";
    case grpc::StatusCode::UNAUTHENTICATED:
      return address.is_unix() ? "" : "Give a client certificate: --tls-cert and --tls-key.";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "--timeout 30s waits longer.";
    default:
      return {};
  }
}

// The group that owns the socket, by name where it has one.
std::string group_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return "bellhop-admin";
  std::array<char, 1024> buffer{};
  group entry{};
  group* found = nullptr;
  if (::getgrgid_r(info.st_gid, &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return std::to_string(info.st_gid);
  }
  return found->gr_name;
}

Failure describe_lost(const std::string& transport_says) {
  return {.sentence = "the connection to bellhopd was lost: " + clean(transport_says),
          .hint = "It was stopped, or it closed the connection; its log says why.",
          .code = ExitCode::unreachable};
}

}  // namespace

Failure describe_unreachable(const Address& address, Obstacle obstacle,
                             const std::string& transport_says) {
  const std::string where = clean(address.text());
  switch (obstacle) {
    case Obstacle::none:
      return describe_lost(transport_says);
    case Obstacle::socket_missing:
      return {.sentence = "there is no socket " + where,
              .hint =
                  "Is bellhopd running? Does `admin` in its configuration name another path?"
                  " --address unix:PATH says where to look.",
              .code = ExitCode::unreachable};
    case Obstacle::socket_denied: {
      const std::string group = clean(group_of(address.path));
      return {.sentence = "you may not use the socket " + where,
              .hint = "Its group is " + group + ": `sudo adduser $USER " + group +
                      "`, then log in again; or use sudo.",
              .code = ExitCode::denied};
    }
    case Obstacle::refused:
      return {.sentence = "nobody listens on the socket " + where,
              .hint = "bellhopd has ended and left it behind. Start it again.",
              .code = ExitCode::unreachable};
    case Obstacle::unknown:
      break;
  }
  return {.sentence = "cannot reach bellhopd at " + where + ": " + clean(transport_says),
          .hint = address.is_unix() ? "Is bellhopd running?"
                                    : "Is bellhopd running, and does it listen there? It wants TLS"
                                      " with a client certificate; --tls-name if the"
                                      " certificate has another name.",
          .code = ExitCode::unreachable};
}

Failure describe(const grpc::Status& status, const Address& address) {
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE && status.error_details().empty()) {
    return describe_unreachable(address, probe(address), status.error_message());
  }
  const Details details = read_details(status.error_details());
  std::string message = status.error_message();
  if (message.empty()) message = default_text(status.error_code());
  return {.sentence = join(std::move(message), details),
          .hint = details.hint.empty() ? hint_of(status, address) : clean(details.hint),
          .code = exit_code_of(status.error_code())};
}

}  // namespace bellhop::ctl
