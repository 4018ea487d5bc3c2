// An ad-hoc command: what a user has stored, page by page.
#pragma once

#include "component/xmpp/commands.hpp"
#include "proxy/files/file_page.hpp"

namespace bellhop::files {

/// Shows a table of files with their links; `next` leads to the next page.
class ListCommand final : public xmpp::Command {
 public:
  static constexpr std::string_view kNode = "list";
  static constexpr std::string_view kName = "My files";

  explicit ListCommand(CommandContext context) : context_(std::move(context)) {}

  [[nodiscard]] runtime::Task<xmpp::CommandResult> run(xmpp::CommandInput input) override;

 private:
  CommandContext context_;
};

}  // namespace bellhop::files
