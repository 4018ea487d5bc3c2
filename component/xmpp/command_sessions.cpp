#include "component/xmpp/command_sessions.hpp"

#include <openssl/crypto.h>

#include <array>
#include <utility>

#include "component/xmpp/digest.hpp"
#include "component/xmpp/errors.hpp"
#include "component/xmpp/random_id.hpp"

namespace bellhop::xmpp {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kCodeBytes = 16;  // of SHA-256; RFC 2104 §5 allows half of the hash
constexpr std::size_t kRandomDigits = 2 * kRandomIdBytes;

}  // namespace

CommandSessions::CommandSessions(const Limits& limits)
    : limits_(limits), key_(base::random_bytes(kKeyBytes)) {}

base::Result<std::string> CommandSessions::open(const Jid& requester, CommandSession session,
                                                base::TimePoint now) {
  expire(now);
  std::string user(requester.bare());
  const auto count = per_user_.find(user);
  if (count != per_user_.end() && count->second >= limits_.per_user_max) {
    return base::Error(errors::too_many_commands);
  }
  if (rows_.size() >= limits_.total_max) {
    return base::Error(errors::resource_constraint, "too many commands of all users");
  }
  const std::string random = random_id();
  std::string id = random + code_of(random, requester, session.node);
  ++per_user_[user];
  const auto idle = idle_.insert(idle_.end(), Idle{now, id});
  rows_.emplace(id, Row{std::move(user), std::move(session), idle});
  return id;
}

Decision<CommandSession*> CommandSessions::find(std::string_view id, const Jid& requester,
                                                std::string_view node, base::TimePoint now) {
  expire(now);
  if (!is_ours(id, requester, node)) return command_refusal(errors::bad_sessionid);
  const auto row = rows_.find(std::string(id));
  if (row == rows_.end()) return command_refusal(errors::session_expired);
  row->second.idle->since = now;
  idle_.splice(idle_.end(), idle_, row->second.idle);
  return &row->second.session;
}

CommandSession* CommandSessions::peek(const std::string& id) {
  const auto row = rows_.find(id);
  return row == rows_.end() ? nullptr : &row->second.session;
}

void CommandSessions::close(const std::string& id) {
  if (const auto row = rows_.find(id); row != rows_.end()) erase(row);
}

void CommandSessions::expire(base::TimePoint now) {
  while (!idle_.empty() && now - idle_.front().since >= limits_.idle_timeout) {
    erase(rows_.find(idle_.front().id));
  }
}

void CommandSessions::erase(Rows::iterator row) {
  const auto count = per_user_.find(row->second.user);
  if (--count->second == 0) per_user_.erase(count);
  idle_.erase(row->second.idle);
  rows_.erase(row);
}

std::string CommandSessions::code_of(std::string_view random, const Jid& requester,
                                     std::string_view node) const {
  // A JID holds no NUL, so the parts cannot run into each other.
  std::string input(random);
  input += requester.text();
  input += '\0';
  input += node;
  return to_hex(hmac_sha256(key_.reveal(), input).substr(0, kCodeBytes));
}

bool CommandSessions::is_ours(std::string_view id, const Jid& requester,
                              std::string_view node) const {
  if (id.size() != kRandomDigits + 2 * kCodeBytes) return false;
  const std::string code = code_of(id.substr(0, kRandomDigits), requester, node);
  return CRYPTO_memcmp(code.data(), id.data() + kRandomDigits, code.size()) == 0;
}

}  // namespace bellhop::xmpp
