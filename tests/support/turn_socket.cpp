#include "tests/support/turn_socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "relay/stun/stream_frame.hpp"

namespace bellhop::test {
namespace {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

constexpr std::size_t kDatagramMax = 65536;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;

  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* generic() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
};

Address address_of(const base::IpEndpoint& endpoint) {
  Address address;
  const auto& bytes = endpoint.address.bytes();
  if (endpoint.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, bytes.data() + 12, 4);
    address.size = sizeof v4;
    std::memcpy(&address.storage, &v4, sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
    address.size = sizeof v6;
    std::memcpy(&address.storage, &v6, sizeof v6);
  }
  return address;
}

base::IpEndpoint endpoint_of(const Address& address) {
  base::IpEndpoint endpoint;
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof v4);
    endpoint.address = base::IpAddress::from_v4(ntohl(v4.sin_addr.s_addr));
    endpoint.port = ntohs(v4.sin_port);
    return endpoint;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address.storage, sizeof v6);
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  endpoint.address = base::IpAddress::from_v6(bytes);
  endpoint.port = ntohs(v6.sin6_port);
  return endpoint;
}

base::IpEndpoint local_of(int fd) {
  Address address;
  if (::getsockname(fd, address.generic(), &address.size) != 0) throw Missed("no local address");
  return endpoint_of(address);
}

bool is_ready(int fd, short events, TimePoint deadline) {
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const int n = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (n > 0) return true;
    if (n == 0) return false;
  }
}

base::UniqueFd open_socket(const base::IpEndpoint& towards, int type) {
  const int family = towards.address.is_v4() ? AF_INET : AF_INET6;
  base::UniqueFd fd(::socket(family, type | SOCK_CLOEXEC, 0));
  if (!fd) throw Missed(std::string("no socket: ") + std::strerror(errno));
  return fd;
}

void bind_to(int fd, const base::IpEndpoint& endpoint) {
  const Address address = address_of(endpoint);
  if (::bind(fd, address.generic(), address.size) != 0) {
    throw Missed(std::string("cannot bind: ") + std::strerror(errno));
  }
}

}  // namespace

base::IpEndpoint endpoint_of(std::string_view address, std::uint16_t port) {
  const auto parsed = base::IpAddress::parse(address);
  if (!parsed) throw Missed("no address: " + std::string(address));
  return {.address = *parsed, .port = port};
}

TurnSocket::TurnSocket(const base::IpEndpoint& server, TurnTransport transport,
                       const std::optional<base::IpEndpoint>& source)
    : transport_(transport),
      fd_(open_socket(server, transport == TurnTransport::udp ? SOCK_DGRAM : SOCK_STREAM)) {
  if (source) bind_to(fd(), *source);
  const Address address = address_of(server);
  if (::connect(fd(), address.generic(), address.size) != 0) {
    throw Missed(std::string("cannot connect: ") + std::strerror(errno));
  }
  if (transport == TurnTransport::udp) return;
  const int on = 1;
  (void)::setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)::fcntl(fd(), F_SETFL, O_NONBLOCK);
  if (transport == TurnTransport::tls) start_tls();
}

void TurnSocket::FreeTls::operator()(SSL* tls) const {
  SSL_free(tls);
}

void TurnSocket::start_tls() {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  tls_.reset(SSL_new(context.get()));
  SSL_set_fd(tls_.get(), fd());
  const TimePoint deadline = Clock::now() + kPatience;
  for (;;) {
    const int result = SSL_connect(tls_.get());
    if (result == 1) return;
    const int why = SSL_get_error(tls_.get(), result);
    const auto events = static_cast<short>(why == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN);
    const bool may_go_on = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    if (!may_go_on || !is_ready(fd(), events, deadline)) throw Missed("no TLS");
  }
}

