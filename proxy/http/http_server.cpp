#include "proxy/http/http_server.hpp"

#include <algorithm>
#include <stdexcept>

#include "component/runtime/periodic.hpp"
#include "proxy/http/forwarded.hpp"

namespace bellhop::http {
namespace {

using base::Severity;
using base::TimePoint;
using runtime::Task;
namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::size_t kScratchBytes = 256 * 1024;
constexpr base::Duration kSweepInterval = 500ms;
constexpr base::Duration kLingerTimeout = 2s;

ForwardedFields forwarded_fields(const Request& request) {
  return {request.field("Forwarded"), request.field("X-Forwarded-For"),
          request.field("X-Forwarded-Proto")};
}

unsigned status_of(HeadProblem problem) {
  if (problem == HeadProblem::long_target) return 414;
  return problem == HeadProblem::too_large ? 431 : 400;
}

}  // namespace

// One client, from accept to close.
class HttpServer::Connection : public boost::intrusive::list_base_hook<
                                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Connection(HttpServer& server, Worker& worker, Accepted accepted);

  // 1. handshake of TLS; 2. head of a request; 3. its handler; 4. again from 2.
  [[nodiscard]] Task<> run();
  void sweep(TimePoint now);
  void close();
  /// Nothing of a request has come: may be closed at any time.
  [[nodiscard]] bool is_idle() const { return is_waiting_ && !reader_.has_begun(); }
  [[nodiscard]] const base::IpAddress& peer() const { return peer_.address; }

 private:
  [[nodiscard]] Task<bool> answer(const Request& request);
  [[nodiscard]] Task<> refuse_head();
  [[nodiscard]] Exchange exchange_for(const Request& request);

  HttpServer& server_;
  Worker& worker_;
  base::IpEndpoint peer_;
  std::shared_ptr<asio::ssl::context> tls_;  // in force when it was accepted
  ClientStream stream_;
  RequestReader reader_;
  TimePoint deadline_;
  TimePoint head_began_{};  // none: nothing of it has come
  bool is_waiting_ = true;  // for a request
  bool is_closed_ = false;
  std::unique_ptr<Attachment> attachment_;
};

struct HttpServer::Worker {
  Worker(std::size_t number, runtime::Shard& home, base::Log& log, std::size_t connections_max)
      : index(number),
        shard(home),
        scratch(kScratchBytes),
        connections(home.executor(), log, connections_max + 1),
        upkeep(home.executor(), log, 64) {}

  std::size_t index;
  runtime::Shard& shard;
  /// Whether this client has asked more often within this second than it may.
  [[nodiscard]] bool is_over(const base::IpAddress& client, std::uint32_t requests_max) {
    return requests_max > 0 && ++requests[client.subscriber()] > requests_max;
  }

  std::vector<char> scratch;
  std::unordered_map<base::IpAddress, std::uint32_t> requests;  // of this second
  TimePoint second_ends{};
  boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>> open;
  bool is_stopping = false;
  runtime::TaskGroup connections;
  runtime::TaskGroup upkeep;
};

HttpServer::Connection::Connection(HttpServer& server, Worker& worker, Accepted accepted)
    : server_(server),
      worker_(worker),
      peer_(accepted.peer),
      tls_(std::move(accepted.tls)),
      stream_(
          [&] {
            runtime::TcpSocket socket(worker.shard.executor());
            boost::system::error_code ignored;  // then its first wait fails
            const bool is_v4 = accepted.peer.address.is_v4();
            socket.assign(is_v4 ? runtime::Tcp::v4() : runtime::Tcp::v6(),
                          accepted.socket.release(), ignored);
            return socket;
          }(),
          tls_.get()),
      reader_(stream_),
      deadline_(base::Clock::now() + server.options_.header_timeout) {}

Task<> HttpServer::Connection::run() {
  bool goes_on = co_await stream_.handshake();
  while (goes_on && !is_closed_) {
    is_waiting_ = true;
    head_began_ = {};
    const Request* request = co_await reader_.read_head();
    is_waiting_ = false;
    if (is_closed_) co_return;
    deadline_ = base::Clock::now() + server_.options_.idle_timeout;
    if (request == nullptr) {
      if (reader_.problem() != HeadProblem::gone) co_await refuse_head();
      co_return;
    }
    goes_on = co_await answer(*request);
    server_.on_event_(worker_.index, ServerEvent::answered);
    goes_on = goes_on && !worker_.is_stopping;
    deadline_ = base::Clock::now() + server_.options_.idle_timeout;
  }
  if (is_closed_) co_return;
  deadline_ = base::Clock::now() + kLingerTimeout;
  co_await stream_.linger(worker_.scratch);
}

