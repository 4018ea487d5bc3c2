#include "proxy/files/slot_handler.hpp"

#include <chrono>

#include "component/xmpp/namespaces.hpp"
#include "proxy/files/errors.hpp"
#include "proxy/files/file_handler.hpp"

namespace bellhop::files {
namespace {

using runtime::Task;
using xmpp::Reply;
using xmpp::UploadPurpose;

// What a user who is over a limit may wait for: files of others expire, their own too.
constexpr std::chrono::minutes kRetryAfter{10};

constexpr xmpp::UploadPurposes kPurposes = xmpp::UploadPurposes()
                                               .add(UploadPurpose::profile)
                                               .add(UploadPurpose::ephemeral)
                                               .add(UploadPurpose::permanent);

Purpose purpose_of(UploadPurpose purpose) {
  switch (purpose) {
    case UploadPurpose::profile:
      return Purpose::profile;
    case UploadPurpose::ephemeral:
      return Purpose::ephemeral;
    case UploadPurpose::permanent:
      return Purpose::permanent;
    case UploadPurpose::message:
      break;
  }
  return Purpose::message;
}

}  // namespace

SlotHandler::SlotHandler(Context context, std::string parent_domain)
    : context_(std::move(context)), parent_domain_(std::move(parent_domain)) {}

void SlotHandler::attach(xmpp::IqRouter& router, xmpp::DiscoInfo& info) {
  xmpp::announce_uploads(
      info, {.file_bytes_max = context_.store.settings().file_bytes_max, .purposes = kPurposes});
  for (const std::string_view xmlns : {xmpp::ns::kUpload, xmpp::ns::kUploadOld}) {
    router.add_task({xmpp::IqType::get, "request", xmlns},
                    [this](xmpp::Iq iq) { return answer(std::move(iq)); });
  }
}

xmpp::Decision<NewFile> SlotHandler::check(const xmpp::Iq& iq,
                                           const xmpp::UploadRequest& request) const {
  // No server lets others write in the component's name, so this is a check of our own.
  const bool is_own = iq.from.bare() == iq.to.text();
  const auto now = std::chrono::system_clock::now();
  if (!is_own) {
    const auto allowed = context_.admission.check(iq.from, parent_domain_, now);
    if (!allowed) return xmpp::Refusal(allowed.error());
  }
  if (!context_.is_open) return xmpp::Refusal(base::Error(errors::store_closed));
  NewFile file;
  file.owner = iq.from.bare();
  file.purpose = purpose_of(request.purpose);
  file.name = request.name;
  // A type that nobody named is that of the upload.
  if (request.media_type != xmpp::kDefaultMediaType) file.type = request.media_type;
  file.size = request.size;
  if (request.expire_before) {
    file.expires_at_latest =
        std::chrono::floor<std::chrono::seconds>(*request.expire_before).time_since_epoch().count();
    if (file.expires_at_latest <= now_s()) {
      return xmpp::Refusal(base::Error(errors::expired_before));
    }
  }
  return file;
}

xmpp::Refusal SlotHandler::refusal_of(const base::Error& error, const xmpp::UploadRequest& request,
                                      std::string_view owner) const {
  if (error.is(errors::file_too_large)) {
    const auto most = StorageLedger::file_bytes_max(owner, *context_.admission.policy());
    return xmpp::file_too_large(request.syntax, most);
  }
  if (error.kind().condition == errors::stored_of_jid.condition) {
    const auto retry = std::chrono::floor<std::chrono::milliseconds>(
        std::chrono::system_clock::now() + kRetryAfter);
    return xmpp::upload_not_now(request.syntax, error.kind().text, retry);
  }
  return xmpp::Refusal(error);
}

xmpp::UploadSlot SlotHandler::slot_for(const FileFacts& facts, xmpp::UploadSyntax syntax) const {
  const std::string url = context_.public_url + file_path(facts);
  const std::string token = context_.store.tokens().make({facts.id, facts.size});
  xmpp::UploadSlot slot{.put_url = url, .get_url = url};
  // The old syntax has no headers, so the address itself is the authority.
  if (syntax == xmpp::UploadSyntax::elements) {
    slot.put_url += "?slot=" + token;
  } else {
    slot.headers.push_back({"Authorization", "Bearer " + token});
  }
  return slot;
}

Task<Reply> SlotHandler::answer(xmpp::Iq iq) {
  const auto request = xmpp::parse_upload_request(*iq.payload(), kPurposes);
  if (!request) co_return request.error();
  auto file = check(iq, *request);
  if (!file) co_return file.error();
  const std::string owner = file->owner;
  const auto facts = co_await context_.store.reserve(std::move(*file));
  if (!facts) co_return refusal_of(facts.error(), *request, owner);
  auto slot = xmpp::to_element(slot_for(*facts, request->syntax), request->syntax);
  if (!slot) co_return xmpp::Refusal(slot.error());
  co_return Reply(std::optional<xmpp::Element>(std::move(*slot)));
}

}  // namespace bellhop::files
