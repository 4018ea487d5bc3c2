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
  const auto [row, is_new] = entries_.try_emplace(dst_addr);
  Entry& entry = row->second;
  BELLHOP_ASSERT(!entry.is_active && !entry.second);
  if (is_new) {
    entry.expiry = expiries_.insert(expiries_.end(), {now, dst_addr});
  } else {
    entry.expiry->since = now;
    expiries_.splice(expiries_.end(), expiries_, entry.expiry);
  }
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
  expiries_.erase(entry.expiry);
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
  return take_out(row);
}

std::vector<BytestreamTable::Expired> BytestreamTable::expire(base::TimePoint now) {
  std::vector<Expired> expired;
  while (!expiries_.empty() && now - expiries_.front().since >= timeout_) {
    const DstAddr dst_addr = expiries_.front().dst_addr;
    expired.push_back({dst_addr, take_out(entries_.find(dst_addr))});
  }
  return expired;
}

std::vector<BytestreamTable::Expired> BytestreamTable::drop_all() {
  return expire(base::TimePoint::max());
}

std::vector<ParkedConnection> BytestreamTable::take_out(Entries::iterator row) {
  Entry& entry = row->second;
  std::vector<ParkedConnection> connections;
  if (entry.first) connections.push_back(std::move(*entry.first));
  if (entry.second) connections.push_back(std::move(*entry.second));
  expiries_.erase(entry.expiry);
  entries_.erase(row);
  return connections;
}

}  // namespace bellhop::bytestream
