#include "tests/unit/proxy/http/served_http.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "proxy/http/http_server.hpp"
#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::http::test {
namespace {

using runtime::Task;
using namespace std::chrono_literals;

constexpr std::size_t kBodyBytesMax = 4 * 1024 * 1024;

class Echo final : public Handler {
 public:
  Task<> handle(Exchange& exchange) override {
    RequestReader& reader = exchange.reader();
    if (reader.expects_continue()) (void)co_await reader.send_continue();
    std::string body;
    while (!reader.is_body_done() && body.size() < kBodyBytesMax) {
      const auto piece = co_await reader.read_body(exchange.scratch());
      if (piece.empty()) break;
      body.append(piece.data(), piece.size());
      exchange.note_progress();
    }
    ResponseHead head(reader.is_body_done() ? 200 : 400);
    co_await exchange.respond(std::move(head), std::move(body));
  }
};

class Ignore final : public Handler {
 public:
  Task<> handle(Exchange& exchange) override {
    ResponseHead head(403);
    co_await exchange.respond_text(std::move(head), "No.");
  }
};

class Show final : public Handler {
 public:
  Task<> handle(Exchange& exchange) override {
    const Request& request = exchange.request();
    std::string text(request.method());
    for (const std::string& segment : request.target().path.segments) text += "|" + segment;
    text += " " + exchange.client().text() + (exchange.is_https() ? " https " : " http ");
    text += request.field("X-Test").value_or("-");
    ResponseHead head(200);
    co_await exchange.respond_text(std::move(head), text);
  }
};

class File final : public Handler {
 public:
  explicit File(int fd) : fd_(fd) {}
  Task<> handle(Exchange& exchange) override {
    ResponseHead head(200);
    head.add("Content-Length", kFileBytes);
    bool is_sent = co_await exchange.send_head(head, true);
    std::size_t at = 0;
    while (is_sent && at < kFileBytes) {
      const std::size_t n = co_await exchange.stream().send_file(fd_, at, kFileBytes - at);
      exchange.note_progress();
      at += n;
      is_sent = n > 0;
    }
    if (!is_sent) exchange.close_after();
  }

 private:
  int fd_;
};

base::UniqueFd make_file() {
  std::string name = ::testing::TempDir() + "bellhop_XXXXXX";
  base::UniqueFd fd(::mkstemp(name.data()));
  ::unlink(name.c_str());
  const std::string content = file_content();
  EXPECT_EQ(::pwrite(fd.value(), content.data(), content.size(), 0),
            static_cast<ssize_t>(content.size()));
  return fd;
}

}  // namespace

std::string file_content() {
  std::string content(kFileBytes, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i % 251);
  return content;
}

struct ServedHttp::Parts {
  explicit Parts(const ServerChoice& choice)
      : server(options(choice), log.log(),
               [this](std::size_t, ServerEvent event) { note(event); }) {
    runtime::test::ignore_broken_pipes();
    server.add("echo", echo);
    server.add("ignore", ignore);
    server.add("show", show);
    server.add("file", file);
    server.start();
    thread = std::jthread([this] { shard.run(); });
  }

  ServerOptions options(const ServerChoice& choice) {
    ServerOptions result;
    result.plain_listen = {{"127.0.0.1", 0}};
    if (!choice.certificate.empty()) result.tls_listen = {{"127.0.0.1", 0}};
    result.tls_certificate = choice.certificate;
    result.tls_key = choice.key;
    for (const std::string& text : choice.trusted_proxies) {
      result.trusted_proxies.push_back(base::IpNetwork::parse(text).value());
    }
    result.connections_max = choice.connections_max;
    result.connections_per_address_max = choice.connections_per_address_max;
    result.requests_per_address_max = choice.requests_per_address_max;
    result.header_timeout = choice.header_timeout;
    result.idle_timeout = choice.idle_timeout;
    result.certificate_interval = choice.certificate_interval;
    result.shards = {&shard};
    return result;
  }

  void note(ServerEvent event) {
    if (event == ServerEvent::closed) {
      --counts[static_cast<std::size_t>(ServerEvent::opened)];
    } else {
      ++counts[static_cast<std::size_t>(event)];
    }
  }

  [[nodiscard]] unsigned count(ServerEvent event) const {
    return counts[static_cast<std::size_t>(event)];
  }

  runtime::test::TempLog log;
  runtime::Shard shard{0};
  std::array<std::atomic<unsigned>, 6> counts{};  // written by the shard, read by the test
  base::UniqueFd content = make_file();
  Echo echo;
  Ignore ignore;
  Show show;
  File file{content.value()};
  HttpServer server;
  bool is_stopped = false;
  std::jthread thread;
};

ServedHttp::ServedHttp(const ServerChoice& choice) : parts_(std::make_unique<Parts>(choice)) {}

ServedHttp::~ServedHttp() {
  if (!parts_->is_stopped) stop(0ms);
}

std::uint16_t ServedHttp::port() const {
  return parts_->server.plain_bound().front().port;
}

std::uint16_t ServedHttp::tls_port() const {
  return parts_->server.tls_bound().front().port;
}

ServerCounts ServedHttp::counts() const {
  return {parts_->count(ServerEvent::accepted), parts_->count(ServerEvent::refused),
          parts_->count(ServerEvent::timed_out), parts_->count(ServerEvent::opened),
          parts_->count(ServerEvent::answered)};
}

bool ServedHttp::has_logged(std::string_view words) const {
  return parts_->log.has(words);
}

std::chrono::milliseconds ServedHttp::stop(std::chrono::milliseconds timeout) {
  const auto began = base::Clock::now();
  runtime::asio::co_spawn(parts_->shard.executor(), parts_->server.stop(timeout),
                          runtime::asio::use_future)
      .get();
  parts_->is_stopped = true;
  parts_->shard.release();
  parts_->thread.join();
  return std::chrono::duration_cast<std::chrono::milliseconds>(base::Clock::now() - began);
}

}  // namespace bellhop::http::test