Task<> HttpServer::Connection::refuse_head() {
  ResponseHead head(status_of(reader_.problem()));
  head.add("Content-Length", 0U).add("Connection", "close");
  const std::string text = head.text();
  (void)co_await stream_.write(text);
  deadline_ = base::Clock::now() + kLingerTimeout;
  co_await stream_.linger(worker_.scratch);
}

Exchange HttpServer::Connection::exchange_for(const Request& request) {
  const auto client =
      find_client(peer_.address, server_.options_.trusted_proxies, forwarded_fields(request));
  const bool is_https = stream_.is_tls() || client.scheme == ForwardedScheme::https;
  Exchange::Parts parts{worker_.shard,
                        server_.log_,
                        stream_,
                        reader_,
                        worker_.scratch,
                        deadline_,
                        server_.options_.idle_timeout,
                        attachment_,
                        [this] { close(); }};
  return {std::move(parts), request, client.address, is_https};
}

// Whether another request may follow.
Task<bool> HttpServer::Connection::answer(const Request& request) {
  Exchange exchange = exchange_for(request);
  if (worker_.is_stopping) exchange.close_after();
  Handler* handler = server_.handler_for(request.target());
  if (worker_.is_over(exchange.client(), server_.options_.requests_per_address_max)) {
    ResponseHead head(429);
    head.add("Retry-After", 1U);
    co_await exchange.respond_text(std::move(head), "Too many requests.");
  } else if (handler != nullptr) {
    co_await handler->handle(exchange);
  } else {
    co_await exchange.respond_text(ResponseHead(404), "Nothing is here.");
  }
  co_return exchange.keeps_alive();
}

void HttpServer::Connection::sweep(TimePoint now) {
  if (is_waiting_ && attachment_ && !attachment_->is_wanted(now)) attachment_.reset();
  if (is_waiting_ && reader_.has_begun() && head_began_ == TimePoint{}) {
    head_began_ = now;
    deadline_ = now + server_.options_.header_timeout;
  }
  if (now < deadline_) return;
  server_.on_event_(worker_.index, ServerEvent::timed_out);
  close();
}

void HttpServer::Connection::close() {
  is_closed_ = true;
  stream_.close();
}

HttpServer::HttpServer(ServerOptions options, base::Log& log, OnEvent on_event)
    : options_(std::move(options)), log_(log), on_event_(std::move(on_event)) {
  BELLHOP_ASSERT(!options_.shards.empty());
  for (runtime::Shard* shard : options_.shards) {
    workers_.push_back(
        std::make_unique<Worker>(workers_.size(), *shard, log, options_.connections_max));
  }
  if (!options_.tls_listen.empty()) {
    certificate_.emplace(options_.tls_certificate, options_.tls_key);
  }
  bind(options_.plain_listen, false);
  bind(options_.tls_listen, true);
}

HttpServer::~HttpServer() = default;

void HttpServer::bind(const std::vector<config::HostPort>& addresses, bool is_tls) {
  for (const config::HostPort& address : addresses) {
    auto listener =
        std::make_unique<runtime::Listener>(options_.shards.front()->executor(), log_, address);
    (is_tls ? tls_bound_ : plain_bound_).push_back(listener->bound());
    log_.write(Severity::info, "http_bound",
               {{"address", (is_tls ? "https://" : "http://") + listener->bound().text()}});
    listeners_.push_back(std::move(listener));
    is_tls_.push_back(is_tls);
  }
}

void HttpServer::start() {
  for (const auto& worker : workers_) {
    auto begin = [this, worker = worker.get()] {
      auto sweep_at = [this, worker](TimePoint now) { sweep(*worker, now); };
      bool is_started = worker->upkeep.spawn(
          runtime::run_every(worker->shard.executor(), kSweepInterval, sweep_at));
      if (worker == workers_.front().get()) {
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
          auto on_accept = [this, is_tls = is_tls_[i]](base::UniqueFd socket,
                                                       const base::IpEndpoint& peer) {
            accept(std::move(socket), peer, is_tls);
          };
          is_started = is_started && worker->upkeep.spawn(listeners_[i]->accept_all(on_accept));
        }
        if (certificate_) {
          is_started =
              is_started && worker->upkeep.spawn(certificate_->watch(
                                worker->shard.executor(), log_, options_.certificate_interval));
        }
      }
      BELLHOP_ASSERT(is_started);
    };
    asio::post(worker->shard.executor(), begin);
  }
}

