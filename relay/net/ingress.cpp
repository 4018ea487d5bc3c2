#include "relay/net/ingress.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "component/base/error.hpp"

namespace bellhop::net {
namespace {

template <typename Value>
Value read_value(const cmsghdr& header) {
  Value value;
  std::memcpy(&value, CMSG_DATA(&header), sizeof value);
  return value;
}

}  // namespace

Ingress::Ingress(Arena& arena) : arena_(arena) {
  for (std::size_t i = 0; i < kBatchMax; ++i) {
    msghdr& header = headers_[i].msg_hdr;
    header.msg_name = sources_[i].raw();
    header.msg_iov = &buffers_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_[i].bytes.data();
  }
}

void Ingress::prepare(std::size_t count) {
  std::uint8_t* window = arena_.next();
  for (std::size_t i = 0; i < count; ++i) {
    headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    headers_[i].msg_hdr.msg_controllen = kControlBytes;
    buffers_[i] = {window, Arena::kWindow};
    window += Arena::kWindow;
  }
}

std::span<const Received> Ingress::read(int fd, std::size_t count) {
  count = std::min(count, kBatchMax);
  BELLHOP_ASSERT(arena_.room() >= count * Arena::kWindow);
  prepare(count);
  kernel_drops_ = 0;
  const int n =
      ::recvmmsg(fd, headers_.data(), static_cast<unsigned>(count), MSG_DONTWAIT, nullptr);
  const std::size_t got = n > 0 ? static_cast<std::size_t>(n) : 0;
  // Fewer than there was room for: the kernel has looked once more and found nothing. An ICMP error
  // is told in place of data, once (IP_RECVERR), and there may be some behind it.
  is_drained_ = got < count && (n >= 0 || errno == EAGAIN);
  for (std::size_t i = 0; i < got; ++i) received_[i] = describe(i);
  if (got > 0) {
    // Behind the last reception the next batch begins, on a cache line of its own.
    const std::size_t used = (got - 1) * Arena::kWindow + headers_[got - 1].msg_len;
    arena_.use((used + 63) / 64 * 64);
  }
  return {received_.data(), got};
}

Received Ingress::describe(std::size_t index) {
  msghdr& header = headers_[index].msg_hdr;
  const std::size_t size = headers_[index].msg_len;
  sources_[index].size = header.msg_namelen;
  Received received{{static_cast<const std::uint8_t*>(buffers_[index].iov_base), size},
                    std::max<std::size_t>(size, 1),
                    &sources_[index],
                    {}};
  if (header.msg_controllen == 0) return received;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
      const int segment = read_value<int>(*c);
      if (segment > 0) received.segment = static_cast<std::size_t>(segment);
    } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
      kernel_drops_ = read_value<std::uint32_t>(*c);
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      received.to = base::IpAddress::from_v4(ntohl(read_value<in_pktinfo>(*c).ipi_addr.s_addr));
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      std::array<std::uint8_t, 16> bytes{};
      const auto info = read_value<in6_pktinfo>(*c);
      std::memcpy(bytes.data(), &info.ipi6_addr, bytes.size());
      received.to = base::IpAddress::from_v6(bytes);
    }
  }
  return received;
}

}  // namespace bellhop::net
