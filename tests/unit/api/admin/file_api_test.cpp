// FileService beside a real store: pages, links, ends and deletions.
#include "api/admin/file_api.hpp"

#include <gtest/gtest.h>

#include <set>

#include "proxy/files/errors.hpp"
#include "proxy/files/file_handler.hpp"
#include "proxy/webdav/folder_tree.hpp"
#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using files::FileFacts;
using files::NewFile;
using test::AdminWorld;
using test::kReader;

const std::string kAlice = "alice@example.org";
const std::string kUrl = "https://files.example.org";

NewFile new_file(std::string owner = kAlice, std::uint64_t size = 0) {
  NewFile file;
  file.owner = std::move(owner);
  file.name = "cat.png";
  file.type = "image/png";
  file.size = size;
  return file;
}

v1::ListFilesRequest list_request(const std::string& filter, std::int32_t page_size = 0,
                                  const std::string& order_by = "") {
  v1::ListFilesRequest request;
  request.set_filter(filter);
  request.set_page_size(page_size);
  request.set_order_by(order_by);
  return request;
}

template <typename Result>
void expect_refused(const Result& result, const base::ErrorKind& kind, const std::string& field) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind().name, kind.name);
  EXPECT_EQ(result.error().field(), field);
}

class FileApiTest : public ::testing::Test {
 protected:
  FileFacts upload(std::string_view content, std::string owner = kAlice) {
    return world_.upload(new_file(std::move(owner)), content);
  }
  // A file of alice's folder.
  FileFacts put(const std::string& name, std::string_view content) {
    NewFile file = new_file();
    file.origin = files::FileOrigin::webdav;
    const FileFacts facts = world_.upload(std::move(file), content);
    const auto id = facts.id;
    auto add = [name, id](store::Database& database) -> base::Result<void> {
      webdav::FolderTree tree(database, kAlice);
      if (const auto made = tree.make_root(1); !made) return made;
      const std::vector<std::string> names{name};
      return tree.add(names, id, 1);
    };
    EXPECT_TRUE(world_.run(store_.change(add)));
    return facts;
  }
  [[nodiscard]] std::string name_of(const FileFacts& facts) const {
    return "files/" + store_.handles().make(facts.id);
  }
  bool is_there(const FileFacts& facts) { return world_.run(store_.find(facts.id)).has_value(); }

  template <typename Response, typename Request>
  ApiResult<Response> ask(const std::string& method, const Request& request,
                          const Caller& caller = test::kOperator) {
    return world_.call<Response>("FileService/" + method, request, caller);
  }
  ApiResult<v1::ListFilesResponse> list(const v1::ListFilesRequest& request) {
    return ask<v1::ListFilesResponse>("ListFiles", request);
  }
  std::vector<std::string> listed(const v1::ListFilesRequest& request) {
    const auto page = list(request);
    EXPECT_TRUE(page);
    std::vector<std::string> names;
    if (!page) return names;
    for (const auto& file : page->files()) names.push_back(file.name());
    return names;
  }
  ApiResult<v1::GetFileResponse> get(const std::string& name) {
    v1::GetFileRequest request;
    request.set_name(name);
    return ask<v1::GetFileResponse>("GetFile", request);
  }
  ApiResult<v1::LookUpLinkResponse> look_up(const std::string& link) {
    v1::LookUpLinkRequest request;
    request.set_link(link);
    return ask<v1::LookUpLinkResponse>("LookUpLink", request);
  }
  ApiResult<v1::GetFileLinkResponse> link_of(const std::string& name,
                                             const Caller& caller = test::kOperator) {
    v1::GetFileLinkRequest request;
    request.set_name(name);
    return ask<v1::GetFileLinkResponse>("GetFileLink", request, caller);
  }
  ApiResult<v1::UpdateFileResponse> expire(const std::string& name, std::int64_t second) {
    v1::UpdateFileRequest request;
    request.mutable_file()->set_name(name);
    request.mutable_file()->mutable_expire_time()->set_seconds(second);
    return ask<v1::UpdateFileResponse>("UpdateFile", request);
  }
  ApiResult<v1::DeleteFileResponse> remove(const std::string& name,
                                           const Caller& caller = test::kOperator) {
    v1::DeleteFileRequest request;
    request.set_name(name);
    return ask<v1::DeleteFileResponse>("DeleteFile", request, caller);
  }
  ApiResult<v1::DeleteFilesResponse> remove_matching(const std::string& filter,
                                                     std::uint64_t expected = 0,
                                                     bool is_trial = false) {
    v1::DeleteFilesRequest request;
    request.set_filter(filter);
    request.set_expected_count(expected);
    request.set_validate_only(is_trial);
    return ask<v1::DeleteFilesResponse>("DeleteFiles", request);
  }
  v1::GetStorageResponse storage(std::int32_t owner_count = 0) {
    v1::GetStorageRequest request;
    request.set_owner_count(owner_count);
    return world_.expect_call<v1::GetStorageResponse>("FileService/GetStorage", request);
  }

