#include "tests/bench/turn_receiver.hpp"

#include <netinet/udp.h>

#include <cstring>
#include <ctime>

namespace bellhop::bench {
namespace {

constexpr std::size_t packet_slots = 64;
constexpr std::size_t packet_slot_bytes = 2048;
constexpr std::size_t train_slots = 16;
constexpr std::size_t train_slot_bytes = 64 * 1024;

void switch_on(int fd, int level, int name) {
  const int on = 1;
  if (setsockopt(fd, level, name, &on, sizeof on) != 0) throw_errno("setsockopt");
}

}  // namespace

PacketReceiver::PacketReceiver(const ReceiveOptions& options)
    : options_(options), slot_bytes_(options.trains ? train_slot_bytes : packet_slot_bytes) {
  const std::size_t count = options.trains ? train_slots : packet_slots;
  slots_.resize(count * slot_bytes_);
  details_.resize(count);
  messages_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    details_[i].piece = {.iov_base = &slots_[i * slot_bytes_], .iov_len = slot_bytes_};
    messages_[i].msg_hdr.msg_iov = &details_[i].piece;
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
}

void PacketReceiver::prepare(int fd) const {
  if (options_.trains) switch_on(fd, SOL_UDP, UDP_GRO);
  if (options_.stamps) switch_on(fd, SOL_SOCKET, SO_TIMESTAMPNS);
}

std::size_t PacketReceiver::fill(int fd) {
  const bool has_control = options_.trains || options_.stamps;
  for (std::size_t i = 0; has_control && i < messages_.size(); ++i) {
    // The kernel has written here how much of it it used.
    messages_[i].msg_hdr.msg_control = details_[i].control.data();
    messages_[i].msg_hdr.msg_controllen = details_[i].control.size();
  }
  const int count = recvmmsg(fd, messages_.data(), static_cast<unsigned>(messages_.size()),
                             MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

PacketReceiver::Arrival PacketReceiver::look_at(std::size_t index) {
  Arrival arrival;
  arrival.packet_bytes = messages_[index].msg_len;
  arrival.bytes = std::span(slots_).subspan(index * slot_bytes_, arrival.packet_bytes);
  msghdr& header = messages_[index].msg_hdr;
  for (cmsghdr* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
    if (at->cmsg_level == SOL_UDP && at->cmsg_type == UDP_GRO) {
      int size = 0;
      std::memcpy(&size, CMSG_DATA(at), sizeof size);
      if (size > 0) arrival.packet_bytes = static_cast<std::size_t>(size);
    }
    if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_TIMESTAMPNS) {
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(at), sizeof stamp);
      arrival.stamp = static_cast<std::uint64_t>(stamp.tv_sec) * 1'000'000'000U +
                      static_cast<std::uint64_t>(stamp.tv_nsec);
    }
  }
  return arrival;
}

}  // namespace bellhop::bench
