#include "relay/nodes/datagram_batch.hpp"

#include <cerrno>
#include <cstring>

namespace bellhop::nodes {
namespace {

// Out of one address as it lies in memory: reading through another type would not be defined.
template <typename Address>
Address as(const sockaddr_storage& storage) {
  Address address{};
  std::memcpy(&address, &storage, sizeof address);
  return address;
}

}  // namespace

socklen_t to_sockaddr(const base::IpEndpoint& endpoint, sockaddr_storage& out) {
  const auto& bytes = endpoint.address.bytes();
  if (endpoint.address.is_v4()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    std::memcpy(&address.sin_addr, bytes.data() + 12, sizeof address.sin_addr);
    std::memcpy(&out, &address, sizeof address);
    return sizeof address;
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(endpoint.port);
  std::memcpy(&address.sin6_addr, bytes.data(), bytes.size());
  std::memcpy(&out, &address, sizeof address);
  return sizeof address;
}

base::IpEndpoint from_sockaddr(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    const auto address = as<sockaddr_in>(storage);
    return {base::IpAddress::from_v4(ntohl(address.sin_addr.s_addr)), ntohs(address.sin_port)};
  }
  if (storage.ss_family != AF_INET6) return {};
  const auto address = as<sockaddr_in6>(storage);
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
  return {base::IpAddress::from_v6(bytes), ntohs(address.sin6_port)};
}

base::UniqueFd bind_datagram_socket(const base::IpEndpoint& local) {
  sockaddr_storage address{};
  const socklen_t length = to_sockaddr(local, address);
  base::UniqueFd fd(
      ::socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP));
  if (!fd) return fd;
  const int on = 1;
  if (address.ss_family == AF_INET6 &&
      ::setsockopt(fd.value(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
    return {};
  }
  if (::bind(fd.value(), reinterpret_cast<const sockaddr*>(&address), length) != 0) return {};
  return fd;
}

DatagramBatch::DatagramBatch() : buffers_(std::make_unique<std::array<Buffer, kDatagramsMax>>()) {
  for (std::size_t i = 0; i < kDatagramsMax; ++i) {
    parts_[i] = {(*buffers_)[i].data(), kDatagramBytesMax};
    heads_[i].msg_hdr.msg_iov = &parts_[i];
    heads_[i].msg_hdr.msg_iovlen = 1;
    heads_[i].msg_hdr.msg_name = &names_[i];
    outgoing_[i].msg_hdr.msg_iov = &outgoing_parts_[i];
    outgoing_[i].msg_hdr.msg_iovlen = 1;
  }
}

std::size_t DatagramBatch::receive(int fd) {
  marked_ = 0;
  for (mmsghdr& head : heads_) head.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  const int n = ::recvmmsg(fd, heads_.data(), kDatagramsMax, 0, nullptr);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

base::IpEndpoint DatagramBatch::source(std::size_t index) const {
  return from_sockaddr(names_[index]);
}

void DatagramBatch::forward(std::size_t index) {
  outgoing_parts_[marked_++] = {(*buffers_)[index].data(), heads_[index].msg_len};
}

DatagramBatch::Sent DatagramBatch::send(int fd, const base::IpEndpoint& destination) {
  sockaddr_storage address{};
  const socklen_t length = to_sockaddr(destination, address);
  for (std::size_t i = 0; i < marked_; ++i) {
    outgoing_[i].msg_hdr.msg_name = &address;
    outgoing_[i].msg_hdr.msg_namelen = length;
  }
  Sent sent;
  while (sent.packets + sent.packets_left < marked_) {
    const std::size_t at = sent.packets + sent.packets_left;
    const int n = ::sendmmsg(fd, outgoing_.data() + at, static_cast<unsigned>(marked_ - at), 0);
    const std::size_t taken = n > 0 ? static_cast<std::size_t>(n) : 0;
    for (std::size_t i = at; i < at + taken; ++i) sent.bytes += outgoing_parts_[i].iov_len;
    sent.packets += taken;
    if (taken > 0) continue;
    // An error is that of the first one left, but a full buffer is as full for those behind it.
    const std::size_t lost = errno == EAGAIN ? marked_ - at : 1;
    for (std::size_t i = at; i < at + lost; ++i) sent.bytes_left += outgoing_parts_[i].iov_len;
    sent.packets_left += lost;
  }
  marked_ = 0;
  return sent;
}

}  // namespace bellhop::nodes
