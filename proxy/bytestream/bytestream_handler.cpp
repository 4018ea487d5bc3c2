#include "proxy/bytestream/bytestream_handler.hpp"

#include "component/xmpp/namespaces.hpp"
#include "proxy/errors.hpp"

namespace bellhop::bytestream {

namespace errors = proxy::errors;
using xmpp::Element;
using xmpp::Reply;

base::Result<ActivateRequest> parse_activate(const Element& query, std::size_t sid_bytes_max) {
  const std::string_view sid = query.attribute("sid");
  if (sid.empty()) return base::Error(errors::bad_activation, "no sid");
  if (sid.size() > sid_bytes_max) return base::Error(errors::bad_activation, "sid too long");
  const Element* activate = nullptr;
  for (const Element& child : query.children()) {
    if (!child.is("activate", xmpp::ns::kBytestreams)) continue;
    if (activate != nullptr) return base::Error(errors::bad_activation, "several <activate/>");
    activate = &child;
  }
  if (activate == nullptr) return base::Error(errors::bad_activation, "no <activate/>");
  auto target = xmpp::Jid::parse(xmpp::trim(activate->text()));
  if (!target) return base::Error(errors::bad_target, target.error().detail());
  return ActivateRequest{std::string(sid), std::move(*target)};
}

runtime::Task<base::Result<void>> ProxyService::start(Start wanted) {
  if (!is_open) co_return base::Error(errors::proxy_closed);
  auto pair = table.activate(wanted.dst_addr);
  if (!pair && pair.error().is(errors::one_side_only)) {
    // The second CONNECT may be on its way; a failed activation is final for many clients.
    co_await waits.wait_for_pair(wanted.dst_addr, settings.activation_grace);
    pair = table.activate(wanted.dst_addr);
  }
  if (!pair) co_return pair.error();
  auto granted = admission.acquire(wanted.requester, base::Clock::now());
  if (!granted) {
    table.finish(wanted.dst_addr);
    co_return granted.error();  // S5B-15: both connections close with `pair`
  }
  Activation activation{wanted.dst_addr,
                        std::move(wanted.requester),
                        std::move(wanted.target),
                        std::move(pair->first.socket),
                        std::move(pair->second.socket),
                        pair->first.peer,
                        pair->second.peer,
                        std::move(*granted),
                        wanted.parent_domain};
  co_return co_await relay.relay(std::move(activation));
}

BytestreamHandler::BytestreamHandler(ProxyService& service, std::string parent_domain,
                                     std::string jid)
    : service_(service), parent_domain_(std::move(parent_domain)), jid_(std::move(jid)) {}

base::Result<void> BytestreamHandler::check(const xmpp::Jid& user) const {
  return service_.admission.check(user, parent_domain_, std::chrono::system_clock::now());
}

void BytestreamHandler::attach(xmpp::IqRouter& router, xmpp::DiscoInfo& info) {
  info.add_identity({.category = "proxy", .type = "bytestreams", .name = "Bellhop"});
  info.add_feature(xmpp::ns::kBytestreams);
  router.add({xmpp::IqType::get, "query", xmpp::ns::kBytestreams},
             [this](const xmpp::Iq& iq) { return answer_address(iq); });
  router.add_task({xmpp::IqType::set, "query", xmpp::ns::kBytestreams},
                  [this](xmpp::Iq iq) { return activate(std::move(iq)); });
}

Reply BytestreamHandler::answer_address(const xmpp::Iq& iq) {
  if (const auto allowed = check(iq.from); !allowed) {
    service_.counters.count_refusal(allowed.error().kind());
    return allowed.error();
  }
  // Dino gives up on all proxies after an answer without a streamhost, so that is an error too.
  if (!service_.is_open || service_.streamhosts.empty()) {
    service_.counters.count_refusal(errors::proxy_closed);
    return base::Error(errors::proxy_closed);
  }
  Element query("query", xmpp::ns::kBytestreams);
  const std::string_view sid = iq.payload()->attribute("sid");
  if (!sid.empty() && sid.size() <= service_.settings.sid_bytes_max) query.set("sid", sid);
  for (const Streamhost& host : service_.streamhosts) {
    // libpurple wants the JID that answers to be the JID in the answer.
    query.add(Element("streamhost", xmpp::ns::kBytestreams))
        .set("jid", jid_)
        .set("host", host.host)
        .set("port", std::to_string(host.port));
  }
  return std::optional<Element>(std::move(query));
}

runtime::Task<Reply> BytestreamHandler::activate(xmpp::Iq iq) {
  Reply reply = co_await try_activate(std::move(iq));
  if (!reply) service_.counters.count_refusal(reply.error().kind());
  co_return reply;
}

runtime::Task<Reply> BytestreamHandler::try_activate(xmpp::Iq iq) {
  auto request = parse_activate(*iq.payload(), service_.settings.sid_bytes_max);
  if (!request) co_return request.error();
  // XEP-0065 §6.3.5: the hash uses this IQ's 'from', so only the requester can activate.
  const DstAddr dst_addr = DstAddr::of(request->sid, iq.from, request->target);
  if (auto allowed = check(iq.from); !allowed) {
    (void)service_.table.drop(dst_addr);  // S5B-14: what waits under this hash is closed
    co_return allowed.error();
  }
  ProxyService::Start wanted{dst_addr, iq.from, std::move(request->target), parent_domain_};
  auto started = co_await service_.start(std::move(wanted));
  if (!started) co_return started.error();
  co_return Reply(std::optional<Element>());
}

}  // namespace bellhop::bytestream
