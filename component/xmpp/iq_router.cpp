#include "component/xmpp/iq_router.hpp"

#include <exception>

#include "component/runtime/cancellation.hpp"
#include "component/xmpp/errors.hpp"

namespace bellhop::xmpp {
namespace {

// Requests whose handler waits; more are told to come again.
constexpr std::size_t kWaitingMax = 10'000;

}  // namespace

IqRouter::IqRouter(runtime::Executor executor, base::Log& log, XmppCounters& counters,
                   std::string own_domain, Sender send)
    : log_(log),
      counters_(counters),
      own_domain_(std::move(own_domain)),
      send_(std::move(send)),
      waiting_(executor, log, kWaitingMax) {}

void IqRouter::add(const IqRoute& route, IqHandler handler) {
  insert(Row{route, std::move(handler), nullptr});
}

void IqRouter::add_task(const IqRoute& route, IqTask handler) {
  insert(Row{route, nullptr, std::move(handler)});
}

void IqRouter::insert(Row row) {
  auto& rows = row.route.type == IqType::get ? gets_ : sets_;
  const std::string xmlns(row.route.xmlns);
  const bool is_new = rows.emplace(xmlns, std::move(row)).second;
  BELLHOP_ASSERT(is_new);
}

void IqRouter::route(Element stanza) {
  auto parsed = parse_iq(std::move(stanza), own_domain_);
  if (!parsed) {
    counters_.add(XmppCounter::stanzas_dropped_addresses);
    log_.write_limited(
        base::Severity::info, "stanza_refused",
        {{"reason", parsed.error().error.kind().name}, {"detail", parsed.error().error.detail()}});
    if (parsed.error().reply) send_(*parsed.error().reply);
    return;
  }
  if (!parsed->is_request()) return;  // STZ-02: what answers no request of ours is ignored
  const auto row = find(*parsed);
  if (!row) {
    answer(*parsed, row.error());
  } else if ((*row)->handler) {
    answer(*parsed, (*row)->handler(*parsed));
  } else if (waiting_.size() >= kWaitingMax) {
    answer(*parsed, base::Error(errors::resource_constraint, "too many requests wait"));
  } else if (Iq iq = *parsed; !waiting_.spawn(answer_later(**row, std::move(iq)))) {
    answer(*parsed, base::Error(errors::interrupted, "stopping"));
  }
}

base::Result<const IqRouter::Row*> IqRouter::find(const Iq& iq) const {
  const Element& payload = *iq.payload();
  const auto& rows = iq.type == IqType::get ? gets_ : sets_;
  const auto& others = iq.type == IqType::get ? sets_ : gets_;
  const auto row = rows.find(payload.xmlns());
  const bool is_known = row != rows.end() || others.contains(payload.xmlns());
  // STZ-11: nobody lives at a localpart yet. A resource is answered like the host JID itself,
  // because clients address a streamhost's resource where a server's own proxy has one.
  if (iq.to.has_local() && !(row != rows.end() && row->second.route.is_for_localparts)) {
    return base::Error(errors::item_not_found, "no such localpart");
  }
  if (!is_known) return base::Error(errors::service_unavailable, payload.xmlns());  // STZ-03
  const bool is_meant = row != rows.end() && (row->second.route.name.empty() ||
                                              row->second.route.name == payload.name());
  if (!is_meant) {
    return base::Error(errors::bad_request, "wrong type or element for " + payload.xmlns());
  }
  return &row->second;
}

void IqRouter::answer(const Iq& iq, Reply reply) {
  if (reply) {
    send_(make_result(iq, std::move(*reply)));
    return;
  }
  counters_.add(XmppCounter::requests_refused);
  if (log_.is_on(base::Severity::debug)) {
    log_.write(base::Severity::debug, "request_refused",
               {{"from", log_.shown_jid(iq.from.text())},
                {"xmlns", iq.payload()->xmlns()},
                {"reason", reply.error().kind().name},
                {"detail", reply.error().detail()}});
  }
  send_(make_error(iq, reply.error(), reply.error().extras()));
}

runtime::Task<> IqRouter::answer_later(const Row& row, Iq iq) {
  Reply reply = base::Error(errors::interrupted);
  Iq request = iq;
  try {
    reply = co_await row.task(std::move(request));
  } catch (const std::exception& failure) {
    // Cancelled: still one answer. Anything else is our bug, answered and then logged by the group.
    if (!runtime::is_cancellation(failure)) {
      answer(iq, base::Error(errors::internal_server_error, failure.what()));
      throw;
    }
  }
  answer(iq, std::move(reply));
}

runtime::Task<> IqRouter::stop() {
  waiting_.cancel();
  co_await waiting_.join();
}

}  // namespace bellhop::xmpp
