#include "tests/bench/setup_run.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace bellhop::bench {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr auto attempt_timeout = 10s;
constexpr auto overdue_check_interval = 100ms;
// Between the first attempts, until as many as wanted are in flight: ejabberd listens with a
// backlog of 5, and what a burst of connections loses there comes back after seconds or not at all.
constexpr auto ramp_interval = 5ms;

// RFC 1928 §3: version 5, one method, no authentication; and its answer.
constexpr auto greeting = "\x05\x01\x00"sv;
constexpr auto method_chosen = "\x05\x00"sv;
// RFC 1928 §4 with XEP-0065 §6.3.2: CONNECT to a domain name of 40 characters, port 0.
constexpr auto request_head = "\x05\x01\x00\x03\x28"sv;
constexpr std::size_t reply_bytes = 47;

std::string phase_name(Attempt::Phase phase) {
  switch (phase) {
    case Attempt::Phase::unused:
      break;
    case Attempt::Phase::handshaking:
      return "handshake";
    case Attempt::Phase::activating:
      return "activation";
    case Attempt::Phase::active:
      return "first byte";
    case Attempt::Phase::closing:
      return "close";
  }
  return "nothing";
}

}  // namespace

SetupReport SetupRun::run() {
  started_at_ = Clock::now();
  for (std::size_t slot = 0; slot < attempts_.size(); ++slot) free_slots_.push_back(slot);
  epoll_.add(to_.link.fd(), EPOLLIN, link_token);
  Clock::time_point next_check = started_at_ + overdue_check_interval;
  for (;;) {
    start_due();
    if (free_slots_.size() == attempts_.size() && !may_start()) break;
    for (const epoll_event& event : epoll_.wait(ramping() ? 1 : 100)) on_event(event);
    to_.link.flush();
    if (Clock::now() >= next_check) {
      fail_overdue();
      next_check = Clock::now() + overdue_check_interval;
    }
  }
  return std::move(report_);
}

void SetupRun::start_due() {
  while (!free_slots_.empty() && may_start()) {
    if (ramping()) {
      const auto due = started_at_ + ramp_interval * static_cast<long>(report_.attempts);
      if (Clock::now() < due) return;
    }
    const std::size_t slot = free_slots_.back();
    free_slots_.pop_back();
    start(slot);
  }
}

bool SetupRun::may_start() const {
  const bool count_left = plan_.count == 0 || report_.attempts < plan_.count;
  return count_left && Clock::now() - started_at_ < plan_.duration;
}

void SetupRun::start(std::size_t slot) {
  Attempt& attempt = attempts_[slot];
  attempt = Attempt{};
  attempt.number = to_.next_number++;
  attempt.phase = Attempt::Phase::handshaking;
  attempt.started_at = Clock::now();
  const std::string number = std::to_string(attempt.number);
  // XEP-0065 §6.3.2: the hash of sid, requester and target.
  attempt.dst_addr =
      sha1_hex(to_.sid_prefix + number + "r" + number + "@" + to_.link.domain() + "/load" +  //
               "t" + number + "@" + to_.link.domain() + "/load");
  ++report_.attempts;
  for (const Role role : {Role::target, Role::requester}) {
    Side& side = attempt.side(role);
    side.fd = to_.sources.connect(to_.proxy);
    epoll_.add(side.fd.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
               token(slot, attempt.number, role));
  }
}

