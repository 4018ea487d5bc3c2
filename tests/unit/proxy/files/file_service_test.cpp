// The service as main has it: its URL, its ending, and what outlives it.
#include "proxy/files/file_service.hpp"

#include <gtest/gtest.h>

#include "tests/support/certificate.hpp"
#include "tests/unit/component/runtime/loopback.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"
#include "tests/unit/proxy/files/served_files.hpp"

namespace bellhop::files::test {
namespace {

config::Settings settings_in(const store::TemporaryFolder& folder) {
  config::Settings settings;
  config::ComponentSettings component;
  component.jid = "bellhop.example.org";
  component.parent_domain = "example.org";
  component.services = {config::Service::upload};
  settings.components.push_back(std::move(component));
  settings.files.dir = folder.file("files");
  settings.files.plain_listen = {{"127.0.0.1", 0}};
  return settings;
}

// A service that was built and not started.
struct Built {
  explicit Built(const config::Settings& settings)
      : admission(std::make_shared<policy::Policy>(policy::configured_rules(settings, {}),
                                                   policy::Rules{}, true)),
        service({shards, 1, log.log(), settings, admission}) {}

  runtime::test::TempLog log;
  runtime::ShardSet shards{2};
  policy::Admission admission;
  FileService service;
};

TEST(FileService, IsOfferedByComponentsThatSaySo) {
  const store::TemporaryFolder folder;
  config::Settings settings = settings_in(folder);
  EXPECT_TRUE(offers_upload(settings));
  settings.components.front().services = {config::Service::proxy};
  EXPECT_FALSE(offers_upload(settings));
}

TEST(FileService, DoesNotStartWithoutAnUrlToTell) {
  const store::TemporaryFolder folder;
  config::Settings settings = settings_in(folder);
  EXPECT_THROW(Built built(settings), std::runtime_error);
  settings.files.public_url = "https://files.example.org";
  EXPECT_EQ(Built(settings).service.public_url(), "https://files.example.org");
}

TEST(FileService, TellsWhereItListensIfNothingElseIsSaid) {
  const store::TemporaryFolder folder;
  config::Settings settings = settings_in(folder);
  settings.files.listen = {{"127.0.0.1", 0}};
  settings.files.tls_certificate = folder.file("certificate.pem");
  settings.files.tls_key = folder.file("key.pem");
  bellhop::test::write_identity(settings.files.tls_certificate, settings.files.tls_key, "a");
  settings.public_address.ipv6 = "2001:db8::1";
  Built built(settings);
  const auto port = std::to_string(built.service.server().tls_bound().front().port);
  EXPECT_EQ(built.service.public_url(), "https://[2001:db8::1]:" + port);
}

TEST(FileService, DoesNotStartOnAFolderThatIsInUse) {
  const store::TemporaryFolder folder;
  config::Settings settings = settings_in(folder);
  settings.files.public_url = "https://files.example.org";
  const Built first(settings);
  EXPECT_THROW(Built second(settings), std::runtime_error);
}

TEST(FileService, CountsConnectionsAndRequests) {
  ServedFiles served;
  HttpClient client = served.connect();
  EXPECT_EQ(client.ask(http_request("GET", "/f/x/y")).status, 404U);
  EXPECT_TRUE(eventually([&] { return served.count(FileCounter::requests) == 1U; }));
  EXPECT_EQ(served.count(FileCounter::connections_accepted), 1U);
  EXPECT_EQ(served.count(FileCounter::connections_active), 1U);
}

TEST(FileService, EndsUploadsThatAreUnderWayWhenItStops) {
  auto served = std::make_unique<ServedFiles>();
  const Slot slot = served->grant("a.txt", 10);
  HttpClient client = served->connect();
  client.send(http_request("PUT", slot.path, slot.authorization + length_line(10), "hello"));
  EXPECT_TRUE(eventually([&] { return !served->sessions().empty(); }));
  served.reset();
  EXPECT_TRUE(client.is_ended());
}

// HUP-31: what was answered with 201 is there after a restart, and slots are good for another.
TEST(FileService, ServesTheSameFilesAfterARestart) {
  const store::TemporaryFolder folder;
  const auto keep = [&folder](config::Settings& settings) {
    settings.files.dir = folder.file("files");
  };
  auto served = std::make_unique<ServedFiles>(keep);
  const Slot stored = served->stored("a.txt", "hello");
  const Slot half = served->grant("b.txt", 10);
  EXPECT_EQ(served->put(half, "hello", "Content-Range: bytes 0-4/10\r\n").status, 308U);
  served.reset();
  served = std::make_unique<ServedFiles>(keep);
  EXPECT_EQ(served->get(stored).body, "hello");
  EXPECT_EQ(served->get(half).status, 404U);
  EXPECT_EQ(served->put(half, "again", "Content-Range: bytes 5-9/10\r\n").status, 201U);
  EXPECT_EQ(served->get(half).body, "helloagain");
}

}  // namespace
}  // namespace bellhop::files::test
