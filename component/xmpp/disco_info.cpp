#include "component/xmpp/disco_info.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "component/xmpp/digest.hpp"
#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"

namespace bellhop::xmpp {
namespace {

constexpr std::string_view kFormTypeVar = "FORM_TYPE";

auto key_of(const Identity& identity) {
  return std::tie(identity.category, identity.type, identity.lang);
}

// i;octet (RFC 4790 §9.3) is the order of std::string: bytes, compared as unsigned.
std::string join_sorted(std::vector<std::string> parts) {
  std::ranges::sort(parts);
  std::string joined;
  for (const std::string& part : parts) joined += part;
  return joined;
}

bool has_duplicates(std::vector<std::string> parts) {
  std::ranges::sort(parts);
  return std::ranges::adjacent_find(parts) != parts.end();
}

// XEP-0115 §5.1 steps 2 and 7.
std::string ver_part(const Identity& identity) {
  return identity.category + '/' + identity.type + '/' + identity.lang + '/' + identity.name + '<';
}

std::string ver_part(const FormField& field) {
  std::vector<std::string> values = field.values;
  for (std::string& value : values) value += '<';
  return field.var + '<' + join_sorted(std::move(values));
}

std::string ver_part(const DataForm& form) {
  std::vector<const FormField*> fields;
  for (const FormField& field : form.fields) {
    if (field.var != kFormTypeVar && field.type != FieldType::fixed) fields.push_back(&field);
  }
  std::ranges::stable_sort(fields, {}, &FormField::var);
  std::string part = std::string(form.form_type()) + '<';
  for (const FormField* field : fields) part += ver_part(*field);
  return part;
}

bool holds_separator(std::string_view text) {
  return text.find('<') != std::string_view::npos;
}

bool holds_separator(const Identity& identity) {
  return holds_separator(identity.category) || holds_separator(identity.type) ||
         holds_separator(identity.lang) || holds_separator(identity.name);
}

bool holds_separator(const FormField& field) {
  return holds_separator(field.var) || std::ranges::any_of(field.values, [](const auto& value) {
           return holds_separator(value);
         });
}

bool holds_separator(const DiscoInfo& info) {
  const auto holds = [](const auto& part) { return holds_separator(part); };
  return std::ranges::any_of(info.identities, holds) || std::ranges::any_of(info.features, holds) ||
         std::ranges::any_of(info.forms, [&](const DataForm& form) {
           return std::ranges::any_of(form.fields, holds);
         });
}

// Whether FORM_TYPE says one thing: any number of equal values.
bool has_one_form_type(const DataForm& form) {
  const FormField* field = form.field(kFormTypeVar);
  return field == nullptr ||
         std::ranges::all_of(field->values, [&](const auto& v) { return v == field->values[0]; });
}

base::Result<Identity> parse_identity(const Element& element) {
  Identity identity{.category = std::string(element.attribute("category")),
                    .type = std::string(element.attribute("type")),
                    .name = std::string(element.attribute("name")),
                    .lang = std::string(element.attribute("xml:lang"))};
  if (identity.category.empty() || identity.type.empty()) {
    return base::Error(errors::bad_request, "an identity without category or type");
  }
  return identity;
}

base::Result<void> parse_child(DiscoInfo& info, const Element& child) {
  if (child.is("identity", ns::kDiscoInfo)) {
    auto identity = parse_identity(child);
    if (!identity) return identity.error();
    info.identities.push_back(std::move(*identity));
  } else if (child.is("feature", ns::kDiscoInfo)) {
    if (child.attribute("var").empty()) {
      return base::Error(errors::bad_request, "a feature without var");
    }
    info.features.emplace_back(child.attribute("var"));
  } else if (child.is("x", ns::kDataForms)) {
    auto form = parse_data_form(child);
    if (!form) return form.error();
    info.forms.push_back(std::move(*form));
  } else {
    info.has_foreign_elements = true;
  }
  return {};
}

// XEP-0390 §4.1: separators that cannot occur in XML, so no text can imitate them (§8.1).
constexpr char kUnit = '\x1f';
constexpr char kRecord = '\x1e';
constexpr char kGroup = '\x1d';
constexpr char kFile = '\x1c';

std::string octets_of(const Identity& identity) {
  std::string octets;
  for (const auto& part : {identity.category, identity.type, identity.lang, identity.name}) {
    octets += part + kUnit;
  }
  return octets + kRecord;
}

std::string octets_of(const FormField& field) {
  std::vector<std::string> values = field.values;
  for (std::string& value : values) value += kUnit;
  return field.var + kUnit + join_sorted(std::move(values)) + kRecord;
}

std::string octets_of(const DataForm& form) {
  std::vector<std::string> fields;
  for (const FormField& field : form.fields) fields.push_back(octets_of(field));
  return join_sorted(std::move(fields)) + kGroup;
}

std::string octets_of(const std::string& feature) {
  return feature + kUnit;
}

template <typename Parts>
std::string octets_of_all(const Parts& parts) {
  std::vector<std::string> octets;
  for (const auto& part : parts) octets.push_back(octets_of(part));
  return join_sorted(std::move(octets)) + kFile;
}

// XEP-0390 §4.1 step 3, XEP-0068 §3: exactly one hidden FORM_TYPE with one value.
bool adheres_to_form_type(const DataForm& form) {
  const auto count = std::ranges::count(form.fields, kFormTypeVar, &FormField::var);
  return count == 1 && form.field(kFormTypeVar)->values.size() == 1 && !form.form_type().empty();
}

constexpr std::array kCapsHashes{CapsHash::sha_256, CapsHash::sha3_256};

}  // namespace

DiscoInfo& DiscoInfo::add_identity(Identity identity) {
  const bool is_there = std::ranges::any_of(
      identities, [&](const Identity& other) { return key_of(other) == key_of(identity); });
  if (!is_there) identities.push_back(std::move(identity));
  return *this;
}

DiscoInfo& DiscoInfo::add_feature(std::string_view feature) {
  if (!has_feature(feature)) features.emplace_back(feature);
  return *this;
}

bool DiscoInfo::has_feature(std::string_view feature) const {
  return std::ranges::find(features, feature) != features.end();
}

bool DiscoInfo::has_identity(std::string_view category, std::string_view type) const {
  return std::ranges::any_of(identities, [&](const Identity& identity) {
    return identity.category == category && identity.type == type;
  });
}

Element to_element(const DiscoInfo& info, std::string_view node) {
  Element query("query", ns::kDiscoInfo);
  if (!node.empty()) query.set("node", node);
  for (const Identity& identity : info.identities) {
    Element& added = query.add(Element("identity", ns::kDiscoInfo));
    added.set("category", identity.category).set("type", identity.type);
    if (!identity.name.empty()) added.set("name", identity.name);
    if (!identity.lang.empty()) added.set("xml:lang", identity.lang);
  }
  for (const std::string& feature : info.features) {
    query.add(Element("feature", ns::kDiscoInfo)).set("var", feature);
  }
  for (const DataForm& form : info.forms) query.add(to_element(form));
  return query;
}

base::Result<DiscoInfo> parse_disco_info(const Element& query) {
  if (!query.is("query", ns::kDiscoInfo)) {
    return base::Error(errors::bad_request, "not a disco#info query");
  }
  DiscoInfo info;
  for (const Element& child : query.children()) {
    if (auto parsed = parse_child(info, child); !parsed) return parsed.error();
  }
  return info;
}

std::string caps_ver(const DiscoInfo& info) {
  std::vector<const Identity*> identities;
  for (const Identity& identity : info.identities) identities.push_back(&identity);
  std::ranges::stable_sort(identities, {},
                           [](const Identity* identity) { return key_of(*identity); });
  std::string input;
  for (const Identity* identity : identities) input += ver_part(*identity);

  std::vector<std::string> features = info.features;
  std::ranges::sort(features);
  for (const std::string& feature : features) input += feature + '<';

  std::vector<const DataForm*> forms;
  for (const DataForm& form : info.forms) {
    // XEP-0115 §5.4 step 3.6: a form without a hidden FORM_TYPE is ignored.
    if (!form.form_type().empty()) forms.push_back(&form);
  }
  std::ranges::stable_sort(forms, {}, [](const DataForm* form) { return form->form_type(); });
  for (const DataForm* form : forms) input += ver_part(*form);
  return to_base64(digest(EVP_sha1(), input));
}

bool is_well_formed(const DiscoInfo& info) {
  std::vector<std::string> identities;
  for (const Identity& identity : info.identities) identities.push_back(ver_part(identity));
  std::vector<std::string> form_types;
  for (const DataForm& form : info.forms) {
    if (!has_one_form_type(form)) return false;
    if (!form.form_type().empty()) form_types.emplace_back(form.form_type());
  }
  return !has_duplicates(std::move(identities)) && !has_duplicates(info.features) &&
         !has_duplicates(std::move(form_types)) && !holds_separator(info);
}

bool verify_caps(const DiscoInfo& info, std::string_view hash, std::string_view ver) {
  return hash == "sha-1" && is_well_formed(info) && caps_ver(info) == ver;
}

Element make_caps(const DiscoInfo& info, std::string_view node) {
  Element caps("c", ns::kCaps);
  caps.set("hash", "sha-1").set("node", node).set("ver", caps_ver(info));
  return caps;
}

std::string_view to_string(CapsHash algorithm) {
  return algorithm == CapsHash::sha_256 ? "sha-256" : "sha3-256";
}

base::Result<std::string> caps2_input(const DiscoInfo& info) {
  if (info.has_foreign_elements) return base::Error(errors::bad_request, "foreign elements");
  for (const DataForm& form : info.forms) {
    if (form.has_items) return base::Error(errors::bad_request, "a form with items");
    if (!adheres_to_form_type(form)) return base::Error(errors::bad_request, "no FORM_TYPE");
  }
  return octets_of_all(info.features) + octets_of_all(info.identities) + octets_of_all(info.forms);
}

base::Result<std::string> caps2_hash(const DiscoInfo& info, CapsHash algorithm) {
  const auto input = caps2_input(info);
  if (!input) return input.error();
  const EVP_MD* function = algorithm == CapsHash::sha_256 ? EVP_sha256() : EVP_sha3_256();
  return to_base64(digest(function, *input));
}

std::string caps2_node(CapsHash algorithm, std::string_view hash) {
  std::string node(ns::kCaps2);
  node += '#';
  node += to_string(algorithm);
  node += '.';
  node += hash;
  return node;
}

base::Result<Element> make_caps2(const DiscoInfo& info) {
  Element caps("c", ns::kCaps2);
  for (const CapsHash algorithm : kCapsHashes) {
    const auto hash = caps2_hash(info, algorithm);
    if (!hash) return hash.error();
    caps.add(Element("hash", ns::kHashes)).set("algo", to_string(algorithm)).set_text(*hash);
  }
  return caps;
}

}  // namespace bellhop::xmpp
