// Uploads and downloads as sessions: seen, counted, limited and ended like all others.
#include <gtest/gtest.h>

#include "tests/unit/proxy/files/served_files.hpp"

namespace bellhop::files::test {
namespace {

const std::string kContent = content_of(1000);

// A client that has sent the head of a PUT and so many bytes.
HttpClient begin_upload(const ServedFiles& served, const Slot& slot, std::size_t bytes) {
  HttpClient client = served.connect();
  client.send(http_request("PUT", slot.path, slot.authorization + length_line(slot.facts.size),
                           kContent.substr(0, bytes)));
  return client;
}

// Until one session has received so many bytes.
bool has_received(ServedFiles& served, std::uint64_t bytes) {
  return eventually([&] {
    const auto sessions = served.sessions();
    return sessions.size() == 1U && sessions.front().received == bytes;
  });
}

TEST(Transfer, IsSeenWhileAnUploadRuns) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", kContent.size());
  HttpClient client = begin_upload(served, slot, 300);
  ASSERT_TRUE(has_received(served, 300));
  const ShownSession session = served.sessions().front();
  EXPECT_EQ(session.kind, "upload");
  EXPECT_EQ(session.requester, kOwner);
  EXPECT_EQ(session.first, "127.0.0.1");
  EXPECT_EQ(session.sent, 0U);
  EXPECT_EQ(served.running(), 1U);
  EXPECT_EQ(client.ask(kContent.substr(300)).status, 201U);
  EXPECT_TRUE(has_received(served, 1000));
}

TEST(Transfer, IsOneForAllFilesOfAUserOnAConnection) {
  ServedFiles served;
  const Slot first = served.stored("a.txt", kContent);
  const Slot second = served.stored("b.txt", "hello");
  HttpClient client = served.connect();
  for (const Slot& slot : {first, second, first}) {
    EXPECT_EQ(client.ask(http_request("GET", slot.path)).status, 200U);
  }
  EXPECT_EQ(client.ask(http_request("HEAD", first.path)).status, 200U);
  EXPECT_TRUE(eventually([&] { return served.sessions().size() == 1U; }));
  const ShownSession session = served.sessions().front();
  EXPECT_EQ(session.kind, "download");
  EXPECT_EQ(session.sent, 2005U);
  EXPECT_EQ(session.received, 0U);
}

TEST(Transfer, IsAnotherForAnotherUser) {
  ServedFiles served;
  const Slot mine = served.stored("a.txt", kContent);
  const Slot other = served.grant("b.txt", 5, "", "bob@example.org");
  EXPECT_EQ(served.put(other, "hello").status, 201U);
  HttpClient client = served.connect();
  EXPECT_EQ(client.ask(http_request("GET", mine.path)).status, 200U);
  EXPECT_EQ(client.ask(http_request("GET", other.path)).status, 200U);
  EXPECT_TRUE(eventually([&] { return served.running() == 1U; }));
  ASSERT_EQ(served.sessions().size(), 1U);
  EXPECT_EQ(served.sessions().front().requester, "bob@example.org");
  EXPECT_EQ(served.sessions().front().sent, 5U);
}

// A reverse proxy sends the requests of many clients over one connection.
TEST(Transfer, IsAnotherForAnotherClientOfAReverseProxy) {
  ServedFiles served(
      [](config::Settings& settings) { settings.files.trusted_proxies = {"127.0.0.1"}; });
  const Slot slot = served.stored("a.txt", kContent);
  HttpClient proxy = served.connect();
  for (const std::string_view client : {"203.0.113.1", "203.0.113.1", "203.0.113.2"}) {
    const std::string field = "X-Forwarded-For: " + std::string(client) + "\r\n";
    EXPECT_EQ(proxy.ask(http_request("GET", slot.path, field)).status, 200U);
  }
  EXPECT_TRUE(eventually([&] { return served.running() == 1U; }));
  ASSERT_EQ(served.sessions().size(), 1U);
  EXPECT_EQ(served.sessions().front().first, "203.0.113.2");
  EXPECT_EQ(served.sessions().front().sent, 1000U);
  EXPECT_NE(served.log_text().find("first=203.0.113.1 "), std::string::npos);
}

TEST(Transfer, EndsWithItsConnectionAndIsCounted) {
  ServedFiles served;
  const Slot slot = served.stored("a.txt", kContent);
  EXPECT_EQ(served.get(slot).status, 200U);
  EXPECT_TRUE(eventually([&] { return served.running() == 0U; }));
  EXPECT_TRUE(served.sessions().empty());
  EXPECT_EQ(served.count(FileCounter::bytes_received), 1000U);
  EXPECT_EQ(served.count(FileCounter::bytes_sent), 1000U);
  const std::string log = served.log_text();
  EXPECT_NE(log.find("event=session_ended"), std::string::npos);
  EXPECT_NE(log.find("reason=completed"), std::string::npos);
  EXPECT_EQ(log.find("Bearer"), std::string::npos);
}

TEST(Transfer, IsEndedByAnOperator) {
  ServedFiles served;
  const Slot slot = served.grant("a.txt", kContent.size());
  HttpClient client = begin_upload(served, slot, 300);
  ASSERT_TRUE(has_received(served, 300));
  served.end_sessions();
  EXPECT_TRUE(client.is_ended());
  EXPECT_TRUE(eventually([&] { return served.running() == 0U; }));
  EXPECT_NE(served.log_text().find("reason=ended"), std::string::npos);
  EXPECT_EQ(served.put(slot, kContent).status, 201U);  // the slot is not used up
}

TEST(Transfer, EndsADownloadThatNobodyReads) {
  ServedFiles served;
  const std::string content = content_of(16 * 1024 * 1024);
  const Slot slot = served.stored("a.bin", content);
  HttpClient client = served.connect();
  client.send(http_request("GET", slot.path));
  EXPECT_TRUE(eventually([&] {
    const auto sessions = served.sessions();
    return sessions.size() == 1U && sessions.front().kind == "download";
  }));
  served.end_sessions();
  EXPECT_LT(client.read().body.size(), content.size());
}

TEST(Transfer, ObeysTheRateOfItsUser) {
  ServedFiles served([](config::Settings& settings) { settings.proxy.rate_per_jid = 2000000; });
  const std::string content = content_of(300000);
  EXPECT_TRUE(served.get(served.stored("a.bin", content)).body == content);
}

TEST(Transfer, IsRefusedOverTheCapOfItsUser) {
  ServedFiles served([](config::Settings& settings) { settings.proxy.sessions_per_jid_max = 1; });
  const Slot slot = served.stored("a.txt", kContent);
  EXPECT_TRUE(eventually([&] { return served.running() == 0U; }));
  HttpClient first = served.connect();
  EXPECT_EQ(first.ask(http_request("GET", slot.path)).status, 200U);
  const HttpAnswer refused = served.get(slot);
  EXPECT_EQ(refused.status, 503U);
  EXPECT_TRUE(refused.has("Retry-After"));
  const Slot next = served.grant("b.txt", 5);
  EXPECT_EQ(served.put(next, "hello").status, 503U);
}

TEST(Transfer, IsRefusedToUsersWhoMayNot) {
  ServedFiles served(
      [](config::Settings& settings) { settings.access.deny_jids = {std::string(kOwner)}; });
  const Slot slot = served.grant("a.txt", 5);
  EXPECT_EQ(served.put(slot, "hello").status, 403U);
  EXPECT_TRUE(served.sessions().empty());
}

// Checks of our own upload as the component, which is nobody's user: caps hold all the same.
TEST(Transfer, NeedsNoRuleForFilesOfTheComponentItself) {
  constexpr std::string_view kOwn = "bellhop.example.org";
  ServedFiles served([](config::Settings& settings) {
    settings.access.deny_domains = {"bellhop.example.org"};
    settings.proxy.sessions_per_jid_max = 1;
  });
  const Slot own = served.grant("a.txt", 5, "", kOwn);
  HttpClient client = served.connect();
  EXPECT_EQ(
      client.ask(http_request("PUT", own.path, own.authorization + length_line(5), "hello")).status,
      201U);
  ASSERT_EQ(served.sessions().size(), 1U);
  EXPECT_EQ(served.sessions().front().requester, kOwn);
  EXPECT_EQ(served.running(), 1U);
  EXPECT_EQ(served.get(own).status, 503U) << "over the cap";
  EXPECT_EQ(client.ask(http_request("GET", own.path)).body, "hello");
  const Slot other = served.grant("b.txt", 5, "", "eve@example.net");
  EXPECT_EQ(served.put(other, "hello").status, 403U);
}

}  // namespace
}  // namespace bellhop::files::test
