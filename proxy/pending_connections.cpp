#include "proxy/pending_connections.hpp"

#include "proxy/errors.hpp"

namespace bellhop::proxy {

void PendingConnections::Ticket::reset() {
  if (table_ == nullptr) return;
  PendingConnections& table = *std::exchange(table_, nullptr);
  --table.count_;
  const auto row = table.addresses_.find(address_);
  BELLHOP_ASSERT(row != table.addresses_.end());
  if (--row->second.count == 0) table.addresses_.erase(row);
}

PendingConnections::~PendingConnections() {
  BELLHOP_ASSERT(count_ == 0);
}

base::Result<PendingConnections::Ticket> PendingConnections::admit(const base::IpAddress& from,
                                                                   std::uint64_t others) {
  if (count_ + others >= limits_.total_max) return base::Error(errors::connections_total);
  const base::IpAddress key = from.subscriber();
  const auto row = addresses_.find(key);
  if (row != addresses_.end() && row->second.count >= limits_.per_address_max) {
    if (row->second.handshakes.empty()) {
      return base::Error(errors::connections_of_address, key.text());
    }
    ++evicted_;
    close(row->second.handshakes.front(), errors::connections_of_address);  // may take the row out
  }
  ++count_;
  ++addresses_[key].count;
  return Ticket(*this, key);
}

void PendingConnections::begin(Handshake& handshake, const base::IpAddress& from,
                               base::TimePoint now) {
  handshake.began = now;
  by_age_.push_back(handshake);
  addresses_[from.subscriber()].handshakes.push_back(handshake);
}

void PendingConnections::expire(base::TimePoint now) {
  while (!by_age_.empty() && now - by_age_.front().began >= limits_.handshake_timeout) {
    close(by_age_.front(), errors::handshake_timeout);
  }
}

void PendingConnections::close_all() {
  while (!by_age_.empty()) close(by_age_.front(), errors::proxy_closed);
}

// Unlinked first: closing it may destroy it.
void PendingConnections::close(Handshake& handshake, const base::ErrorKind& reason) {
  handshake.ByAge::unlink();
  handshake.ByAddress::unlink();
  handshake.reason = base::Error(reason);
  const auto close_now = std::move(handshake.close);
  close_now();
}

}  // namespace bellhop::proxy
