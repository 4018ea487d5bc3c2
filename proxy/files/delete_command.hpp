// An ad-hoc command: a user chooses files, confirms, and they are gone.
#pragma once

#include <string_view>
#include <vector>

#include "component/xmpp/commands.hpp"
#include "proxy/files/file_page.hpp"

namespace bellhop::files {

/// Forms to choose from, page by page, then one that asks whether to. Nothing is removed before
/// that one is completed (ADM-04).
class DeleteCommand final : public xmpp::Command {
 public:
  static constexpr std::string_view kNode = "delete";
  static constexpr std::string_view kName = "Delete files";
  /// Files that one run may remove: each waits for the disk.
  static constexpr std::size_t kChosenMax = 100;

  explicit DeleteCommand(CommandContext context) : context_(std::move(context)) {}

  [[nodiscard]] runtime::Task<xmpp::CommandResult> run(xmpp::CommandInput input) override;

 private:
  // Where a run stands.
  struct Progress {
    bool is_asked = false;  // whether to delete what was chosen
    std::string next = {};  // the next page to choose from
    std::vector<FileId> chosen = {};

    [[nodiscard]] std::string text() const;
    [[nodiscard]] static Progress parse(std::string_view state);
  };

  [[nodiscard]] runtime::Task<xmpp::CommandResult> show_page(std::string owner, Progress progress);
  [[nodiscard]] runtime::Task<xmpp::CommandResult> choose(std::string owner, Progress progress,
                                                          xmpp::DataForm form);
  [[nodiscard]] runtime::Task<xmpp::CommandResult> ask(std::string owner, Progress progress);
  [[nodiscard]] runtime::Task<xmpp::CommandResult> remove(std::string owner, Progress progress);
  [[nodiscard]] runtime::Task<base::Result<FileFacts>> find(std::string owner, FileId id);
  [[nodiscard]] runtime::Task<base::Result<void>> remove_one(std::string owner, FileFacts facts);

  CommandContext context_;
};

}  // namespace bellhop::files
