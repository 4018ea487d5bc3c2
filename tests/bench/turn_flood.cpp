#include "tests/bench/turn_flood.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <thread>

#include "tests/bench/net.hpp"
#include "tests/bench/statistics.hpp"
#include "tests/bench/turn_client.hpp"
#include "tests/bench/turn_message.hpp"
#include "tests/bench/turn_packet.hpp"
#include "tests/bench/turn_traffic.hpp"

namespace bellhop::bench {
namespace {

constexpr std::uint32_t udp_transport = std::uint32_t{17} << 24U;
// Each socket waits for its answer until so many others have been opened: 0.3 s at 50,000 a second,
// longer than it takes to work off a server's full receive buffer.
constexpr std::size_t sockets_open_max = 16'384;
constexpr std::size_t spare_files = 100;
constexpr std::uint64_t requests_between_looks = 1'000;

class Flood {
 public:
  Flood(const sockaddr_in& server, const FloodPlan& plan)
      : server_(server),
        plan_(plan),
        ring_(std::min(sockets_open_max, raise_file_limit() - spare_files)) {}

  FloodReport run() {
    std::this_thread::sleep_for(std::chrono::duration<double>(plan_.settle));
    const std::int64_t memory_before = anonymous_kib(plan_.pids);
    const double cpu_before = cpu_seconds(plan_.pids);
    const std::uint16_t port = ntohs(server_.sin_port);
    const std::uint64_t drops_before = udp_receive_drops_at(port);
    const std::uint64_t begin = realtime_ns();
    Pacer pacer(plan_.rate, begin);
    while (report_.requests < plan_.requests && !report_.ended_early) {
      const std::uint64_t due = pacer.due(realtime_ns());
      for (std::uint64_t i = 0; i < due && report_.requests < plan_.requests; ++i) send_one();
      pacer.sent(due);
      look(memory_before);
    }
    report_.seconds = static_cast<double>(realtime_ns() - begin) / 1e9;
    std::this_thread::sleep_for(std::chrono::duration<double>(plan_.settle));
    for (const UniqueFd& fd : ring_) collect(fd);
    report_.cpu_seconds = cpu_seconds(plan_.pids) - cpu_before;
    report_.growth_kib = anonymous_kib(plan_.pids) - memory_before;
    report_.kernel_drops = udp_receive_drops_at(port) - drops_before;
    return report_;
  }

 private:
  void send_one() {
    UniqueFd& fd = ring_[report_.requests % ring_.size()];
    collect(fd);
    fd.reset();
    fd = udp_socket(sources_.next());
    TransactionId id{};
    std::memcpy(id.data(), &report_.requests, sizeof report_.requests);
    StunRequest request(StunMethod::allocate, id);
    request.number(StunAttribute::requested_transport, udp_transport);
    const StunBytes bytes = request.bytes();
    if (sendto(fd.get(), bytes.data(), bytes.size(), 0, generic_address(server_), sizeof server_) <
        0) {
      throw_errno("sendto");
    }
    ++report_.requests;
    report_.bytes_sent += bytes.size();
  }

  void collect(const UniqueFd& fd) {
    if (!fd) return;
    for (;;) {
      const ssize_t size = recv(fd.get(), input_.data(), input_.size(), MSG_DONTWAIT);
      if (size < 0) return;
      ++report_.answers;
      report_.bytes_answered += static_cast<std::uint64_t>(size);
    }
  }

  void look(std::int64_t memory_before) {
    if (report_.requests < next_look_) return;
    next_look_ = report_.requests + requests_between_looks;
    report_.ended_early = anonymous_kib(plan_.pids) - memory_before > plan_.growth_kib_max;
  }

  sockaddr_in server_;
  const FloodPlan& plan_;
  SourceSequence sources_;
  std::vector<UniqueFd> ring_;
  std::array<std::uint8_t, 2048> input_{};
  std::uint64_t next_look_ = 0;
  FloodReport report_;
};

}  // namespace

FloodReport run_flood(const sockaddr_in& server, const FloodPlan& plan) {
  return Flood(server, plan).run();
}

}  // namespace bellhop::bench
