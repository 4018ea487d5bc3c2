#include "tests/unit/api/admin/admin_world.hpp"

#include <unistd.h>

#include "relay/turn/extdisco_handler.hpp"

namespace bellhop::admin::test {

using runtime::EndReason;
using runtime::SessionBytes;

namespace {

constexpr std::chrono::milliseconds kFeedInterval{5};

policy::PolicyPtr policy_of(const config::Settings& settings) {
  return std::make_shared<policy::Policy>(policy::configured_rules(settings, {}), policy::Rules{},
                                          settings.access.parent_domain);
}

// A port that is free.
config::Settings listening_anywhere(config::Settings settings) {
  settings.proxy.listen = {{"127.0.0.1", 0}};
  return settings;
}

// With the service upload, and a store that is nearly empty and never refuses for the disk's sake.
void offer_uploads(config::Settings& settings, const std::string& folder) {
  settings.components.front().services.push_back(config::Service::upload);
  settings.files.dir = folder;
  settings.files.listen.clear();
  settings.files.plain_listen = {{"127.0.0.1", 0}};
  settings.files.public_url = "https://files.example.org";
  settings.files.free_bytes_min = 0;
}

// With the service turn; what is announced can be reached from here.
void offer_turn(config::Settings& settings) {
  settings.components.front().services.push_back(config::Service::turn);
  settings.public_address.host = "127.0.0.1";
  settings.turn.listen = {{"127.0.0.1", 0}};
  settings.turn.relay_addresses = {"127.0.0.1"};
  settings.turn.secrets.emplace_back("a secret of the tests");
}

// TURN and relay channels, as the daemon has them.
struct Relaying {
  Relaying(runtime::ShardSet& shards, base::Log& log, const config::Settings& settings,
           policy::Admission& admission)
      : turn({shards, 1, log, settings, admission}),
        counters(shards.size()),
        place(*turn.places().v4()),
        channels({shards, 1, settings.turn.threads, log, counters, settings.turn, admission,
                  turn.peers(), turn.ports(place.local), place.local, place.shown.text(),
                  turn.is_open()}) {}

  void offer(xmpp::Component& component, const config::Settings& settings,
             policy::Admission& admission) {
    extdisco = std::make_unique<turn::ExtdiscoHandler>(
        turn::ExtdiscoHandler::Context{admission, turn.credentials(), settings.turn,
                                       turn.services(), turn.is_open()},
        component.jid(), component.settings().parent_domain);
    extdisco->attach(component.router(), component.info());
    turn.start();
    channels.start();
  }

  turn::TurnServer turn;
  nodes::NodesCounters counters;
  turn::RelayPlaces::Address place;
  nodes::ChannelService channels;
  std::unique_ptr<turn::ExtdiscoHandler> extdisco;
};

std::unique_ptr<Relaying> relaying_of(runtime::ShardSet& shards, base::Log& log,
                                      const config::Settings& settings,
                                      policy::Admission& admission) {
  if (!config::offers(settings, config::Service::turn)) return nullptr;
  return std::make_unique<Relaying>(shards, log, settings, admission);
}

std::unique_ptr<files::FileService> files_of(const files::FileService::Context& context) {
  if (!files::offers_upload(context.settings)) return nullptr;
  auto service = std::make_unique<files::FileService>(context);
  service->start();
  return service;
}

xmpp::Jid jid(std::string_view text) {
  return xmpp::Jid::parse(text).value();
}

}  // namespace

UserSession::UserSession(const base::Ulid& id, const xmpp::Jid& requester,
                         runtime::SessionLimits limits, std::function<void()> on_ended)
    : PlainSession(id),
      full_jid_(requester.text()),
      bare_jid_(requester.bare()),
      on_ended_(std::move(on_ended)) {
  set_limits(std::move(limits));
}

void UserSession::end(EndReason reason) {
  if (list == nullptr) return;  // it has ended
  PlainSession::end(reason);
  on_ended_();
}

runtime::SessionFacts UserSession::facts() const {
  return {id(),    kind(), full_jid_, "bob@example.net/desk", "192.0.2.1:4711", "192.0.2.2:4712",
          started_};
}

// What Control steers.
struct AdminWorld::Proxy {
  Proxy(runtime::ShardSet& shards, base::Log& log, const config::Settings& given,
        std::function<void(std::optional<base::Duration>)> stop)
      : settings(listening_anywhere(given)),
        xmpp_counters(shards.size()),
        counters(shards.size()),
        pending({.per_address_max = 10, .total_max = 100, .handshake_timeout = {}}),
        waits(shards.control().executor()),
        admission(policy_of(settings)),
        files(files_of({shards, 1, log, settings, admission})),
        relaying(relaying_of(shards, log, settings, admission)),
        relay(shards, shards.size(), log, counters, settings.proxy, table, admission),
        socks5(shards.control().executor(), log, counters, settings.proxy, pending, table, waits,
               relay),
        service{settings.proxy,          counters, table, waits, relay, admission,
                {{"203.0.113.7", 7777}}, true},
        component({shards.control().executor(), log, xmpp_counters.of_shard(0), settings,
                   base::Clock::now(), [](const xmpp::Jid&) { return false; }},
                  settings.components.front()),
        control({shards,
                 settings,
                 admission,
                 pending,
                 table,
                 relay,
                 socks5,
                 service,
                 files.get(),
                 relaying ? &relaying->turn : nullptr,
                 relaying ? &relaying->channels : nullptr,
                 {&component},
                 std::move(stop)}) {
    if (relaying) relaying->offer(component, settings, admission);
  }

