// Who asks, when a reverse proxy stands in front: Forwarded (RFC 7239) and the X-Forwarded fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "component/base/ip_address.hpp"
#include "component/base/ip_network.hpp"

namespace bellhop::http {

/// How many hops are looked at, counted from us. Longer lists are made by their sender.
inline constexpr std::size_t kForwardedHopsMax = 32;

/// The fields as they came; those a request lacks are empty. Several lines of one field are joined
/// by commas (RFC 9110 §5.3).
struct ForwardedFields {
  std::optional<std::string_view> forwarded = std::nullopt;
  std::optional<std::string_view> x_forwarded_for = std::nullopt;
  std::optional<std::string_view> x_forwarded_proto = std::nullopt;
};

/// How the client reached the outermost proxy.
enum class ForwardedScheme : std::uint8_t { http, https };

/// Who asks, as far as it can be believed.
struct ForwardedClient {
  base::IpAddress address;
  std::optional<ForwardedScheme> scheme = std::nullopt;  ///< none: nobody who is trusted says it

  friend bool operator==(const ForwardedClient&, const ForwardedClient&) = default;
};

/// Walks from `peer`, the other end of the connection, towards the client for as long as the hops
/// are in `trusted`: the first that is not is the client (the rightmost one that is not trusted).
/// A hop without a readable address (`unknown`, `_hidden`) ends the walk at the trusted hop that
/// wrote it. A peer that is not trusted is the client, and its fields are not read.
///
/// A proxy writes one kind of field and passes the other on as the client sent it. When both came
/// and lead to different addresses, neither is believed, and the client is `peer`; a scheme counts
/// then only if both say it.
[[nodiscard]] ForwardedClient find_client(const base::IpAddress& peer,
                                          std::span<const base::IpNetwork> trusted,
                                          const ForwardedFields& fields);

}  // namespace bellhop::http
