#include "proxy/files/file_service.hpp"

#include <algorithm>
#include <stdexcept>

namespace bellhop::files {
namespace {

using http::ServerEvent;
using runtime::Task;

bool offers(const config::ComponentSettings& component) {
  return std::find(component.services.begin(), component.services.end(), config::Service::upload) !=
         component.services.end();
}

std::vector<base::IpNetwork> networks(const std::vector<std::string>& texts) {
  std::vector<base::IpNetwork> result;
  for (const std::string& text : texts) {
    if (const auto network = base::IpNetwork::parse(text)) result.push_back(*network);
  }
  return result;
}

http::ServerOptions server_options(const FileService::Context& context) {
  const config::FilesSettings& files = context.settings.files;
  http::ServerOptions options;
  options.plain_listen = files.plain_listen;
  options.tls_listen = files.listen;
  options.tls_certificate = files.tls_certificate;
  options.tls_key = files.tls_key;
  options.trusted_proxies = networks(files.trusted_proxies);
  options.connections_max = files.connections_max;
  options.connections_per_address_max = files.connections_per_address_max;
  options.requests_per_address_max = files.requests_per_address_max;
  options.header_timeout = files.header_timeout;
  options.idle_timeout = files.idle_timeout;
  for (std::size_t i = context.first_shard; i < context.shards.size(); ++i) {
    options.shards.push_back(&context.shards.at(i));
  }
  return options;
}

std::string url_of(const config::Settings& settings, const http::HttpServer& server) {
  if (!settings.files.public_url.empty()) return settings.files.public_url;
  std::string host = settings.public_address.host;
  if (host.empty()) host = settings.public_address.ipv4;
  if (host.empty() && !settings.public_address.ipv6.empty()) {
    host = "[" + settings.public_address.ipv6 + "]";
  }
  if (host.empty() || server.tls_bound().empty()) {
    throw std::runtime_error(
        "no URL to tell clients: set [files] public_url, or [public] host and [files] listen");
  }
  constexpr std::uint16_t kHttps = 443;
  const std::uint16_t port = server.tls_bound().front().port;
  return "https://" + host + (port == kHttps ? "" : ":" + std::to_string(port));
}

}  // namespace

bool offers_upload(const config::Settings& settings) {
  return std::any_of(settings.components.begin(), settings.components.end(), offers);
}

FileService::FileService(const Context& context)
    : context_(context),
      counters_(context.shards.size() - context.first_shard),
      store_(context.settings.files, context.admission.policy(), context.log, counters_),
      handler_(
          [this](const http::Exchange& exchange) -> FileWorker& { return worker_of(exchange); }) {
  for (const config::ComponentSettings& component : context.settings.components) {
    if (!offers(component)) continue;
    parents_.push_back(component.parent_domain);
    own_.push_back(component.jid);
  }
  for (std::size_t i = context.first_shard; i < context.shards.size(); ++i) {
    const std::size_t index = i - context.first_shard;
    runtime::Shard& shard = context.shards.at(i);
    auto& block = counters_.events.of_shard(index + 1);
    workers_.push_back(std::unique_ptr<FileWorker>(
        new FileWorker{index,
                       shard,
                       store_,
                       counters_,
                       {shard.sessions(), context.log, block, ids_.emplace_back(),
                        context.shards.control(), context.admission},
                       [this](std::string_view domain) { return parent_of(domain); }}));
  }
  // Whoever deletes a file is told so when nobody is served it any more.
  store_.on_removed([this](const std::vector<FileId>& ids) {
    for (const auto& worker : workers_) {
      runtime::asio::post(worker->shard.executor(), [worker = worker.get(), ids] {
        for (const FileId& id : ids) worker->cache.remove(id);
      });
    }
  });
  server_ = std::make_unique<http::HttpServer>(
      server_options(context), context.log,
      [this](std::size_t shard, ServerEvent event) { note(shard, event); });
  server_->add(std::string(kFilePrefix), handler_);
  public_url_ = url_of(context.settings, *server_);
}

FileService::~FileService() = default;

void FileService::start() {
  store_.start();
  server_->start();
  is_open_ = true;
}

Task<> FileService::stop(base::Duration timeout) {
  is_open_ = false;
  co_await server_->stop(timeout);
}

std::unique_ptr<SlotHandler> FileService::make_slot_handler(const std::string& parent_domain) {
  return std::make_unique<SlotHandler>(
      SlotHandler::Context{store_, context_.admission, public_url_, is_open_}, parent_domain);
}

// Files do not know by which component they came; a domain has one that serves it.
std::string_view FileService::parent_of(std::string_view domain) const {
  if (std::find(own_.begin(), own_.end(), domain) != own_.end()) return {};
  const auto own = std::find(parents_.begin(), parents_.end(), domain);
  return own == parents_.end() ? std::string_view(parents_.front()) : std::string_view(*own);
}

void FileService::note(std::size_t shard, ServerEvent event) {
  auto& counters = counters_.events.of_shard(shard + 1);
  switch (event) {
    case ServerEvent::accepted:
      return counters.add(FileCounter::connections_accepted);
    case ServerEvent::refused:
      return counters.add(FileCounter::connections_refused);
    case ServerEvent::timed_out:
      return counters.add(FileCounter::connections_timed_out);
    case ServerEvent::opened:
      return counters.add(FileCounter::connections_active);
    case ServerEvent::closed:
      return counters.subtract(FileCounter::connections_active);
    case ServerEvent::answered:
      return counters.add(FileCounter::requests);
  }
}

}  // namespace bellhop::files
