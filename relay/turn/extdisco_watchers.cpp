#include "relay/turn/extdisco_watchers.hpp"

namespace bellhop::turn {

ExtdiscoWatchers::Row* ExtdiscoWatchers::touch(const xmpp::Jid& jid) {
  if (!jid.has_resource()) return nullptr;
  const auto found = rows_.find(jid.text());
  if (found != rows_.end()) {
    order_.splice(order_.end(), order_, found->second);
    return &*found->second;
  }
  if (rows_.size() >= kRowsMax) {
    rows_.erase(order_.front().jid.text());
    order_.pop_front();
  }
  rows_.emplace(jid.text(), order_.emplace(order_.end(), Row{jid, std::nullopt, false}));
  return &order_.back();
}

void ExtdiscoWatchers::note_request(const xmpp::Jid& jid, const ServicesRequest& request) {
  if (Row* row = touch(jid)) row->request = request;
}

void ExtdiscoWatchers::note_available(const xmpp::Jid& jid) {
  if (Row* row = touch(jid)) row->is_available = true;
}

void ExtdiscoWatchers::forget(const xmpp::Jid& jid) {
  for (auto row = order_.begin(); row != order_.end();) {
    const bool is_meant = jid.has_resource() ? row->jid == jid : row->jid.bare() == jid.text();
    if (is_meant) rows_.erase(row->jid.text());
    row = is_meant ? order_.erase(row) : std::next(row);
  }
}

std::vector<ExtdiscoWatchers::Watcher> ExtdiscoWatchers::reachable() const {
  std::vector<Watcher> watchers;
  for (const Row& row : order_) {
    if (row.is_available && row.request) watchers.push_back({row.jid, *row.request});
  }
  return watchers;
}

}  // namespace bellhop::turn
