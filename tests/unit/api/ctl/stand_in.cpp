// A generic gRPC server: whatever is called, the answer comes from a table.
#include "tests/unit/api/ctl/stand_in.hpp"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <sstream>

#include "api/ctl/run.hpp"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bellhop::ctl {
namespace {

struct Answer {
  std::vector<std::string> messages;
  grpc::Status status;
};

std::string text_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

grpc::ByteBuffer buffer_of(const std::string& text) {
  const grpc::Slice slice(text);
  return {&slice, 1};
}

}  // namespace

// The calls come on threads of gRPC, the questions on the test's: the mutex stands between them.
struct StandIn::Server : grpc::CallbackGenericService {
  std::filesystem::path folder;
  mutable std::mutex mutex;
  std::map<std::string, std::deque<Answer>> answers;
  std::map<std::string, std::vector<std::string>> requests;
  std::unique_ptr<grpc::Server> server;  // last, so that it ends first

  Answer take(const std::string& method, std::string request) {
    const std::lock_guard lock(mutex);
    requests[method].push_back(std::move(request));
    auto& queue = answers[method];
    if (queue.empty()) return {{}, {grpc::StatusCode::UNIMPLEMENTED, "not in this test"}};
    Answer answer = queue.front();
    if (queue.size() > 1) queue.pop_front();
    return answer;
  }

  class Call : public grpc::ServerGenericBidiReactor {
   public:
    Call(Server& server, std::string method) : server_(server), method_(std::move(method)) {
      StartRead(&request_);
    }
    void OnReadDone(bool is_read) override {
      if (!is_read) return Finish({grpc::StatusCode::INTERNAL, "no request"});
      answer_ = server_.take(method_, text_of(request_));
      write_next();
    }
    void OnWriteDone(bool is_written) override {
      if (!is_written) return Finish({grpc::StatusCode::CANCELLED, "the client went"});
      write_next();
    }
    void OnDone() override { delete this; }

   private:
    void write_next() {
      if (written_ == answer_.messages.size()) return Finish(answer_.status);
      response_ = buffer_of(answer_.messages[written_++]);
      StartWrite(&response_);
    }

    Server& server_;
    std::string method_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer response_;
    Answer answer_;
    std::size_t written_ = 0;
  };

  // `/bellhop.admin.v1.SessionService/ListSessions` -> `SessionService/ListSessions`
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    const std::string& full = context->method();
    const auto slash = full.rfind('/');
    return new Call(*this, full.substr(full.rfind('.', slash) + 1));
  }
};

StandIn::StandIn() : server_(std::make_unique<Server>()) {
  std::string folder = std::filesystem::temp_directory_path() / "bellhopctl-XXXXXX";
  EXPECT_NE(::mkdtemp(folder.data()), nullptr);
  server_->folder = folder;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address(), grpc::InsecureServerCredentials());
  builder.RegisterCallbackGenericService(server_.get());
  server_->server = builder.BuildAndStart();
  EXPECT_NE(server_->server, nullptr);
}

StandIn::~StandIn() {
  server_->server->Shutdown();
  server_->server.reset();
  std::filesystem::remove_all(server_->folder);
}

std::string StandIn::address() const {
  return "unix:" + (server_->folder / "s").string();
}

void StandIn::answer(const std::string& method, std::initializer_list<Said> what,
                     const grpc::Status& status) {
  Answer answer{.messages = {}, .status = status};
  for (const Said& said : what) answer.messages.push_back(said.bytes);
  const std::lock_guard lock(server_->mutex);
  server_->answers[method].push_back(std::move(answer));
}

void StandIn::refuse(const std::string& method, const grpc::Status& status) {
  answer(method, {}, status);
}

std::size_t StandIn::count(const std::string& method) const {
  const std::lock_guard lock(server_->mutex);
  return server_->requests[method].size();
}

std::string StandIn::request_bytes(const std::string& method, std::size_t index) const {
  const std::lock_guard lock(server_->mutex);
  const auto& requests = server_->requests[method];
  EXPECT_LT(index, requests.size()) << method << " was not called so often";
  return index < requests.size() ? requests[index] : std::string();
}

void StandIn::expect_parsed(bool is_parsed, const std::string& method) {
  EXPECT_TRUE(is_parsed) << method << " was called with another request";
}

grpc::Status detailed_status(grpc::StatusCode code, const std::string& message,
                             const std::string& reason, const std::string& field,
                             const std::string& description) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("bellhop");
  status.add_details()->PackFrom(info);
  if (!field.empty()) {
    google::rpc::BadRequest bad_request;
    auto* violation = bad_request.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
    status.add_details()->PackFrom(bad_request);
  }
  return {code, message, status.SerializeAsString()};
}

Outcome run_without(const std::vector<std::string>& arguments, const Terminal& terminal) {
  std::istringstream in(terminal.typed);
  std::ostringstream out;
  std::ostringstream err;
  Io io{.in = in,
        .out = out,
        .err = err,
        .is_in_terminal = terminal.is_in,
        .is_out_terminal = terminal.is_out,
        .columns = terminal.columns,
        .environment = terminal.environment,
        .now = [] { return Moment(std::chrono::seconds(kNowSeconds)); }};
  io.environment.emplace("LC_ALL", "C.UTF-8");
  ::setenv("TZ", "UTC", 1);
  Outcome outcome;
  outcome.code = run(arguments, io);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

Outcome run_with(const StandIn& stand_in, std::vector<std::string> arguments,
                 const Terminal& terminal) {
  arguments.insert(arguments.begin(), {"--address", stand_in.address()});
  return run_without(arguments, terminal);
}

}  // namespace bellhop::ctl
