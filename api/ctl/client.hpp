// What every command works with: the calls, the two forms of output, questions and errors.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/sync_stream.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/ctl/address.hpp"
#include "api/ctl/exit_code.hpp"
#include "api/ctl/io.hpp"
#include "api/ctl/json_output.hpp"
#include "api/ctl/table.hpp"

namespace bellhop::ctl {

/// What stands before or after any command.
struct GlobalOptions {
  std::string address{kDefaultAddress};
  std::string tls_ca{};    ///< files in PEM form
  std::string tls_cert{};  ///< with tls_key or not at all
  std::string tls_key{};
  std::string tls_name{};     ///< of the server's certificate, if not the host
  bool is_plaintext = false;  ///< no TLS; for loopback only
  std::chrono::milliseconds timeout{std::chrono::seconds(10)};  ///< of a call; of a connection
  std::string output = "table";                                 ///< or `json`
  bool is_colorless = false;
  bool is_yes = false;  ///< every question is answered
};

/// The calls of one run of bellhopctl. One thread. The Io outlives it.
class Client {
 public:
  /// Fails with errors::bad_argument if the options do not go together or a file of theirs cannot
  /// be read. Connects when the first call is made.
  [[nodiscard]] static base::Result<Client> create(Io& io, GlobalOptions options);

  /// One call with the time-out of the options.
  template <typename Service, typename Request, typename Response>
  [[nodiscard]] grpc::Status call(grpc::Status (Service::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                                  const Request& request, Response& response) {
    Service stub(channel());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + options_.timeout);
    return (stub.*method)(&context, request, &response);
  }

  /// A call that is answered by a stream; the time-out is that of the connection alone. `take`
  /// gets each message and returns whether it wants more; if not, the call is cancelled, and OK.
  template <typename Service, typename Request, typename Response>
  [[nodiscard]] grpc::Status watch(std::unique_ptr<grpc::ClientReader<Response>> (Service::*method)(
                                       grpc::ClientContext*, const Request&),
                                   const Request& request,
                                   const std::function<bool(const Response&)>& take) {
    if (grpc::Status status = connect(); !status.ok()) return status;
    Service stub(channel());
    grpc::ClientContext context;
    const auto reader = (stub.*method)(&context, request);
    Response response;
    while (reader->Read(&response)) {
      if (take(response)) continue;
      context.TryCancel();
      (void)reader->Finish();
      return grpc::Status::OK;
    }
    return reader->Finish();
  }

  /// Calls take no longer than this from now on, if they took longer.
  void shorten_timeout(std::chrono::milliseconds timeout) {
    options_.timeout = std::min(options_.timeout, timeout);
  }

  [[nodiscard]] Io& io() const { return *io_; }
  [[nodiscard]] std::ostream& out() const { return io_->out; }
  [[nodiscard]] Moment now() const { return io_->now(); }
  [[nodiscard]] const GlobalOptions& options() const { return options_; }
  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] bool is_json() const { return options_.output == "json"; }
  [[nodiscard]] const Style& style() const { return style_; }

  /// Writes the answer of a call, the only thing on standard output: `-o json`.
  void print_json(const google::protobuf::Message& message) const;
  /// Writes one message of a stream as one line, at once.
  void print_json_line(const google::protobuf::Message& message) const;

  /// Tells on standard error why a call failed, and what that means for the exit.
  ExitCode report(const grpc::Status& status) const;
  /// Tells an error of the person's own making.
  ExitCode refuse(std::string_view sentence) const;
  /// Says something on standard error that is no part of the output.
  void note(std::string_view sentence) const;

  /// ExitCode::ok if --yes was given or somebody at the terminal says yes; `failed` if they say no;
  /// `usage` if there is nobody to ask.
  [[nodiscard]] ExitCode confirm(const std::string& question) const;

 private:
  Client(Io& io, GlobalOptions options, Address address);

  [[nodiscard]] base::Result<std::shared_ptr<grpc::ChannelCredentials>> credentials() const;
  const std::shared_ptr<grpc::Channel>& channel();
  /// Waits until connected or refused, at most for the time-out: DEADLINE_EXCEEDED.
  [[nodiscard]] grpc::Status connect();

  Io* io_;  // never null; outlives the client
  GlobalOptions options_;
  Address address_;
  Style style_;
  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  std::shared_ptr<grpc::Channel> channel_;
};

/// What stands before a sentence on standard error.
inline constexpr std::string_view kProgramName = "bellhopctl";

}  // namespace bellhop::ctl
