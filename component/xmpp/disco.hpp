// Service discovery of one component (XEP-0030, 0115, 0128, 0157).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/xmpp/disco_info.hpp"
#include "component/xmpp/iq_router.hpp"
#include "config/settings.hpp"

namespace bellhop::xmpp {

/// The node part of our entity capabilities: who made the software (XEP-0115 §4).
inline constexpr std::string_view kCapsNode = "https://bellhop.example/";

/// One row of a disco#items answer (XEP-0030 §4.1).
struct DiscoItem {
  std::string jid;
  std::string node;
  std::string name;  ///< for people; may be empty
  friend bool operator==(const DiscoItem&, const DiscoItem&) = default;
};

/// The nodes of one feature, as one requester may see them. Empty: the feature has no such node.
class DiscoNodes {
 public:
  virtual ~DiscoNodes() = default;
  [[nodiscard]] virtual std::optional<base::Result<DiscoInfo>> info(std::string_view node,
                                                                    const Jid& requester) const = 0;
  [[nodiscard]] virtual std::optional<base::Result<std::vector<DiscoItem>>> items(
      std::string_view node, const Jid& requester) const = 0;
};

/// Answers disco#info and disco#items. Features add to info() before the stream starts.
class Disco {
 public:
  /// Adds what every component has: its two features, caps and JID escaping, and the contact form
  /// when there are addresses.
  explicit Disco(const config::ContactSettings& contact);

  [[nodiscard]] DiscoInfo& info() { return info_; }
  /// `nodes` must outlive this object. The first who knows a node answers for it.
  void add_nodes(const DiscoNodes& nodes) { nodes_.push_back(&nodes); }
  void add_routes(IqRouter& router);

  /// `<c/>` for presence we send (CAP-01).
  [[nodiscard]] Element caps() const { return make_caps(info_, kCapsNode); }

 private:
  [[nodiscard]] Reply answer_info(const Iq& iq) const;
  [[nodiscard]] Reply answer_items(const Iq& iq) const;

  DiscoInfo info_;
  std::vector<const DiscoNodes*> nodes_;  // not owned
};

}  // namespace bellhop::xmpp
