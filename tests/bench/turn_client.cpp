#include "tests/bench/turn_client.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cstring>
#include <stdexcept>

namespace bellhop::bench {
namespace {

constexpr std::uint32_t udp_transport = std::uint32_t{17} << 24U;  // RFC 8656 §18.7
constexpr int attempts_max = 7;                                    // RFC 8489 §6.2.1: Rc
constexpr int first_wait_ms = 500;                                 // RFC 8489 §6.2.1: RTO
constexpr int wait_max_ms = 2'000;
constexpr int unauthorized = 401;
constexpr int stale_nonce = 438;

bool readable_within(int fd, int milliseconds) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, milliseconds) == 1;
}

}  // namespace

sockaddr_in loopback_address(std::uint32_t host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl((std::uint32_t{127} << 24U) + host);
  return address;
}

SourceSequence::SourceSequence() {
  constexpr std::uint32_t first = std::uint32_t{64} << 16U;
  constexpr std::uint32_t last = (std::uint32_t{127} << 16U) - 1;
  std::random_device random;
  host_ = std::uniform_int_distribution(first, last)(random);
}

sockaddr_in SourceSequence::next() {
  sockaddr_in address = loopback_address(host_);
  address.sin_port = htons(port_);
  if (port_ == port_max) ++host_;
  port_ = port_ == port_max ? port_min : static_cast<std::uint16_t>(port_ + 1);
  return address;
}

UniqueFd udp_socket(const sockaddr_in& from, int buffer_bytes) {
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) throw_errno("socket");
  if (buffer_bytes > 0) {
    for (const int name : {SO_RCVBUF, SO_SNDBUF}) {
      if (setsockopt(fd.get(), SOL_SOCKET, name, &buffer_bytes, sizeof buffer_bytes) != 0) {
        throw_errno("setsockopt");
      }
    }
  }
  if (bind(fd.get(), generic_address(from), sizeof from) != 0) throw_errno("bind");
  return fd;
}

UniqueFd udp_socket(const sockaddr_in& from, const sockaddr_in& to, int buffer_bytes) {
  UniqueFd fd = udp_socket(from, buffer_bytes);
  if (connect(fd.get(), generic_address(to), sizeof to) != 0) throw_errno("connect");
  return fd;
}

sockaddr_in local_address(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw_errno("getsockname");
  }
  return address;
}

TurnClient::TurnClient(TurnAccount account)
    : account_(std::move(account)), random_(std::random_device{}()) {}

TransactionId TurnClient::next_id() {
  TransactionId id{};
  const std::uint64_t words[] = {random_(), random_()};
  std::memcpy(id.data(), words, id.size());
  return id;
}

void TurnClient::learn_realm(std::string_view realm) {
  if (signer_) return;
  realm_ = realm;
  signer_.emplace(account_.user, realm_, account_.password);
}

void TurnClient::authenticate(StunRequest& request, std::string_view nonce) {
  request.text(StunAttribute::username, account_.user)
      .text(StunAttribute::realm, realm_)
      .text(StunAttribute::nonce, nonce)
      .sign(*signer_);
}

StunRequest TurnClient::first_allocate(const TransactionId& id) const {
  StunRequest request(StunMethod::allocate, id);
  request.number(StunAttribute::requested_transport, udp_transport);
  constexpr std::size_t attribute_header = 4;
  const std::size_t filling = first_request_bytes - request.bytes().size() - attribute_header;
  request.text(StunAttribute::software, std::string(filling, 'x'));
  return request;
}

StunRequest TurnClient::signed_allocate(const TransactionId& id, const StunAnswer& refusal) {
  learn_realm(refusal.realm);
  StunRequest request(StunMethod::allocate, id);
  request.number(StunAttribute::requested_transport, udp_transport);
  authenticate(request, refusal.nonce);
  return request;
}

StunRequest TurnClient::signed_refresh(const TransactionId& id, const std::string& nonce,
                                       std::uint32_t seconds) {
  StunRequest request(StunMethod::refresh, id);
  request.number(StunAttribute::lifetime, seconds);
  authenticate(request, nonce);
  return request;
}

StunAnswer TurnClient::exchange(int fd, const StunRequest& request, const TransactionId& id) {
  int wait_ms = first_wait_ms;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    // A refused send is the answer to an earlier one (ICMP); the next may pass.
    static_cast<void>(send(fd, request.bytes().data(), request.bytes().size(), 0));
    while (readable_within(fd, wait_ms)) {
      const ssize_t size = recv(fd, input_.data(), input_.size(), 0);
      if (size < 0) break;
      const auto answer = read_answer(StunBytes(input_).first(static_cast<std::size_t>(size)));
      if (answer && answer->id == id) return *answer;
    }
    wait_ms = std::min(2 * wait_ms, wait_max_ms);
  }
  throw std::runtime_error("no answer");
}

template <typename Make>
StunAnswer TurnClient::ask(Allocation& allocation, const char* what, Make make) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    const TransactionId id = next_id();
    StunRequest request = make(id);
    const StunAnswer answer = exchange(allocation.fd.get(), request, id);
    if (answer.error == unauthorized || answer.error == stale_nonce) {
      if (attempt > 0 && answer.error == unauthorized) throw std::runtime_error("wrong password");
      learn_realm(answer.realm);
      allocation.nonce = answer.nonce;
      continue;
    }
    if (answer.error != 0) {
      throw std::runtime_error(std::string(what) + " refused: " + std::to_string(answer.error));
    }
    if (!is_signed(input_, answer, *signer_)) {
      throw std::runtime_error(std::string(what) + ": the answer is not signed as it must be");
    }
    return answer;
  }
  throw std::runtime_error(std::string(what) + ": every nonce is stale");
}

Allocation TurnClient::allocate(const sockaddr_in& from, int buffer_bytes) {
  Allocation allocation;
  allocation.fd = udp_socket(from, account_.server, buffer_bytes);
  const StunAnswer answer = ask(allocation, "Allocate", [&](const TransactionId& id) {
    if (allocation.nonce.empty()) return first_allocate(id);
    StunRequest request(StunMethod::allocate, id);
    request.number(StunAttribute::requested_transport, udp_transport);
    authenticate(request, allocation.nonce);
    return request;
  });
  if (!answer.relayed) throw std::runtime_error("Allocate: no relayed address");
  allocation.relayed = *answer.relayed;
  return allocation;
}

void TurnClient::create_permission(Allocation& allocation, const sockaddr_in& peer) {
  static_cast<void>(ask(allocation, "CreatePermission", [&](const TransactionId& id) {
    StunRequest request(StunMethod::create_permission, id);
    request.peer(peer);
    authenticate(request, allocation.nonce);
    return request;
  }));
}

void TurnClient::bind_channel(Allocation& allocation, std::uint16_t channel,
                              const sockaddr_in& peer) {
  static_cast<void>(ask(allocation, "ChannelBind", [&](const TransactionId& id) {
    StunRequest request(StunMethod::channel_bind, id);
    request.number(StunAttribute::channel_number, std::uint32_t{channel} << 16U).peer(peer);
    authenticate(request, allocation.nonce);
    return request;
  }));
}

void TurnClient::refresh(Allocation& allocation, std::uint32_t seconds) {
  static_cast<void>(ask(allocation, "Refresh", [&](const TransactionId& id) {
    return signed_refresh(id, allocation.nonce, seconds);
  }));
}

}  // namespace bellhop::bench
