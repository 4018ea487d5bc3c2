// What an entity is and can do: disco#info (XEP-0030), extensions (XEP-0128) and its fingerprints,
// entity capabilities (XEP-0115) and capabilities 2.0 (XEP-0390).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "component/xmpp/data_form.hpp"
#include "component/xmpp/element.hpp"

namespace bellhop::xmpp {

/// XEP-0030 §3.1. Category and type are from the registry and never empty in what we send.
struct Identity {
  std::string category;
  std::string type;
  std::string name = {};  ///< for people; may be empty
  std::string lang = {};  ///< xml:lang of the name; may be empty
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// The content of a disco#info answer. Plain data: the add functions keep duplicates out, readers
/// of received info use is_well_formed().
struct DiscoInfo {
  std::vector<Identity> identities = {};
  std::vector<std::string> features = {};
  std::vector<DataForm> forms = {};   ///< type result with a hidden FORM_TYPE (DSC-08)
  bool has_foreign_elements = false;  ///< received with children that XEP-0390 §4.1 step 1 forbids

  /// Adds an identity unless its (category, type, lang) is there already (DSC-02).
  DiscoInfo& add_identity(Identity identity);
  /// Adds a feature unless it is there already: Gajim discards an answer that has one twice
  /// (DSC-03).
  DiscoInfo& add_feature(std::string_view feature);
  [[nodiscard]] bool has_feature(std::string_view feature) const;
  [[nodiscard]] bool has_identity(std::string_view category, std::string_view type) const;

  friend bool operator==(const DiscoInfo&, const DiscoInfo&) = default;
};

/// `<query xmlns='…disco#info'/>`; `node` is mirrored if not empty (DSC-04).
[[nodiscard]] Element to_element(const DiscoInfo& info, std::string_view node = {});

/// Reads a `<query/>` of disco#info as it is, duplicates included. Errors: errors::bad_request for
/// another element, an identity without category or type, a feature without var.
[[nodiscard]] base::Result<DiscoInfo> parse_disco_info(const Element& query);

// XEP-0115.

/// The verification string: base64 of SHA-1 over the sorted set (XEP-0115 §5.1).
[[nodiscard]] std::string caps_ver(const DiscoInfo& info);

/// XEP-0115 §5.4 steps 3.3 to 3.5: false if an identity, a feature or a FORM_TYPE occurs twice, or
/// a FORM_TYPE has two values. Also false if a part contains '<', with which one set can pass for
/// another.
[[nodiscard]] bool is_well_formed(const DiscoInfo& info);

/// Whether received info may be kept for everybody who shows this `hash` and `ver` (CAP-03): only
/// for hash sha-1, well-formed, and equal to its own caps_ver().
[[nodiscard]] bool verify_caps(const DiscoInfo& info, std::string_view hash, std::string_view ver);

/// `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='…' ver='…'/>` (CAP-01).
[[nodiscard]] Element make_caps(const DiscoInfo& info, std::string_view node);

// XEP-0390.

/// XEP-0300 names: sha-256 and sha3-256, which XEP-0414 makes mandatory.
enum class CapsHash : std::uint8_t { sha_256, sha3_256 };

/// "sha-256" or "sha3-256".
[[nodiscard]] std::string_view to_string(CapsHash algorithm);

/// The octets to be hashed (XEP-0390 §4.1). Errors: errors::bad_request for foreign elements, a
/// form with items, or a form without one hidden FORM_TYPE.
[[nodiscard]] base::Result<std::string> caps2_input(const DiscoInfo& info);

/// Base64 of the hash of caps2_input(); the same errors.
[[nodiscard]] base::Result<std::string> caps2_hash(const DiscoInfo& info, CapsHash algorithm);

/// The disco node for a hash: "urn:xmpp:caps#sha-256.…" (XEP-0390 §4.3).
[[nodiscard]] std::string caps2_node(CapsHash algorithm, std::string_view hash);

/// `<c xmlns='urn:xmpp:caps'/>` with one `<hash/>` for each algorithm; the errors of caps2_input().
[[nodiscard]] base::Result<Element> make_caps2(const DiscoInfo& info);

}  // namespace bellhop::xmpp
