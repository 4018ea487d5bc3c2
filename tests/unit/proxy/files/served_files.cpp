#include "tests/unit/proxy/files/served_files.hpp"

#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>

#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "proxy/files/file_service.hpp"
#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::files::test {
namespace {

using runtime::Task;
using namespace std::chrono_literals;

constexpr std::string_view kParent = "example.org";
constexpr std::string_view kOwnDomain = "bellhop.example.org";

config::Settings settings_of(const store::TemporaryFolder& folder,
                             const ServedFiles::Change& change) {
  config::Settings settings;
  config::ComponentSettings component;
  component.jid = kOwnDomain;
  component.parent_domain = kParent;
  component.services = {config::Service::upload};
  settings.components.push_back(std::move(component));
  settings.files.dir = folder.file("files");
  settings.files.plain_listen = {{"127.0.0.1", 0}};
  settings.files.public_url = "https://files.example.org";
  settings.files.free_bytes_min = 0;
  settings.files.file_bytes_max = 16 * 1024 * 1024;
  if (change) change(settings);
  return settings;
}

policy::PolicyPtr policy_of(const config::Settings& settings) {
  return std::make_shared<policy::Policy>(policy::configured_rules(settings, {}), policy::Rules{},
                                          settings.access.parent_domain);
}

}  // namespace

struct ServedFiles::Parts {
  explicit Parts(const Change& change)
      : settings(settings_of(folder, change)),
        admission(policy_of(settings)),
        service({shards, 1, log.log(), settings, admission}),
        slots(service.make_slot_handler(std::string(kParent))) {
    runtime::test::ignore_broken_pipes();
    slots->attach(router, info);
    service.start();
    for (std::size_t i = 0; i < shards.size(); ++i) {
      threads.emplace_back([this, i] { shards.at(i).run(); });
    }
  }
  ~Parts() {
    wait_for(shards.control(), stop());
    shards.release();
    threads.clear();
    EXPECT_EQ(admission.running(), 0U);
  }

  Task<bool> stop() {
    co_await router.stop();
    co_await service.stop(0s);
    co_await service.close_store();
    co_return true;
  }

  template <typename T>
  static T wait_for(runtime::Shard& shard, Task<T> task) {
    return runtime::asio::co_spawn(shard.executor(), std::move(task), runtime::asio::use_future)
        .get();
  }
  // Runs there and waits for what it returns.
  template <typename Function>
  static auto run_on(runtime::Shard& shard, Function function) {
    std::packaged_task<std::invoke_result_t<Function>()> task(std::move(function));
    auto result = task.get_future();
    // Not the task itself: Asio takes the future of one that it is given as a token.
    runtime::asio::post(shard.executor(), [task = std::move(task)]() mutable { task(); });
    return result.get();
  }

  store::TemporaryFolder folder;
  runtime::test::TempLog log;
  config::Settings settings;
  runtime::ShardSet shards{2};
  policy::Admission admission;
  FileService service;
  xmpp::XmppCounters counters{};
  std::promise<std::string> answer;  // to the stanza under way
  xmpp::IqRouter router{shards.control().executor(), log.log(), counters, std::string(kOwnDomain),
                        [this](const xmpp::Element& stanza) {
                          answer.set_value(xmpp::to_xml(stanza, xmpp::ns::kComponentAccept));
                        }};
  xmpp::DiscoInfo info;
  std::unique_ptr<SlotHandler> slots;
  std::vector<std::jthread> threads;
};

ServedFiles::ServedFiles(const Change& change) : parts_(std::make_unique<Parts>(change)) {}

ServedFiles::~ServedFiles() = default;

HttpClient ServedFiles::connect() const {
  return HttpClient(parts_->service.server().plain_bound().front().port);
}

