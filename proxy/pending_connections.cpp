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
  Address& address = addresses_[key];
  if (address.count >= limits_.per_address_max) {
    if (address.handshakes.empty()) {
      if (address.count == 0) addresses_.erase(key);  // a cap of zero
      return base::Error(errors::connections_of_address, key.text());
    }
    ++evicted_;
    close(address.handshakes.front(), errors::connections_of_address);
  }
  ++count_;
  ++address.count;
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

// Unlinked first: its coroutine ends later, and its ticket goes back then.
void PendingConnections::close(Handshake& handshake, const base::ErrorKind& reason) {
  handshake.ByAge::unlink();
  handshake.ByAddress::unlink();
  handshake.reason = base::Error(reason);
  handshake.close();
}

}  // namespace bellhop::proxy
