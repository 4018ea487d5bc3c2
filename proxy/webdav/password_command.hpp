// An ad-hoc command: a password for the user's folder, made or chosen.
#pragma once

#include <string>

#include "component/xmpp/commands.hpp"
#include "component/xmpp/registration.hpp"

namespace bellhop::webdav {

/// Says where the folder is and sets its password; whoever has no account gets one. The same rules
/// and limits as for in-band registration. Control shard.
class PasswordCommand final : public xmpp::Command {
 public:
  static constexpr std::string_view kNode = "password";
  static constexpr std::string_view kName = "A new password for my folder";

  /// `public_url`: what URLs begin with, without a slash at the end. `registration` outlives it.
  PasswordCommand(xmpp::Registration& registration, std::string public_url)
      : registration_(registration), public_url_(std::move(public_url)) {}

  [[nodiscard]] runtime::Task<xmpp::CommandResult> run(xmpp::CommandInput input) override;

 private:
  [[nodiscard]] runtime::Task<xmpp::CommandResult> show_form(xmpp::Jid user);
  [[nodiscard]] std::string address_of(const xmpp::Jid& user) const;

  xmpp::Registration& registration_;
  std::string public_url_;
};

}  // namespace bellhop::webdav
