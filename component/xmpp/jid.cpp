#include "component/xmpp/jid.hpp"

#include <arpa/inet.h>
#include <stringprep.h>

#include <algorithm>
#include <array>
#include <utility>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/utf8.hpp"

namespace bellhop::xmpp {
namespace {

// Preparation may shorten a part (full-width letters to ASCII, characters mapped to nothing), so
// what comes in may be longer than kJidPartBytesMax; this only bounds the work.
constexpr std::size_t kRawPartBytesMax = 4 * kJidPartBytesMax;

base::Error malformed(const char* detail) {
  return {errors::jid_malformed, detail};
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) { return to_lower(c); });
  return lower;
}

// RFC 6122 appendices A and B, RFC 3491. Code points that Unicode 3.2 does not know are let
// through, as servers do: resources with emoji are common.
base::Result<std::string> stringprep_part(std::string_view part,
                                          const Stringprep_profile* profile) {
  if (!is_utf8(part)) return malformed("not UTF-8");
  if (part.find('\0') != std::string_view::npos) return malformed("NUL");
  std::array<char, kRawPartBytesMax + 1> buffer{};
  std::ranges::copy(part, buffer.begin());
  constexpr auto kAllowUnassigned = static_cast<Stringprep_profile_flags>(0);
  if (stringprep(buffer.data(), buffer.size(), kAllowUnassigned, profile) != STRINGPREP_OK) {
    return malformed("a character that is not allowed");
  }
  return std::string(buffer.data());
}

base::Result<std::string> check_length(std::string part) {
  if (part.empty()) return malformed("an empty part");
  if (part.size() > kJidPartBytesMax) return malformed("a part is too long");
  return part;
}

base::Result<std::string> prepare_local(std::string_view part) {
  if (!is_ascii(part)) return stringprep_part(part, stringprep_xmpp_nodeprep);
  // RFC 6122 §A.5: controls, space, and those that have a meaning in addresses and XML.
  constexpr std::string_view kForbidden = " \"&'/:<>@";
  const bool is_bad = std::ranges::any_of(
      part, [&](char c) { return is_control(c) || kForbidden.find(c) != std::string_view::npos; });
  if (is_bad) return malformed("a character that is not allowed in a localpart");
  return to_lower(part);
}

base::Result<std::string> prepare_resource(std::string_view part) {
  if (!is_ascii(part)) return stringprep_part(part, stringprep_xmpp_resourceprep);
  if (std::ranges::any_of(part, is_control)) return malformed("a control in a resource");
  return std::string(part);
}

base::Result<std::string> prepare_ipv6(std::string_view part) {
  const std::string address(part.substr(1, part.size() - 2));
  in6_addr parsed{};
  const bool has_nul = address.find('\0') != std::string::npos;
  if (part.back() != ']' || has_nul || inet_pton(AF_INET6, address.c_str(), &parsed) != 1) {
    return malformed("not an IPv6 address");
  }
  return to_lower(part);
}

// Nameprep alone lets every ASCII character pass, and makes '@' and '/' of their full-width forms;
// such a domain would be split differently when it is read again.
bool is_domain_character(char c) {
  const bool is_letter_or_digit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  return is_letter_or_digit || c == '-' || c == '.' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

base::Result<std::string> prepare_domain(std::string_view part) {
  if (part.size() >= 2 && part.front() == '[') return prepare_ipv6(part);
  base::Result<std::string> prepared =
      is_ascii(part) ? to_lower(part) : stringprep_part(part, stringprep_nameprep);
  if (!prepared) return prepared;
  std::string& domain = *prepared;
  if (domain.ends_with('.')) domain.pop_back();  // RFC 7622 §3.2
  if (!std::ranges::all_of(domain, is_domain_character)) {
    return malformed("a character that is not allowed in a domain");
  }
  if (domain.starts_with('.') || domain.ends_with('.') || domain.find("..") != std::string::npos) {
    return malformed("an empty label");
  }
  return prepared;
}

using Prepare = base::Result<std::string> (*)(std::string_view);

base::Result<std::string> prepare_part(std::string_view part, Prepare prepare) {
  if (part.empty()) return malformed("an empty part");
  if (part.size() > kRawPartBytesMax) return malformed("a part is too long");
  base::Result<std::string> prepared = prepare(part);
  if (!prepared) return prepared;
  return check_length(std::move(*prepared));
}

}  // namespace

base::Result<Jid> Jid::parse(std::string_view text) {
  // RFC 7622 §3.1: the resource goes first, because it may hold '@' and '/'.
  const auto slash = text.find('/');
  const std::string_view bare = text.substr(0, slash);
  const auto at = bare.find('@');

  std::string whole;
  if (at != std::string_view::npos) {
    const auto local = prepare_part(bare.substr(0, at), prepare_local);
    if (!local) return local.error();
    whole = *local + '@';
  }
  const std::size_t domain_begin = whole.size();
  const std::string_view raw_domain = at == std::string_view::npos ? bare : bare.substr(at + 1);
  const auto domain = prepare_part(raw_domain, prepare_domain);
  if (!domain) return domain.error();
  whole += *domain;
  const std::size_t domain_end = whole.size();
  if (slash != std::string_view::npos) {
    const auto resource = prepare_part(text.substr(slash + 1), prepare_resource);
    if (!resource) return resource.error();
    whole += '/';
    whole += *resource;
  }
  return Jid(std::move(whole), domain_begin, domain_end);
}

std::string_view Jid::local() const {
  return has_local() ? std::string_view(text_).substr(0, domain_begin_ - 1u) : std::string_view();
}

std::string_view Jid::domain() const {
  return std::string_view(text_).substr(domain_begin_,
                                        static_cast<std::size_t>(domain_end_ - domain_begin_));
}

std::string_view Jid::resource() const {
  return has_resource() ? std::string_view(text_).substr(domain_end_ + 1u) : std::string_view();
}

std::string_view Jid::bare() const {
  return std::string_view(text_).substr(0, domain_end_);
}

Jid Jid::to_bare() const {
  return Jid(std::string(bare()), domain_begin_, domain_end_);
}

}  // namespace bellhop::xmpp
