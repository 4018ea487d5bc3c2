// Files as operators see them, by every field; links in whatever form they are reported.
#include "api/admin/file_view.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "api/admin/errors.hpp"

namespace bellhop::admin {
namespace {

using files::FileFacts;
using files::FileId;
using Names = std::vector<std::string>;

const files::FileHandles kHandles{config::Secret("0123456789abcdef")};
constexpr files::Second kNow = 1'000'000;

FileFacts picture() {
  FileFacts facts;
  facts.id = *FileId::parse("5o0cUhDPqWm1Ue5Cq3wZBA");
  facts.owner = "alice@example.org";
  facts.purpose = files::Purpose::ephemeral;
  facts.name = "a \"b\" \\*.jpg";
  facts.type = "image/jpeg";
  facts.size = 5'000'000'000;
  facts.state = files::FileState::stored;
  facts.created = kNow - 100;
  facts.expires = kNow + 50;
  facts.sha256 = "ab12";
  return facts;
}

TEST(FileView, ShowsEveryFieldOfAFile) {
  const FileFacts facts = picture();
  const v1::File file = to_proto(facts, kHandles);
  EXPECT_EQ(file.name(), "files/" + kHandles.make(facts.id));
  EXPECT_EQ(file.owner(), "alice@example.org");
  EXPECT_EQ(file.domain(), "example.org");
  EXPECT_EQ(file.origin(), "upload");
  EXPECT_EQ(file.purpose(), "ephemeral");
  EXPECT_EQ(file.display_name(), facts.name);
  EXPECT_EQ(file.media_type(), "image/jpeg");
  EXPECT_EQ(file.size_bytes(), 5'000'000'000U);
  EXPECT_EQ(file.state(), v1::FILE_STATE_STORED);
  EXPECT_EQ(file.create_time().seconds(), kNow - 100);
  EXPECT_EQ(file.expire_time().seconds(), kNow + 50);
  EXPECT_EQ(file.sha256(), "ab12");
}

TEST(FileView, ShowsWhatIsExpectedAndWhatNeverGoes) {
  FileFacts facts = picture();
  facts.owner = "bellhop.example.org";  // the component itself
  facts.origin = files::FileOrigin::webdav;
  facts.state = files::FileState::expected;
  facts.expires = 0;
  facts.type.clear();
  facts.sha256.clear();
  const v1::File file = to_proto(facts, kHandles);
  EXPECT_EQ(file.domain(), "bellhop.example.org");
  EXPECT_EQ(file.origin(), "dav");
  EXPECT_EQ(file.state(), v1::FILE_STATE_EXPECTED);
  EXPECT_FALSE(file.has_expire_time());
  EXPECT_EQ(file.media_type(), "");
  EXPECT_EQ(file.sha256(), "");
}

TEST(FileView, NamesEveryPurpose) {
  const std::vector<std::pair<files::Purpose, std::string>> rows{
      {files::Purpose::message, "message"},
      {files::Purpose::profile, "profile"},
      {files::Purpose::ephemeral, "ephemeral"},
      {files::Purpose::permanent, "permanent"}};
  for (const auto& [purpose, name] : rows) {
    FileFacts facts = picture();
    facts.purpose = purpose;
    EXPECT_EQ(to_proto(facts, kHandles).purpose(), name);
  }
}

// HUP-09: who may look at files cannot fetch them.
TEST(FileView, NeverShowsTheIdThatIsInTheLink) {
  const FileFacts facts = picture();
  EXPECT_EQ(to_proto(facts, kHandles).SerializeAsString().find(facts.id.text()), std::string::npos);
}

bool matched(const std::string& text, const FileFacts& facts = picture()) {
  const auto filter = parse_file_filter(text);
  if (!filter) ADD_FAILURE() << text << ": " << filter.error().detail();
  return filter && matches(*filter, facts, kHandles, kNow);
}

TEST(FileView, FiltersSeeEveryField) {
  const std::string name = "files/" + kHandles.make(picture().id);
  for (const std::string& text :
       {std::string(), "name = \"" + name + "\"", std::string("name:*"),
        std::string("owner = alice@example.org"), std::string("domain = example.org"),
        std::string("origin = upload"), std::string("purpose = ephemeral"),
        std::string(R"(display_name = "a \"b\" \\\*.jpg")"),
        std::string("display_name = \"*.jpg\""), std::string("media_type = \"image/*\""),
        std::string("state = stored"), std::string("size_bytes = 5G"),
        std::string("size_bytes > 4Gi"), std::string("age_seconds = 100"),
        std::string("expires_seconds = 50"), std::string("sha256 = ab12"),
        std::string("domain = example.org AND (size_bytes > 1M OR age_seconds < 1)")}) {
    EXPECT_TRUE(matched(text)) << text;
  }
  for (const char* text :
       {"name = files/x", "owner = bob@example.org", "domain = example", "origin = dav",
        "purpose = message", "display_name = \"a\"", "media_type = \"video/*\"", "state = expected",
        "size_bytes < 5G", "age_seconds > 100", "expires_seconds < 50", "NOT sha256 = ab12"}) {
    EXPECT_FALSE(matched(text)) << text;
  }
}

// Whatever time the machine has had before, ages are not negative.
TEST(FileView, FiltersCountSecondsFromNow) {
  FileFacts facts = picture();
  facts.created = kNow + 10;
  facts.expires = kNow - 10;
  EXPECT_TRUE(matched("age_seconds = 0", facts));
  EXPECT_TRUE(matched("expires_seconds = 0", facts));
  facts.expires = 0;
  EXPECT_TRUE(matched("expires_seconds = 18446744073709551615", facts)) << "never";
  EXPECT_TRUE(matched("expires_seconds > 10000000000", facts));
}

TEST(FileView, FiltersHaveNoOtherFields) {
  for (const char* text : {"id = x", "link:x", "size > 1", "owner", "size_bytes = large"}) {
    const auto filter = parse_file_filter(text);
    ASSERT_TRUE(filter.has_error()) << text;
    EXPECT_TRUE(filter.error().is(errors::bad_filter));
  }
}

LinkTarget target_of(std::string_view link) {
  const auto target = parse_link(link);
  EXPECT_TRUE(target) << link;
  return target ? *target : LinkTarget{};
}

TEST(FileView, ReadsLinksOfUploadsInEveryForm) {
  const FileId id = picture().id;
  for (const char* link : {
           "https://files.example.org/f/5o0cUhDPqWm1Ue5Cq3wZBA/a%20b.jpg",
           "http://files.example.org:8080/f/5o0cUhDPqWm1Ue5Cq3wZBA/x",
           "http://[2001:db8::1]:8080/f/5o0cUhDPqWm1Ue5Cq3wZBA/x",
           "aesgcm://files.example.org/f/5o0cUhDPqWm1Ue5Cq3wZBA/x.jpg#0123456789abcdef",
           "https://files.example.org/f/5o0cUhDPqWm1Ue5Cq3wZBA/x?slot=a/b#c?d",
           "/f/5o0cUhDPqWm1Ue5Cq3wZBA/x",
           "/f/5o0cUhDPqWm1Ue5Cq3wZBA/x?next=https://evil.example/",
           "https://example.org/xmpp/files/f/5o0cUhDPqWm1Ue5Cq3wZBA/x",
           "https://example.org/f/f/5o0cUhDPqWm1Ue5Cq3wZBA/x",
           "https://example.org//f//5o0cUhDPqWm1Ue5Cq3wZBA//x",
           "/f/5o0cUhDPqWm1Ue5Cq3wZBA/f",
           "/f/5o0cUhDPqWm1Ue5Cq3wZBA/%E2%98%83.png",
       }) {
    const LinkTarget target = target_of(link);
    EXPECT_EQ(target.id, id) << link;
    EXPECT_TRUE(target.owner.empty() && target.names.empty()) << link;
  }
}

TEST(FileView, ReadsLinksOfFolders) {
  const LinkTarget plain =
      target_of("https://files.example.org/dav/alice@example.org/Photos/a%20%C3%A4.jpg");
  EXPECT_FALSE(plain.id);
  EXPECT_EQ(plain.owner, "alice@example.org");
  EXPECT_EQ(plain.names, (Names{"Photos", "a \xC3\xA4.jpg"}));
  const LinkTarget escaped = target_of("/files/dav/alice%40example.org/a%3Fb%23c?x#y");
  EXPECT_EQ(escaped.owner, "alice@example.org");
  EXPECT_EQ(escaped.names, Names{"a?b#c"});
  // What stands below a folder is not read as another link.
  const LinkTarget deep = target_of("/dav/alice@example.org/f/5o0cUhDPqWm1Ue5Cq3wZBA/x");
  EXPECT_FALSE(deep.id);
  EXPECT_EQ(deep.names, (Names{"f", "5o0cUhDPqWm1Ue5Cq3wZBA", "x"}));
}

void expect_no_link(const std::string& link) {
  const auto target = parse_link(link);
  ASSERT_TRUE(target.has_error()) << link.substr(0, 80);
  EXPECT_TRUE(target.error().is(errors::bad_argument)) << link.substr(0, 80);
}

TEST(FileView, RefusesWhatIsNoLink) {
  for (const char* link : {"",
                           "/",
                           "#",
                           "?",
                           "://",
                           "https://",
                           "https://files.example.org",
                           "https://files.example.org/",
                           "mailto:alice@example.org",
                           "5o0cUhDPqWm1Ue5Cq3wZBA",
                           "files/5o0cUhDPqWm1Ue5Cq3wZBA",
                           "/f/o0cUhDPqWm1Ue5Cq3wZBA/x",
                           "/f/5o0cUhDPqWm1Ue5Cq3wZBAA/x",
                           "/f/5o0cUhDPqWm1Ue5Cq3wZ%42%/x",
                           "/dav",
                           "/dav/",
                           "/dav/alice@example.org",
                           "/dav/alice@example.org/",
                           "/dav/alice@example.org/../bob@example.org/x",
                           "/dav/a@b/%2e%2e%2fx"}) {
    expect_no_link(link);
  }
  for (const char* behind :
       {"", "/", "/a/b", "/..", "/%2E%2E", "/%00", "/\xFF", "/a\nb", "/a\\b"}) {
    expect_no_link(std::string("/f/5o0cUhDPqWm1Ue5Cq3wZBA") + behind);
  }
  expect_no_link("/g/5o0cUhDPqWm1Ue5Cq3wZBA/x");
  expect_no_link("/dav/a@b/" + std::string(256, 'x'));
  expect_no_link("/f/5o0cUhDPqWm1Ue5Cq3wZBA/" + std::string(1 << 20, 'x'));
  expect_no_link(std::string(1 << 20, '/'));
}

// A link that was cut somewhere leads to its file or nowhere, never to another one.
TEST(FileView, ReadsNoOtherFileFromAPieceOfALink) {
  const std::string link = "https://files.example.org/f/5o0cUhDPqWm1Ue5Cq3wZBA/a.jpg?x=1#y";
  std::size_t read = 0;
  for (std::size_t begin = 0; begin < link.size(); ++begin) {
    for (std::size_t size = 0; begin + size <= link.size(); ++size) {
      const auto target = parse_link(std::string_view(link).substr(begin, size));
      if (!target) continue;
      ++read;
      EXPECT_EQ(target->id, picture().id) << link.substr(begin, size);
    }
  }
  EXPECT_GT(read, 90U);
}

}  // namespace
}  // namespace bellhop::admin
