#include "proxy/bytestream/bytestream_table.hpp"

#include <utility>

#include "proxy/errors.hpp"

namespace bellhop::bytestream {

using proxy::errors::already_active;
using proxy::errors::hash_taken;
using proxy::errors::no_connection;
using proxy::errors::one_side_only;

base::Result<void> BytestreamTable::admit(const DstAddr& dst_addr, const IsGone& is_gone) {
  const auto row = entries_.find(dst_addr);
  if (row == entries_.end()) return {};
  Entry& entry = row->second;
  if (entry.is_active) return base::Error(hash_taken, dst_addr.short_text());
  if (!entry.second) return {};
  // A client that lost its connection and came back must not be locked out by its own ghost.
  if (is_gone(*entry.first)) {
    entry.first = std::exchange(entry.second, std::nullopt);
    return {};
  }
  if (is_gone(*entry.second)) {
    entry.second.reset();
    return {};
  }
  return base::Error(hash_taken, dst_addr.short_text());
}

BytestreamTable::Parked BytestreamTable::park(const DstAddr& dst_addr, ParkedConnection connection,
                                              base::TimePoint now) {
  Entry& entry = entries_[dst_addr];
  BELLHOP_ASSERT(!entry.is_active && !entry.second);
  entry.stamp = ++last_stamp_;
  expiries_.push_back({now + timeout_, entry.stamp, dst_addr});
  if (!entry.first) {
    entry.first = std::move(connection);
    return Parked::half_paired;
  }
  entry.second = std::move(connection);
  return Parked::paired;
}

base::Result<BytestreamTable::Pair> BytestreamTable::activate(const DstAddr& dst_addr) {
  const auto row = entries_.find(dst_addr);
  if (row == entries_.end()) return base::Error(no_connection, dst_addr.short_text());
  Entry& entry = row->second;
  if (entry.is_active) return base::Error(already_active, dst_addr.short_text());
  if (!entry.second) return base::Error(one_side_only, dst_addr.short_text());
  Pair pair{std::move(*entry.first), std::move(*entry.second)};
  entry.first.reset();
  entry.second.reset();
  entry.is_active = true;
  return pair;
}

void BytestreamTable::finish(const DstAddr& dst_addr) {
  const auto row = entries_.find(dst_addr);
  BELLHOP_ASSERT(row != entries_.end() && row->second.is_active);
  entries_.erase(row);
}

std::vector<ParkedConnection> BytestreamTable::drop(const DstAddr& dst_addr) {
  const auto row = entries_.find(dst_addr);
  if (row == entries_.end() || row->second.is_active) return {};
  auto connections = take(row->second);
  entries_.erase(row);
  return connections;
}

std::vector<BytestreamTable::Expired> BytestreamTable::expire(base::TimePoint now) {
  std::vector<Expired> expired;
  while (!expiries_.empty() && now >= expiries_.front().at) {
    const Expiry expiry = expiries_.front();
    expiries_.pop_front();
    const auto row = entries_.find(expiry.dst_addr);
    if (row == entries_.end() || row->second.stamp != expiry.stamp || row->second.is_active) {
      continue;
    }
    expired.push_back({expiry.dst_addr, take(row->second)});
    entries_.erase(row);
  }
  return expired;
}

std::vector<BytestreamTable::Expired> BytestreamTable::drop_all() {
  std::vector<Expired> dropped;
  for (auto row = entries_.begin(); row != entries_.end();) {
    if (row->second.is_active) {
      ++row;
      continue;
    }
    dropped.push_back({row->first, take(row->second)});
    row = entries_.erase(row);
  }
  expiries_.clear();
  return dropped;
}

std::vector<ParkedConnection> BytestreamTable::take(Entry& entry) {
  std::vector<ParkedConnection> connections;
  if (entry.first) connections.push_back(std::move(*entry.first));
  if (entry.second) connections.push_back(std::move(*entry.second));
  return connections;
}

}  // namespace bellhop::bytestream