  AdminWorld world_{{.config = "", .has_files = true}};
  files::FileStore& store_ = *world_.core.files();
};

TEST_F(FileApiTest, APageShowsStoredAndAnnouncedFiles) {
  EXPECT_EQ(list(list_request(""))->files_size(), 0);
  const FileFacts stored = upload("hello");
  const FileFacts announced = world_.announce(new_file("bob@example.net", 7));
  const auto page = list(list_request(""));
  ASSERT_TRUE(page);
  ASSERT_EQ(page->files_size(), 2);
  EXPECT_EQ(page->next_page_token(), "");
  for (const v1::File& file : page->files()) {
    const bool is_stored = file.name() == name_of(stored);
    EXPECT_EQ(file.name(), name_of(is_stored ? stored : announced));
    EXPECT_EQ(file.owner(), is_stored ? kAlice : "bob@example.net");
    EXPECT_EQ(file.size_bytes(), is_stored ? 5U : 7U);
    EXPECT_EQ(file.state(), is_stored ? v1::FILE_STATE_STORED : v1::FILE_STATE_EXPECTED);
    EXPECT_EQ(file.sha256(), is_stored ? stored.sha256 : "");
  }
}

TEST_F(FileApiTest, PagesMissNothingThatStaysAndShowNothingTwice) {
  std::set<std::string> staying;
  std::vector<FileFacts> going;
  for (std::size_t i = 0; i < 12; ++i) {
    const FileFacts facts = upload("hello");
    if (i % 3 == 0) going.push_back(facts);
    if (i % 3 != 0) staying.insert(name_of(facts));
  }
  std::multiset<std::string> seen;
  v1::ListFilesRequest request = list_request("owner = " + kAlice, 3);
  do {
    const auto page = list(request);
    ASSERT_TRUE(page);
    EXPECT_LE(page->files_size(), 3);
    for (const auto& file : page->files()) seen.insert(file.name());
    request.set_page_token(page->next_page_token());
    // The last row of a page may be gone when the next is asked for.
    if (!going.empty()) {
      EXPECT_TRUE(remove(name_of(going.back())));
      going.pop_back();
    }
    ASSERT_LT(seen.size(), 50U);
  } while (!request.page_token().empty());
  for (const std::string& name : staying) EXPECT_EQ(seen.count(name), 1U) << name;
  for (const std::string& name : seen) EXPECT_EQ(seen.count(name), 1U) << name;
}

TEST_F(FileApiTest, AFullLastPageHasNoNext) {
  for (int i = 0; i < 4; ++i) upload("hello");
  v1::ListFilesRequest request = list_request("", 2);
  request.set_page_token(list(request)->next_page_token());
  EXPECT_NE(request.page_token(), "");
  const auto last = list(request);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->files_size(), 2);
  EXPECT_EQ(last->next_page_token(), "");
}

