#include "proxy/http/basic_credentials.hpp"

#include <algorithm>
#include <utility>

#include "component/xmpp/digest.hpp"
#include "component/xmpp/utf8.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/http/percent.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

base::Error malformed(const char* detail) {
  return {errors::bad_credentials, detail};
}

// RFC 7617 §2: no control characters; UTF-8, because we ask for that charset.
bool is_text(std::string_view text) {
  const bool has_control = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; });
  return !has_control && xmpp::is_utf8(text);
}

// What stands behind the name of the scheme, which knows no case (RFC 9110 §11.1).
base::Result<std::string_view> value_of_scheme(std::string_view authorization,
                                               std::string_view scheme) {
  authorization = trim(authorization);
  const std::string_view name = authorization.substr(0, authorization.find(' '));
  if (!equals_ignoring_case(name, scheme)) return base::Error(errors::no_credentials);
  if (authorization.size() > kFieldValueBytesMax) return malformed("too long");
  return trim(authorization.substr(name.size()));
}

base::Result<BasicCredentials> check(std::string_view user, std::string_view password) {
  if (user.empty() || user.size() > kUserBytesMax) return malformed("no user, or too long");
  if (password.size() > kPasswordBytesMax) return malformed("password too long");
  if (!is_text(user) || !is_text(password)) return malformed("control character or no UTF-8");
  return BasicCredentials{std::string(user), config::Secret(std::string(password))};
}

// RFC 6750 §2.1: b64token, with its padding at the end only.
bool is_bearer_token(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) ||
           std::string_view("-._~+/").find(c) != std::string_view::npos;
  });
}

}  // namespace

base::Result<BasicCredentials> parse_basic(std::string_view authorization) {
  const auto encoded = value_of_scheme(authorization, "Basic");
  if (!encoded) return encoded.error();
  auto decoded = xmpp::from_base64(*encoded);
  if (!decoded) return malformed("not base64");
  const config::Secret pair(std::move(*decoded));  // wipes itself
  const std::string_view text = pair.reveal();
  // RFC 7617 §2: the first colon; the password may hold more.
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return malformed("no colon");
  return check(text.substr(0, colon), text.substr(colon + 1));
}

base::Result<std::string_view> parse_bearer(std::string_view authorization) {
  const auto token = value_of_scheme(authorization, "Bearer");
  if (!token) return token.error();
  if (token->size() > kBearerTokenBytesMax || !is_bearer_token(*token)) {
    return malformed("no token");
  }
  return *token;
}

base::Result<BasicCredentials> decode_confirmation(const BasicCredentials& credentials) {
  const config::Secret password(decode_percent_leniently(credentials.password.reveal()));
  return check(decode_percent_leniently(credentials.user), password.reveal());
}

}  // namespace bellhop::http
