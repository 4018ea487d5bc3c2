#include "proxy/http/request_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "proxy/http/errors.hpp"

namespace bellhop::http {
namespace {

using runtime::Task;
namespace beast = boost::beast;
using Field = beast::http::field;

constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kDroppedBytesMax = 64 * 1024;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

// RFC 9112 §5.2: refused, as whoever reads it otherwise sees other fields than we do.
bool has_folded_line(std::string_view text) {
  const std::string_view head = text.substr(0, text.find("\r\n\r\n"));
  return head.find("\r\n ") != std::string_view::npos ||
         head.find("\r\n\t") != std::string_view::npos;
}

// RFC 9112 §6.1: with another coding than chunked nobody knows where the body ends, and of HTTP/1.0
// it is a mistake or an attack.
bool has_known_coding(const Request::Parser::value_type& message) {
  const auto coding = message.find(Field::transfer_encoding);
  if (coding == message.end()) return true;
  return message.version() >= 11 && message.count(Field::transfer_encoding) == 1 &&
         beast::iequals(coding->value(), beast::string_view("chunked"));
}

}  // namespace

std::string_view Request::method() const {
  return view(message_.method_string());
}

std::optional<std::string_view> Request::field(std::string_view name) const {
  const auto [first, last] = message_.equal_range(beast::string_view(name.data(), name.size()));
  if (first == last) return std::nullopt;
  if (std::next(first) == last) return view(first->value());
  std::string& text = joined_.emplace_back();
  for (auto line = first; line != last; ++line) {
    if (!text.empty()) text += ", ";
    text += view(line->value());
  }
  return text;
}

Task<bool> RequestReader::fill() {
  const std::size_t before = buffer_.size();
  room_ = kReadBytes;
  buffer_.resize(before + kReadBytes);
  const std::size_t n = co_await stream_.read_some(std::span(buffer_).subspan(before));
  buffer_.resize(before + n);
  room_ = 0;
  co_return n > 0;
}

Request* RequestReader::fail(HeadProblem problem) {
  problem_ = problem;
  return nullptr;
}

// False: more is needed, or problem_ says what is wrong.
bool RequestReader::parse_head() {
  if (has_folded_line(buffer_)) {
    problem_ = HeadProblem::malformed;
    return false;
  }
  beast::error_code ec;
  const std::size_t n = parser_->put(boost::asio::buffer(buffer_), ec);
  buffer_.erase(0, n);
  head_bytes_ += n;
  if (ec == beast::http::error::need_more) return false;
  if (ec == beast::http::error::header_limit) {
    problem_ = HeadProblem::too_large;
  } else if (ec && ec != beast::http::error::need_buffer) {
    problem_ = HeadProblem::malformed;
  }
  return problem_ == HeadProblem::gone && parser_->is_header_done();
}

Task<Request*> RequestReader::read_head() {
  request_.reset();
  parser_.emplace();
  parser_->header_limit(kRequestHeadBytesMax);
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  problem_ = HeadProblem::gone;
  is_continue_sent_ = false;
  left_ = 0;
  head_bytes_ = 0;
  bool is_read = !buffer_.empty();
  if (!is_read) is_read = co_await fill();
  while (is_read && !parse_head()) {
    if (problem_ != HeadProblem::gone) co_return nullptr;
    // Beast's own limit does not count the lines that it has taken already.
    if (head_bytes_ + buffer_.size() > kRequestHeadBytesMax) {
      co_return fail(HeadProblem::too_large);
    }
    is_read = co_await fill();
  }
  if (!is_read) co_return fail(HeadProblem::gone);
  if (head_bytes_ > kRequestHeadBytesMax) co_return fail(HeadProblem::too_large);
  const auto& message = parser_->get();
  if (message.version() >= 11 && message.count(Field::host) != 1) {
    co_return fail(HeadProblem::no_host);
  }
  if (!has_known_coding(message)) co_return fail(HeadProblem::malformed);
  auto target = parse_request_target(view(message.target()));
  if (!target && target.error().is(errors::target_too_long)) {
    co_return fail(HeadProblem::long_target);
  }
  if (!target) co_return fail(HeadProblem::bad_target);
  left_ = content_length().value_or(0);
  request_.emplace(message, std::move(*target));
  co_return &*request_;
}

std::optional<std::uint64_t> RequestReader::content_length() const {
  const auto length = parser_->content_length();
  if (length) return *length;
  return parser_->chunked() ? std::nullopt : std::optional<std::uint64_t>(0);
}

bool RequestReader::has_body() const {
  return parser_->chunked() || left_ > 0;
}

bool RequestReader::keeps_alive() const {
  return parser_->keep_alive();
}

bool RequestReader::is_old_version() const {
  return parser_->get().version() < 11;
}

bool RequestReader::expects_continue() const {
  const auto expect = parser_->get().find(Field::expect);
  return expect != parser_->get().end() &&
         beast::iequals(expect->value(), beast::string_view("100-continue")) && !is_continue_sent_;
}

Task<bool> RequestReader::send_continue() {
  is_continue_sent_ = true;
  co_return co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n");
}

Task<std::span<const char>> RequestReader::read_body(std::span<char> shared) {
  if (parser_->chunked()) co_return co_await read_chunked(shared);
  if (left_ == 0) co_return std::span<const char>();
  std::span<const char> piece;
  if (!buffer_.empty()) {
    const std::size_t n = std::min<std::uint64_t>({buffer_.size(), left_, shared.size()});
    std::memcpy(shared.data(), buffer_.data(), n);
    buffer_.erase(0, n);
    piece = shared.first(n);
  } else {
    const std::size_t most = std::min<std::uint64_t>(left_, shared.size());
    piece = co_await stream_.read_bulk(shared, most);
  }
  left_ -= piece.size();
  co_return piece;
}

Task<std::span<const char>> RequestReader::read_chunked(std::span<char> shared) {
  auto& body = parser_->get().body();
  for (;;) {
    if (parser_->is_done()) co_return std::span<const char>();
    if (!buffer_.empty()) {
      body.data = shared.data();
      body.size = shared.size();
      body.more = true;
      beast::error_code ec;
      const std::size_t n = parser_->put(boost::asio::buffer(buffer_), ec);
      buffer_.erase(0, n);
      if (ec == beast::http::error::need_buffer) ec = {};
      const std::size_t made = shared.size() - body.size;
      if (made > 0) co_return std::span<const char>(shared.first(made));
      if (ec && ec != beast::http::error::need_more) co_return std::span<const char>();
      if (parser_->is_done()) co_return std::span<const char>();
      if (n > 0 && !ec) continue;
    }
    if (buffer_.size() > kRequestHeadBytesMax) co_return std::span<const char>();
    const bool is_read = co_await fill();
    if (!is_read) co_return std::span<const char>();
  }
}

bool RequestReader::is_body_done() const {
  return parser_->chunked() ? parser_->is_done() : left_ == 0;
}

Task<bool> RequestReader::drop_body(std::span<char> shared) {
  if (expects_continue() && has_body()) co_return false;  // it comes only if we ask for it
  std::size_t dropped = 0;
  while (!is_body_done()) {
    if (left_ > kDroppedBytesMax || dropped > kDroppedBytesMax) co_return false;
    const auto piece = co_await read_body(shared);
    if (piece.empty() && !is_body_done()) co_return false;
    dropped += piece.size();
  }
  co_return true;
}

}  // namespace bellhop::http
