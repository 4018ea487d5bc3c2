#include "proxy/webdav/property_answers.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kInternalServerError = 500;

// One resource, looked at by one request.
class Resource {
 public:
  Resource(const ResourceFacts& facts, std::span<const DeadProperty> dead)
      : facts_(facts), dead_(dead) {}

  [[nodiscard]] const DeadProperty* find_dead(const XmlName& name) const {
    const auto found = std::ranges::find(dead_, name, &DeadProperty::name);
    return found == dead_.end() ? nullptr : &*found;
  }

  // The whole element; none: the resource does not have it.
  [[nodiscard]] std::optional<std::string> value(const XmlName& name) const {
    if (const DeadProperty* dead = find_dead(name); dead != nullptr) return dead->xml;
    // WDX-06: asked for by the misspelt name, it is given under that name.
    if (is_jid_list(name) && facts_.jid_list) return facts_.jid_list->to_xml(name.xmlns);
    const LiveProperty* live = find_live_property(name);
    return live == nullptr ? std::nullopt : live->to_xml(facts_);
  }

  [[nodiscard]] PropertyResults named(std::span<const XmlName> names) const {
    PropertyResults results;
    add_named(results, names);
    return results;
  }

  [[nodiscard]] PropertyResults all(std::span<const XmlName> included) const {
    PropertyResults results;
    for (const LiveProperty& live : live_properties()) {
      if (!live.is_in_allprop || find_dead(live.name()) != nullptr) continue;
      if (const auto xml = live.to_xml(facts_)) results.add(kOk, *xml);
    }
    for (const DeadProperty& dead : dead_) results.add(kOk, dead.xml);
    // RFC 4918 §9.1: a property shows up once.
    std::vector<XmlName> more;
    std::ranges::copy_if(included, std::back_inserter(more), [this](const XmlName& name) {
      const LiveProperty* live = find_live_property(name);
      return find_dead(name) == nullptr && (live == nullptr || !live->is_in_allprop);
    });
    add_named(results, more);
    return results;
  }

  [[nodiscard]] PropertyResults names() const {
    PropertyResults results;
    for (const LiveProperty& live : live_properties()) {
      if (find_dead(live.name()) != nullptr || !live.content(facts_)) continue;
      results.add(kOk, empty_element(live.name()));
    }
    for (const DeadProperty& dead : dead_) results.add(kOk, empty_element(dead.name));
    return results;
  }

 private:
  void add_named(PropertyResults& results, std::span<const XmlName> names) const {
    for (const XmlName& name : names) {
      const auto xml = value(name);
      results.add(xml ? kOk : kNotFound, xml ? *xml : empty_element(name));
    }
  }

  const ResourceFacts& facts_;
  std::span<const DeadProperty> dead_;
};

}  // namespace

PropertyResults answer_propfind(const PropfindRequest& request, const ResourceFacts& facts,
                                std::span<const DeadProperty> dead) {
  const Resource resource(facts, dead);
  switch (request.kind) {
    case PropfindKind::all_properties:
      return resource.all(request.names);
    case PropfindKind::names_only:
      return resource.names();
    case PropfindKind::named:
      return resource.named(request.names);
  }
  return {};
}

PropertyResults answer_proppatch(std::span<const PropertyOutcome> outcomes) {
  PropertyResults results;
  for (const PropertyOutcome& outcome : outcomes) {
    const std::string name = empty_element(outcome.name);
    if (!outcome.error) {
      results.add(kOk, name);
      continue;
    }
    const errors::HttpRow* row = errors::find_row(outcome.error->kind());
    if (row == nullptr) {
      results.add(kInternalServerError, name);
    } else {
      results.add(row->status, name, row->condition);
    }
  }
  return results;
}

}  // namespace bellhop::webdav
