// One request and what its handler may do about it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "component/base/clock.hpp"
#include "component/base/ip_address.hpp"
#include "component/base/log.hpp"
#include "component/runtime/shard.hpp"
#include "proxy/http/request_reader.hpp"
#include "proxy/http/response_head.hpp"

namespace bellhop::http {

/// What handlers keep with a connection from one request to the next; ends with it.
class Attachment {
 public:
  virtual ~Attachment() = default;
  /// No request is under way; called about once a second. False: it may be destroyed.
  [[nodiscard]] virtual bool is_wanted(base::TimePoint now) const = 0;
};

/// A request under way on one shard. A handler answers it exactly once.
class Exchange {
 public:
  /// Of the connection; all of it outlives the exchange.
  struct Parts {
    runtime::Shard& shard;
    base::Log& log;
    ClientStream& stream;
    RequestReader& reader;
    std::span<char> scratch;
    base::TimePoint& deadline;  ///< by which something must have moved
    base::Duration idle_timeout;
    std::unique_ptr<Attachment>& attachment;
    std::function<void()> close;  ///< ends the connection soon, from this shard
  };

  Exchange(Parts parts, const Request& request, const base::IpAddress& client, bool is_https)
      : parts_(std::move(parts)), request_(request), client_(client), is_https_(is_https) {}

  [[nodiscard]] const Request& request() const { return request_; }
  /// Who asks, behind trusted proxies.
  [[nodiscard]] const base::IpAddress& client() const { return client_; }
  /// Whether the client speaks TLS with us or with a trusted proxy before us.
  [[nodiscard]] bool is_https() const { return is_https_; }
  [[nodiscard]] runtime::Shard& shard() const { return parts_.shard; }
  [[nodiscard]] base::Log& log() const { return parts_.log; }
  [[nodiscard]] RequestReader& reader() const { return parts_.reader; }
  [[nodiscard]] ClientStream& stream() const { return parts_.stream; }
  /// Shared by all connections of the shard: its content is gone after the next wait.
  [[nodiscard]] std::span<char> scratch() const { return parts_.scratch; }
  [[nodiscard]] std::unique_ptr<Attachment>& attachment() const { return parts_.attachment; }
  [[nodiscard]] const std::function<void()>& closer() const { return parts_.close; }

  /// Something moved: the connection may be quiet for another while.
  void note_progress() const { parts_.deadline = base::Clock::now() + parts_.idle_timeout; }

  /// The answer waits for somebody else, at most so long: the client is not the one that is quiet.
  void expect_wait(base::Duration wait) const {
    parts_.deadline = base::Clock::now() + wait + parts_.idle_timeout;
  }

  /// Whether the answer may be followed by another one on this connection.
  [[nodiscard]] bool keeps_alive() const {
    return !is_closing_ && parts_.reader.keeps_alive() && parts_.reader.is_body_done();
  }
  /// The connection ends after this answer.
  void close_after() { is_closing_ = true; }

  /// Sends head and body; of HEAD the head alone, whose Content-Length it gets all the same.
  [[nodiscard]] runtime::Task<> respond(ResponseHead head, std::string body = {});
  /// The text of a head with `Date` in it, for whoever sends it together with a body.
  [[nodiscard]] std::string begin(const ResponseHead& head);
  /// Sends a head made before, with `Date` put behind its first line; the body follows by other
  /// means, if `is_more_to_come`.
  [[nodiscard]] runtime::Task<bool> send_head(const ResponseHead& head, bool is_more_to_come);
  /// An answer of one line of text.
  [[nodiscard]] runtime::Task<> respond_text(ResponseHead head, std::string_view line);

 private:
  Parts parts_;
  const Request& request_;
  base::IpAddress client_;
  bool is_https_;
  bool is_closing_ = false;
};

/// Answers the requests of some paths.
class Handler {
 public:
  virtual ~Handler() = default;
  [[nodiscard]] virtual runtime::Task<> handle(Exchange& exchange) = 0;
};

}  // namespace bellhop::http
