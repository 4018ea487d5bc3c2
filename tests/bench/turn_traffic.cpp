#include "tests/bench/turn_traffic.hpp"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

namespace bellhop::bench {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::size_t events_max = 512;
constexpr std::uint64_t flooded_bursts = 64;      // between two looks at what has come
constexpr std::uint64_t give_up_ns = 50'000'000;  // far above any queue of the server
constexpr std::uint64_t look_ns = 5'000'000;      // how often bursts are given up
constexpr std::uint64_t quiet_ns = 200'000'000;   // after which nothing more will come
constexpr std::uint64_t drain_max_ns = 2 * second_ns;
// A sleep and its wake-up cost as much as a packet: what is due in such a time is sent together.
constexpr std::uint64_t sleep_min_ns = 50'000;

timespec to_timespec(std::uint64_t ns) {
  timespec time{};
  time.tv_sec = static_cast<time_t>(ns / second_ns);
  time.tv_nsec = static_cast<long>(ns % second_ns);
  return time;
}

void sleep_ns(std::uint64_t ns) {
  const timespec time = to_timespec(ns);
  nanosleep(&time, nullptr);
}

std::uint64_t to_ns(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e9);
}

}  // namespace

std::uint64_t realtime_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * second_ns +
         static_cast<std::uint64_t>(now.tv_nsec);
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t udp_receive_drops() {
  // Two lines that begin with `Udp:`, the names and the numbers.
  std::ifstream snmp("/proc/net/snmp");
  std::string names, line;
  while (std::getline(snmp, line)) {
    if (line.rfind("Udp: ", 0) != 0) continue;
    if (names.empty()) {
      names = line;
      continue;
    }
    std::istringstream name_words(names), number_words(line);
    std::string name, number;
    while (name_words >> name && number_words >> number) {
      if (name == "RcvbufErrors") return std::stoull(number);
    }
  }
  return 0;
}

std::uint64_t udp_receive_drops_at(std::uint16_t port) {
  // A line for each socket: number, local address as XXXXXXXX:PPPP, …, drops.
  std::ifstream table("/proc/net/udp");
  std::uint64_t drops = 0;
  std::string line;
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string number, local, last;
    words >> number >> local;
    const auto colon = local.find(':');
    if (colon == std::string::npos || std::stoul(local.substr(colon + 1), nullptr, 16) != port) {
      continue;
    }
    while (words >> last) {
    }
    drops += std::stoull(last);
  }
  return drops;
}

double TrafficReport::loss_percent() const {
  if (sent == 0) return 0;
  return 100 * (1 - static_cast<double>(received) / static_cast<double>(sent));
}

Traffic::Traffic(const Paths& paths, const TrafficPlan& plan)
    : paths_(paths),
      plan_(plan),
      sender_(plan.shape, plan.lose),
      receiver_({.trains = plan.shape.train, .stamps = plan.stamps}),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      events_(events_max),
      flows_(paths.flows.size()),
      counted_run_(static_cast<std::uint32_t>(std::random_device{}())),
      run_(counted_run_ + 1) {
  if (!epoll_) throw_errno("epoll_create1");
  for (std::size_t i = 0; i < paths.sockets.size(); ++i) {
    const int fd = paths.sockets[i].fd.get();
    receiver_.prepare(fd);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) throw_errno("epoll_ctl");
  }
  const std::size_t half = flows_.size() / 2;
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    order_.push_back(plan.alternate ? i / 2 + i % 2 * half : i);
  }
}

TrafficReport Traffic::run() {
  prctl(PR_SET_TIMERSLACK, 1UL);  // nanoseconds; the default makes every sleep 50 µs longer
  ready_.assign(order_.begin(), order_.end());
  std::uint64_t now = realtime_ns();
  if (plan_.pace == TrafficPace::even) pacer_.emplace(plan_.rate, now);
  send_until(now + to_ns(plan_.warm_up));
  const std::uint64_t sent_before = sender_.sent();
  const std::uint64_t refused_before = sender_.refused();
  const std::uint64_t drops_before = udp_receive_drops();
  const std::uint64_t moved_before = pacer_ ? pacer_->moved_ns() : 0;
  const double own_before = own_cpu_seconds();
  const double cpu_before = cpu_seconds(plan_.pids);
  report_ = {};
  run_ = counted_run_;
  now = realtime_ns();
  send_until(now + to_ns(plan_.seconds));
  report_.seconds = static_cast<double>(realtime_ns() - now) / 1e9;
  report_.own_cpu_seconds = own_cpu_seconds() - own_before;
  drain();
  report_.cpu_seconds = cpu_seconds(plan_.pids) - cpu_before;
  report_.sent = sender_.sent() - sent_before;
  report_.refused = sender_.refused() - refused_before;
  report_.kernel_drops = udp_receive_drops() - drops_before;
  if (pacer_) {
    report_.behind_seconds = static_cast<double>(pacer_->moved_ns() - moved_before) / 1e9;
  }
  for (const FlowState& flow : flows_) {
    report_.received += flow.window.fresh();
    report_.repeated += flow.window.repeated();
    report_.late += flow.window.late();
  }
  return std::move(report_);
}

