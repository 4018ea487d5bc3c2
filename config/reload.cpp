#include "config/reload.hpp"

#include <algorithm>

#include "config/option_table.hpp"

namespace bellhop::config {
namespace {

const ComponentSettings* component_with(const Settings& settings, const std::string& jid) {
  const auto found =
      std::find_if(settings.components.begin(), settings.components.end(),
                   [&](const ComponentSettings& component) { return component.jid == jid; });
  return found == settings.components.end() ? nullptr : &*found;
}

void compare_component(const ComponentSettings& old_one, const ComponentSettings& new_one,
                       std::vector<std::string>& changes) {
  const ComponentDraft old_draft{old_one, {}, {}};
  const ComponentDraft new_draft{new_one, {}, {}};
  const std::string prefix = "component[" + old_one.jid + "].";
  for (const Option* option : options_of("component")) {
    // The text of a secret is never made; both are our own, so their comparison may take its time.
    const bool differs =
        option->key == "secret"
            ? old_one.secret.reveal() != new_one.secret.reveal()
            : option->value.show({}, old_draft) != option->value.show({}, new_draft);
    if (differs) changes.push_back(prefix + std::string(option->key));
  }
}

void compare_components(const Settings& old_settings, const Settings& new_settings,
                        std::vector<std::string>& changes) {
  for (const ComponentSettings& old_one : old_settings.components) {
    if (const auto* new_one = component_with(new_settings, old_one.jid)) {
      compare_component(old_one, *new_one, changes);
    } else {
      changes.push_back("component[" + old_one.jid + ']');
    }
  }
  for (const ComponentSettings& new_one : new_settings.components) {
    if (component_with(old_settings, new_one.jid) == nullptr) {
      changes.push_back("component[" + new_one.jid + ']');
    }
  }
}

bool same_text(const Secret& one, const Secret& other) {
  return one.reveal() == other.reveal();
}

bool same_user(const TurnUser& one, const TurnUser& other) {
  return one.name == other.name && same_text(one.password, other.password);
}

bool has_new_secrets(const TurnSettings& old_turn, const TurnSettings& new_turn) {
  return !std::equal(old_turn.secrets.begin(), old_turn.secrets.end(), new_turn.secrets.begin(),
                     new_turn.secrets.end(), same_text);
}

bool has_new_users(const TurnSettings& old_turn, const TurnSettings& new_turn) {
  return !std::equal(old_turn.users.begin(), old_turn.users.end(), new_turn.users.begin(),
                     new_turn.users.end(), same_user);
}

// Files may hold something else under the same name: rotating a secret is a reload.
bool file_content_differs(const Option& option, const TurnSettings& old_turn,
                          const TurnSettings& new_turn) {
  if (option.section != "turn") return false;
  return (option.key == "secret_files" && has_new_secrets(old_turn, new_turn)) ||
         (option.key == "users_file" && has_new_users(old_turn, new_turn));
}

bool differs(const Option& option, const Settings& old_settings, const Settings& new_settings) {
  if (file_content_differs(option, old_settings.turn, new_settings.turn)) return true;
  return option.value.show(old_settings, {}) != option.value.show(new_settings, {});
}

}  // namespace

bool has_new_credentials(const TurnSettings& old_turn, const TurnSettings& new_turn) {
  return has_new_secrets(old_turn, new_turn) || has_new_users(old_turn, new_turn);
}

Changes compare(const Settings& old_settings, const Settings& new_settings) {
  Changes changes;
  compare_components(old_settings, new_settings, changes.restart);
  for (const Option& option : option_table()) {
    if (option.in_component() || !differs(option, old_settings, new_settings)) continue;
    auto& names = option.apply == Apply::live ? changes.live : changes.restart;
    names.push_back(option.name());
  }
  return changes;
}

Settings apply_live(const Settings& old_settings, const Settings& new_settings) {
  Settings result = old_settings;
  for (const Option& option : option_table()) {
    if (!option.in_component() && option.apply == Apply::live) {
      option.value.copy(new_settings, result);
    }
  }
  result.turn.secrets = new_settings.turn.secrets;
  result.turn.users = new_settings.turn.users;
  return result;
}

}  // namespace bellhop::config
