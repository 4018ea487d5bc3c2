#include "component/xmpp/handshake.hpp"

#include <openssl/crypto.h>

#include "component/xmpp/digest.hpp"

namespace bellhop::xmpp {

std::string handshake_digest(std::string_view stream_id, std::string_view secret) {
  std::string input;
  input.reserve(stream_id.size() + secret.size());  // one buffer, so that one has to be wiped
  input += stream_id;
  input += secret;
  std::string hex = to_hex(digest(EVP_sha1(), input));
  OPENSSL_cleanse(input.data(), input.size());
  return hex;
}

}  // namespace bellhop::xmpp
