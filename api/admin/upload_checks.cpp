#include "api/admin/upload_checks.hpp"

#include "api/admin/file_view.hpp"
#include "api/admin/web_client.hpp"
#include "component/base/random.hpp"
#include "component/xmpp/namespaces.hpp"
#include "config/host_text.hpp"

namespace bellhop::admin {
namespace {

using base::Deadline;
using runtime::Task;
using xmpp::Component;
using xmpp::Element;
namespace ns = xmpp::ns;

constexpr std::size_t kFileBytes = std::size_t{256} * 1024;
constexpr const char* kFileName = "bellhop-doctor.bin";
constexpr const char* kFileType = "application/octet-stream";

CheckOutcome no_uploads() {
  return skipped("No component offers uploads.");
}

// What the server brought back for our request.
struct Granted {
  std::string put_url;
  std::string get_url;
  std::vector<std::pair<std::string, std::string>> headers;
};

std::optional<Granted> read_slot(const std::optional<Element>& slot) {
  if (!slot || !slot->is("slot", ns::kUpload)) return std::nullopt;
  const Element* put = slot->child("put", ns::kUpload);
  const Element* get = slot->child("get", ns::kUpload);
  if (put == nullptr || get == nullptr) return std::nullopt;
  Granted granted;
  granted.put_url = put->attribute("url");
  granted.get_url = get->attribute("url");
  for (const Element& header : put->children()) {
    granted.headers.emplace_back(header.attribute("name"), header.text());
  }
  return granted;
}

// Where a walk has got to.
struct Walk {
  std::optional<Granted> slot = {};
  std::optional<CheckOutcome> problem = {};
};

// On the control shard: from ourselves through the server to ourselves, the way of a user's
// request.
Task<Walk> ask_for_slot(std::vector<Component*> components, Deadline deadline) {
  Walk walk;
  Component* component = nullptr;
  for (Component* each : components) {
    if (each->info().has_feature(ns::kUpload) && each->is_attached()) component = each;
  }
  if (component == nullptr) {
    walk.problem = skipped("No component that offers uploads is attached.");
    co_return walk;
  }
  const std::string own = component->jid().text();
  const auto asker = xmpp::Jid::parse(own + "/doctor");
  if (!asker) {
    walk.problem = skipped(own + "/doctor is no address.");
    co_return walk;
  }
  Element request("request", ns::kUpload);
  request.set("filename", kFileName)
      .set("size", std::to_string(kFileBytes))
      .set("content-type", kFileType);
  xmpp::IqQuestion question{xmpp::IqType::get, xmpp::Addresses{*asker, component->jid()},
                            std::move(request)};
  const auto answer = co_await component->requests().ask(std::move(question), deadline);
  if (!answer) {
    walk.problem = failed(
        own + " grants no slot: " + std::string(answer.error().kind().condition) +
            (answer.error().detail().empty() ? "" : " (" + answer.error().detail() + ")") + ".",
        "Is the store full (`bellhopctl file usage`), or does another process answer under this"
        " name (discovery.answers)?");
    co_return walk;
  }
  walk.slot = read_slot(*answer);
  if (!walk.slot) {
    walk.problem = failed("Whoever answers for " + own + " grants no slot of XEP-0363.",
                          "Another process or a module of the server answers under this name.");
  }
  co_return walk;
}

// What went wrong at a step; an answer as wished for: nothing.
std::optional<CheckOutcome> judge(const WebAnswer& answer, const std::string& what,
                                  const std::string& url, unsigned wanted) {
  if (answer.trouble.empty() && answer.status == wanted) return std::nullopt;
  // The path is the permission to fetch the file.
  const std::string where = url.substr(0, url.find('/', url.find("://") + 3));
  if (!answer.trouble.empty()) {
    return failed(what + " at " + where + " failed: " + answer.trouble + ".",
                  "Clients are told this address. It must resolve, its port must lead to"
                  " files.listen or to a proxy in front of it, and its certificate must be one that"
                  " clients trust.");
  }
  return failed(what + " at " + where + " was answered with " + std::to_string(answer.status) +
                    " instead of " + std::to_string(wanted) + ".",
                "Does a web server in front pass method, path, Authorization and bodies of this"
                " size on as they are? See the examples in deploy/.");
}

Task<std::optional<CheckOutcome>> walk_over_http(const Granted& slot, Deadline deadline) {
  const std::string content = base::random_bytes(kFileBytes);
  WebRequest put{"PUT", slot.put_url, slot.headers, content};
  put.fields.emplace_back("Content-Type", kFileType);
  const WebAnswer stored = co_await ask_web(std::move(put), deadline);
  if (auto problem = judge(stored, "PUT", slot.put_url, 201)) co_return problem;
  WebRequest get{"GET", slot.get_url, {}, {}};
  const WebAnswer fetched = co_await ask_web(get, deadline);
  if (auto problem = judge(fetched, "GET", slot.get_url, 200)) co_return problem;
  if (fetched.body != content) {
    co_return failed("The file came back changed.",
                     "A web server in front must not change or compress what it passes on.");
  }
  WebRequest erase{"DELETE", slot.put_url, slot.headers, {}};
  const WebAnswer erased = co_await ask_web(std::move(erase), deadline);
  if (auto problem = judge(erased, "DELETE", slot.put_url, 204)) co_return problem;
  const WebAnswer gone = co_await ask_web(std::move(get), deadline);
  co_return judge(gone, "GET of the deleted file", slot.get_url, 404);
}

}  // namespace

Task<CheckOutcome> check_upload_address(Core& core) {
  const files::FileService* service = core.parts.control.parts().files;
  if (service == nullptr) co_return no_uploads();
  const std::string& url = service->public_url();
  const auto target = http::parse_request_target(url + "/");
  const std::string host = target ? target->authority.host : url;
  if (config::looks_local(host)) {
    co_return warning("Links begin with " + url + ", which only this network can reach.",
                      "Set files.public_url, or [public] host, to what the Internet reaches.");
  }
  if (!url.starts_with("https://")) {
    co_return failed("Links begin with " + url + ", but clients take https alone.",
                     "Set files.tls_certificate and files.tls_key, or put a web server with TLS in"
                     " front and its address into files.public_url.");
  }
  co_return passed("Links begin with " + url + ".");
}

Task<CheckOutcome> check_upload_loop(Core& core) {
  if (core.files() == nullptr) co_return no_uploads();
  const Deadline deadline = Deadline::after(kCheckWithin);
  const base::TimePoint began = base::Clock::now();
  // The list of components does not change while the process runs.
  const Walk walk =
      co_await core.on_control_task(ask_for_slot(core.parts.control.parts().components, deadline));
  if (walk.problem) co_return *walk.problem;
  const auto target = parse_link(walk.slot->get_url);
  if (!target || !target->id) {
    co_return failed("The link of the slot is none of ours.",
                     "Another process or a module of the server answers under this name.");
  }
  const auto problem = co_await walk_over_http(*walk.slot, deadline);
  if (problem) {
    (void)co_await core.files()->remove(*target->id, files::RemoveReason::by_operator);
    co_return *problem;
  }
  const auto took = base::Clock::now() - began;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  co_return passed("A file of 256 KiB was granted a slot, uploaded, fetched and deleted in " +
                   std::to_string(std::max<std::int64_t>(ms, 1)) + " ms.");
}

Task<CheckOutcome> check_upload_room(Core& core) {
  files::FileStore* store = core.files();
  if (store == nullptr) co_return no_uploads();
  const files::StorageReport report = co_await store->report(0);
  const std::uint64_t kept = store->settings().free_bytes_min + report.expected.bytes;
  const std::uint64_t room = report.free_bytes > kept ? report.free_bytes - kept : 0;
  constexpr std::uint64_t kMib = 1024 * 1024;
  const std::string text = std::to_string(room / kMib) + " MiB";
  if (room < store->settings().file_bytes_max) {
    co_return warning("The disk has room for " + text + " more, less than one file may have.",
                      "Make room below files.dir, delete files (`bellhopctl file list --sort"
                      " size`), or lower files.file_bytes_max.");
  }
  co_return passed("The disk has room for " + text + " more.");
}

}  // namespace bellhop::admin
