#include "tests/bench/turn_cycles.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <chrono>

namespace bellhop::bench {
namespace {

using namespace std::chrono_literals;

// Nothing is asked twice: on loopback an answer is lost only when the server is too slow.
constexpr auto answer_timeout = 1s;
constexpr auto look_interval = 100ms;
constexpr int unauthorized = 401;
constexpr std::size_t answer_bytes_max = 2048;

}  // namespace

CycleRun::CycleRun(TurnClient& client, const sockaddr_in& server, const CyclePlan& plan)
    : client_(client),
      server_(server),
      plan_(plan),
      slots_(plan.in_flight),
      input_(answer_bytes_max) {}

CycleReport CycleRun::run() {
  const double cpu_before = cpu_seconds(plan_.pids);
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration_cast<Clock::duration>(
                               std::chrono::duration<double>(plan_.seconds));
  auto next_look = begin + look_interval;
  for (std::size_t index = 0; index < slots_.size(); ++index) start(index);
  for (auto now = begin; now < end; now = Clock::now()) {
    for (const epoll_event& event : epoll_.wait(static_cast<int>(look_interval / 1ms))) {
      on_readable(event.data.u64);
    }
    if (now < next_look) continue;
    fail_overdue();
    next_look = now + look_interval;
  }
  report_.seconds = seconds_between(begin, Clock::now());
  report_.cpu_seconds = cpu_seconds(plan_.pids) - cpu_before;
  return std::move(report_);
}

void CycleRun::start(std::size_t index) {
  Slot& slot = slots_[index];
  slot = Slot();
  slot.fd = udp_socket(sources_.next(), server_);
  epoll_.add(slot.fd.get(), EPOLLIN, index);
  slot.id = client_.next_id();
  send_request(slot, client_.first_allocate(slot.id));
}

void CycleRun::send_request(Slot& slot, const StunRequest& request) {
  slot.asked_at = Clock::now();
  // What is not sent is not answered, and counted as that.
  static_cast<void>(send(slot.fd.get(), request.bytes().data(), request.bytes().size(), 0));
}

void CycleRun::on_readable(std::size_t index) {
  Slot& slot = slots_[index];
  const ssize_t size = recv(slot.fd.get(), input_.data(), input_.size(), 0);
  if (size < 0) return;
  const auto answer = read_answer(StunBytes(input_).first(static_cast<std::size_t>(size)));
  if (answer && answer->id == slot.id) on_answer(slot, index, *answer);
}

void CycleRun::on_answer(Slot& slot, std::size_t index, const StunAnswer& answer) {
  const bool is_challenge = answer.error == unauthorized && !slot.is_signed;
  if (answer.error != 0 && !is_challenge) {
    finish(index, "refused: " + std::to_string(answer.error));
    return;
  }
  if (slot.awaited == StunMethod::refresh) {
    finish(index, "");
    return;
  }
  slot.id = client_.next_id();
  if (is_challenge) {
    slot.is_signed = true;
    slot.nonce = answer.nonce;
    send_request(slot, client_.signed_allocate(slot.id, answer));
    return;
  }
  report_.allocated.add(Clock::now() - slot.asked_at);
  slot.awaited = StunMethod::refresh;
  send_request(slot, client_.signed_refresh(slot.id, slot.nonce, 0));
}

void CycleRun::finish(std::size_t index, const std::string& failure) {
  if (failure.empty()) {
    ++report_.completed;
  } else {
    ++report_.failures[failure];
  }
  start(index);
}

void CycleRun::fail_overdue() {
  const auto now = Clock::now();
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    const Slot& slot = slots_[index];
    if (now - slot.asked_at < answer_timeout) continue;
    finish(index, !slot.is_signed                        ? "no challenge"
                  : slot.awaited == StunMethod::allocate ? "no allocation"
                                                         : "no answer to Refresh");
  }
}

}  // namespace bellhop::bench
