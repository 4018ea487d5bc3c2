#include "api/ctl/client.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <fstream>
#include <istream>
#include <ostream>

#include "api/ctl/errors.hpp"
#include "api/ctl/failure.hpp"

namespace bellhop::ctl {
namespace {

constexpr std::size_t kPemBytesMax = 1U << 20U;
constexpr int kReconnectBackoffMs = 1'000;  // `top` outlives a restart of the daemon

base::Result<std::string> read_pem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kPemBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const auto size = static_cast<std::size_t>(file.gcount());
  if (!file.is_open() || file.bad() || size == 0) {
    return base::Error(errors::bad_argument, "cannot read " + path);
  }
  if (size > kPemBytesMax) {
    return base::Error(errors::bad_argument, path + " has more than 1 MiB");
  }
  text.resize(size);
  return text;
}

// What does not go together; empty if all does.
std::string_view contradiction(const GlobalOptions& options, const Address& address) {
  const bool has_tls = !options.tls_ca.empty() || !options.tls_cert.empty() ||
                       !options.tls_key.empty() || !options.tls_name.empty();
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return "--tls-cert and --tls-key go together";
  }
  if (address.is_unix() && (has_tls || options.is_plaintext)) {
    return "a unix socket has neither TLS nor --plaintext";
  }
  if (options.is_plaintext && has_tls) return "--plaintext and --tls-… exclude each other";
  if (options.is_plaintext && !address.is_loopback()) {
    return "--plaintext is for loopback only: what is sent could be read and changed on the way";
  }
  return {};
}

grpc::ChannelArguments channel_arguments(const GlobalOptions& options) {
  grpc::ChannelArguments arguments;
  // The daemon is asked directly: no proxy of the environment, no settings from the DNS.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectBackoffMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectBackoffMs);
  if (!options.tls_name.empty()) arguments.SetSslTargetNameOverride(options.tls_name);
  return arguments;
}

}  // namespace

Client::Client(Io& io, GlobalOptions options, Address address)
    : io_(&io), options_(std::move(options)), address_(std::move(address)) {
  style_.columns_max = io.is_out_terminal ? io.columns : 0;
  style_.is_colored =
      io.is_out_terminal && !options_.is_colorless && io.variable("NO_COLOR").empty();
  style_.is_utf8 = io.is_utf8();
}

base::Result<Client> Client::create(Io& io, GlobalOptions options) {
  auto address = parse_address(options.address);
  if (!address) return address.error();
  const std::string_view wrong = contradiction(options, *address);
  if (!wrong.empty()) return base::Error(errors::bad_argument, std::string(wrong));
  Client client(io, std::move(options), *std::move(address));
  auto credentials = client.credentials();
  if (!credentials) return credentials.error();
  client.credentials_ = *std::move(credentials);
  return client;
}

base::Result<std::shared_ptr<grpc::ChannelCredentials>> Client::credentials() const {
  if (address_.is_unix() || options_.is_plaintext) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  const std::pair<const std::string*, std::string*> files[] = {
      {&options_.tls_ca, &tls.pem_root_certs},
      {&options_.tls_cert, &tls.pem_cert_chain},
      {&options_.tls_key, &tls.pem_private_key}};
  for (const auto& [path, target] : files) {
    if (path->empty()) continue;
    auto text = read_pem(*path);
    if (!text) return text.error();
    *target = *std::move(text);
  }
  return grpc::SslCredentials(tls);
}

const std::shared_ptr<grpc::Channel>& Client::channel() {
  if (channel_ == nullptr) {
    channel_ = grpc::CreateCustomChannel(address_.grpc_target(), credentials_,
                                         channel_arguments(options_));
  }
  return channel_;
}

grpc::Status Client::connect() {
  const auto deadline = std::chrono::system_clock::now() + options_.timeout;
  while (true) {
    const grpc_connectivity_state state = channel()->GetState(true);
    // After a failure the call is made all the same: it fails at once, and tells why.
    if (state == GRPC_CHANNEL_READY || state == GRPC_CHANNEL_TRANSIENT_FAILURE ||
        state == GRPC_CHANNEL_SHUTDOWN) {
      return grpc::Status::OK;
    }
    if (!channel()->WaitForStateChange(state, deadline)) {
      return {grpc::StatusCode::DEADLINE_EXCEEDED, "no connection in time"};
    }
  }
}

void Client::print_json(const google::protobuf::Message& message) const {
  out() << to_json(message, JsonLayout::pretty);
}

void Client::print_json_line(const google::protobuf::Message& message) const {
  out() << to_json(message, JsonLayout::line) << std::flush;
}

ExitCode Client::report(const grpc::Status& status) const {
  const Failure failure = describe(status, address_);
  out().flush();  // what came before stands before it, if both go to one place
  io_->err << kProgramName << ": " << failure.sentence << '\n';
  if (!failure.hint.empty()) io_->err << "  " << failure.hint << '\n';
  return failure.code;
}

ExitCode Client::refuse(std::string_view sentence) const {
  note(sentence);
  return ExitCode::usage;
}

void Client::note(std::string_view sentence) const {
  out().flush();
  io_->err << kProgramName << ": " << clean(sentence) << '\n';
}

ExitCode Client::confirm(const std::string& question) const {
  if (options_.is_yes) return ExitCode::ok;
  if (!io_->is_in_terminal) {
    return refuse("nobody is there to ask \"" + question + "\": --yes says yes");
  }
  out().flush();
  io_->err << clean(question) << " [y/N] " << std::flush;
  std::string answer;
  std::getline(io_->in, answer);
  std::transform(answer.begin(), answer.end(), answer.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (answer == "y" || answer == "yes") return ExitCode::ok;
  note("nothing was done");
  return ExitCode::failed;
}

}  // namespace bellhop::ctl
