// Any text as an address: what is accepted is valid, has its parts, and is the same when read
// again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "component/base/error.hpp"
#include "component/xmpp/jid.hpp"
#include "component/xmpp/jid_escaping.hpp"
#include "component/xmpp/utf8.hpp"

namespace {

namespace xmpp = bellhop::xmpp;

void check_jid(const xmpp::Jid& jid) {
  std::string joined;
  if (jid.has_local()) joined = std::string(jid.local()) + '@';
  joined += jid.domain();
  BELLHOP_ASSERT(joined == jid.bare());
  if (jid.has_resource()) joined += '/' + std::string(jid.resource());
  BELLHOP_ASSERT(joined == jid.text());
  BELLHOP_ASSERT(!jid.domain().empty() && jid.has_local() == !jid.local().empty());
  BELLHOP_ASSERT(jid.has_resource() == !jid.resource().empty());
  BELLHOP_ASSERT(xmpp::is_utf8(jid.text()));
  for (const std::string_view part : {jid.local(), jid.domain(), jid.resource()}) {
    BELLHOP_ASSERT(part.size() <= xmpp::kJidPartBytesMax);
  }
  const auto again = xmpp::Jid::parse(jid.text());
  BELLHOP_ASSERT(again && *again == jid && again->local() == jid.local() &&
                 again->domain() == jid.domain());
}

void check_escaping(std::string_view text) {
  const auto escaped = xmpp::escape_localpart(text);
  if (!escaped) return;
  BELLHOP_ASSERT(escaped->find_first_of(" \"&'/:<>@") == std::string::npos);
  BELLHOP_ASSERT(xmpp::unescape_localpart(*escaped) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto jid = xmpp::Jid::parse(text)) check_jid(*jid);
  check_escaping(text);
  return 0;
}
