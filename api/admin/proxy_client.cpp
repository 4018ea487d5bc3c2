#include "api/admin/proxy_client.hpp"

#include <algorithm>

#include "component/runtime/timeout.hpp"

namespace bellhop::admin {

using base::Deadline;
using runtime::Task;

namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kGreeting = "\x05\x01\x00"sv;     // one method: no authentication
constexpr std::string_view kGreetingAnswer = "\x05\x00"sv;   // taken
constexpr std::string_view kConnect = "\x05\x01\x00\x03"sv;  // to a domain name
constexpr std::string_view kGranted = "\x05\x00\x00\x03"sv;  // the same name comes back
constexpr std::string_view kPort = "\x00\x00"sv;             // XEP-0065 §5.3.2: always 0

std::string name_and_port(const bytestream::DstAddr& dst_addr) {
  const std::string hex = dst_addr.hex();
  std::string text(1, static_cast<char>(hex.size()));
  return text.append(hex).append(kPort);
}

Task<Trouble> in_time(Task<Trouble> step, Deadline deadline) {
  const std::optional<Trouble> trouble = co_await runtime::with_deadline(std::move(step), deadline);
  co_return trouble ? *trouble : Trouble("no answer came in time");
}

}  // namespace

Task<Trouble> ProxyClient::greet(std::string host, std::uint16_t port, Deadline deadline) {
  co_return co_await in_time(try_greet(std::move(host), port), deadline);
}

Task<Trouble> ProxyClient::request(bytestream::DstAddr dst_addr, Deadline deadline) {
  co_return co_await in_time(try_request(name_and_port(dst_addr)), deadline);
}

Task<Trouble> ProxyClient::try_greet(std::string host, std::uint16_t port) {
  const runtime::error_code ec = co_await connection_.connect(std::move(host), port);
  if (ec) co_return ec.message();
  Trouble trouble = co_await send(kGreeting);
  std::size_t count = 0;
  if (trouble.empty()) trouble = co_await expect(kGreetingAnswer, count);
  co_return trouble;
}

Task<Trouble> ProxyClient::try_request(std::string request) {
  const std::string whole = std::string(kConnect) + request;
  Trouble trouble = co_await send(whole);
  const std::string granted = std::string(kGranted) + request;
  std::size_t count = 0;
  if (trouble.empty()) trouble = co_await expect(granted, count);
  co_return trouble;
}

Task<Trouble> ProxyClient::send(std::string_view bytes) {
  const runtime::error_code ec = co_await connection_.write_all(bytes);
  co_return ec ? ec.message() : Trouble();
}

Task<Trouble> ProxyClient::expect(std::string_view expected, std::size_t& count) {
  constexpr std::size_t kChunk = 64 * 1024;
  std::vector<char> buffer(std::min(expected.size(), kChunk));
  while (!expected.empty()) {
    const std::size_t wanted = std::min(expected.size(), buffer.size());
    const runtime::asio::mutable_buffer room(buffer.data(), wanted);
    auto [ec, n] = co_await connection_.read_some(room);
    if (ec) co_return ec == runtime::asio::error::eof ? "it closed the connection" : ec.message();
    if (std::string_view(buffer.data(), n) != expected.substr(0, n)) {
      co_return "other bytes came than expected";
    }
    expected.remove_prefix(n);
    count += n;
  }
  co_return Trouble();
}

}  // namespace bellhop::admin
