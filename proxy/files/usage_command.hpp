// An ad-hoc command: how much a user has stored, may store, and for how long.
#pragma once

#include "component/xmpp/commands.hpp"
#include "proxy/files/file_page.hpp"

namespace bellhop::files {

/// Shows figures and ends; nothing is asked.
class UsageCommand final : public xmpp::Command {
 public:
  static constexpr std::string_view kNode = "usage";
  static constexpr std::string_view kName = "How much I have stored";

  explicit UsageCommand(CommandContext context) : context_(std::move(context)) {}

  [[nodiscard]] runtime::Task<xmpp::CommandResult> run(xmpp::CommandInput input) override;

 private:
  CommandContext context_;
};

}  // namespace bellhop::files
