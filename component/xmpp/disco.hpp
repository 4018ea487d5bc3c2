// Service discovery of one component (XEP-0030, 0115, 0128, 0157).
#pragma once

#include <string>

#include "component/xmpp/disco_info.hpp"
#include "component/xmpp/iq_router.hpp"
#include "config/settings.hpp"

namespace bellhop::xmpp {

/// The node part of our entity capabilities: who made the software (XEP-0115 §4).
inline constexpr std::string_view kCapsNode = "https://bellhop.example/";

/// Answers disco#info and disco#items. Features add to info() before the stream starts.
class Disco {
 public:
  /// Adds what every component has: its two features, caps and JID escaping, and the contact form
  /// when there are addresses.
  explicit Disco(const config::ContactSettings& contact);

  [[nodiscard]] DiscoInfo& info() { return info_; }
  void add_routes(IqRouter& router);

  /// `<c/>` for presence we send (CAP-01).
  [[nodiscard]] Element caps() const { return make_caps(info_, kCapsNode); }

 private:
  [[nodiscard]] Reply answer_info(const Iq& iq) const;
  [[nodiscard]] static Reply answer_items(const Iq& iq);

  DiscoInfo info_;
};

}  // namespace bellhop::xmpp
