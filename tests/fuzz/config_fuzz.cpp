// Any bytes as a configuration file: no crash, and whatever is accepted prints and loads again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/loader.hpp"
#include "config/print.hpp"
#include "config/reload.hpp"

namespace bellhop::config {
namespace {

// The text says which files hold secrets: a fuzzer must not open them.
LoadOptions options() {
  LoadOptions options;
  options.path = "fuzz.toml";
  options.secret_files = SecretFiles::skip;
  options.environment["BELLHOP_SECRET"] = "hunter2";
  return options;
}

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_fit_for_a_terminal(const std::string& text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) return false;
  }
  return true;
}

std::string with_secrets(std::string text) {
  const std::string comment = "\n# secret = (not shown)";
  for (std::size_t at = 0; (at = text.find(comment, at)) != std::string::npos;) {
    text.replace(at, comment.size(), "\nsecret = \"x\"");
  }
  return text;
}

void check(const std::string& text) {
  const LoadOutcome outcome = load_text(text, options());
  for (const Problem& problem : outcome.problems) require(is_fit_for_a_terminal(to_text(problem)));
  for (const Problem& warning : outcome.warnings) require(is_fit_for_a_terminal(to_text(warning)));
  if (!outcome.problems.empty()) return;
  const std::string printed = with_secrets(print_config(outcome.settings, outcome.origins));
  LoadOptions again = options();
  again.path.clear();  // paths are resolved by now
  const LoadOutcome reloaded = load_text(printed, again);
  require(reloaded.problems.empty());
  require(compare(outcome.settings, reloaded.settings).live.empty());
}

}  // namespace
}  // namespace bellhop::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bellhop::config::check(std::string(data, data + size));
  return 0;
}
