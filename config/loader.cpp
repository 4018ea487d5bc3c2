#include "config/loader.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <utility>
#include <variant>

#include "config/document.hpp"
#include "config/file_text.hpp"
#include "config/option_table.hpp"
#include "config/secret_file.hpp"
#include "config/suggestion.hpp"
#include "config/user_file.hpp"
#include "config/validate.hpp"

namespace bellhop::config {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1024} * 1024;
// Each component is a stream of its own; more than this is a generated or a hostile file.
constexpr std::size_t kComponentsMax = 64;

constexpr std::string_view kEnvironmentPrefix = "BELLHOP_";
// Names that secret_env may use without being taken for an option.
constexpr std::string_view kSecretPrefix = "BELLHOP_SECRET";
constexpr std::array<std::string_view, 3> kSecretKeys = {"secret", "secret_file", "secret_env"};

Origin in_file(Position at) {
  return {Origin::Source::file, at, {}};
}

std::string header(std::string_view section) {
  const std::string name(section);
  return section == "component" ? "[[component]]" : '[' + name + ']';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Value text_value(std::string_view text) {
  Value value;
  value.kind = Value::Kind::text;
  value.text = std::string(text);
  return value;
}

Value list_value(std::string_view text) {
  Value value;
  value.kind = Value::Kind::array;
  if (trimmed(text).empty()) return value;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    value.items.push_back(text_value(trimmed(text.substr(begin, end - begin))));
    begin = end + 1;
  }
  return value;
}

// What the environment and the command line have is text. What cannot be read as the option's form
// stays text, and the option says what it expected.
Value value_of(std::string_view text, ValueForm form) {
  if (form == ValueForm::list) return list_value(text);
  Value value = text_value(text);
  if (form == ValueForm::integer) {
    if (const auto number = parse_integer(text)) {
      value.kind = Value::Kind::integer;
      value.integer = *number;
    }
  }
  if (form == ValueForm::boolean && (text == "true" || text == "false")) {
    value.kind = Value::Kind::boolean;
    value.boolean = text == "true";
  }
  return value;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const auto near = closest(word, known);
  return near ? "did you mean " + *near + '?' : std::string();
}

std::vector<std::string> section_headers() {
  std::vector<std::string> headers;
  for (const SectionInfo& section : section_table()) headers.push_back(header(section.name));
  return headers;
}