void SetupRun::on_event(const epoll_event& event) {
  if (event.data.u64 == link_token) {
    to_.link.receive([this](const Stanza& stanza) { on_stanza(stanza); });
    return;
  }
  Attempt& attempt = attempts_[(event.data.u64 & 0xFFFFFFFFU) >> 1U];
  const auto role = static_cast<Role>(event.data.u64 & 1U);
  const auto current = [&attempt, number = event.data.u64 >> 32U] {
    return attempt.phase != Attempt::Phase::unused && (attempt.number & 0xFFFFFFFFU) == number;
  };
  if (!current()) return;
  Side& side = attempt.side(role);
  if (side.state == Side::State::connecting && (event.events & EPOLLOUT) != 0) {
    on_connected(attempt, side);
  }
  if (current() && (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    on_readable(attempt, role);
  }
}

void SetupRun::on_connected(Attempt& attempt, Side& side) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(side.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return fail(attempt, "connect: " + std::generic_category().message(error));
  side.state = Side::State::greeted;
  if (send(side.fd.get(), greeting.data(), greeting.size(), MSG_NOSIGNAL) < 0) {
    fail(attempt, "closed before the greeting");
  }
}

void SetupRun::on_readable(Attempt& attempt, Role role) {
  Side& side = attempt.side(role);
  const std::uint64_t number = attempt.number;
  while (attempt.phase != Attempt::Phase::unused && attempt.number == number && side.fd) {
    if (side.input_size == side.input.size()) return fail(attempt, "unexpected bytes");
    const ssize_t got = recv(side.fd.get(), side.input.data() + side.input_size,
                             side.input.size() - side.input_size, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return on_end(attempt, role);
    side.input_size += static_cast<std::size_t>(got);
    on_input(attempt, role);
  }
}

void SetupRun::on_end(Attempt& attempt, Role role) {
  if (attempt.phase == Attempt::Phase::closing && role == Role::target) return complete(attempt);
  fail(attempt, "closed during " + phase_name(attempt.phase));
}

void SetupRun::on_input(Attempt& attempt, Role role) {
  Side& side = attempt.side(role);
  switch (side.state) {
    case Side::State::greeted:
      if (side.input_size >= method_chosen.size()) send_request(attempt, side);
      return;
    case Side::State::requested:
      if (side.input_size >= reply_bytes) check_reply(attempt, side);
      return;
    default:
      if (attempt.phase == Attempt::Phase::active && role == Role::target) {
        return on_first_byte(attempt);
      }
      return fail(attempt, "unexpected bytes");
  }
}

void SetupRun::send_request(Attempt& attempt, Side& side) {
  if (std::string_view(side.input.data(), side.input_size) != method_chosen) {
    return fail(attempt, "SOCKS5 greeting refused");
  }
  side.input_size = 0;
  side.state = Side::State::requested;
  const std::string request = std::string(request_head) + attempt.dst_addr + std::string(2, '\0');
  side.requested_at = Clock::now();
  if (send(side.fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    fail(attempt, "closed before the request");
  }
}

void SetupRun::check_reply(Attempt& attempt, Side& side) {
  report_.reply.add(Clock::now() - side.requested_at);
  if (side.input[1] != 0) {
    return fail(attempt, "SOCKS5 reply " + std::to_string(side.input[1]));
  }
  side.input_size = 0;
  side.state = Side::State::replied;
  const bool both = std::ranges::all_of(
      attempt.sides, [](const Side& each) { return each.state == Side::State::replied; });
  if (both) activate(attempt);
}

void SetupRun::activate(Attempt& attempt) {
  const std::string number = std::to_string(attempt.number);
  const std::string domain = escape(to_.link.domain());
  attempt.phase = Attempt::Phase::activating;
  attempt.activated_at = Clock::now();
  // XEP-0065 §6.3.5. The id leads back to the slot.
  const auto slot = static_cast<std::size_t>(&attempt - attempts_.data());
  to_.link.queue("<iq type='set' id='" + std::to_string(slot) + "." + number + "' from='r" +
                 number + "@" + domain + "/load' to='" + escape(to_.proxy_jid) +
                 "'><query xmlns='http://jabber.org/protocol/bytestreams' sid='" + to_.sid_prefix +
                 number + "'><activate>t" + number + "@" + domain +
                 "/load</activate></query></iq>");
}

void SetupRun::on_stanza(const Stanza& stanza) {
  if (stanza.name == "stream:error") throw std::runtime_error("stream error: " + stanza.condition);
  if (stanza.name != "iq" || (stanza.type != "result" && stanza.type != "error")) return;
  const auto dot = stanza.id.find('.');
  if (dot == std::string::npos) return;
  const std::size_t slot = std::stoul(stanza.id);
  Attempt& attempt = attempts_.at(slot);
  const bool expected = attempt.phase == Attempt::Phase::activating &&
                        stanza.id.substr(dot + 1) == std::to_string(attempt.number);
  if (!expected) return;  // an answer to an attempt that was given up
  if (stanza.type == "error") return fail(attempt, stanza.condition);
  on_activated(attempt);
}

void SetupRun::on_activated(Attempt& attempt) {
  report_.activation.add(Clock::now() - attempt.activated_at);
  if (plan_.keep) {
    Session session{std::move(attempt.side(Role::requester).fd),
                    std::move(attempt.side(Role::target).fd)};
    epoll_.remove(session.requester.get());
    epoll_.remove(session.target.get());
    kept_.push_back(std::move(session));
    return complete(attempt);
  }
  attempt.phase = Attempt::Phase::active;
  if (send(attempt.side(Role::requester).fd.get(), "!", 1, MSG_NOSIGNAL) < 0) {
    fail(attempt, "closed during first byte");
  }
}

void SetupRun::on_first_byte(Attempt& attempt) {
  const Side& target = attempt.side(Role::target);
  if (target.input_size != 1 || target.input[0] != '!') return fail(attempt, "wrong first byte");
  report_.first_byte.add(Clock::now() - attempt.activated_at);
  attempt.phase = Attempt::Phase::closing;
  attempt.side(Role::requester).fd.reset();
}

void SetupRun::fail(Attempt& attempt, const std::string& reason) {
  ++report_.failures[reason];
  finish(attempt);
}

void SetupRun::complete(Attempt& attempt) {
  ++report_.completed;
  const auto since_start = Clock::now() - started_at_;
  if (since_start <= plan_.duration) {
    ++report_.in_time;
    report_.seconds = std::chrono::duration<double>(since_start).count();
  }
  finish(attempt);
}

void SetupRun::finish(Attempt& attempt) {
  attempt.phase = Attempt::Phase::unused;
  for (Side& side : attempt.sides) side.fd.reset();
  free_slots_.push_back(static_cast<std::size_t>(&attempt - attempts_.data()));
}

void SetupRun::fail_overdue() {
  const Clock::time_point now = Clock::now();
  for (Attempt& attempt : attempts_) {
    if (attempt.phase != Attempt::Phase::unused && now - attempt.started_at > attempt_timeout) {
      fail(attempt, "timeout during " + phase_name(attempt.phase));
    }
  }
}

}  // namespace bellhop::bench
