#include "component/xmpp/basic_services.hpp"

#include <chrono>

#include "component/xmpp/date_time.hpp"
#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "config/host_text.hpp"

namespace bellhop::xmpp {
namespace {

Reply answer_ping(const Iq&) {
  return std::optional<Element>();
}

// XEP-0092 §2. No <os/>: it helps nobody but attackers (BAS-02).
Reply answer_version(const Iq&) {
  Element query("query", ns::kVersion);
  query.add(Element("name", ns::kVersion)).set_text("Bellhop");
  query.add(Element("version", ns::kVersion)).set_text(BELLHOP_VERSION);
  return std::optional<Element>(std::move(query));
}

// XEP-0012 §5: the uptime of the component; of anybody else nothing is told (BAS-03).
Reply answer_last(const Iq& iq, base::TimePoint started) {
  if (iq.to.has_local()) return base::Error(errors::forbidden, "last activity of a localpart");
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(base::Clock::now() - started);
  Element query("query", ns::kLastActivity);
  query.set("seconds", std::to_string(up.count()));
  return std::optional<Element>(std::move(query));
}

Reply answer_time(const Iq&) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  Element time("time", ns::kEntityTime);
  time.add(Element("tzo", ns::kEntityTime)).set_text("+00:00");
  time.add(Element("utc", ns::kEntityTime)).set_text(format_date_time(now));
  return std::optional<Element>(std::move(time));
}

// XEP-0066 §2: somebody wants us to fetch a file. Nobody may send us anywhere (OOB-02).
Reply refuse_to_fetch(const Iq& iq) {
  const Element* url = iq.payload()->child("url", ns::kOutOfBand);
  if (url == nullptr || !config::is_uri(trim(url->text()))) {
    return base::Error(errors::bad_request, "no address to fetch");
  }
  return base::Error(errors::not_acceptable, "fetches nothing for others");
}

}  // namespace

void add_basic_services(IqRouter& router, DiscoInfo& info, base::TimePoint started) {
  router.add({IqType::get, "ping", ns::kPing}, answer_ping);
  router.add({IqType::get, "query", ns::kVersion}, answer_version);
  router.add({IqType::get, "query", ns::kLastActivity, true},
             [started](const Iq& iq) { return answer_last(iq, started); });
  router.add({IqType::get, "time", ns::kEntityTime}, answer_time);
  router.add({IqType::set, "query", ns::kOutOfBand}, refuse_to_fetch);
  for (const auto feature : {ns::kPing, ns::kVersion, ns::kLastActivity, ns::kEntityTime}) {
    info.add_feature(feature);
  }
}

}  // namespace bellhop::xmpp
