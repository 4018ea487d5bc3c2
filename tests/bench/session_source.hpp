// Where the load program's pairs of connections come from: through a SOCKS5 proxy and an activation
// (XEP-0065), or straight through a TCP relay.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/bench/component_link.hpp"
#include "tests/bench/net.hpp"
#include "tests/bench/setup_run.hpp"

namespace bellhop::bench {

class SessionSource {
 public:
  virtual ~SessionSource() = default;
  /// Opens that many sessions and keeps them; what fails is tried again a few times. Throws
  /// std::runtime_error if there are fewer in the end.
  [[nodiscard]] virtual std::vector<Session> open(std::size_t count) = 0;
};

/// A relay that connects each connection to one back end, which is this program.
class RelaySource : public SessionSource {
 public:
  /// Listens on `back`. With `front` equal to `back` there is no relay at all: the direct path.
  RelaySource(const sockaddr_in& front, const sockaddr_in& back, Sources sources)
      : front_(front), listener_(listen_on(back)), sources_(sources) {}
  [[nodiscard]] std::vector<Session> open(std::size_t count) override;

 private:
  sockaddr_in front_;
  UniqueFd listener_;
  Sources sources_;
};

/// Sessions through an XEP-0065 proxy. Both sides belong to the component's domain; each session
/// has JIDs of its own.
class BytestreamSource : public SessionSource {
 public:
  /// @param link must outlive this object
  BytestreamSource(ComponentLink& link, const sockaddr_in& proxy, std::string proxy_jid,
                   Sources sources);

  [[nodiscard]] std::vector<Session> open(std::size_t count) override;
  /// Sessions that a plan with `keep` opened are appended to `kept`.
  [[nodiscard]] SetupReport run(const SetupPlan& plan, std::vector<Session>& kept);

 private:
  SetupTarget to_;
};

}  // namespace bellhop::bench
