#include "component/xmpp/upload_slot.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "config/host_text.hpp"

namespace bellhop::xmpp {
namespace {

struct PurposeName {
  std::string_view name;
  UploadPurpose purpose;
};

constexpr std::array kPurposes{
    PurposeName{"message", UploadPurpose::message},
    PurposeName{"profile", UploadPurpose::profile},
    PurposeName{"ephemeral", UploadPurpose::ephemeral},
    PurposeName{"permanent", UploadPurpose::permanent},
};

// XEP-0363 §4: no other name may be in a slot.
constexpr std::array<std::string_view, kSlotHeadersMax> kHeaderNames{"Authorization", "Cookie",
                                                                     "Expires"};

Refusal refuse(const char* detail, std::string text) {
  return {base::Error(errors::bad_request, detail), ErrorExtras{.text = std::move(text)}};
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// Some clients send a whole path; what stands before the last separator is nobody's business.
Decision<std::string> read_name(std::string_view text) {
  if (text.size() > kUploadNameBytesMax) return refuse("name too long", "The name is too long.");
  const auto separator = text.find_last_of("/\\");
  if (separator != std::string_view::npos) text.remove_prefix(separator + 1);
  if (trim(text).empty()) return refuse("no name", "The name of the file is missing.");
  const bool is_folder = text == "." || text == "..";
  if (is_folder || std::ranges::any_of(text, is_control)) {
    return refuse("name not allowed", "This is not a name for a file.");
  }
  return std::string(text);
}

// XEP-0363 §10: xs:positiveInteger.
Decision<std::uint64_t> read_size(std::string_view text) {
  text = trim(text);
  if (text.empty()) return refuse("no size", "The size of the file is missing.");
  std::uint64_t size = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, size);
  if (error != std::errc() || parsed != end || size == 0 || size > kUploadSizeMax) {
    return refuse("bad size", "The size must be a positive number of bytes.");
  }
  return size;
}

Decision<std::string> read_media_type(std::string_view text) {
  text = trim(text);
  if (text.empty()) return std::string(kDefaultMediaType);
  auto media_type = normalise_media_type(text);
  if (!media_type) return refuse("bad content-type", "The content type is malformed.");
  return std::move(*media_type);
}

Decision<void> read_purpose(UploadRequest& request, const Element& element,
                            const UploadPurposes& offered) {
  for (const Element& child : element.children()) {
    if (child.xmlns() != ns::kUploadPurpose) continue;
    const auto* found = std::ranges::find(kPurposes, child.name(), &PurposeName::name);
    if (found == kPurposes.end()) continue;  // ROOM-14
    std::optional<Timestamp> expire_before;
    if (found->purpose == UploadPurpose::ephemeral) {
      const auto date = parse_date_time(trim(child.attribute("expire-before")));
      if (!date) return refuse("bad expire-before", "The date in expire-before is not valid.");
      expire_before = *date;
    }
    if (!offered.has(found->purpose)) continue;
    request.purpose = found->purpose;
    request.expire_before = expire_before;
    return {};
  }
  return {};
}

// The same three words in both syntaxes.
std::string_view part_of(const Element& request, UploadSyntax syntax, std::string_view name) {
  if (syntax == UploadSyntax::attributes) return request.attribute(name);
  const Element* child = request.child(name, ns::kUploadOld);
  return child == nullptr ? std::string_view() : trim(child->text());
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool is_good_url(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  const std::string_view origin = url.substr(0, url.find('/', url.find("//") + 2));
  const bool is_https = url.starts_with(kScheme) && url.size() > kScheme.size();
  // On this machine people try things out before they have a certificate.
  return (is_https || config::is_loopback_url(origin)) && url.size() <= kSlotUrlBytesMax &&
         is_printable(url) &&
         url.find_first_of(" \"<>\\^`{|}") == std::string_view::npos;  // RFC 3986 §2
}

bool is_good_header(const SlotHeader& header) {
  return std::ranges::find(kHeaderNames, header.name) != kHeaderNames.end() &&
         !header.value.empty() && header.value.size() <= kSlotHeaderBytesMax &&
         is_printable(header.value);
}

base::Error bad_slot(const char* detail) {
  return {errors::internal_server_error, detail};
}

Element text_element(const char* name, std::string_view xmlns, std::string_view text) {
  Element element(name, xmlns);
  element.set_text(text);
  return element;
}

DataForm size_form(std::string_view xmlns, std::uint64_t file_bytes_max) {
  DataForm form = DataForm::with_form_type(FormType::result, xmlns);
  form.add({.var = "max-file-size", .values = {std::to_string(file_bytes_max)}});
  return form;
}

}  // namespace

std::string_view xmlns_of(UploadSyntax syntax) {
  return syntax == UploadSyntax::attributes ? ns::kUpload : ns::kUploadOld;
}

Decision<UploadRequest> parse_upload_request(const Element& request,
                                             const UploadPurposes& offered) {
  const auto syntax =
      request.xmlns() == ns::kUploadOld ? UploadSyntax::elements : UploadSyntax::attributes;
  if (!request.is("request", xmlns_of(syntax))) return refuse("not a slot request", "");
  auto name = read_name(part_of(request, syntax, "filename"));
  if (!name) return name.error();
  const auto size = read_size(part_of(request, syntax, "size"));
  if (!size) return size.error();
  auto media_type = read_media_type(part_of(request, syntax, "content-type"));
  if (!media_type) return media_type.error();
  UploadRequest read{.syntax = syntax,
                     .name = std::move(*name),
                     .size = *size,
                     .media_type = std::move(*media_type)};
  if (syntax == UploadSyntax::attributes) {
    if (auto purpose = read_purpose(read, request, offered); !purpose) return purpose.error();
  }
  return read;
}

base::Result<Element> to_element(const UploadSlot& slot, UploadSyntax syntax) {
  if (!is_good_url(slot.put_url) || !is_good_url(slot.get_url))
    return bad_slot("address of a slot");
  if (slot.headers.size() > kSlotHeadersMax || !std::ranges::all_of(slot.headers, is_good_header)) {
    return bad_slot("header of a slot");
  }
  const std::string_view xmlns = xmlns_of(syntax);
  Element element("slot", xmlns);
  if (syntax == UploadSyntax::elements) {
    if (!slot.headers.empty()) return bad_slot("headers where the syntax has none");
    element.add(text_element("put", xmlns, slot.put_url));
    element.add(text_element("get", xmlns, slot.get_url));
    return element;
  }
  Element put("put", xmlns);
  put.set("url", slot.put_url);
  for (const SlotHeader& header : slot.headers) {
    put.add(text_element("header", xmlns, header.value)).set("name", header.name);
  }
  element.add(std::move(put));
  element.add(Element("get", xmlns)).set("url", slot.get_url);
  return element;
}

Refusal file_too_large(UploadSyntax syntax, std::uint64_t file_bytes_max) {
  const std::string limit = std::to_string(file_bytes_max);
  Element too_large("file-too-large", xmlns_of(syntax));
  too_large.add(text_element("max-file-size", xmlns_of(syntax), limit));
  ErrorExtras extras{.text = "The file is too large. A file may have " + limit + " bytes.",
                     .application = std::move(too_large)};
  return {base::Error(errors::not_acceptable, "file too large"), std::move(extras)};
}

Refusal upload_not_now(UploadSyntax syntax, std::string_view text,
                       std::optional<Timestamp> retry_at) {
  ErrorExtras extras{.text = std::string(text)};
  if (retry_at) {
    extras.application = Element("retry", xmlns_of(syntax));
    extras.application->set("stamp", format_date_time(*retry_at));
  }
  return {base::Error(errors::resource_constraint, "no slot now"), std::move(extras)};
}

void announce_uploads(DiscoInfo& info, const UploadOffer& offer) {
  info.add_identity({.category = "store", .type = "file", .name = "Bellhop"});
  info.add_feature(ns::kUpload);
  info.forms.push_back(size_form(ns::kUpload, offer.file_bytes_max));
  for (const PurposeName& row : kPurposes) {
    if (!offer.purposes.has(row.purpose)) continue;
    info.add_feature(std::string(ns::kUploadPurpose) + '#' + std::string(row.name));
  }
  if (!offer.has_old_syntax) return;
  info.add_feature(ns::kUploadOld);
  info.forms.push_back(size_form(ns::kUploadOld, offer.file_bytes_max));
}

}  // namespace bellhop::xmpp