Slot ServedFiles::grant(std::string_view name, std::uint64_t size, std::string_view type,
                        std::string_view owner) {
  NewFile file;
  file.owner = owner;
  file.name = name;
  file.type = type;
  file.size = size;
  FileStore& store = parts_->service.store();
  const auto facts = Parts::wait_for(parts_->shards.control(), store.reserve(std::move(file)));
  EXPECT_TRUE(facts) << name;
  const std::string token = store.tokens().make({facts->id, facts->size});
  return {*facts, file_path(*facts), "Authorization: Bearer " + token + "\r\n"};
}

HttpAnswer ServedFiles::put(const Slot& slot, std::string_view body,
                            std::string_view fields) const {
  std::string all = slot.authorization + length_line(body.size());
  return ask(http_request("PUT", slot.path, all.append(fields), body));
}

Slot ServedFiles::stored(std::string_view name, std::string_view content, std::string_view type) {
  Slot slot = grant(name, content.size(), type);
  EXPECT_EQ(put(slot, content).status, 201U) << name;
  return slot;
}

std::vector<ShownSession> ServedFiles::sessions() {
  runtime::Shard& shard = parts_->shards.at(1);
  return Parts::run_on(shard, [&shard] {
    std::vector<ShownSession> shown;
    shard.sessions().for_each([&shown](runtime::Session& session) {
      const auto facts = session.facts();
      const auto bytes = session.bytes();
      shown.push_back({std::string(facts.kind), facts.requester, facts.first, bytes.first_to_second,
                       bytes.second_to_first});
    });
    return shown;
  });
}

void ServedFiles::end_sessions() {
  runtime::Shard& shard = parts_->shards.at(1);
  Parts::run_on(shard, [&shard] {
    shard.sessions().end_all(runtime::EndReason::ended);
    return true;
  });
}

std::uint32_t ServedFiles::running() {
  return Parts::run_on(parts_->shards.control(), [this] { return parts_->admission.running(); });
}

std::uint64_t ServedFiles::count(FileCounter counter) const {
  return parts_->service.counters().events.sum(counter);
}

bool ServedFiles::remove(const Slot& slot) {
  const auto removed =
      Parts::wait_for(parts_->shards.control(),
                      parts_->service.store().remove(slot.facts.id, RemoveReason::by_operator));
  return removed.has_value();
}

std::uint64_t ServedFiles::bytes_taken() const {
  return parts_->service.store().total().bytes;
}

std::string ServedFiles::log_text() const {
  return parts_->log.text();
}

std::string ServedFiles::ask_stanza(std::string_view type, std::string_view payload,
                                    std::string_view from) {
  std::string xml = "<iq id='7' from='";
  xml.append(from).append("' type='").append(type).append("' to='").append(kOwnDomain);
  xml.append("'>").append(payload).append("</iq>");
  std::promise<std::string> promise;
  auto answer = promise.get_future();
  parts_->answer = std::move(promise);
  Parts::run_on(parts_->shards.control(), [this, &xml] {
    parts_->router.route(xmpp::test::parse_element(xml));
    return true;
  });
  return answer.get();
}

std::string ServedFiles::discovered() const {
  return xmpp::to_xml(xmpp::to_element(parts_->info), xmpp::ns::kComponentAccept);
}

void ServedFiles::set_open(bool is_open) {
  Parts::run_on(parts_->shards.control(), [this, is_open] {
    parts_->service.set_open(is_open);
    return true;
  });
}

std::vector<std::string> ServedFiles::files_on_disk() const {
  std::vector<std::string> found;
  const std::filesystem::path root = parts_->settings.files.dir;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const bool is_of_index = entry.path().parent_path() == root;
    if (entry.is_regular_file() && !is_of_index) {
      found.push_back(std::filesystem::relative(entry.path(), root).string());
    }
  }
  return found;
}

std::string content_of(std::size_t bytes) {
  std::string content(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) content[i] = static_cast<char>(i * 7 % 253);
  return content;
}

}  // namespace bellhop::files::test
