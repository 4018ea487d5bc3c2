#include "api/admin/admin_listener.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "component/runtime/byte_pump.hpp"
#include "component/runtime/periodic.hpp"

namespace bellhop::admin {
namespace {

using base::Severity;
using runtime::Task;
namespace asio = boost::asio;
using UnixAcceptor = asio::basic_socket_acceptor<asio::local::stream_protocol, runtime::Executor>;

constexpr std::size_t kListenersMax = 256;
constexpr mode_t kSocketMode = 0660;
constexpr std::chrono::milliseconds kBackOff{100};

std::string last_error() {
  return std::generic_category().message(errno);
}

// A socket file that nobody answers at is left from a process that died.
bool is_stale(const std::string& path) {
  const base::UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return ::connect(probe.value(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
             0 &&
         errno == ECONNREFUSED;
}

// Empty: done. Otherwise why not.
std::string set_owner_and_mode(const std::string& path, const std::string& group) {
  if (!group.empty()) {
    const ::group* entry = ::getgrnam(group.c_str());
    if (entry == nullptr) return "there is no group " + group;
    if (::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0) return last_error();
  }
  return ::chmod(path.c_str(), kSocketMode) == 0 ? "" : last_error();
}

std::string identity_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return "unknown";
  return "uid:" + std::to_string(credentials.uid);
}

// Two ends; the first one is called `name`, which the other one sees as its peer.
std::pair<base::UniqueFd, base::UniqueFd> named_pair(const std::string& name) {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return {};
  }
  base::UniqueFd ours(ends[0]);
  base::UniqueFd theirs(ends[1]);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // behind a NUL: abstract
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(ours.value(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return {};
  return {std::move(ours), std::move(theirs)};
}

}  // namespace

struct AdminListener::UnixSocket {
  UnixSocket(runtime::Executor executor, std::string file, config::AdminRole given)
      : acceptor(executor), path(std::move(file)), role(given) {}
  ~UnixSocket() {
    if (acceptor.is_open()) ::unlink(path.c_str());
  }
  UnixAcceptor acceptor;
  std::string path;
  config::AdminRole role;
};

// A connection and the end of a pair that gRPC serves.
struct AdminListener::Joint {
  Joint(runtime::Executor executor, runtime::Poller& poller, runtime::PipePool& pipes,
        base::UniqueFd client, base::UniqueFd pair, std::string called)
      : name(std::move(called)),
        pump(executor, poller, pipes, std::move(client), std::move(pair), {}) {}
  std::string name;
  runtime::BytePump pump;
};

AdminListener::AdminListener(runtime::Executor executor, base::Log& log,
                             const config::AdminSettings& settings, Callers& callers, Serve serve)
    : executor_(executor),
      log_(log),
      settings_(settings),
      callers_(callers),
      serve_(std::move(serve)),
      poller_(executor),
      pipes_({.pipe_bytes = 64 * 1024, .kept_max = 4}),
      accepting_(executor, log, kListenersMax),
      joined_(executor, log, settings.connections_max),
      polling_(executor, log, 1) {}

AdminListener::~AdminListener() = default;

void AdminListener::start() {
  const bool is_started = polling_.spawn(poller_.run());
  BELLHOP_ASSERT(is_started);
  if (!settings_.socket.empty()) listen_unix(settings_.socket, config::AdminRole::full);
  if (!settings_.read_socket.empty()) listen_unix(settings_.read_socket, config::AdminRole::read);
  for (const auto& address : settings_.listen) {
    listen_tcp(address, true, config::AdminRole::read);
  }
  for (const auto& address : settings_.plaintext_listen) {
    log_.write(Severity::warn, "admin_plaintext",
               {{"address", address.host + ":" + std::to_string(address.port)},
                {"reason", "everybody on this machine can use the admin API"}});
    listen_tcp(address, false, settings_.plaintext_role);
  }
}

void AdminListener::report_unavailable(const std::string& address, const std::string& reason) {
  log_.write(Severity::error, "admin_unavailable", {{"address", address}, {"reason", reason}});
}

void AdminListener::listen_unix(const std::string& path, config::AdminRole role) {
  auto socket = std::make_unique<UnixSocket>(executor_, path, role);
  std::error_code no_folder;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directory(folder, no_folder);
  if (std::filesystem::is_socket(path, no_folder) && is_stale(path)) ::unlink(path.c_str());
  try {
    socket->acceptor.open();
    // Nobody may connect before mode and group are set.
    const mode_t before = ::umask(0177);
    boost::system::error_code ec;
    socket->acceptor.bind(path, ec);
    ::umask(before);
    if (ec) {
      socket->acceptor.close();
      return report_unavailable(path, ec.message());
    }
    if (const auto failed = set_owner_and_mode(path, settings_.socket_group); !failed.empty()) {
      return report_unavailable(path, failed);
    }
    socket->acceptor.listen();
  } catch (const std::exception& failure) {  // a path that is too long, for instance
    return report_unavailable(path, failure.what());
  }
  log_.write(Severity::info, "admin_bound", {{"address", "unix:" + path}});
  const bool is_started = accepting_.spawn(accept_unix(*socket));
  BELLHOP_ASSERT(is_started);
  unix_sockets_.push_back(std::move(socket));
}

void AdminListener::listen_tcp(const config::HostPort& address, bool is_tls,
                               config::AdminRole role) {
  try {
    auto listener = std::make_unique<runtime::Listener>(executor_, log_, address);
    log_.write(Severity::info, "admin_bound", {{"address", listener->bound().text()}});
    auto accept = [this, is_tls, role](base::UniqueFd socket, const base::IpEndpoint& peer) {
      join(std::move(socket), {{"address " + peer.text(), role}, is_tls});
    };
    const bool is_started = accepting_.spawn(listener->accept_all(accept));
    BELLHOP_ASSERT(is_started);
    tcp_listeners_.push_back(std::move(listener));
  } catch (const std::exception& failure) {
    report_unavailable(address.host + ":" + std::to_string(address.port), failure.what());
  }
}

Task<> AdminListener::accept_unix(UnixSocket& socket) {
  for (;;) {
    auto [ec, accepted] = co_await socket.acceptor.async_accept(runtime::kTuple);
    if (ec == asio::error::operation_aborted || !socket.acceptor.is_open()) co_return;
    if (ec) {  // out of descriptors
      const bool goes_on = co_await runtime::sleep_for(executor_, kBackOff);
      if (!goes_on) co_return;
      continue;
    }
    accepted.non_blocking(true, ec);
    base::UniqueFd client(accepted.release());
    const std::string identity = identity_of(client.value());
    join(std::move(client), {{identity, socket.role}, false});
  }
}

void AdminListener::join(base::UniqueFd client, Connection connection) {
  if (joints_.size() >= settings_.connections_max) {
    ++refused_;
    log_.write_limited(Severity::warn, "admin_refused",
                       {{"identity", connection.caller.identity}, {"reason", "connections_max"}});
    return;
  }
  const bool is_tls = connection.is_tls;
  const std::string name = callers_.add(std::move(connection));
  auto [ours, theirs] = named_pair(name);
  if (!ours) {
    callers_.remove(name);
    return;
  }
  auto joint =
      std::make_unique<Joint>(executor_, poller_, pipes_, std::move(client), std::move(ours), name);
  joints_.push_back(joint.get());
  if (!joined_.spawn(pump(std::move(joint)))) {  // stopping
    joints_.pop_back();
    callers_.remove(name);
    return;
  }
  serve_(std::move(theirs), is_tls);
}

Task<> AdminListener::pump(std::unique_ptr<Joint> joint) {
  (void)co_await joint->pump.run();
  callers_.remove(joint->name);
  std::erase(joints_, joint.get());
}

void AdminListener::stop_accepting() {
  for (const auto& socket : unix_sockets_) socket->acceptor.cancel();
  for (const auto& listener : tcp_listeners_) listener->close();
  accepting_.cancel();
}

Task<> AdminListener::stop() {
  stop_accepting();
  co_await accepting_.join();
  unix_sockets_.clear();
  for (Joint* joint : joints_) joint->pump.end(runtime::EndReason::shutdown);
  co_await joined_.join();
  polling_.cancel();
  co_await polling_.join();
}

}  // namespace bellhop::admin
