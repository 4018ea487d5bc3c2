// The store with WebDAV over HTTP on loopback, on threads of its own.
#pragma once

#include <arpa/inet.h>

#include <atomic>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <string>
#include <thread>

#include "component/xmpp/digest.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "proxy/webdav/dav_service.hpp"
#include "tests/support/loopback.hpp"
#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::webdav::test {

inline constexpr std::string_view kAlice = "alice@example.org";
inline constexpr std::string_view kPassword = "correct horse battery";

/// What came back.
struct HttpAnswer {
  int status = 0;
  std::string head;
  std::string body;
  [[nodiscard]] bool has(std::string_view text) const {
    return (head + body).find(text) != std::string::npos;
  }
};

/// A component whose stanzas reach users that answer at once, or never.
class AskedUsers {
 public:
  enum class Answer { yes, no, none };

  explicit AskedUsers(runtime::Executor control)
      : control_(control),
        requests_(control, [this](const xmpp::Element& stanza) { note(stanza); }),
        client_(
            control, xmpp::Jid::parse("bellhop.example.org").value(), requests_,
            [this](const xmpp::Element& stanza) { note(stanza); }, kRates) {}

  xmpp::HttpAuthClient& client() { return client_; }
  void stop() {
    client_.stop();
    requests_.stop();
  }

  std::atomic<Answer> answer{Answer::yes};
  std::atomic<bool> is_attached{true};
  std::atomic<int> questions{0};
  std::string last;  ///< the last question; once the request has been answered

 private:
  static constexpr xmpp::HttpAuthRates kRates{{.burst = 4, .interval = std::chrono::hours(1)},
                                              {.burst = 20, .interval = std::chrono::hours(1)}};

  void note(const xmpp::Element& stanza) {
    last = xmpp::to_xml(stanza, xmpp::ns::kComponentAccept);
    ++questions;
    if (answer == Answer::none) return;
    const bool is_yes = answer == Answer::yes;
    const std::string from(stanza.attribute("to"));
    std::string xml = "<" + stanza.name() + " from='" + from + "' to='bellhop.example.org' id='";
    xml.append(stanza.attribute("id"));
    const bool is_iq = stanza.name() == "iq";
    xml += is_yes ? (is_iq ? "' type='result'>" : "' type='normal'>") : "' type='error'>";
    if (!is_iq) xml.append("<thread>").append(xmpp::thread_of(stanza)).append("</thread>");
    if (!is_iq && is_yes) {
      xml +=
          xmpp::to_xml(*stanza.child("confirm", xmpp::ns::kHttpAuth), xmpp::ns::kComponentAccept);
    }
    if (!is_yes) {
      xml +=
          "<error type='auth'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
          "</error>";
    }
    xml.append("</").append(stanza.name()).append(">");
    runtime::asio::post(control_, [this, is_iq, element = xmpp::test::parse_element(xml)] {
      const auto addresses = xmpp::parse_addresses(element, "bellhop.example.org");
      EXPECT_TRUE(is_iq ? requests_.take(element) : client_.take(element, *addresses));
    });
  }

  runtime::Executor control_;
  xmpp::IqClient requests_;
  xmpp::HttpAuthClient client_;
};

class ServedFolder : public ::testing::Test {
 protected:
  explicit ServedFolder(std::uint64_t stored_bytes = 0) {
    runtime::test::ignore_broken_pipes();
    settings_.files.dir = folder_.file("files").string();
    settings_.files.free_bytes_min = 0;
    policy::Rules rules;
    policy::Quota quota;
    quota.subject.type = policy::Subject::Type::each_jid;
    quota.stored_bytes = stored_bytes;
    rules.quotas.push_back(std::move(quota));
    policy_ = std::make_shared<const policy::Policy>(std::move(rules), policy::Rules{}, true);
    open();
  }
  ~ServedFolder() override { close(); }

  void open() {
    served_ = std::make_unique<Served>(settings_, policy_, log_.log());
    thread_ = std::jthread([this] { served_->shards.run(); });
    run(start(*served_));
  }
  void close() {
    run(stop(*served_));
    served_->shards.release();
    thread_.join();
    served_.reset();
  }