void TurnSocket::send(stun::Bytes bytes) {
  const TimePoint deadline = Clock::now() + kPatience;
  if (transport_ == TurnTransport::udp) {
    // What an earlier datagram met with is reported to the next one.
    for (int tries = 0; tries < 2; ++tries) {
      if (::send(fd(), bytes.data(), bytes.size(), 0) >= 0) return;
      if (errno != ECONNREFUSED) break;
    }
    throw Missed(std::string("cannot send: ") + std::strerror(errno));
  }
  while (!bytes.empty()) {
    if (!is_ready(fd(), POLLOUT, deadline)) throw Missed("the server takes nothing");
    const auto n = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                        : ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    const bool may_go_on =
        tls_ ? SSL_get_error(tls_.get(), static_cast<int>(n)) == SSL_ERROR_WANT_WRITE
             : errno == EAGAIN;
    if (n <= 0 && !may_go_on) throw Missed("the server has ended the connection");
    if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

std::optional<Octets> TurnSocket::read(TimePoint deadline) {
  if (tls_) return read_tls(deadline);
  Octets bytes(kDatagramMax);
  while (is_ready(fd(), POLLIN, deadline)) {
    const ssize_t n = ::recv(fd(), bytes.data(), bytes.size(), 0);
    const bool is_datagram = transport_ == TurnTransport::udp;
    if (n < 0 && (errno == EAGAIN || (is_datagram && errno == ECONNREFUSED))) continue;
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
  }
  return std::nullopt;
}

std::optional<Octets> TurnSocket::read_tls(TimePoint deadline) {
  Octets bytes(kDatagramMax);
  for (;;) {
    const int n = SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (n <= 0) {
      const int why = SSL_get_error(tls_.get(), n);
      ERR_clear_error();
      if (why != SSL_ERROR_WANT_READ) return Octets();
      if (!is_ready(fd(), POLLIN, deadline)) return std::nullopt;
      continue;
    }
    bytes.resize(static_cast<std::size_t>(n));
    return bytes;
  }
}

std::optional<Octets> TurnSocket::take_frame() {
  const auto frame = stun::first_frame(buffer_);
  if (!frame) throw Missed("what the server sends is neither STUN nor ChannelData");
  if (!*frame) return std::nullopt;
  Octets bytes((*frame)->bytes.begin(), (*frame)->bytes.end());
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>((*frame)->consumed));
  return bytes;
}

std::optional<Octets> TurnSocket::receive(std::chrono::milliseconds wait) {
  const TimePoint deadline = Clock::now() + wait;
  if (transport_ == TurnTransport::udp) return read(deadline);
  for (;;) {
    if (auto frame = take_frame()) return frame;
    const auto more = read(deadline);
    if (!more) return std::nullopt;
    if (more->empty()) throw Missed("the server has ended the connection");
    buffer_.insert(buffer_.end(), more->begin(), more->end());
  }
}

Octets TurnSocket::receive_some() {
  if (!buffer_.empty()) return std::exchange(buffer_, {});
  auto bytes = read(Clock::now() + kPatience);
  if (!bytes) throw Missed("nothing came");
  return std::move(*bytes);
}

bool TurnSocket::is_ended() {
  const TimePoint deadline = Clock::now() + kPatience;
  for (;;) {
    const auto bytes = read(deadline);
    if (!bytes) return false;
    if (bytes->empty() && transport_ != TurnTransport::udp) return true;
  }
}

base::IpEndpoint TurnSocket::local() const {
  return local_of(fd());
}

void TurnSocket::close() {
  tls_.reset();
  fd_.reset();
}

UdpPeer::UdpPeer(std::string_view address) : fd_(open_socket(endpoint_of(address, 0), SOCK_DGRAM)) {
  bind_to(fd_.value(), endpoint_of(address, 0));
}

base::IpEndpoint UdpPeer::local() const {
  return local_of(fd_.value());
}

void UdpPeer::send(const base::IpEndpoint& to, std::string_view data) {
  const Address address = address_of(to);
  const ssize_t n =
      ::sendto(fd_.value(), data.data(), data.size(), 0, address.generic(), address.size);
  if (n < 0) throw Missed(std::string("cannot send: ") + std::strerror(errno));
}

UdpPeer::Datagram UdpPeer::receive() {
  if (!is_ready(fd_.value(), POLLIN, Clock::now() + kPatience)) throw Missed("nothing came");
  std::string data(kDatagramMax, '\0');
  Address from;
  const ssize_t n =
      ::recvfrom(fd_.value(), data.data(), data.size(), 0, from.generic(), &from.size);
  if (n < 0) throw Missed(std::string("cannot receive: ") + std::strerror(errno));
  data.resize(static_cast<std::size_t>(n));
  Datagram datagram;
  datagram.from = endpoint_of(from);
  datagram.data = std::move(data);
  return datagram;
}

bool UdpPeer::has_input() const {
  return is_ready(fd_.value(), POLLIN, Clock::now());
}

}  // namespace bellhop::test