// Larger than what is read of the index at a time, so that pages go on within and behind a step.
TEST_F(FileApiTest, PagesReachBehindOneStepOfTheIndex) {
  constexpr int kFiles = 520;
  for (int i = 0; i < kFiles; ++i) {
    world_.announce(new_file(i == kFiles - 1 ? "last@example.org" : kAlice, 1));
  }
  EXPECT_EQ(listed(list_request("", 1000)).size(), 520U);
  EXPECT_EQ(listed(list_request("owner = last@example.org")).size(), 1U);
  EXPECT_EQ(listed(list_request("size_bytes = 1", 1000, "create_time desc")).size(), 520U);
  const auto gone = remove_matching("size_bytes = 1", 520);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->file_count(), 520U);
  EXPECT_EQ(gone->size_bytes(), 520U);
  EXPECT_EQ(storage().file_count(), 0U);
}

TEST_F(FileApiTest, ATokenIsOfItsFilterAndShowsNoId) {
  std::set<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.insert(upload("hello").id.text());
  const std::string token = list(list_request("", 1))->next_page_token();
  ASSERT_NE(token, "");
  for (const std::string& id : ids) EXPECT_EQ(token.find(id), std::string::npos);
  v1::ListFilesRequest request = list_request("owner = " + kAlice, 1);
  request.set_page_token(token);
  expect_refused(list(request), errors::bad_page_token, "page_token");
  request = list_request("", 1);
  request.set_page_token(token + "A");
  expect_refused(list(request), errors::bad_page_token, "page_token");
  request.set_page_token(world_.core.page_tokens.make("jid:a@b", "quotas"));
  expect_refused(list(request), errors::bad_page_token, "page_token");
}

TEST_F(FileApiTest, TheHighestComeFirst) {
  const FileFacts middle = upload("hello");
  const FileFacts small = upload("a");
  const FileFacts large = upload("hello world", "bob@example.net");
  EXPECT_EQ(listed(list_request("", 0, "size_bytes desc")),
            (std::vector<std::string>{name_of(large), name_of(middle), name_of(small)}));
  EXPECT_EQ(listed(list_request("", 2, "size_bytes desc")),
            (std::vector<std::string>{name_of(large), name_of(middle)}));
  EXPECT_EQ(listed(list_request("owner = " + kAlice, 1, "size_bytes desc")),
            (std::vector<std::string>{name_of(middle)}));
  EXPECT_EQ(listed(list_request("", 0, "create_time desc")).size(), 3U);
  const auto page = list(list_request("", 1, "create_time desc"));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->next_page_token(), "");
}

TEST_F(FileApiTest, WhatAListCannotDoIsRefused) {
  expect_refused(list(list_request("size > 5")), errors::bad_filter, "filter");
  expect_refused(list(list_request("", -1)), errors::bad_argument, "page_size");
  for (const char* order : {"size_bytes", "size_bytes asc", "owner desc", "create_time  desc"}) {
    expect_refused(list(list_request("", 0, order)), errors::bad_argument, "order_by");
  }
  v1::ListFilesRequest request = list_request("", 1, "size_bytes desc");
  request.set_page_token("x");
  expect_refused(list(request), errors::bad_argument, "page_token");
}

TEST_F(FileApiTest, OneFileIsShownByItsName) {
  const FileFacts facts = upload("hello");
  const auto shown = get(name_of(facts));
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->file().display_name(), "cat.png");
  EXPECT_EQ(shown->file().sha256(), facts.sha256);
  // The id of the link is no name.
  expect_refused(get("files/" + facts.id.text()), errors::not_found, "name");
  expect_refused(get("files/" + store_.handles().make(files::FileId::random())), errors::not_found,
                 "name");
  expect_refused(get("files/x"), errors::not_found, "name");
  for (const char* name : {"", "files/", "file", "sessions/x"}) {
    expect_refused(get(name), errors::bad_argument, "name");
  }
}

TEST_F(FileApiTest, AnUploadHasALinkForThoseWhoMayAlsoDelete) {
  const FileFacts facts = upload("hello");
  const auto link = link_of(name_of(facts));
  ASSERT_TRUE(link);
  EXPECT_EQ(link->link(), kUrl + "/f/" + facts.id.text() + "/cat.png");
  expect_refused(link_of(name_of(facts), kReader), errors::permission_denied, "");
  const FileFacts in_folder = put("a.txt", "hello");
  expect_refused(link_of(name_of(in_folder)), errors::failed_precondition, "name");
}