void Traffic::send_until(std::uint64_t end) {
  for (std::uint64_t now = realtime_ns(); now < end; now = realtime_ns()) {
    send_due(now);
    if (plan_.pace == TrafficPace::closed) {
      receive(std::min(look_ns, end - now));
      continue;
    }
    if (plan_.pace == TrafficPace::even) sleep_until_due();
    receive(0);
  }
}

void Traffic::sleep_until_due() const {
  const std::uint64_t wait = pacer_->wait_ns(realtime_ns());
  // Not in epoll_wait(2): each packet would wake us, and the wake-up would be charged to the
  // server.
  if (wait > 0) sleep_ns(std::max(wait, sleep_min_ns));
}

void Traffic::drain() {
  const std::uint64_t end = realtime_ns() + drain_max_ns;
  while (realtime_ns() < end && receive(quiet_ns) > 0) {
  }
}

void Traffic::send_due(std::uint64_t now) {
  if (plan_.pace == TrafficPace::even) {
    const std::uint64_t due = pacer_->due(now);
    pacer_->sent(due);
    send_next(due, now);
  } else if (plan_.pace == TrafficPace::flooded) {
    send_next(flooded_bursts, now);
  } else {
    give_up_overdue(now);
    for (; !ready_.empty(); ready_.pop_front()) send_burst(ready_.front(), now);
  }
  sender_.flush();
}

void Traffic::send_next(std::uint64_t count, std::uint64_t now) {
  for (std::uint64_t i = 0; i < count; ++i) {
    send_burst(order_[next_in_order_], now);
    next_in_order_ = next_in_order_ + 1 == order_.size() ? 0 : next_in_order_ + 1;
  }
}

void Traffic::send_burst(std::size_t flow, std::uint64_t now) {
  FlowState& state = flows_[flow];
  PacketLabel label;
  label.run = run_;
  label.flow = static_cast<std::uint32_t>(flow);
  label.sequence = state.next_sequence;
  label.sent_at = plan_.stamps ? realtime_ns() : now;
  state.burst_begin = state.next_sequence;
  state.burst_missing = plan_.shape.packets;
  state.burst_deadline = now + give_up_ns;
  state.next_sequence += static_cast<std::uint32_t>(plan_.shape.packets);
  sender_.add(paths_.sockets[paths_.flows[flow].from_socket], paths_.flows[flow], label);
  if (plan_.stamps) sender_.flush();  // waiting for others would count as latency
}

std::size_t Traffic::receive(std::uint64_t wait) {
  const timespec time = to_timespec(wait);
  const int count =
      epoll_pwait2(epoll_.get(), events_.data(), static_cast<int>(events_.size()), &time, nullptr);
  if (count < 0 && errno != EINTR) throw_errno("epoll_pwait2");
  for (int i = 0; i < count; ++i) {
    const std::size_t socket = events_[static_cast<std::size_t>(i)].data.u64;
    report_.strange += receiver_.receive(
        paths_.sockets[socket], [&](std::span<const std::uint8_t> payload, std::uint64_t stamp) {
          on_packet(socket, payload, stamp);
        });
  }
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void Traffic::on_packet(std::size_t socket, std::span<const std::uint8_t> payload,
                        std::uint64_t stamp) {
  const auto label = read_label(payload);
  const bool is_known = label && (label->run == counted_run_ || label->run == counted_run_ + 1) &&
                        label->flow < flows_.size() &&
                        paths_.flows[label->flow].to_socket == socket &&
                        payload.size() == plan_.shape.payload_bytes;
  if (!is_known) {
    ++report_.strange;
    return;
  }
  on_burst_part(label->flow, *label);
  if (label->run != counted_run_) return;
  const bool is_fresh = flows_[label->flow].window.accept(label->sequence);
  if (is_fresh && plan_.stamps && stamp > label->sent_at) {
    report_.latencies.add(std::chrono::nanoseconds(stamp - label->sent_at));
  }
}

void Traffic::on_burst_part(std::size_t flow, const PacketLabel& label) {
  FlowState& state = flows_[flow];
  const bool is_of_burst = label.sequence - state.burst_begin < plan_.shape.packets;
  if (plan_.pace != TrafficPace::closed || !is_of_burst || state.burst_missing == 0) return;
  if (--state.burst_missing == 0) ready_.push_back(flow);
}

void Traffic::give_up_overdue(std::uint64_t now) {
  if (now < next_look_) return;
  next_look_ = now + look_ns;
  for (std::size_t flow = 0; flow < flows_.size(); ++flow) {
    FlowState& state = flows_[flow];
    if (state.burst_missing == 0 || state.burst_deadline > now) continue;
    state.burst_missing = 0;
    ++report_.given_up;
    ready_.push_back(flow);
  }
}

}  // namespace bellhop::bench
