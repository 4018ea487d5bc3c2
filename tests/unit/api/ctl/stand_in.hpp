// A bellhopd that answers what a test tells it to, on a unix socket, and bellhopctl run against it.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/ctl/io.hpp"

namespace bellhop::ctl {

// A message as it goes over the wire.
struct Said {
  Said(const google::protobuf::Message& message)  // NOLINT: a message *is* said
      : bytes(message.SerializeAsString()) {}
  std::string bytes;
};

// Answers any method by its short name, `SessionService/ListSessions`. Several answers to one
// method are given one after the other, the last again and again; a method without one is
// UNIMPLEMENTED.
class StandIn {
 public:
  StandIn();
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  [[nodiscard]] std::string address() const;

  // The messages, one for a call that has one answer, then the status.
  void answer(const std::string& method, std::initializer_list<Said> what,
              const grpc::Status& status = grpc::Status::OK);
  void refuse(const std::string& method, const grpc::Status& status);

  [[nodiscard]] std::size_t count(const std::string& method) const;
  // The request of the `index`-th call of the method.
  template <typename Request>
  [[nodiscard]] Request request(const std::string& method, std::size_t index = 0) const {
    Request request;
    expect_parsed(request.ParseFromString(request_bytes(method, index)), method);
    return request;
  }

 private:
  static void expect_parsed(bool is_parsed, const std::string& method);
  [[nodiscard]] std::string request_bytes(const std::string& method, std::size_t index) const;

  struct Server;
  std::unique_ptr<Server> server_;
};

// A status with google.rpc details: the reason, and the field at fault if there is one.
[[nodiscard]] grpc::Status detailed_status(grpc::StatusCode code, const std::string& message,
                                           const std::string& reason, const std::string& field = {},
                                           const std::string& description = {});

// What a run of bellhopctl came to.
struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

// The terminal that bellhopctl is run at, if any.
struct Terminal {
  bool is_in = false;
  bool is_out = false;
  std::size_t columns = 80;
  std::string typed{};  // lines on standard input
  std::map<std::string, std::string> environment{};
};

// The clock stands at 2026-03-01 12:00:00 UTC.
inline constexpr std::int64_t kNowSeconds = 1'772'366'400;

[[nodiscard]] Outcome run_without(const std::vector<std::string>& arguments,
                                  const Terminal& terminal = {});
[[nodiscard]] Outcome run_with(const StandIn& stand_in, std::vector<std::string> arguments,
                               const Terminal& terminal = {});

}  // namespace bellhop::ctl