TEST_F(FileApiTest, AFileIsFoundByTheLinkThatSomebodyReported) {
  const FileFacts facts = upload("hello");
  for (const std::string& link :
       {link_of(name_of(facts))->link(), files::file_path(facts),
        "aesgcm://files.example.org" + files::file_path(facts) + "#00ff",
        "https://other.example/prefix/f/" + facts.id.text() + "/another-name.jpg"}) {
    const auto found = look_up(link);
    ASSERT_TRUE(found) << link;
    EXPECT_EQ(found->file().name(), name_of(facts)) << link;
  }
  expect_refused(look_up(kUrl + "/f/" + files::FileId::random().text() + "/x"), errors::not_found,
                 "link");
  // A name of the API is none of a link.
  expect_refused(look_up("/f/" + store_.handles().make(facts.id) + "/x"), errors::not_found,
                 "link");
  for (const char* link : {"", "/", "https://files.example.org/f/", "/f/../x/y"}) {
    expect_refused(look_up(link), errors::bad_argument, "link");
  }
}

TEST_F(FileApiTest, AFileOfAFolderIsFoundByItsPlace) {
  const FileFacts facts = put("a \xC3\xA4.txt", "hello");
  for (const char* link :
       {"https://files.example.org/dav/alice@example.org/a%20%C3%A4.txt",
        "/dav/alice%40example.org/a%20%c3%a4.txt?x", "/dav/Alice@EXAMPLE.org/a%20%C3%A4.txt"}) {
    const auto found = look_up(link);
    ASSERT_TRUE(found) << link;
    EXPECT_EQ(found->file().name(), name_of(facts));
    EXPECT_EQ(found->file().origin(), "dav");
  }
  for (const char* link :
       {"/dav/alice@example.org/b.txt", "/dav/bob@example.org/a%20%C3%A4.txt",
        "/dav/alice@example.org/a%20%C3%A4.txt/x", "/dav/x'%20OR%201/y", "/dav/@/x"}) {
    expect_refused(look_up(link), errors::not_found, "link");
  }
}

TEST_F(FileApiTest, AFileGetsAnotherEndOrNone) {
  const FileFacts facts = upload("hello");
  const auto changed = expire(name_of(facts), 4'000'000'000);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->file().expire_time().seconds(), 4'000'000'000);
  v1::UpdateFileRequest request;
  request.mutable_file()->set_name(name_of(facts));
  request.mutable_update_mask()->add_paths("expire_time");
  const auto never = ask<v1::UpdateFileResponse>("UpdateFile", request);
  ASSERT_TRUE(never);
  EXPECT_FALSE(never->file().has_expire_time());
  EXPECT_FALSE(get(name_of(facts))->file().has_expire_time());
  request.mutable_update_mask()->add_paths("owner");
  expect_refused(ask<v1::UpdateFileResponse>("UpdateFile", request), errors::bad_argument,
                 "update_mask");
}

