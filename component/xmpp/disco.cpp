#include "component/xmpp/disco.hpp"

#include <array>
#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {
namespace {

// XEP-0157 §3: one list-multi field for each kind of address the operator gave.
DataForm contact_form(const config::ContactSettings& contact) {
  const std::array<std::pair<std::string_view, const std::vector<std::string>*>, 7> fields{{
      {"abuse-addresses", &contact.abuse},
      {"admin-addresses", &contact.admin},
      {"feedback-addresses", &contact.feedback},
      {"sales-addresses", &contact.sales},
      {"security-addresses", &contact.security},
      {"status-addresses", &contact.status},
      {"support-addresses", &contact.support},
  }};
  DataForm form = DataForm::with_form_type(FormType::result, ns::kServerInfo);
  for (const auto& [var, addresses] : fields) {
    if (addresses->empty()) continue;
    form.add(
        FormField{.var = std::string(var), .type = FieldType::list_multi, .values = *addresses});
  }
  return form;
}

Element items_element(const std::vector<DiscoItem>& items, std::string_view node) {
  Element query("query", ns::kDiscoItems);
  query.set("node", node);
  for (const DiscoItem& item : items) {
    Element& added = query.add(Element("item", ns::kDiscoItems));
    added.set("jid", item.jid);
    if (!item.node.empty()) added.set("node", item.node);
    if (!item.name.empty()) added.set("name", item.name);
  }
  return query;
}

}  // namespace

Disco::Disco(const config::ContactSettings& contact) {
  for (const auto feature : {ns::kDiscoInfo, ns::kDiscoItems, ns::kCaps, ns::kJidEscaping}) {
    info_.add_feature(feature);
  }
  if (DataForm form = contact_form(contact); form.fields.size() > 1) {
    info_.forms.push_back(std::move(form));
  }
}

void Disco::add_routes(IqRouter& router) {
  router.add({IqType::get, "query", ns::kDiscoInfo},
             [this](const Iq& iq) { return answer_info(iq); });
  router.add({IqType::get, "query", ns::kDiscoItems},
             [this](const Iq& iq) { return answer_items(iq); });
}

Reply Disco::answer_info(const Iq& iq) const {
  const std::string_view node = iq.payload()->attribute("node");
  // CAP-02: the caps node has the same data as no node at all.
  if (node.empty() || node == std::string(kCapsNode) + "#" + caps_ver(info_)) {
    return std::optional<Element>(to_element(info_, node));
  }
  for (const DiscoNodes* nodes : nodes_) {
    const auto info = nodes->info(node, iq.from);
    if (!info) continue;
    if (!*info) return info->error();
    return std::optional<Element>(to_element(**info, node));
  }
  return base::Error(errors::item_not_found, "unknown disco node");  // DSC-04
}

// DSC-05: nothing is listed below the host JID itself; that is an empty list, not an error.
Reply Disco::answer_items(const Iq& iq) const {
  const std::string_view node = iq.payload()->attribute("node");
  if (node.empty()) return std::optional<Element>(Element("query", ns::kDiscoItems));
  for (const DiscoNodes* nodes : nodes_) {
    const auto items = nodes->items(node, iq.from);
    if (!items) continue;
    if (!*items) return items->error();
    return std::optional<Element>(items_element(**items, node));
  }
  return base::Error(errors::item_not_found, "unknown disco node");
}

}  // namespace bellhop::xmpp
