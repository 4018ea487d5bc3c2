#include "tests/bench/echo_route.hpp"

#include <stdexcept>

#include "tests/bench/net.hpp"

namespace bellhop::bench {

void EchoRoute::run(Clock::duration time) {
  Epoll epoll;
  epoll.add(load_.fd(), EPOLLIN, 0);
  epoll.add(echo_.fd(), EPOLLIN, 1);
  started_at_ = Clock::now();
  ends_at_ = started_at_ + time;
  for (std::size_t i = 0; i < in_flight_; ++i) ask();
  while (!asked_at_.empty()) {
    load_.flush();
    echo_.flush();
    const auto& events = epoll.wait(10'000);
    if (events.empty()) throw std::runtime_error("the server stopped routing");
    for (const epoll_event& event : events) {
      if (event.data.u64 == 0) {
        load_.receive([this](const Stanza& stanza) { on_answer(stanza); });
      } else {
        echo_.receive([this](const Stanza& stanza) { on_question(stanza); });
      }
    }
  }
  seconds_ = seconds_between(started_at_, Clock::now());
}

// About as long as an activation and its answer, because what is measured is their way.
void EchoRoute::ask() {
  load_.queue("<iq type='set' id='q' from='r@" + load_.domain() + "/load' to='" + echo_.domain() +
              "'><query xmlns='urn:bellhop:bench:echo' sid='sid1'><activate>t@" + load_.domain() +
              "/load</activate></query></iq>");
  asked_at_.push_back(Clock::now());
}

void EchoRoute::on_question(const Stanza& stanza) {
  if (stanza.name != "iq" || stanza.type != "set") return;
  echo_.queue("<iq type='result' id='" + escape(stanza.id) + "' from='" + escape(stanza.to) +
              "' to='" + escape(stanza.from) + "'/>");
}

void EchoRoute::on_answer(const Stanza& stanza) {
  if (stanza.type == "error") throw std::runtime_error("not routed: " + stanza.condition);
  if (stanza.name != "iq" || stanza.type != "result") return;
  // Between two streams stanzas keep their order (RFC 6120 §10.1).
  latencies_.add(Clock::now() - asked_at_.front());
  asked_at_.pop_front();
  ++answered_;
  if (Clock::now() < ends_at_) ask();
}

}  // namespace bellhop::bench
