// Upload slots over XMPP (XEP-0363 §4).
#pragma once

#include <string>

#include "component/policy/admission.hpp"
#include "component/xmpp/disco_info.hpp"
#include "component/xmpp/iq_router.hpp"
#include "component/xmpp/upload_slot.hpp"
#include "proxy/files/file_store.hpp"

namespace bellhop::files {

/// Answers requests for slots to one component. Control shard.
class SlotHandler {
 public:
  struct Context {
    FileStore& store;
    policy::Admission& admission;
    std::string public_url;  ///< what links begin with, without a slash at the end
    const bool& is_open;     ///< whether new uploads are taken
  };

  /// `parent_domain` is the component's. All that `context` refers to outlives the handler.
  SlotHandler(Context context, std::string parent_domain);

  /// Registers routes, identity, features and forms (HUP-01, HUP-11).
  void attach(xmpp::IqRouter& router, xmpp::DiscoInfo& info);

  [[nodiscard]] runtime::Task<xmpp::Reply> answer(xmpp::Iq iq);

 private:
  [[nodiscard]] xmpp::Decision<NewFile> check(const xmpp::Iq& iq,
                                              const xmpp::UploadRequest& request) const;
  [[nodiscard]] xmpp::Refusal refusal_of(const base::Error& error,
                                         const xmpp::UploadRequest& request,
                                         std::string_view owner) const;
  [[nodiscard]] xmpp::UploadSlot slot_for(const FileFacts& facts, xmpp::UploadSyntax syntax) const;

  Context context_;
  std::string parent_domain_;
};

}  // namespace bellhop::files