TEST_F(FileApiTest, EndsThatCannotBeAreRefused) {
  const FileFacts facts = upload("hello");
  for (const std::int64_t second :
       {std::int64_t{0}, std::int64_t{-1}, files::now_s(), std::int64_t{7'258'118'401},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    expect_refused(expire(name_of(facts), second), errors::bad_argument, "file.expire_time");
  }
  EXPECT_TRUE(expire(name_of(facts), 7'258'118'400));
  const FileFacts announced = world_.announce(new_file(kAlice, 5));
  expect_refused(expire(name_of(announced), 4'000'000'000), files::errors::file_expected, "");
  expect_refused(expire("files/x", 4'000'000'000), errors::not_found, "name");
}

TEST_F(FileApiTest, ADeletedFileIsGoneWithItsRoom) {
  const FileFacts facts = upload("hello");
  expect_refused(remove(name_of(facts), kReader), errors::permission_denied, "");
  const auto gone = remove(name_of(facts));
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->file().name(), name_of(facts));
  EXPECT_EQ(gone->file().size_bytes(), 5U);
  EXPECT_FALSE(is_there(facts));
  EXPECT_EQ(storage().size_bytes(), 0U);
  expect_refused(remove(name_of(facts)), errors::not_found, "name");
}

TEST_F(FileApiTest, FilesThatMatchAreCountedAndThenDeleted) {
  const FileFacts first = upload("hello");
  const FileFacts second = upload("hello world");
  const FileFacts other = upload("hello", "bob@example.net");
  const auto counted = remove_matching("owner = " + kAlice, 2, true);
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->file_count(), 2U);
  EXPECT_EQ(counted->size_bytes(), 16U);
  EXPECT_TRUE(is_there(first)) << "it was a trial";
  expect_refused(remove_matching("owner = " + kAlice, 3), errors::count_mismatch, "expected_count");
  EXPECT_TRUE(is_there(first));
  const auto gone = remove_matching("owner = " + kAlice, 2);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->file_count(), 2U);
  EXPECT_EQ(gone->size_bytes(), 16U);
  EXPECT_FALSE(is_there(first) || is_there(second));
  EXPECT_TRUE(is_there(other));
  EXPECT_EQ(remove_matching("owner = " + kAlice)->file_count(), 0U);
}

TEST_F(FileApiTest, AllFilesAreDeletedOnlyIfThatIsSaid) {
  const FileFacts facts = upload("hello");
  expect_refused(remove_matching(""), errors::bad_argument, "filter");
  expect_refused(remove_matching(" "), errors::bad_argument, "filter");
  expect_refused(remove_matching("owner"), errors::bad_filter, "filter");
  EXPECT_TRUE(is_there(facts));
  EXPECT_EQ(remove_matching("name:*")->file_count(), 1U);
  EXPECT_FALSE(is_there(facts));
}

TEST_F(FileApiTest, StorageTellsWhoTakesHowMuch) {
  upload("hello");
  world_.announce(new_file(kAlice, 10));
  world_.announce(new_file("bob@example.net", 100));
  const auto full = storage();
  EXPECT_EQ(full.size_bytes(), 115U);
  EXPECT_EQ(full.file_count(), 3U);
  EXPECT_EQ(full.expected_bytes(), 110U);
  EXPECT_EQ(full.expected_file_count(), 2U);
  EXPECT_GT(full.disk_free_bytes(), 0U);
  EXPECT_EQ(full.disk_reserve_bytes(), 0U);
  EXPECT_EQ(full.owner_count(), 2U);
  ASSERT_EQ(full.largest_owners_size(), 2);
  EXPECT_EQ(full.largest_owners(0).owner(), "bob@example.net");
  EXPECT_EQ(full.largest_owners(1).size_bytes(), 15U);
  EXPECT_EQ(full.largest_owners(1).file_count(), 2U);
  EXPECT_EQ(storage(1).largest_owners_size(), 1);
  v1::GetStorageRequest request;
  request.set_owner_count(-1);
  expect_refused(ask<v1::GetStorageResponse>("GetStorage", request), errors::bad_argument,
                 "owner_count");
}

TEST(FileApi, WithoutUploadsThereIsNoStore) {
  AdminWorld world;
  const auto expect_unavailable = [&world](const char* method, auto response, auto request) {
    const auto refused =
        world.call<decltype(response)>(std::string("FileService/") + method, request);
    expect_refused(refused, errors::unavailable, "");
  };
  expect_unavailable("ListFiles", v1::ListFilesResponse(), v1::ListFilesRequest());
  expect_unavailable("GetFile", v1::GetFileResponse(), v1::GetFileRequest());
  expect_unavailable("LookUpLink", v1::LookUpLinkResponse(), v1::LookUpLinkRequest());
  expect_unavailable("GetFileLink", v1::GetFileLinkResponse(), v1::GetFileLinkRequest());
  expect_unavailable("UpdateFile", v1::UpdateFileResponse(), v1::UpdateFileRequest());
  expect_unavailable("DeleteFile", v1::DeleteFileResponse(), v1::DeleteFileRequest());
  expect_unavailable("DeleteFiles", v1::DeleteFilesResponse(), v1::DeleteFilesRequest());
  const auto storage =
      world.expect_call<v1::GetStorageResponse>("FileService/GetStorage", v1::GetStorageRequest());
  EXPECT_FALSE(storage.is_offered());
}

}  // namespace
}  // namespace bellhop::admin