  /// On the control shard, to its end.
  template <typename T>
  T run(runtime::Task<T> task) {
    return runtime::asio::co_spawn(served_->shards.control().executor(), std::move(task),
                                   runtime::asio::use_future)
        .get();
  }
  AccountStore& accounts() { return served_->dav.accounts(); }
  files::FolderFiles& contents() { return served_->dav.contents(); }
  files::FileStore& store() { return served_->store; }
  AskedUsers& users() { return served_->users; }
  [[nodiscard]] std::string log_text() const { return log_.text(); }
  [[nodiscard]] std::uint64_t count(files::FileCounter counter) const {
    return served_->counters.events.sum(counter);
  }
  std::uint16_t port() { return served_->server.plain_bound().front().port; }
  void register_alice() {
    const auto added = run(accounts().add(jid(), config::Secret(std::string(kPassword)), {}));
    EXPECT_TRUE(added);
  }
  static xmpp::Jid jid() { return xmpp::Jid::parse(kAlice).value(); }

  /// A request of alice, below her folder, on a connection of its own.
  HttpAnswer ask(std::string_view method, std::string_view path, std::string_view fields = {},
                 std::string_view body = {}) {
    return ask_as(std::string(kAlice) + ":" + password_, method, path, fields, body);
  }
  /// The same of whoever `credentials` are of.
  HttpAnswer ask_as(std::string_view credentials, std::string_view method, std::string_view path,
                    std::string_view fields = {}, std::string_view body = {}) {
    std::string text(method);
    text.append(" /dav/alice@example.org/").append(path).append(" HTTP/1.1\r\nHost: localhost:");
    text.append(std::to_string(port())).append("\r\nConnection: close\r\nAuthorization: Basic ");
    text.append(xmpp::to_base64(credentials)).append("\r\n");
    text.append(fields);
    if (fields.find("Transfer-Encoding") == std::string_view::npos) {
      text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    }
    return send(text.append("\r\n").append(body));
  }
  HttpAnswer send(std::string_view text) {
    bellhop::test::Peer peer(port());
    peer.send(text);
    const std::string all = peer.receive_all();
    HttpAnswer answer;
    const std::size_t end = all.find("\r\n\r\n");
    if (all.size() > 12) answer.status = std::stoi(all.substr(9, 3));
    answer.head = all.substr(0, end);
    if (end != std::string::npos) answer.body = all.substr(end + 4);
    return answer;
  }

  std::string password_{kPassword};

 private:
  struct Served {
    Served(const config::Settings& settings, const policy::PolicyPtr& policy, base::Log& log)
        : admission(policy),
          store(settings.files, policy, log, counters),
          server(options(shards), log, [](std::size_t, http::ServerEvent) {}),
          worker{0,
                 shards.at(1),
                 store,
                 counters,
                 {shards.at(1).sessions(), log, counters.events.of_shard(1), ids, shards.control(),
                  admission},
                 [](std::string_view) { return std::string_view("example.org"); }},
          dav({.control = shards.control().executor(),
               .store = store,
               .log = log,
               .server = server,
               .worker_of = [this](const http::Exchange&) -> files::FileWorker& { return worker; },
               .workers = 1,
               .public_url = "https://files.example.org",
               .hash_cost = {.log2_n = 4, .r = 1, .p = 1},
               .answer_wait = std::chrono::milliseconds(300)}) {
      dav.confirmations().add({.parent_domain = "example.org",
                               .client = users.client(),
                               .is_attached = [this] { return users.is_attached.load(); }});
    }
    static http::ServerOptions options(runtime::ShardSet& shards) {
      http::ServerOptions options;
      options.plain_listen = {{"127.0.0.1", 0}};
      options.connections_max = 100;
      options.connections_per_address_max = 100;
      options.header_timeout = std::chrono::seconds(20);
      options.idle_timeout = std::chrono::seconds(20);
      options.shards = {&shards.at(1)};
      return options;
    }

    runtime::ShardSet shards{2};
    policy::Admission admission;
    files::FileCounters counters{1};
    files::FileStore store;
    http::HttpServer server;
    base::UlidSource ids;
    files::FileWorker worker;
    AskedUsers users{shards.control().executor()};
    DavService dav;
  };

  static runtime::Task<bool> start(Served& served) {
    served.dav.start();
    served.store.start();
    served.server.start();
    co_return true;
  }
  static runtime::Task<bool> stop(Served& served) {
    served.users.stop();
    co_await served.dav.join();
    co_await served.server.stop(std::chrono::seconds(5));
    co_await served.store.stop();
    served.dav.stop();
    co_return true;
  }

  store::TemporaryFolder folder_;
  config::Settings settings_;
  policy::PolicyPtr policy_;
  runtime::test::TempLog log_;
  std::unique_ptr<Served> served_;
  std::jthread thread_;
};

}  // namespace bellhop::webdav::test
