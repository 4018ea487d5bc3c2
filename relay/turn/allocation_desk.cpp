#include "relay/turn/allocation_desk.hpp"

#include <algorithm>

#include "component/policy/errors.hpp"

namespace bellhop::turn {
namespace {

using stun::AddressFamily;
using stun::ErrorCode;

ErrorCode code_of(const base::Error& error) {
  namespace errors = policy::errors;
  if (error.is(errors::user_not_allowed)) return ErrorCode::forbidden;
  if (error.is(errors::sessions_total) || error.is(errors::bytes_total)) {
    return ErrorCode::insufficient_capacity;
  }
  return ErrorCode::allocation_quota_reached;
}

}  // namespace

AllocationDesk::AllocationDesk(const Options& options, policy::Admission& admission)
    : options_(options),
      admission_(admission),
      pools_{PortPool(options.port_min, options.port_max),
             PortPool(options.port_min, options.port_max)} {}

void AllocationDesk::set_limits(std::uint32_t allocations_max, std::uint32_t per_user_max) {
  options_.allocations_max = allocations_max;
  options_.per_user_max = per_user_max;
}

// Tokens are ours alone, and no server lets others write in the component's name, so this is a
// check of our own.
bool AllocationDesk::is_own(const Identity& who) const {
  return std::ranges::find(options_.own, who.user) != options_.own.end();
}

std::optional<ErrorCode> AllocationDesk::refuse(const Identity& who, const xmpp::Jid& user,
                                                SystemTime wall) const {
  if (!is_own(who)) {
    const auto allowed = admission_.check(user, who.parent_domain, wall);
    if (!allowed) return code_of(allowed.error());
  }
  if (allocations_of(who.user) >= options_.per_user_max) {
    return ErrorCode::allocation_quota_reached;
  }
  if (allocations_ >= options_.allocations_max) return ErrorCode::insufficient_capacity;
  return std::nullopt;
}

std::optional<ErrorCode> AllocationDesk::take_ports(const AllocateRequest& request,
                                                    AllocationGrant& grant, base::TimePoint now) {
  if (request.token) {
    for (const bool is_v4 : {true, false}) {
      PortPool& pool = is_v4 ? pools_.v4 : pools_.v6;
      const auto port = pool.take_reserved(*request.token, now);
      if (!port) continue;
      (is_v4 ? grant.ports.v4 : grant.ports.v6) = *port;
      return std::nullopt;
    }
    return ErrorCode::insufficient_capacity;
  }
  for (const bool is_v4 : {true, false}) {
    if (!(is_v4 ? request.families.v4 : request.families.v6)) continue;
    PortPool& pool = is_v4 ? pools_.v4 : pools_.v6;
    std::optional<std::uint16_t> port;
    if (request.reserves_next) {
      if (const auto pair = pool.take_pair(now)) {
        port = pair->port;
        grant.reservation = pair->token;
      }
    } else {
      port = request.wants_even_port ? pool.take_even() : pool.take();
    }
    if (port) {
      (is_v4 ? grant.ports.v4 : grant.ports.v6) = *port;
    } else {
      grant.missing.emplace(is_v4 ? AddressFamily::ipv4 : AddressFamily::ipv6,
                            ErrorCode::insufficient_capacity);
    }
  }
  if (request.is_dual && !options_.families.v4) {
    grant.missing.emplace(AddressFamily::ipv4, ErrorCode::address_family_not_supported);
  } else if (request.is_dual && !options_.families.v6) {
    grant.missing.emplace(AddressFamily::ipv6, ErrorCode::address_family_not_supported);
  }
  const bool has_any = grant.ports.v4 != 0 || grant.ports.v6 != 0;
  if (!has_any) return ErrorCode::insufficient_capacity;
  return std::nullopt;
}

AllocationAnswer AllocationDesk::decide(const AllocationWish& wish, base::TimePoint now,
                                        SystemTime wall) {
  if (!is_open_) {
    return {wish.ticket,
            options_.has_alternate ? ErrorCode::try_alternate : ErrorCode::insufficient_capacity};
  }
  const auto user = xmpp::Jid::parse(wish.who.user);
  if (!user) return {wish.ticket, ErrorCode::forbidden};
  if (const auto refused = refuse(wish.who, *user, wall)) return {wish.ticket, *refused};
  AllocationGrant grant;
  if (const auto refused = take_ports(wish.request, grant, now)) return {wish.ticket, *refused};
  auto limits = admission_.acquire(*user, now);
  if (!limits) {
    give_back(grant.ports);
    return {wish.ticket, code_of(limits.error())};
  }
  grant.limits = std::move(*limits);
  ++allocations_;
  Account& own = by_user_[wish.who.user];
  if (own.allocations++ == 0) {
    own.user = *user;
    own.connections = ConnectionQuota(options_.connections_per_user_max);
  }
  if (wish.request.is_tcp) grant.connections = own.connections;
  return {wish.ticket, std::move(grant)};
}

void AllocationDesk::give_back(const PerFamily<std::uint16_t>& ports) {
  if (ports.v4 != 0) pools_.v4.give_back(ports.v4);
  if (ports.v6 != 0) pools_.v6.give_back(ports.v6);
}

void AllocationDesk::take_back(const std::string& user, const PerFamily<std::uint16_t>& ports) {
  give_back(ports);
  --allocations_;
  const auto own = by_user_.find(user);
  admission_.release(*own->second.user);
  if (--own->second.allocations == 0) by_user_.erase(own);
}

void AllocationDesk::expire(base::TimePoint now) {
  pools_.v4.expire(now);
  pools_.v6.expire(now);
}

}  // namespace bellhop::turn
