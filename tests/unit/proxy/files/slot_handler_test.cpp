// Slots over stanzas, from the request to the file that can be fetched.
#include <gtest/gtest.h>

#include "tests/unit/proxy/files/served_files.hpp"

namespace bellhop::files::test {
namespace {

constexpr std::string_view kUrl = "https://files.example.org";

// `attributes` with a leading blank, children of <request/>.
std::string request(std::string_view attributes, std::string_view children = "") {
  std::string xml = "<request xmlns='urn:xmpp:http:upload:0'";
  return xml.append(attributes).append(">").append(children).append("</request>");
}

std::string purpose(std::string_view name, std::string_view attributes = "") {
  std::string xml = "<";
  return xml.append(name).append(" xmlns='urn:xmpp:http:upload:purpose:0'").append(attributes) +
         "/>";
}

std::string between(const std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t at = text.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t first = at + begin.size();
  return text.substr(first, text.find(end, first) - first);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const std::string kFive = request(" filename='a b.jpg' size='5' content-type='image/jpeg'");

// HUP-02, HUP-07, HUP-08
TEST(SlotHandler, GrantsASlotThatAFileCanBeUploadedBy) {
  ServedFiles served;
  const std::string answer = served.ask_stanza("get", kFive);
  ASSERT_TRUE(has(answer, "type='result'")) << answer;
  ASSERT_TRUE(has(answer, "<slot xmlns='urn:xmpp:http:upload:0'>")) << answer;
  const std::string put = between(answer, "<put url='", "'");
  const std::string get = between(answer, "<get url='", "'");
  ASSERT_TRUE(put.starts_with(kUrl) && get.starts_with(kUrl)) << answer;
  EXPECT_TRUE(get.ends_with("/a%20b.jpg"));
  EXPECT_EQ(get.find("alice"), std::string::npos);
  const std::string token = between(answer, "<header name='Authorization'>", "</header>");
  const std::string fields = "Authorization: " + token + "\r\n" + length_line(5);
  EXPECT_EQ(served.ask(http_request("PUT", put.substr(kUrl.size()), fields, "hello")).status, 201U);
  const HttpAnswer file = served.ask(http_request("GET", get.substr(kUrl.size())));
  EXPECT_EQ(file.body, "hello");
  EXPECT_EQ(file.field("Content-Type"), "image/jpeg");
}

// HUP-14
TEST(SlotHandler, GrantsASlotInTheOldSyntax) {
  ServedFiles served;
  const std::string answer = served.ask_stanza(
      "get",
      "<request xmlns='urn:xmpp:http:upload'><filename>a.jpg</filename><size>5</size></request>");
  ASSERT_TRUE(has(answer, "<slot xmlns='urn:xmpp:http:upload'>")) << answer;
  const std::string put = between(answer, "<put>", "</put>");
  const std::string get = between(answer, "<get>", "</get>");
  ASSERT_TRUE(put.starts_with(kUrl)) << answer;
  EXPECT_EQ(
      served.ask(http_request("PUT", put.substr(kUrl.size()), length_line(5), "hello")).status,
      201U);
  EXPECT_EQ(served.ask(http_request("GET", get.substr(kUrl.size()))).body, "hello");
}

// HUP-09
TEST(SlotHandler, GrantsAnotherSlotEachTime) {
  ServedFiles served;
  const std::string first = between(served.ask_stanza("get", kFive), "<get url='", "'");
  const std::string second = between(served.ask_stanza("get", kFive), "<get url='", "'");
  EXPECT_NE(first, second);
  EXPECT_GE(first.size(), kUrl.size() + FileId::kTextBytes);
}

// HUP-15
TEST(SlotHandler, TakesRequestsOfFullAndBareJidsForTheBareOne) {
  ServedFiles served;
  for (const std::string_view from : {"alice@example.org", "Alice@Example.org/phone"}) {
    const std::string answer = served.ask_stanza("get", kFive, from);
    const std::string path = between(answer, "<put url='", "'").substr(kUrl.size());
    const std::string fields =
        "Authorization: " + between(answer, "<header name='Authorization'>", "</header>") + "\r\n" +
        length_line(5);
    HttpClient client = served.connect();
    EXPECT_EQ(client.ask(http_request("PUT", path, fields, "hello")).status, 201U);
    ASSERT_FALSE(served.sessions().empty());
    EXPECT_EQ(served.sessions().back().requester, "alice@example.org");
  }
}

// HUP-03
TEST(SlotHandler, RefusesRequestsWithoutANameOrASize) {
  ServedFiles served;
  for (const std::string_view attributes :
       {" size='5'", " filename='' size='5'", " filename='a'", " filename='a' size='0'",
        " filename='a' size='-5'", " filename='a' size='5.0'",
        " filename='a' size='99999999999999999999'"}) {
    const std::string answer = served.ask_stanza("get", request(attributes));
    EXPECT_TRUE(has(answer, "<error type='modify'><bad-request")) << answer;
  }
  EXPECT_EQ(served.bytes_taken(), 0U);
}

// HUP-04
TEST(SlotHandler, TellsHowLargeAFileMayBe) {
  ServedFiles served([](config::Settings& settings) { settings.files.file_bytes_max = 1000; });
  const std::string answer = served.ask_stanza("get", request(" filename='a' size='1001'"));
  EXPECT_TRUE(has(answer, "<error type='modify'><not-acceptable")) << answer;
  EXPECT_TRUE(has(answer,
                  "<file-too-large xmlns='urn:xmpp:http:upload:0'>"
                  "<max-file-size>1000</max-file-size></file-too-large>"))
      << answer;
  EXPECT_TRUE(has(served.ask_stanza("get", request(" filename='a' size='1000'")), "<slot "));
}

// HUP-05, HUP-17
TEST(SlotHandler, TellsWhenToComeAgainOverAQuota) {
  ServedFiles served([](config::Settings& settings) { settings.quota.stored_bytes_per_jid = 9; });
  EXPECT_TRUE(has(served.ask_stanza("get", kFive), "<slot "));
  EXPECT_EQ(served.bytes_taken(), 5U);
  const std::string answer = served.ask_stanza("get", kFive);
  EXPECT_TRUE(has(answer, "<error type='wait'><resource-constraint")) << answer;
  EXPECT_TRUE(has(answer, "<retry xmlns='urn:xmpp:http:upload:0' stamp='")) << answer;
  EXPECT_TRUE(has(served.ask_stanza("get", kFive, "bob@example.org/x"), "<slot "));
}

// HUP-06
TEST(SlotHandler, ForbidsWhoMayNot) {
  ServedFiles served;
  const std::string answer = served.ask_stanza("get", kFive, "eve@example.net/x");
  EXPECT_TRUE(has(answer, "<error type='auth'><forbidden")) << answer;
  EXPECT_EQ(served.bytes_taken(), 0U);
}

// Checks of our own ask as the component itself, which is nobody's user.
TEST(SlotHandler, AsksNoRuleForRequestsOfTheComponentItself) {
  ServedFiles served(
      [](config::Settings& settings) { settings.access.deny_domains = {"bellhop.example.org"}; });
  const std::string answer = served.ask_stanza("get", kFive, "bellhop.example.org/check");
  ASSERT_TRUE(has(answer, "<slot ")) << answer;
  const std::string path = between(answer, "<put url='", "'").substr(kUrl.size());
  const std::string fields =
      "Authorization: " + between(answer, "<header name='Authorization'>", "</header>") + "\r\n" +
      length_line(5);
  EXPECT_EQ(served.ask(http_request("PUT", path, fields, "hello")).status, 201U);
  EXPECT_EQ(served.ask(http_request("GET", path)).body, "hello");
  for (const std::string_view from :
       {"eve@bellhop.example.org/x", "other.example.org", "bellhop.example.org.evil.example"}) {
    EXPECT_TRUE(has(served.ask_stanza("get", kFive, from), "<forbidden")) << from;
  }
}

TEST(SlotHandler, CountsAndBoundsRequestsOfTheComponentItself) {
  ServedFiles served([](config::Settings& settings) { settings.quota.stored_bytes_per_jid = 9; });
  EXPECT_TRUE(has(served.ask_stanza("get", kFive, "bellhop.example.org"), "<slot "));
  EXPECT_TRUE(has(served.ask_stanza("get", kFive, "bellhop.example.org"), "<resource-constraint"));
  served.set_open(false);
  EXPECT_TRUE(has(served.ask_stanza("get", kFive, "bellhop.example.org"), "<error type='wait'>"));
}

// HUP-11, HUP-13
TEST(SlotHandler, KnowsWhatAFileIsFor) {
  ServedFiles served;
  for (const std::string_view name : {"message", "profile", "permanent"}) {
    const std::string answer =
        served.ask_stanza("get", request(" filename='a' size='5'", purpose(name)));
    EXPECT_TRUE(has(answer, "<slot ")) << answer;
  }
}

// HUP-12
TEST(SlotHandler, KeepsEphemeralFilesUntilADate) {
  ServedFiles served;
  const auto ask = [&](std::string_view attributes) {
    const std::string child = purpose("ephemeral", attributes);
    return served.ask_stanza("get", request(" filename='a' size='5'", child));
  };
  EXPECT_TRUE(has(ask(" expire-before='2999-01-01T00:00:00Z'"), "<slot "));
  for (const std::string_view attributes :
       {"", " expire-before='soon'", " expire-before='2001-01-01T00:00:00Z'"}) {
    const std::string answer = ask(attributes);
    EXPECT_TRUE(has(answer, "<error type='modify'><bad-request")) << answer;
  }
}

// HUP-14
TEST(SlotHandler, GrantsNothingToASet) {
  ServedFiles served;
  const std::string answer = served.ask_stanza("set", kFive);
  EXPECT_TRUE(has(answer, "<error type='modify'><bad-request")) << answer;
}

TEST(SlotHandler, GrantsNothingWhileTheServiceIsClosed) {
  ServedFiles served;
  served.set_open(false);
  const std::string answer = served.ask_stanza("get", kFive);
  EXPECT_TRUE(has(answer, "<error type='wait'>")) << answer;
  served.set_open(true);
  EXPECT_TRUE(has(served.ask_stanza("get", kFive), "<slot "));
}

// HUP-01, DSC-10
TEST(SlotHandler, AnnouncesUploads) {
  ServedFiles served;
  const std::string info = served.discovered();
  EXPECT_TRUE(has(info, "<identity category='store' type='file'")) << info;
  EXPECT_TRUE(has(info, "<feature var='urn:xmpp:http:upload:0'/>"));
  EXPECT_TRUE(has(info, "<feature var='urn:xmpp:http:upload'/>"));
  EXPECT_TRUE(has(info, "<value>16777216</value>"));
  for (const std::string_view name : {"profile", "ephemeral", "permanent"}) {
    EXPECT_TRUE(has(info, "urn:xmpp:http:upload:purpose:0#" + std::string(name)) || has(info, name))
        << info;
  }
}

}  // namespace
}  // namespace bellhop::files::test
