#include "api/admin/config_api.hpp"

#include "api/admin/convert.hpp"
#include "config/option_table.hpp"
#include "config/reload.hpp"

namespace bellhop::admin {
namespace {

using runtime::Task;

constexpr std::size_t kTextBytesMax = 1024 * 1024;

v1::ConfigProblem to_proto(const config::Problem& problem) {
  v1::ConfigProblem row;
  row.set_text(config::to_text(problem));
  row.set_line(static_cast<std::uint32_t>(problem.line));
  row.set_column(static_cast<std::uint32_t>(problem.column));
  row.set_message(problem.message);
  row.set_hint(problem.hint);
  return row;
}

template <typename Response>
void add_problems(Response& response, const config::LoadOutcome& loaded) {
  for (const auto& problem : loaded.problems) *response.add_problems() = to_proto(problem);
  for (const auto& warning : loaded.warnings) *response.add_warnings() = to_proto(warning);
}

template <typename Response>
void add_changes(Response& response, const config::Changes& changes) {
  for (const std::string& name : changes.live) response.add_live_changes(name);
  for (const std::string& name : changes.restart) response.add_restart_changes(name);
}

std::string origin_of(const config::Origins& origins, const std::string& name) {
  const auto row = origins.find(name);
  return row == origins.end() ? "default" : config::to_text(row->second);
}

// `option` of the component `index`, or of the whole.
void add_option(v1::GetConfigResponse& response, const config::Option& option,
                const std::string& name, const config::Settings& settings,
                const config::ComponentDraft& draft, const config::Origins& origins) {
  v1::ConfigOption& row = *response.add_options();
  row.set_name(name);
  row.set_value(option.key == "secret" ? "(secret)" : option.value.show(settings, draft));
  row.set_origin(origin_of(origins, name));
  row.set_is_live(option.apply == config::Apply::live);
}

}  // namespace

Task<ApiResult<v1::GetConfigResponse>> ConfigApi::get(Caller, v1::GetConfigRequest request) {
  const config::Settings& settings = core_.parts.settings;
  v1::GetConfigResponse response;
  response.set_path(core_.parts.load_options.path);
  const auto is_wanted = [&request](const std::string& name) {
    return name.starts_with(request.prefix());
  };
  for (std::size_t i = 0; i < settings.components.size(); ++i) {
    const config::ComponentDraft draft{settings.components[i], {}, {}};
    for (const config::Option* option : config::options_of("component")) {
      const std::string name = config::component_option(i, option->key);
      // Where the secret was read from is shown by its origin.
      if (option->key == "secret_file" || option->key == "secret_env" || !is_wanted(name)) continue;
      add_option(response, *option, name, settings, draft, core_.parts.origins);
    }
  }
  for (const config::Option& option : config::option_table()) {
    if (option.in_component() || !is_wanted(option.name())) continue;
    add_option(response, option, option.name(), settings, {}, core_.parts.origins);
  }
  co_return response;
}

Task<ApiResult<v1::CheckConfigResponse>> ConfigApi::check(Caller, v1::CheckConfigRequest request) {
  if (request.text().size() > kTextBytesMax) co_return bad("text", "at most 1 MiB");
  config::LoadOptions options = core_.parts.load_options;
  options.secret_files = config::SecretFiles::skip;
  const config::LoadOutcome loaded = config::load_text(request.text(), options);
  v1::CheckConfigResponse response;
  add_problems(response, loaded);
  if (!loaded.problems.empty()) co_return response;
  // Secrets were not read, so they are taken to be as they are.
  config::Settings checked = loaded.settings;
  for (config::ComponentSettings& component : checked.components) {
    for (const config::ComponentSettings& running : core_.parts.settings.components) {
      if (component.jid == running.jid) component.secret = running.secret;
    }
  }
  add_changes(response, config::compare(core_.parts.settings, checked));
  co_return response;
}

Task<ApiResult<v1::ReloadConfigResponse>> ConfigApi::reload(Caller,
                                                            v1::ReloadConfigRequest request) {
  config::LoadOutcome loaded = config::load_file(core_.parts.load_options);
  v1::ReloadConfigResponse response;
  add_problems(response, loaded);
  if (loaded.problems.empty()) {
    add_changes(response, config::compare(core_.parts.settings, loaded.settings));
    if (!request.validate_only()) co_await apply(std::move(loaded));
  }
  if (!request.validate_only()) report(response);
  co_return response;
}

Task<> ConfigApi::apply(config::LoadOutcome loaded) {
  config::Settings& running = core_.parts.settings;
  running = config::apply_live(running, loaded.settings);
  core_.parts.origins = std::move(loaded.origins);
  const auto configured = static_cast<base::Severity>(running.log.level);
  core_.parts.log.set_level(core_.log_level.value_or(configured));
  core_.parts.log.set_privacy(running.log.privacy == config::LogPrivacy::full
                                  ? base::LogPrivacy::full
                                  : base::LogPrivacy::masked);
  core_.book.configure(policy::configured_rules(running, core_.parts.origins),
                       running.access.parent_domain);
  co_await core_.on_control_task(core_.parts.control.apply(running));
  (void)co_await core_.apply_policy();
}

void ConfigApi::report(const v1::ReloadConfigResponse& response) const {
  const bool is_good = response.problems().empty();
  core_.parts.log.write(is_good ? base::Severity::info : base::Severity::error,
                        is_good ? "config_reloaded" : "config_refused",
                        {{"problems", response.problems_size()},
                         {"live_changes", response.live_changes_size()},
                         {"restart_changes", response.restart_changes_size()},
                         {"first", is_good ? "" : response.problems(0).message()}});
  v1::Event event;
  event.set_type(v1::EVENT_TYPE_CONFIG);
  event.set_summary(is_good ? "the configuration was reloaded"
                            : "the configuration was refused: nothing has changed");
  core_.events.publish(std::move(event));
}

}  // namespace bellhop::admin
