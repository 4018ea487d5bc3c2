#include "proxy/webdav/confirmation_table.hpp"

#include "component/base/random.hpp"
#include "component/xmpp/digest.hpp"

namespace bellhop::webdav {
namespace {

constexpr std::size_t kKeyBytes = 32;

}  // namespace

ConfirmationTable::ConfirmationTable() : key_(base::random_bytes(kKeyBytes)) {}

std::string ConfirmationTable::key_of(const Claim& claim) const {
  // None of the parts has a NUL in it, so that no two claims make one text.
  std::string text = claim.user.text();
  text.append(1, '\0').append(claim.transaction).append(1, '\0').append(claim.url);
  text.append(1, '\0').append(claim.requester.text());
  const config::Secret all(std::move(text));
  return xmpp::hmac_sha256(key_.reveal(), all.reveal());
}

bool ConfirmationTable::use(const std::string& key, base::TimePoint now) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return false;
  Row& row = found->second;
  if (now >= row.used + kKept || now >= row.confirmed + kKeptAtMost) {
    order_.erase(row.place);
    rows_.erase(found);
    return false;
  }
  row.used = now;
  order_.splice(order_.end(), order_, row.place);
  return true;
}

void ConfirmationTable::add(const std::string& key, base::TimePoint now) {
  if (const auto found = rows_.find(key); found != rows_.end()) {
    order_.erase(found->second.place);
    rows_.erase(found);
  }
  if (rows_.size() >= kRowsMax) {
    rows_.erase(order_.front());
    order_.pop_front();
  }
  const auto place = order_.insert(order_.end(), key);
  rows_.emplace(key, Row{now, now, place});
}

}  // namespace bellhop::webdav
