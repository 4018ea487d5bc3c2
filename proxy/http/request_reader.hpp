// Requests as they come in on one connection: head, then body piece by piece.
#pragma once

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "proxy/http/client_stream.hpp"
#include "proxy/http/request_target.hpp"

namespace bellhop::http {

/// Of a request's head, request line and fields together.
inline constexpr std::size_t kRequestHeadBytesMax = 16 * 1024;

/// One request whose head has come. Valid until the next one is read.
class Request {
 public:
  using Parser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

  Request(const Parser::value_type& message, RequestTarget target)
      : message_(message), target_(std::move(target)) {}

  [[nodiscard]] std::string_view method() const;
  [[nodiscard]] bool is(std::string_view name) const { return method() == name; }
  [[nodiscard]] const RequestTarget& target() const { return target_; }
  /// The value of a field, several lines joined by commas (RFC 9110 §5.3); none: it is not there.
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const;

 private:
  const Parser::value_type& message_;
  RequestTarget target_;
  mutable std::deque<std::string> joined_;  // what field() had to make
};

/// Why there is no request.
enum class HeadProblem : std::uint8_t {
  gone,         ///< the client closed, or has said nothing yet
  malformed,    ///< 400; also what others may read otherwise: folded lines, codings of transfer
  too_large,    ///< 431
  bad_target,   ///< 400
  long_target,  ///< 414
  no_host,      ///< 400 (RFC 9112 §3.2)
};

/// Reads from one stream, request after request.
class RequestReader {
 public:
  explicit RequestReader(ClientStream& stream) : stream_(stream) {}

  /// The head of the next request; what the body of the last one has left is an error of ours.
  /// Null: see problem().
  [[nodiscard]] runtime::Task<Request*> read_head();
  [[nodiscard]] HeadProblem problem() const { return problem_; }

  /// What the head says of the body. A chunked one has no length.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;
  [[nodiscard]] bool has_body() const;
  [[nodiscard]] bool keeps_alive() const;
  /// RFC 9112 §9.3: HTTP/1.0, whose clients want to be told that the connection goes on.
  [[nodiscard]] bool is_old_version() const;
  /// RFC 9110 §10.1.1: whether the client waits for 100 before it sends the body.
  [[nodiscard]] bool expects_continue() const;
  [[nodiscard]] runtime::Task<bool> send_continue();

  /// The next piece of the body, in `shared` or elsewhere; valid until the next call. Empty: see
  /// is_body_done(); if it is not, the client is gone or the chunks are malformed.
  [[nodiscard]] runtime::Task<std::span<const char>> read_body(std::span<char> shared);
  [[nodiscard]] bool is_body_done() const;
  /// Reads what is left of the body, if that is little; false: the connection cannot go on.
  [[nodiscard]] runtime::Task<bool> drop_body(std::span<char> shared);
  /// Whether anything of a request has come; else waiting for one is idling.
  [[nodiscard]] bool has_begun() const { return buffer_.size() > room_; }

 private:
  [[nodiscard]] runtime::Task<bool> fill();
  [[nodiscard]] Request* fail(HeadProblem problem);
  [[nodiscard]] bool parse_head();
  [[nodiscard]] runtime::Task<std::span<const char>> read_chunked(std::span<char> shared);

  ClientStream& stream_;
  std::string buffer_;          // came and was not parsed
  std::size_t room_ = 0;        // at its end, for what is being read
  std::size_t head_bytes_ = 0;  // that were parsed
  std::optional<Request::Parser> parser_;
  std::optional<Request> request_;
  std::uint64_t left_ = 0;  // of a body with a length
  HeadProblem problem_ = HeadProblem::gone;
  bool is_continue_sent_ = false;
};

}  // namespace bellhop::http
