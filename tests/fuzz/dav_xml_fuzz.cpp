// Any bytes as the body of a WebDAV request: what is accepted is written again without loss, each
// property stands for itself, and the answers made of it are well-formed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/lock_request.hpp"
#include "proxy/webdav/property_answers.hpp"
#include "proxy/webdav/xml_document.hpp"

namespace {

namespace webdav = bellhop::webdav;

// Escaping and declarations make text longer than its source.
constexpr webdav::XmlLimits kAmple{.bytes_max = 64 * 1024 * 1024,
                                   .depth_max = 128,
                                   .elements_max = 64 * 1024,
                                   .attributes_max = 1024,
                                   .namespaces_max = 1024};

template <typename T>
void check_refusal(const bellhop::base::Result<T>& result) {
  if (!result) BELLHOP_ASSERT(webdav::errors::find_row(result.error().kind()) != nullptr);
}

// In a place where D is bound and nothing else is.
void check_written(const webdav::XmlElement& element) {
  const std::string xml = webdav::to_xml(element);
  const auto again =
      webdav::parse_document("<D:prop xmlns:D=\"DAV:\">" + xml + "</D:prop>", kAmple);
  BELLHOP_ASSERT(again && again->children.size() == 1);
  BELLHOP_ASSERT(again->children.front() == element && again->text.empty());
  BELLHOP_ASSERT(webdav::to_xml(again->children.front()) == xml);
}

void check_answer(const webdav::PropertyResults& results) {
  webdav::Multistatus body(kAmple.bytes_max);
  BELLHOP_ASSERT(body.add_properties("/a", results));
  BELLHOP_ASSERT(webdav::parse_document(std::move(body).finish(), kAmple));
}

void check_propfind(std::string_view text) {
  const auto request = webdav::parse_propfind(text);
  check_refusal(request);
  if (!request) return;
  BELLHOP_ASSERT(request->names.size() <= webdav::kPropfindNamesMax);
  check_answer(webdav::answer_propfind(*request, {.href = "/a", .etag = "\"e\""}, {}));
}

void check_proppatch(std::string_view text) {
  const auto instructions = webdav::parse_proppatch(text);
  check_refusal(instructions);
  if (!instructions) return;
  BELLHOP_ASSERT(!instructions->empty() && instructions->size() <= webdav::kInstructionsMax);
  std::vector<webdav::DeadProperty> dead;
  for (const webdav::PropertyInstruction& instruction : *instructions) {
    check_written(instruction.property);
    dead.push_back({instruction.property.name, webdav::to_xml(instruction.property)});
  }
  check_answer(webdav::answer_propfind({}, {.href = "/a"}, dead));
  check_answer(webdav::answer_proppatch(
      webdav::judge_instructions(*instructions, webdav::check_instruction)));
}

void check_lock(std::string_view text) {
  const auto request = webdav::parse_lock(text);
  check_refusal(request);
  if (!request || request->owner_xml.empty()) return;
  BELLHOP_ASSERT(request->owner_xml.size() <= webdav::kLockOwnerBytesMax);
  const auto owner = webdav::parse_document(request->owner_xml, kAmple);
  BELLHOP_ASSERT(owner && owner->is_dav("owner"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = webdav::parse_document(text);
  check_refusal(document);
  if (document) {
    check_written(*document);
    static_cast<void>(webdav::JidList::parse(*document));
  }
  check_propfind(text);
  check_proppatch(text);
  check_lock(text);
  return 0;
}