std::vector<std::string> keys_of(std::string_view section) {
  std::vector<std::string> keys;
  for (const Option* option : options_of(section)) keys.emplace_back(option->key);
  return keys;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Where a key that stands in the wrong place belongs; empty if nowhere.
std::string right_place(std::string_view key) {
  std::string places;
  for (const Option& option : option_table()) {
    if (option.key == key) places += (places.empty() ? "" : " or ") + header(option.section);
  }
  return places.empty() ? places : "it belongs in " + places;
}

std::string parent_of(const std::string& jid) {
  const std::size_t dot = jid.find('.');
  return dot == std::string::npos ? jid : jid.substr(dot + 1);
}

// One run: reads, in this order, the file, the environment and the command line; then looks at the
// whole. Nothing stops it but a syntax error.
class Loader {
 public:
  Loader(std::string_view text, const LoadOptions& options)
      : options_(options), source_(text), report_(options.path, source_) {}

  LoadOutcome run() {
    if (source_.text().size() > kFileBytesMax) {
      report_.problem({}, {"the file is too large", "allowed: at most 1 MiB"});
      return finish();
    }
    auto document = parse_document(source_);
    if (auto* error = std::get_if<SyntaxError>(&document)) {
      report_.problem(in_file(error->at), {std::move(error->message), {}});
      return finish();
    }
    read_root(std::get<Value>(document));
    read_environment();
    for (const std::string& each : options_.overrides) read_override(each);
    resolve_paths();
    derive_realm();
    read_turn_secrets();
    read_turn_users();
    fit_defaults(settings_, origins_);
    validate(settings_, origins_, report_);
    return finish();
  }

 private:
  LoadOutcome finish() {
    return {std::move(settings_), std::move(origins_), report_.take_problems(),
            report_.take_warnings()};
  }

  void read_root(const Value& root) {
    bool has_component = false;
    for (const Entry& entry : root.entries) {
      if (entry.key == "component") {
        has_component = true;
        read_components(entry);
      } else if (options_of(entry.key).empty()) {
        refuse_root_entry(entry);
      } else if (entry.value.kind != Value::Kind::table) {
        const bool doubled = entry.value.kind == Value::Kind::array;
        report_.problem(in_file(entry.at),
                        {entry.key + ": expected a section, found " + kind_text(entry.value.kind),
                         "write " + header(entry.key) + (doubled ? " with single brackets" : "")});
      } else {
        read_section(entry);
      }
    }
    if (!has_component) {
      report_.problem({}, {"no [[component]]: there is nothing to do",
                           "at least one needs a jid, a server and a secret"});
    }
  }

  void refuse_root_entry(const Entry& entry) {
    const bool section =
        entry.value.kind == Value::Kind::table || entry.value.kind == Value::Kind::array;
    if (section) {
      std::string hint = did_you_mean('[' + entry.key + ']', section_headers());
      if (hint.empty()) hint = "allowed: " + joined(section_headers());
      report_.problem(in_file(entry.at),
                      {"unknown section " + in_quotes(entry.key), std::move(hint)});
    } else {
      report_.problem(in_file(entry.at), {in_quotes(entry.key) + " stands outside any section",
                                          right_place(entry.key)});
    }
  }

  void refuse_key(std::string_view section, const Entry& entry) {
    std::string hint = did_you_mean(entry.key, keys_of(section));
    if (hint.empty()) hint = right_place(entry.key);
    if (hint.empty()) hint = "allowed: " + joined(keys_of(section));
    report_.problem(
        in_file(entry.at),
        {"unknown key " + in_quotes(entry.key) + " in " + header(section), std::move(hint)});
  }

  void read_section(const Entry& section) {
    ComponentDraft unused;
    for (const Entry& entry : section.value.entries) {
      const Option* option = find_option(section.key, entry.key);
      if (option == nullptr) {
        refuse_key(section.key, entry);
      } else {
        assign(*option, option->name(), entry.value, in_file(entry.value.at), unused);
      }
    }
  }

  void read_components(const Entry& entry) {
    if (entry.value.kind != Value::Kind::array) {
      report_.problem(in_file(entry.at),
                      {"component: expected a list of tables, found " + kind_text(entry.value.kind),
                       "write [[component]] with double brackets"});
      return;
    }
    if (entry.value.items.empty() || entry.value.items.size() > kComponentsMax) {
      report_.problem(in_file(entry.value.at),
                      {std::to_string(entry.value.items.size()) + " components",
                       "allowed: 1 to " + std::to_string(kComponentsMax)});
      return;
    }
    for (const Value& item : entry.value.items) {
      if (item.kind == Value::Kind::table) {
        read_component(item);
      } else {
        report_.problem(
            in_file(item.at),
            {"component: expected a table, found " + kind_text(item.kind), "write [[component]]"});
      }
    }
  }

  void read_component(const Value& table) {
    const std::size_t index = settings_.components.size();
    ComponentDraft draft;
    for (const Entry& entry : table.entries) {
      const Option* option = find_option("component", entry.key);
      if (option == nullptr) {
        refuse_key("component", entry);
      } else {
        assign(*option, component_option(index, entry.key), entry.value, in_file(entry.value.at),
               draft);
      }
    }
    require(table, "jid", "the domain that the server knows the component by");
    require(table, "server", "the server's component port, \"127.0.0.1:5347\"");
    resolve_secret(table, index, draft);
    derive_parent_domain(index, draft);
    draft.tls_ca_file = beside_file(draft.tls_ca_file);
    settings_.components.push_back(std::move(static_cast<ComponentSettings&>(draft)));
  }

  void require(const Value& table, std::string_view key, std::string hint) {
    if (entry_of(table, key) != nullptr) return;
    report_.problem(in_file(table.at),
                    {"this component has no " + std::string(key), "needed: " + std::move(hint)});
  }

  static const Entry* entry_of(const Value& table, std::string_view key) {
    const auto found = std::find_if(table.entries.begin(), table.entries.end(),
                                    [&](const Entry& entry) { return entry.key == key; });
    return found == table.entries.end() ? nullptr : &*found;
  }

  void resolve_secret(const Value& table, std::size_t index, ComponentDraft& draft) {
    const Entry* chosen = nullptr;
    for (const std::string_view key : kSecretKeys) {
      const Entry* entry = entry_of(table, key);
      if (entry == nullptr) continue;
      if (chosen != nullptr) {
        report_.problem(
            in_file(entry->at),
            {"this component has " + chosen->key + " and " + entry->key,
             "allowed: exactly one of " + std::string("secret, secret_file, secret_env")});
        return;
      }
      chosen = entry;
    }
    if (chosen == nullptr) {
      report_.problem(in_file(table.at), {"this component has no secret",
                                          "needed: one of secret, secret_file, secret_env"});
      return;
    }
    // Absent if the value itself was refused, which has been told already.
    const auto origin = origins_.find(component_option(index, chosen->key));
    if (origin == origins_.end()) return;
    if (!draft.secret_file.empty()) read_secret(origin->second, draft);
    if (!draft.secret_env.empty()) look_up_secret(origin->second, draft);
  }

  void read_secret(const Origin& origin, ComponentDraft& draft) {
    if (options_.secret_files == SecretFiles::skip) return;
    auto secret = read_secret_file(beside_file(draft.secret_file));
    if (auto* refusal = std::get_if<Refusal>(&secret)) {
      report_.problem(origin, std::move(*refusal));
    } else {
      draft.secret = std::get<Secret>(std::move(secret));
    }
  }

  void look_up_secret(const Origin& origin, ComponentDraft& draft) {
    const auto found = options_.environment.find(draft.secret_env);
    if (found == options_.environment.end() || found->second.empty()) {
      const std::string state = found == options_.environment.end() ? " is not set" : " is empty";
      report_.problem(origin, {"the environment variable " + in_quotes(draft.secret_env) + state,
                               "it must hold the component's secret"});
      return;
    }
    draft.secret = Secret(found->second);
  }

  void derive_parent_domain(std::size_t index, ComponentDraft& draft) {
    if (!draft.parent_domain.empty() || draft.jid.empty()) return;
    draft.parent_domain = parent_of(draft.jid);
    origins_[component_option(index, "parent_domain")] = {
        Origin::Source::derived, {}, component_option(index, "jid")};
  }

  // A relative path in the file starts at the file's folder: it must not depend on where the
  // daemon was started.
  [[nodiscard]] std::string beside_file(const std::string& path) const {
    if (path.empty()) return path;
    return (std::filesystem::path(options_.path).parent_path() / path).string();
  }

  void resolve_paths() {
    const std::array paths{std::pair("log.file", &settings_.log.file),
                           std::pair("admin.socket", &settings_.admin.socket),
                           std::pair("admin.read_socket", &settings_.admin.read_socket),
                           std::pair("admin.tls_certificate", &settings_.admin.tls_certificate),
                           std::pair("admin.tls_key", &settings_.admin.tls_key),
                           std::pair("admin.tls_client_ca", &settings_.admin.tls_client_ca),
                           std::pair("admin.http_token_file", &settings_.admin.http_token_file),
                           std::pair("files.dir", &settings_.files.dir),
                           std::pair("files.tls_certificate", &settings_.files.tls_certificate),
                           std::pair("files.tls_key", &settings_.files.tls_key),
                           std::pair("turn.tls_certificate", &settings_.turn.tls_certificate),
                           std::pair("turn.tls_key", &settings_.turn.tls_key),
                           std::pair("turn.users_file", &settings_.turn.users_file),
                           std::pair("monitoring.state_dir", &settings_.monitoring.state_dir)};
    for (const auto& [name, path] : paths) {
      if (is_from_file(name)) *path = beside_file(*path);
    }
    if (!is_from_file("turn.secret_files")) return;
    for (std::string& path : settings_.turn.secret_files) path = beside_file(path);
  }

  [[nodiscard]] bool is_from_file(const std::string& name) const {
    const auto origin = origins_.find(name);
    return origin != origins_.end() && origin->second.source == Origin::Source::file;
  }

  void derive_realm() {
    if (!settings_.turn.realm.empty()) return;
    for (std::size_t i = 0; i < settings_.components.size(); ++i) {
      const ComponentSettings& component = settings_.components[i];
      const auto& services = component.services;
      if (std::find(services.begin(), services.end(), Service::turn) == services.end()) continue;
      settings_.turn.realm = component.parent_domain;
      origins_["turn.realm"] = {Origin::Source::derived, {}, component_option(i, "parent_domain")};
      return;
    }
  }

  // Each file that is wrong is told, so that they can be put right in one go.
  void read_turn_secrets() {
    if (options_.secret_files == SecretFiles::skip) return;
    for (const std::string& path : settings_.turn.secret_files) {
      auto secret = read_secret_file(path);
      if (auto* refusal = std::get_if<Refusal>(&secret)) {
        report_.problem(origins_["turn.secret_files"], std::move(*refusal));
      } else {
        settings_.turn.secrets.push_back(std::get<Secret>(std::move(secret)));
      }
    }
  }

  void read_turn_users() {
    const std::string& path = settings_.turn.users_file;
    if (options_.secret_files == SecretFiles::skip || path.empty()) return;
    auto users = read_user_file(path);
    if (auto* refusal = std::get_if<Refusal>(&users)) {
      report_.problem(origins_["turn.users_file"], std::move(*refusal));
    } else {
      settings_.turn.users = std::get<std::vector<TurnUser>>(std::move(users));
    }
  }

  void read_environment() {
    for (auto each = options_.environment.lower_bound(std::string(kEnvironmentPrefix));
         each != options_.environment.end() && each->first.starts_with(kEnvironmentPrefix);
         ++each) {
      if (!each->first.starts_with(kSecretPrefix)) read_variable(each->first, each->second);
    }
  }

  void read_variable(const std::string& name, const std::string& text) {
    const Origin origin{Origin::Source::environment, {}, printable(name)};
    std::vector<std::string> known;
    for (const Option& option : option_table()) {
      if (option.in_component()) continue;
      known.push_back(option.environment_name());
      if (known.back() == name) return assign_text(option, text, origin);
    }
    std::string hint = did_you_mean(name, known);
    if (hint.empty() && name.starts_with("BELLHOP_COMPONENT_")) {
      hint = "a component is set in the file only; its secret may be in a variable: secret_env";
    }
    report_.problem(origin, {"no option has this variable", std::move(hint)});
  }

  void read_override(std::string_view text) {
    text = trimmed(text);
    const Origin origin{Origin::Source::command_line, {}, {}};
    const std::size_t equals = text.find('=');
    // Not the whole text: what follows a blank may be a secret.
    const std::string name(trimmed(text.substr(0, std::min(equals, text.find(' ')))));
    if (equals == std::string_view::npos) {
      report_.problem(origin, {in_quotes(name) + " has no value", "write section.key=value"});
      return;
    }
    std::vector<std::string> known;
    for (const Option& option : option_table()) {
      if (option.in_component()) continue;
      known.push_back(option.name());
      if (known.back() == name) {
        return assign_text(option, trimmed(text.substr(equals + 1)), origin);
      }
    }
    std::string hint = did_you_mean(name, known);
    if (name.starts_with("component.") || name.starts_with("component[")) {
      hint = "a component is set in the file only";
    }
    report_.problem(origin, {"unknown option " + in_quotes(name), std::move(hint)});
  }

  void assign_text(const Option& option, std::string_view text, const Origin& origin) {
    ComponentDraft unused;
    assign(option, option.name(), value_of(text, option.value.form), origin, unused);
  }

  void assign(const Option& option, const std::string& name, const Value& value,
              const Origin& origin, ComponentDraft& component) {
    Faults faults = option.value.assign(value, settings_, component);
    if (faults.empty()) origins_[name] = origin;
    for (Fault& fault : faults) {
      Origin where = origin;
      where.at = fault.at;  // an item of a list has its own place
      report_.problem(where, {name + ": " + fault.refusal.message, std::move(fault.refusal.hint)});
    }
  }

  const LoadOptions& options_;
  SourceText source_;
  Report report_;
  Settings settings_;
  Origins origins_;
};

void warn_if_secret_is_public(const LoadOptions& options, LoadOutcome& outcome) {
  for (std::size_t i = 0; i < outcome.settings.components.size(); ++i) {
    if (!outcome.origins.contains(component_option(i, "secret"))) continue;
    Problem warning;
    warning.file = printable(options.path);
    warning.message = "this file holds a secret and can be read by everybody";
    warning.hint =
        "take that right away (chmod o= " + printable(options.path) + "), or use secret_file";
    outcome.warnings.push_back(std::move(warning));
    return;
  }
}

}  // namespace

LoadOutcome load_text(std::string_view text, const LoadOptions& options) {
  return Loader(text, options).run();
}

LoadOutcome load_file(const LoadOptions& options) {
  auto content = read_file(options.path, kFileBytesMax);
  if (auto* refusal = std::get_if<Refusal>(&content)) {
    LoadOutcome outcome;
    Problem problem;
    problem.file = printable(options.path);
    problem.message = std::move(refusal->message);
    problem.hint = std::move(refusal->hint);
    outcome.problems.push_back(std::move(problem));
    return outcome;
  }
  const auto& file = std::get<FileText>(content);
  LoadOutcome outcome = load_text(file.text, options);
  if (file.readable == Readable::by_everybody) warn_if_secret_is_public(options, outcome);
  return outcome;
}

}  // namespace bellhop::config
