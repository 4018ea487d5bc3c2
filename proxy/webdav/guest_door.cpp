#include "proxy/webdav/guest_door.hpp"

#include <boost/asio/co_spawn.hpp>

#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/shared_file.hpp"

namespace bellhop::webdav {
namespace {

using base::Error;
using base::Result;
using files::FileId;
using runtime::Task;

// There, and back.
template <typename T>
Task<T> on(runtime::Executor executor, Task<T> task) {
  co_return co_await runtime::asio::co_spawn(executor, std::move(task), runtime::kAwait);
}

Task<Result<bool>> admit_there(Confirmations& confirmations, Claim claim) {
  co_return confirmations.admit(claim, base::Clock::now());
}

// The user of an account; none: nobody who could have one.
std::optional<xmpp::Jid> account_of(const http::BasicCredentials& credentials) {
  auto jid = xmpp::Jid::parse(credentials.user);
  if (!jid || jid->has_resource()) return std::nullopt;
  return std::move(*jid);
}

}  // namespace

// HVX-02
Result<Claim> GuestDoor::read_claim(const http::Exchange& exchange,
                                    const GuestRequest& request) const {
  const auto decoded = http::decode_confirmation(request.credentials);
  if (!decoded) return Error(errors::bad_login, decoded.error().detail());
  auto guest = xmpp::Jid::parse(decoded->user);
  if (!guest) return Error(errors::bad_login, guest.error().detail());
  // WDX-02. The owner, who has come by a full JID, is asked for the password.
  const http::Request& asked = exchange.request();
  const bool is_owner = guest->bare() == request.path.owner;
  if (!asked.is("GET") && !asked.is("HEAD")) {
    return Error(is_owner ? errors::bad_login : errors::not_owner);
  }
  const std::string transaction(decoded->password.reveal());
  std::string url = context_.public_url + folder_href(request.path.owner, request.path.names,
                                                      asked.target().path.has_trailing_slash);
  // What could not be shown to a user is refused before anybody looks for it.
  if (!xmpp::make_confirm(transaction, asked.method(), url)) return Error(errors::bad_login);
  return Claim{std::move(*guest), transaction, std::move(url), exchange.client()};
}

Task<Result<FileId>> GuestDoor::admit(http::Exchange& exchange, LoginCache& logins,
                                      GuestRequest request) {
  const auto claim = read_claim(exchange, request);
  if (!claim) co_return claim.error();
  Result<bool> is_known = was_logged_in(logins, request.credentials);
  if (!*is_known) {
    Claim asked = *claim;
    is_known = co_await on(context_.control, admit_there(context_.confirmations, std::move(asked)));
  }
  if (!is_known) co_return is_known.error();
  auto file = co_await find(exchange, request.path, claim->user);
  if (!file || *is_known) co_return file;
  Claim proven = *claim;
  const auto proof = co_await prove(exchange, logins, std::move(proven), request);
  if (!proof) co_return proof.error();
  // The user may have taken their time, and the owner may have changed the list meanwhile.
  co_return co_await find(exchange, request.path, claim->user);
}

// WDX-03, WDX-05
Task<Result<FileId>> GuestDoor::find(const http::Exchange& exchange, const FolderPath& path,
                                     const xmpp::Jid& guest) {
  auto look = [&path, &guest](store::Database& database) {
    return find_shared(database, path, guest);
  };
  const auto found = co_await context_.store.look(std::move(look));
  if (!found) co_return found.error();
  if (!*found || exchange.request().target().path.has_trailing_slash) {
    co_return Error(errors::not_owner);
  }
  co_return *(*found)->file;
}

// A guest may have an account too, and then its password is proof enough; it must not be shown to
// anybody as a transaction id either.
Task<Result<void>> GuestDoor::prove(http::Exchange& exchange, LoginCache& logins, Claim claim,
                                    const GuestRequest& request) {
  const bool is_logged_in = co_await has_password(exchange, logins, request);
  if (is_logged_in) co_return Result<void>();
  std::string method(exchange.request().method());
  std::string owner = request.path.owner;
  exchange.expect_wait(context_.confirmations.answer_wait());
  auto answer = co_await on(
      context_.control,
      context_.confirmations.ask(std::move(claim), std::move(method), std::move(owner)));
  exchange.note_progress();
  co_return answer;
}

bool GuestDoor::was_logged_in(const LoginCache& logins,
                              const http::BasicCredentials& credentials) const {
  const auto user = account_of(credentials);
  return user && logins.holds(user->text(), credentials.password, context_.accounts.generation(),
                              base::Clock::now());
}

Task<bool> GuestDoor::has_password(const http::Exchange& exchange, LoginCache& logins,
                                   const GuestRequest& request) {
  auto user = account_of(request.credentials);
  if (!user) co_return false;
  const auto account = co_await context_.accounts.find(*user);
  if (!account || !*account) co_return false;
  config::Secret password = request.credentials.password;
  const auto known = co_await context_.accounts.log_in(logins, std::move(*user),
                                                       std::move(password), exchange.client());
  co_return known.has_value();
}

}  // namespace bellhop::webdav
