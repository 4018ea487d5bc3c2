#include "api/admin/callers.hpp"

#include <algorithm>

#include "component/base/random.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::admin {
namespace {

std::string random_name() {
  return "bellhop-admin-" + xmpp::to_hex(base::random_bytes(16));
}

}  // namespace

std::string Callers::add(Connection connection) {
  std::string name = random_name();
  const std::scoped_lock lock(mutex_);
  connections_.emplace(name, std::move(connection));
  return name;
}

void Callers::remove(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  connections_.erase(name);
}

std::size_t Callers::count() const {
  const std::scoped_lock lock(mutex_);
  return connections_.size();
}

std::optional<Connection> Callers::find(std::string_view peer) const {
  constexpr std::string_view kScheme = "unix-abstract:";
  if (!peer.starts_with(kScheme)) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  const auto row = connections_.find(peer.substr(kScheme.size()));
  if (row == connections_.end()) return std::nullopt;
  return row->second;
}

std::optional<Caller> caller_of_certificate(const std::vector<std::string>& names,
                                            const config::AdminSettings& settings) {
  const auto listed = [&names](const std::vector<std::string>& wanted) {
    return std::find_first_of(names.begin(), names.end(), wanted.begin(), wanted.end());
  };
  if (const auto name = listed(settings.full_clients); name != names.end()) {
    return Caller{"certificate " + *name, config::AdminRole::full};
  }
  if (const auto name = listed(settings.read_clients); name != names.end()) {
    return Caller{"certificate " + *name, config::AdminRole::read};
  }
  const auto& readers = settings.read_clients;
  if (names.empty() || std::find(readers.begin(), readers.end(), "*") == readers.end()) {
    return std::nullopt;
  }
  return Caller{"certificate " + names.front(), config::AdminRole::read};
}

}  // namespace bellhop::admin
