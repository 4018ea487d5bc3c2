// The commands of a store, run by alice.
#pragma once

#include <memory>

#include "component/policy/admission.hpp"
#include "proxy/files/delete_command.hpp"
#include "proxy/files/list_command.hpp"
#include "proxy/files/usage_command.hpp"
#include "tests/unit/component/xmpp/command_user.hpp"
#include "tests/unit/proxy/files/opened_store.hpp"

namespace bellhop::files {

class OpenedCommands : public OpenedStore {
 protected:
  void open_commands() {
    open();
    parts_ = std::make_unique<Parts>(CommandContext{*store_, admission_, nullptr, kUrl});
    user_ = std::make_unique<xmpp::test::CommandUser>(
        parts_->commands, [this](runtime::Task<xmpp::Reply> task) {
          xmpp::Reply reply{std::optional<xmpp::Element>()};
          runtime::test::run(context_, keep(std::move(task), reply));
          return reply;
        });
  }
  /// So many files of one byte each.
  void upload_many(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) upload("x");
  }

  static constexpr const char* kUrl = "https://files.example.org";

  struct Parts {
    explicit Parts(const CommandContext& context) : usage(context), list(context), remove(context) {
      const auto all = [](const xmpp::Jid&) { return true; };
      commands.add({.node = "usage", .name = "", .may_run = all}, usage);
      commands.add({.node = "list", .name = "", .may_run = all}, list);
      commands.add({.node = "delete", .name = "", .may_run = all}, remove);
    }
    UsageCommand usage;
    ListCommand list;
    DeleteCommand remove;
    xmpp::Commands commands{"bellhop.example.org", {"en"}, {}};
  };

  policy::Admission admission_{policy_};
  std::unique_ptr<Parts> parts_;
  std::unique_ptr<xmpp::test::CommandUser> user_;

 private:
  static runtime::Task<> keep(runtime::Task<xmpp::Reply> task, xmpp::Reply& reply) {
    reply = co_await std::move(task);
  }
};

}  // namespace bellhop::files
