#include "relay/nodes/datagram_batch.hpp"

#include <cerrno>

namespace bellhop::nodes {
base::UniqueFd bind_datagram_socket(const base::IpEndpoint& local) {
  const net::SocketAddress address(local);
  const int family = address.raw()->sa_family;
  base::UniqueFd fd(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP));
  if (!fd) return fd;
  const int on = 1;
  if (family == AF_INET6 &&
      ::setsockopt(fd.value(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) {
    return {};
  }
  if (::bind(fd.value(), address.raw(), address.size) != 0) return {};
  return fd;
}

DatagramBatch::DatagramBatch() : buffers_(std::make_unique<std::array<Buffer, kDatagramsMax>>()) {
  for (std::size_t i = 0; i < kDatagramsMax; ++i) {
    parts_[i] = {(*buffers_)[i].data(), kDatagramBytesMax};
    heads_[i].msg_hdr.msg_iov = &parts_[i];
    heads_[i].msg_hdr.msg_iovlen = 1;
    heads_[i].msg_hdr.msg_name = names_[i].raw();
    outgoing_[i].msg_hdr.msg_iov = &outgoing_parts_[i];
    outgoing_[i].msg_hdr.msg_iovlen = 1;
  }
}

std::size_t DatagramBatch::receive(int fd) {
  marked_ = 0;
  for (mmsghdr& head : heads_) head.msg_hdr.msg_namelen = sizeof(sockaddr_in6);
  const int n = ::recvmmsg(fd, heads_.data(), kDatagramsMax, 0, nullptr);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

base::IpEndpoint DatagramBatch::source(std::size_t index) const {
  return names_[index].endpoint();
}

void DatagramBatch::forward(std::size_t index) {
  outgoing_parts_[marked_++] = {(*buffers_)[index].data(), heads_[index].msg_len};
}

DatagramBatch::Sent DatagramBatch::send(int fd, const base::IpEndpoint& destination) {
  net::SocketAddress address(destination);
  for (std::size_t i = 0; i < marked_; ++i) {
    outgoing_[i].msg_hdr.msg_name = address.raw();
    outgoing_[i].msg_hdr.msg_namelen = address.size;
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
