#include "api/state.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "api/observe/schema.hpp"

namespace bellhop::api {
namespace {

std::filesystem::path folder_of(const config::MonitoringSettings& settings) {
  std::error_code ec;
  const bool is_made = std::filesystem::create_directory(settings.state_dir, ec);
  if (ec) throw std::runtime_error("cannot make " + settings.state_dir + ": " + ec.message());
  if (is_made) std::filesystem::permissions(settings.state_dir, std::filesystem::perms(0750), ec);
  return settings.state_dir;
}

std::optional<observe::AccountingLog> accounting_of(const config::MonitoringSettings& settings) {
  if (!settings.accounting) return std::nullopt;
  return observe::AccountingLog({.path = folder_of(settings) / "accounting.jsonl",
                                 .file_bytes_max = settings.accounting_file_bytes,
                                 .old_files_max = settings.accounting_files});
}

}  // namespace

State::State(const config::MonitoringSettings& settings)
    : database(store::Database::open(folder_of(settings) / "bellhop.db", observe::kMigrations)),
      accounting(accounting_of(settings)) {
  const auto path = std::filesystem::path(settings.state_dir) / "audit.jsonl";
  audit_ = base::UniqueFd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  if (!audit_) {
    throw std::runtime_error("cannot open " + path.string() + ": " +
                             std::generic_category().message(errno));
  }
  if (!history.recover()) throw std::runtime_error("the history in bellhop.db cannot be read");
}

bool State::append_audit(const std::string& line) {
  const std::string text = line + "\n";
  const auto written = ::write(audit_.value(), text.data(), text.size());
  return written == static_cast<ssize_t>(text.size()) && ::fdatasync(audit_.value()) == 0;
}

}  // namespace bellhop::api
