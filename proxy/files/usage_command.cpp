#include "proxy/files/usage_command.hpp"

#include <algorithm>

#include "proxy/files/file_words.hpp"

namespace bellhop::files {
namespace {

using runtime::Task;
using xmpp::DataForm;

void add_line(DataForm& form, const char* var, const char* label, std::string value) {
  form.add({.var = var,
            .type = xmpp::FieldType::text_single,
            .label = label,
            .values = {std::move(value)}});
}

// Files for messages are kept the longer the smaller they are (see retention.hpp).
std::string kept_text(const config::FilesSettings& settings) {
  if (settings.retention.count() == 0) return "for ever";
  const std::string longest = duration_text(settings.retention);
  const std::string shortest = duration_text(std::min(settings.retention_min, settings.retention));
  if (longest == shortest) return longest;
  return "from " + shortest + " (the largest) to " + longest + " (the smallest)";
}

}  // namespace

Task<xmpp::CommandResult> UsageCommand::run(xmpp::CommandInput input) {
  const std::string owner(input.requester.bare());
  const Room room = co_await context_.store.room_of(owner);
  const config::FilesSettings& settings = context_.store.settings();
  const std::uint64_t by_rule = StorageLedger::file_bytes_max(owner, *context_.admission.policy());
  const std::uint64_t most = std::min(by_rule, settings.file_bytes_max);
  DataForm form{.type = xmpp::FormType::result, .title = "What you have stored"};
  add_line(form, "used", "Stored, with what is being uploaded", bytes_text(room.used.bytes));
  add_line(form, "files", "Files", std::to_string(room.used.files));
  add_line(form, "available", "Left for you",
           room.available_bytes ? bytes_text(*room.available_bytes) : "no limit");
  add_line(form, "file-max", "Largest file", bytes_text(most));
  add_line(form, "kept", "Uploads are kept", kept_text(settings));
  if (context_.folders != nullptr) {
    add_line(form, "kept-in-folder", "Files of your folder are kept", "until you remove them");
  }
  xmpp::CommandDone done;
  done.form = std::move(form);
  co_return std::variant<xmpp::CommandStage, xmpp::CommandDone>(std::move(done));
}

}  // namespace bellhop::files