  config::Settings settings;
  base::ShardedCounters<xmpp::XmppCounter> xmpp_counters;
  proxy::ProxyCounters counters;
  proxy::PendingConnections pending;
  bytestream::BytestreamTable table{std::chrono::minutes(1)};
  bytestream::PairingWaits waits;
  policy::Admission admission;
  std::unique_ptr<files::FileService> files;  // null: no component offers uploads
  std::unique_ptr<Relaying> relaying;         // null: it does not offer TURN
  bytestream::Relay relay;
  socks5::Socks5Server socks5;
  bytestream::ProxyService service;
  xmpp::Component component;
  api::Control control;

  runtime::Task<bool> stop_services() {
    if (relaying) {
      (void)co_await relaying->channels.stop(base::Duration::zero());
      co_await relaying->turn.stop(base::Duration::zero());
    }
    if (files == nullptr) co_return false;
    co_await files->stop(base::Duration::zero());
    co_await files->close_store();
    co_return true;
  }
};

AdminWorld::AdminWorld(const WorldOptions& options)
    : loaded_(load(*this, options)),
      proxy_(
          std::make_unique<Proxy>(shards_, log_.log(), loaded_.settings,
                                  [this](std::optional<base::Duration>) { was_stopped = true; })),
      core(parts(loaded_)),
      tasks_(admin_.executor(), log_.log(), 100) {
  add_methods(dispatcher, services);
  core.page_secret = std::string(32, 's');
  if (core.is_store_wanted) {
    core.state = std::make_unique<api::State>(core.parts.settings.monitoring);
    core.is_store_open = true;
  }
  for (std::size_t i = 0; i < shards_.size(); ++i) follow(i);
  threads_.emplace_back([this] { shards_.run(); });
  threads_.emplace_back([this] { store_.run(); });
}

AdminWorld::~AdminWorld() {
  for (const auto& [id, row] : running_) {
    if (reason_of(id) == EndReason::none) end(id);
  }
  tasks_.cancel();
  run(tasks_.join());
  (void)run(core.on_control_task(proxy_->stop_services()));
  shards_.release();
  store_.release();
  threads_.clear();
  EXPECT_EQ(proxy_->admission.running(), 0U);
}

config::LoadOutcome AdminWorld::load(AdminWorld& world, const WorldOptions& options) {
  const std::string state = options.has_store ? world.file("state").string() : "";
  world.write_config(options.config + "\n[monitoring]\nstate_dir = \"" + state + "\"\n");
  config::LoadOptions how;
  how.path = world.file("bellhop.toml").string();
  auto loaded = config::load_file(how);
  for (const auto& problem : loaded.problems) ADD_FAILURE() << config::to_text(problem);
  if (options.has_files) offer_uploads(loaded.settings, world.file("files").string());
  if (options.has_turn) offer_turn(loaded.settings);
  return loaded;
}

Core::Parts AdminWorld::parts(config::LoadOutcome loaded) {
  config::LoadOptions how;
  how.path = file("bellhop.toml").string();
  return {shards_,
          admin_,
          store_,
          proxy_->control,
          log_.log(),
          registry_,
          std::move(how),
          std::move(loaded.settings),
          std::move(loaded.origins)};
}

void AdminWorld::write_config(const std::string& text) {
  store::write_text(file("bellhop.toml"),
                    "[[component]]\n"
                    "jid = \"bellhop.example.org\"\n"
                    "server = \"127.0.0.1:1\"\n"
                    "secret = \"hunter2\"\n"
                    "[public]\n"
                    "host = \"bellhop.example.org\"\n" +
                        text);
  std::filesystem::permissions(file("bellhop.toml"), std::filesystem::perms(0600));
}

// As the admin side does at its start.
void AdminWorld::follow(std::size_t shard) {
  auto take = [this, shard](runtime::SessionBatch batch) {
    core.observer.take(shard, std::move(batch));
    if (core.observer.has_exhausted_changed()) (void)tasks_.spawn(core.apply_exhausted());
  };
  auto sink = [this, take](runtime::SessionBatch batch) {
    runtime::asio::post(admin_.executor(),
                        [take, batch = std::move(batch)]() mutable { take(std::move(batch)); });
  };
  core.feeds.push_back(
      std::make_unique<runtime::SessionFeed>(shards_.at(shard), kFeedInterval, std::move(sink)));
}

base::Ulid AdminWorld::start(std::string_view requester, std::size_t shard) {
  const xmpp::Jid user = jid(requester);
  auto acquire = [this, user] {
    return proxy_->admission.acquire(user, base::Clock::now()).value();
  };
  auto limits = run(runtime::hop(shards_.control(), acquire));
  auto release = [this, user] {
    runtime::asio::post(shards_.control().executor(),
                        [this, user] { proxy_->admission.release(user); });
  };
  const base::Ulid id = ids_.next(std::chrono::system_clock::now());
  auto session = std::make_unique<UserSession>(id, user, std::move(limits), release);
  running_[id] = {shard, std::move(session)};
  on_session(id, [list = &shards_.at(shard).sessions()](UserSession& started) {
    started.join(*list);
    return true;
  });
  return id;
}

void AdminWorld::move(const base::Ulid& id, const SessionBytes& more) {
  on_session(id, [more](UserSession& session) {
    session.move(more);
    return true;
  });
}

void AdminWorld::end(const base::Ulid& id, EndReason reason) {
  on_session(id, [reason](UserSession& session) {
    session.end(reason);
    return true;
  });
}

EndReason AdminWorld::reason_of(const base::Ulid& id) {
  return on_session(id, [](UserSession& session) { return session.reason(); });
}

std::uint64_t AdminWorld::rate_of(const base::Ulid& id, runtime::LimitScope scope) {
  return on_session(id, [scope](UserSession& session) -> std::uint64_t {
    const auto& bucket = session.limits().of(scope);
    return bucket ? bucket->rate() : 0;
  });
}

bool AdminWorld::may_start(std::string_view user) {
  auto check = [this, user = jid(user)] {
    const auto now = std::chrono::system_clock::now();
    return proxy_->admission.check(user, "example.org", now).has_value();
  };
  return run(runtime::hop(shards_.control(), check));
}

files::FileFacts AdminWorld::announce(files::NewFile file) {
  auto facts = run(core.files()->reserve(std::move(file)));
  EXPECT_TRUE(facts);
  return facts ? std::move(*facts) : files::FileFacts{};
}

files::FileFacts AdminWorld::upload(files::NewFile file, std::string_view content) {
  file.size = content.size();
  const files::FileFacts announced = announce(std::move(file));
  auto writer = std::make_shared<files::Writer>();
  writer->evict = [] {};
  files::FileStore& store = *core.files();
  auto upload = run(store.begin(announced.id, files::UploadStart::anew, std::move(writer)));
  EXPECT_TRUE(upload);
  if (!upload) return announced;
  EXPECT_EQ(::write(upload->fd.value(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  upload->digest.update(content);
  upload->offset += content.size();
  auto facts = run(store.finish(std::move(*upload)));
  EXPECT_TRUE(facts);
  return facts ? std::move(*facts) : announced;
}

}  // namespace bellhop::admin::test
