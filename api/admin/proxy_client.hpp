// A client of a SOCKS5 proxy, as XEP-0065 has them, for checks of our own.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "component/base/clock.hpp"
#include "component/runtime/connection.hpp"
#include "proxy/bytestream/dst_addr.hpp"

namespace bellhop::admin {

/// What a step came to: empty if it went well, else what happened, to stand behind a colon.
using Trouble = std::string;

/// One connection to a proxy. The thread of its executor; a call at a time in each direction.
class ProxyClient {
 public:
  explicit ProxyClient(runtime::Executor executor) : connection_(executor, std::nullopt) {}

  /// Connects and exchanges greetings (RFC 1928 §3): whether something there speaks SOCKS5.
  [[nodiscard]] runtime::Task<Trouble> greet(std::string host, std::uint16_t port,
                                             base::Deadline deadline);
  /// Asks for the bytestream `dst_addr`, after greet().
  [[nodiscard]] runtime::Task<Trouble> request(bytestream::DstAddr dst_addr,
                                               base::Deadline deadline);

  /// Sends all of `bytes`, which live until then.
  [[nodiscard]] runtime::Task<Trouble> send(std::string_view bytes);
  /// Reads as many bytes as `expected` has and compares them; `count` grows with what was right.
  [[nodiscard]] runtime::Task<Trouble> expect(std::string_view expected, std::size_t& count);

 private:
  [[nodiscard]] runtime::Task<Trouble> try_greet(std::string host, std::uint16_t port);
  [[nodiscard]] runtime::Task<Trouble> try_request(std::string request);

  runtime::Connection connection_;
};

}  // namespace bellhop::admin
