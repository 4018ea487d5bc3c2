#include "relay/net/egress.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "component/base/error.hpp"

namespace bellhop::net {
namespace {

constexpr std::size_t kMessagesMax = 64;
constexpr std::size_t kTrainBytesMax = 65000;  // below what one UDP datagram may have
constexpr std::size_t kHeadMax = 4;
// A datagram that goes alone is copied together, if it is no longer than an MTU: sendto(2) is
// cheaper than sendmsg(2) by more than that.
constexpr std::size_t kCopiedMax = 1500;

struct alignas(cmsghdr) Control {
  std::array<char, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint16_t))> bytes;
};

// Adds a control message behind `used` bytes of others.
template <typename Value>
void add_control(msghdr& header, int level, int type, const Value& value) {
  auto* control =
      reinterpret_cast<cmsghdr*>(static_cast<char*>(header.msg_control) + header.msg_controllen);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(control), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

void add_source(msghdr& header, const base::IpAddress& from) {
  const auto& bytes = from.bytes();
  if (from.is_v4()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, &bytes[12], 4);
    add_control(header, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, bytes.data(), bytes.size());
    add_control(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

// What the network said about an earlier datagram, which the kernel reports at the next one.
bool is_old_news(int error) {
  return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
         error == EPROTO || error == EHOSTDOWN;
}

ssize_t send_alone(int fd, const msghdr& message) {
  std::array<std::uint8_t, kHeadMax + kCopiedMax> together;
  const iovec& last = message.msg_iov[message.msg_iovlen - 1];
  const bool is_short = message.msg_iovlen <= 2 && last.iov_len <= kCopiedMax;
  if (message.msg_control != nullptr || !is_short) return ::sendmsg(fd, &message, MSG_DONTWAIT);
  if (message.msg_iovlen == 1) {
    return ::sendto(fd, last.iov_base, last.iov_len, MSG_DONTWAIT,
                    static_cast<const sockaddr*>(message.msg_name), message.msg_namelen);
  }
  const iovec& head = message.msg_iov[0];
  std::memcpy(together.data(), head.iov_base, head.iov_len);
  std::memcpy(together.data() + head.iov_len, last.iov_base, last.iov_len);
  return ::sendto(fd, together.data(), head.iov_len + last.iov_len, MSG_DONTWAIT,
                  static_cast<const sockaddr*>(message.msg_name), message.msg_namelen);
}

}  // namespace

struct Egress::Datagram {
  const Route* route;
  SendCount* count;
  std::array<std::uint8_t, kHeadMax> head;
  std::uint8_t head_size;
  bool is_packed;
  std::uint16_t next;  // of the same flow; kNone: the newest one
  std::uint32_t payload;
  std::span<const std::uint8_t> body;

  void count_as(bool is_sent) const {
    (is_sent ? count->packets : count->dropped_packets) += 1;
    (is_sent ? count->bytes : count->dropped_bytes) += payload;
  }
  [[nodiscard]] std::size_t size() const { return head_size + body.size(); }
};

struct Egress::Calls {
  struct Message {
    std::uint16_t first;  // datagram; the others are linked
    std::uint16_t segments;
  };
  std::array<Message, kMessagesMax> messages;
  std::array<mmsghdr, kMessagesMax> headers;
  std::array<Control, kMessagesMax> controls;
  std::array<iovec, 2 * kDatagramsMax> buffers;
  std::size_t buffers_used = 0;
};

Egress::Egress() : datagrams_(new Datagram[kDatagramsMax]), calls_(new Calls) {
  last_.fill(kNone);
}

Egress::~Egress() = default;

std::uint16_t Egress::find_last(const Route& route, std::size_t bucket) const {
  const std::uint16_t last = last_[bucket];
  if (last == kNone) return kNone;
  const Route& other = *datagrams_[last].route;
  const bool is_same = &other == &route ||
                       (other.fd == route.fd && other.to == route.to && other.from == route.from);
  return is_same ? last : kNone;
}

void Egress::add(const Route& route, std::span<const std::uint8_t> head,
                 std::span<const std::uint8_t> body, std::size_t payload, SendCount& count) {
  BELLHOP_ASSERT(head.size() <= kHeadMax);
  if (size_ == kDatagramsMax) flush();
  const auto index = static_cast<std::uint16_t>(size_++);
  Datagram& datagram = datagrams_[index];
  datagram.route = &route;
  datagram.count = &count;
  std::copy(head.begin(), head.end(), datagram.head.begin());
  datagram.head_size = static_cast<std::uint8_t>(head.size());
  datagram.is_packed = false;
  datagram.next = kNone;
  datagram.payload = static_cast<std::uint32_t>(payload);
  datagram.body = body;
  const auto mix = static_cast<std::size_t>(route.fd) * 31 + route.to.v4.sin_port;
  const std::size_t bucket = (mix ^ (mix >> 8)) % kBuckets;
  const std::uint16_t last = find_last(route, bucket);
  if (last != kNone) datagrams_[last].next = index;
  last_[bucket] = index;
}

void Egress::flush() {
  std::size_t count = 0;
  int fd = -1;
  for (std::uint16_t i = 0; i < size_; ++i) {
    if (datagrams_[i].is_packed) continue;
    const int own = datagrams_[i].route->fd;
    if (count > 0 && (own != fd || count == kMessagesMax)) {
      send(fd, count);
      count = 0;
    }
    if (count == 0) calls_->buffers_used = 0;
    fd = own;
    pack(i, count++);
  }
  if (count > 0) send(fd, count);
  size_ = 0;
  last_.fill(kNone);
}

// Makes message `index` of datagram `first` and of those of its flow that fit into one train.
std::size_t Egress::pack(std::uint16_t first, std::size_t index) {
  const Route& route = *datagrams_[first].route;
  const std::size_t segment = datagrams_[first].size();
  const std::size_t segments_max = has_trains_ && segment > 0 ? kTrainMax : 1;
  iovec* buffers = &calls_->buffers[calls_->buffers_used];
  std::size_t used = 0;
  std::size_t bytes = 0;
  std::uint16_t segments = 0;
  for (std::uint16_t at = first; at != kNone && segments < segments_max; ++segments) {
    Datagram& datagram = datagrams_[at];
    const std::size_t size = datagram.size();
    if (size == 0 && segments > 0) break;
    if (size > segment || bytes + size > std::max(kTrainBytesMax, segment)) break;
    if (datagram.head_size > 0) buffers[used++] = {datagram.head.data(), datagram.head_size};
    buffers[used++] = {const_cast<std::uint8_t*>(datagram.body.data()), datagram.body.size()};
    datagram.is_packed = true;
    bytes += size;
    at = size < segment ? kNone : datagram.next;  // only the last one may be shorter
  }
  calls_->buffers_used += used;
  calls_->messages[index] = {first, segments};
  msghdr& header = calls_->headers[index].msg_hdr;
  header = {};
  header.msg_name = const_cast<sockaddr*>(route.to.raw());
  header.msg_namelen = route.to.size;
  header.msg_iov = buffers;
  header.msg_iovlen = used;
  header.msg_control = calls_->controls[index].bytes.data();
  if (route.has_from) add_source(header, route.from);
  if (segments > 1) {
    add_control(header, IPPROTO_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment));
  }
  if (header.msg_controllen == 0) header.msg_control = nullptr;
  return bytes;
}

void Egress::send(int fd, std::size_t count) {
  bool is_second_try = false;
  for (std::size_t done = 0; done < count;) {
    mmsghdr* headers = &calls_->headers[done];
    const int n = count - done == 1
                      ? (send_alone(fd, headers->msg_hdr) >= 0 ? 1 : -1)
                      : ::sendmmsg(fd, headers, static_cast<unsigned>(count - done), MSG_DONTWAIT);
    if (n > 0) {
      for (int i = 0; i < n; ++i) settle(done++, true);
      is_second_try = false;
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (is_old_news(error) && !is_second_try) {
      is_second_try = true;
      continue;
    }
    is_second_try = false;
    if (calls_->messages[done].segments > 1 && error != EAGAIN && error != ENOBUFS) {
      if (error == EIO || error == EOPNOTSUPP) has_trains_ = false;  // the device computes no sums
      resend_singly(done++);
    } else {
      settle(done++, false);
    }
  }
}

// A train that the kernel refused: its datagrams may be too long for the path in one piece.
void Egress::resend_singly(std::size_t index) {
  const Calls::Message message = calls_->messages[index];
  msghdr header = calls_->headers[index].msg_hdr;
  const Route& route = *datagrams_[message.first].route;
  header.msg_controllen = 0;
  header.msg_control = calls_->controls[index].bytes.data();
  if (route.has_from) add_source(header, route.from);
  if (header.msg_controllen == 0) header.msg_control = nullptr;
  std::uint16_t at = message.first;
  for (std::uint16_t i = 0; i < message.segments; ++i, at = datagrams_[at].next) {
    Datagram& datagram = datagrams_[at];
    std::array<iovec, 2> buffers{
        iovec{datagram.head.data(), datagram.head_size},
        iovec{const_cast<std::uint8_t*>(datagram.body.data()), datagram.body.size()}};
    header.msg_iov = buffers.data();
    header.msg_iovlen = buffers.size();
    datagram.count_as(::sendmsg(route.fd, &header, MSG_DONTWAIT) >= 0);
  }
}

void Egress::settle(std::size_t index, bool is_sent) {
  const Calls::Message message = calls_->messages[index];
  std::uint16_t at = message.first;
  for (std::uint16_t i = 0; i < message.segments; ++i, at = datagrams_[at].next) {
    datagrams_[at].count_as(is_sent);
  }
}

}  // namespace bellhop::net