// On the first shard, which keeps account of all.
void HttpServer::accept(base::UniqueFd socket, const base::IpEndpoint& peer, bool is_tls) {
  on_event_(0, ServerEvent::accepted);
  if (!admit(peer.address)) {
    on_event_(0, ServerEvent::refused);
    log_.write_limited(Severity::warn, "http_connection_refused",
                       {{"peer", log_.shown_address(peer.text())}});
    return;
  }
  Worker& worker = *workers_[turn_++ % workers_.size()];
  Accepted accepted{std::move(socket), peer, is_tls ? certificate_->context() : nullptr};
  if (&worker == workers_.front().get()) return open(worker, std::move(accepted));
  asio::post(worker.shard.executor(), [this, &worker, accepted = std::move(accepted)]() mutable {
    open(worker, std::move(accepted));
  });
}

// A reverse proxy stands for many.
bool HttpServer::admit(const base::IpAddress& from) {
  if (connections_ >= options_.connections_max) return false;
  const bool is_trusted =
      std::any_of(options_.trusted_proxies.begin(), options_.trusted_proxies.end(),
                  [&](const base::IpNetwork& network) { return network.contains(from); });
  std::uint32_t& count = addresses_[from.subscriber()];
  if (!is_trusted && count >= options_.connections_per_address_max) return false;
  ++count;
  ++connections_;
  return true;
}

void HttpServer::give_back(const base::IpAddress& from) {
  const auto address = addresses_.find(from.subscriber());
  --connections_;
  if (--address->second == 0) addresses_.erase(address);
}

void HttpServer::open(Worker& worker, Accepted accepted) {
  const base::IpAddress from = accepted.peer.address;
  auto connection = std::make_unique<Connection>(*this, worker, std::move(accepted));
  worker.open.push_back(*connection);
  on_event_(worker.index, ServerEvent::opened);
  if (worker.connections.spawn(serve(worker, std::move(connection)))) return;
  on_event_(worker.index, ServerEvent::closed);
  asio::post(options_.shards.front()->executor(), [this, from] { give_back(from); });
}

Task<> HttpServer::serve(Worker& worker, std::unique_ptr<Connection> connection) {
  const base::IpAddress from = connection->peer();
  co_await connection->run();
  connection.reset();
  on_event_(worker.index, ServerEvent::closed);
  asio::post(options_.shards.front()->executor(), [this, from] { give_back(from); });
}

void HttpServer::sweep(Worker& worker, TimePoint now) {
  if (now >= worker.second_ends) {
    worker.requests.clear();
    worker.second_ends = now + 1s;
  }
  for (Connection& connection : worker.open) connection.sweep(now);
  if (&worker == workers_.front().get()) memory_.note(connections_);
}

Handler* HttpServer::handler_for(const RequestTarget& target) const {
  const auto& segments = target.path.segments;
  auto found = handlers_.find(segments.empty() ? std::string() : segments.front());
  if (found == handlers_.end()) found = handlers_.find("");
  return found == handlers_.end() ? nullptr : found->second;
}

Task<> HttpServer::stop(base::Duration timeout) {
  auto stop_accepting = [this] {
    for (const auto& listener : listeners_) listener->close();
    return true;
  };
  (void)co_await runtime::hop(*options_.shards.front(), stop_accepting);
  const base::Deadline deadline = base::Deadline::after(timeout);
  for (const auto& worker : workers_) {
    auto stop_worker = [](Worker& self, base::Deadline until) -> Task<bool> {
      self.is_stopping = true;
      for (Connection& connection : self.open) {
        if (connection.is_idle()) connection.close();
      }
      // Joining is not cut short by anything, so whoever takes too long is ended beside it.
      auto close_late = [](Worker& late, base::Duration left) -> Task<> {
        const bool is_due = co_await runtime::sleep_for(late.shard.executor(), left);
        if (!is_due) co_return;
        for (Connection& connection : late.open) connection.close();
      };
      const base::Duration left = until.at() - base::Clock::now();
      const bool is_spawned = self.upkeep.spawn(close_late(self, left));
      BELLHOP_ASSERT(is_spawned);
      co_await self.connections.join();
      self.upkeep.cancel();
      co_await self.upkeep.join();
      co_return true;
    };
    (void)co_await asio::co_spawn(worker->shard.executor(), stop_worker(*worker, deadline),
                                  runtime::kAwait);
  }
}

}  // namespace bellhop::http
