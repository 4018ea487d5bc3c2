#include "tests/bench/turn_sender.hpp"

#include <netinet/udp.h>

#include <cerrno>
#include <cstring>

namespace bellhop::bench {

PacketSender::PacketSender(const BurstShape& shape, std::uint64_t lose)
    : shape_(shape),
      lose_(lose),
      until_lost_(lose),
      filling_(shape.payload_bytes - PacketLabel::bytes),
      heads_(packets_max),
      pieces_(2 * packets_max),
      details_(packets_max),
      messages_(packets_max) {
  shape_.train = shape.train && shape.packets > 1;
}

bool PacketSender::is_to_be_lost() {
  if (lose_ == 0 || --until_lost_ > 0) return false;
  until_lost_ = lose_;
  return true;
}

void PacketSender::add(const PathSocket& from, const Flow& flow, const PacketLabel& label) {
  if (from.fd.get() != fd_ || packets_ + shape_.packets > packets_max) flush();
  fd_ = from.fd.get();
  PacketLabel next = label;
  if (shape_.train) begin_message(flow, from.channel);
  for (std::size_t i = 0; i < shape_.packets; ++i, ++next.sequence) {
    if (is_to_be_lost()) {
      ++sent_;
      continue;
    }
    if (!shape_.train) begin_message(flow, from.channel);
    add_packet(from.channel, next);
  }
}

void PacketSender::begin_message(const Flow& flow, std::uint16_t channel) {
  Message& detail = details_[message_count_];
  mmsghdr& message = messages_[message_count_++];
  message = {};
  message.msg_hdr.msg_iov = &pieces_[2 * packets_];
  if (flow.to.sin_family != 0) {
    detail.to = flow.to;
    message.msg_hdr.msg_name = &detail.to;
    message.msg_hdr.msg_namelen = sizeof detail.to;
  }
  if (!shape_.train) return;
  message.msg_hdr.msg_control = detail.control.data();
  message.msg_hdr.msg_controllen = detail.control.size();
  cmsghdr* control = CMSG_FIRSTHDR(&message.msg_hdr);
  control->cmsg_level = SOL_UDP;
  control->cmsg_type = UDP_SEGMENT;
  control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto size =
      static_cast<std::uint16_t>(shape_.payload_bytes + (channel != 0 ? channel_header_bytes : 0));
  std::memcpy(CMSG_DATA(control), &size, sizeof size);
}

void PacketSender::add_packet(std::uint16_t channel, const PacketLabel& label) {
  std::uint8_t* head = heads_[packets_].data();
  write_label(head + channel_header_bytes, label);
  iovec& first = pieces_[2 * packets_];
  first = {.iov_base = head + channel_header_bytes, .iov_len = PacketLabel::bytes};
  if (channel != 0) {
    write_channel_header(head, channel, shape_.payload_bytes);
    first = {.iov_base = head, .iov_len = head_bytes};
  }
  pieces_[2 * packets_ + 1] = {.iov_base = filling_.data(), .iov_len = filling_.size()};
  messages_[message_count_ - 1].msg_hdr.msg_iovlen += 2;
  ++packets_;
}

void PacketSender::flush() {
  bool has_failed = false;
  for (std::size_t at = 0; at < message_count_;) {
    const auto count = static_cast<unsigned>(message_count_ - at);
    const int taken = sendmmsg(fd_, &messages_[at], count, MSG_DONTWAIT);
    if (taken < 0 && errno == ECONNREFUSED && !has_failed) {
      has_failed = true;  // ICMP about an earlier packet; reported once
      continue;
    }
    has_failed = false;
    const std::size_t passed = taken > 0 ? static_cast<std::size_t>(taken) : 1;
    for (std::size_t i = at; i < at + passed; ++i) {
      (taken > 0 ? sent_ : refused_) += messages_[i].msg_hdr.msg_iovlen / 2;
    }
    at += passed;
  }
  packets_ = 0;
  message_count_ = 0;
}

}  // namespace bellhop::bench
