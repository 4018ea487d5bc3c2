// bellhopctl file against a stand-in for the daemon: pages, names and links, questions.
#include "api/ctl/file_commands.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/file_service.pb.h"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;

constexpr const char* kId = "5o0cUhDPqWm1Ue5Cq3wZBA";
constexpr const char* kLink = "https://files.example.org/f/0123456789abcdefghijkl/photo.jpg";

v1::File file(const std::string& id = kId) {
  v1::File file;
  file.set_name("files/" + id);
  file.set_owner("alice@example.org");
  file.set_origin("upload");
  file.set_purpose("message");
  file.set_display_name("photo.jpg");
  file.set_media_type("image/jpeg");
  file.set_size_bytes(1536 * 1024);
  file.set_state(v1::FILE_STATE_STORED);
  file.mutable_create_time()->set_seconds(kNowSeconds - 200);
  file.mutable_expire_time()->set_seconds(kNowSeconds + 7200);
  return file;
}

v1::ListFilesResponse page(int first, int count, const std::string& next) {
  v1::ListFilesResponse page;
  for (int i = first; i < first + count; ++i) *page.add_files() = file(std::to_string(i));
  page.set_next_page_token(next);
  return page;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

auto lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

v1::ListFilesRequest list_request(const StandIn& daemon, std::size_t index = 0) {
  return daemon.request<v1::ListFilesRequest>("FileService/ListFiles", index);
}

TEST(FileCommands, ListFilesInATable) {
  StandIn daemon;
  v1::ListFilesResponse response;
  *response.add_files() = file();
  response.mutable_files(0)->set_display_name("a\x1B[2J.jpg");
  daemon.answer("FileService/ListFiles", {response});
  const Outcome outcome = run_with(daemon, {"file", "list"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "FILE                    OWNER              FROM       SIZE  AGE   GOES  TYPE        "
            "NAME\n"
            "5o0cUhDPqWm1Ue5Cq3wZBA  alice@example.org  upload  1.5 MiB   3m  in 2h  image/jpeg  "
            "a�[2J.jpg\n");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(list_request(daemon).filter(), "");
  EXPECT_EQ(list_request(daemon).order_by(), "");
}

TEST(FileCommands, ListFollowsThePages) {
  StandIn daemon;
  daemon.answer("FileService/ListFiles", {page(0, 2, "more")});
  daemon.answer("FileService/ListFiles", {page(2, 1, "")});
  const Outcome table = run_with(daemon, {"file", "list"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_EQ(lines(table.out), 4) << table.out;
  EXPECT_EQ(list_request(daemon, 0).page_size(), 1'000);
  EXPECT_EQ(list_request(daemon, 1).page_token(), "more");
}

TEST(FileCommands, ListWritesAllPagesAsOneObject) {
  StandIn daemon;
  daemon.answer("FileService/ListFiles", {page(0, 2, "more")});
  daemon.answer("FileService/ListFiles", {page(2, 1, "")});
  const Outcome outcome = run_with(daemon, {"file", "list", "-o", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "\"name\": \"files/0\"")) << outcome.out;
  EXPECT_TRUE(has(outcome.out, "\"name\": \"files/2\""));
  EXPECT_TRUE(has(outcome.out, "\"nextPageToken\": \"\""));
}

TEST(FileCommands, ListSendsWhatOptionsSay) {
  StandIn daemon;
  daemon.answer("FileService/ListFiles", {page(0, 1, "")});
  EXPECT_EQ(
      run_with(daemon, {"file", "list", "--owner", "alice@example.org", "--older-than", "30d",
                        "--larger-than", "1M", "--filter", "state = stored", "--sort", "size"})
          .code,
      0);
  EXPECT_EQ(list_request(daemon).filter(),
            "(state = stored) AND owner = \"alice@example.org\" AND age_seconds > 2592000 AND"
            " size_bytes > 1000000");
  EXPECT_EQ(list_request(daemon).order_by(), "size_bytes desc");
  EXPECT_EQ(run_with(daemon, {"file", "list", "--sort", "newest"}).code, 0);
  EXPECT_EQ(list_request(daemon, 1).order_by(), "create_time desc");
  EXPECT_EQ(run_with(daemon, {"file", "list", "--sort", "age"}).code, 0);
  EXPECT_EQ(list_request(daemon, 2).order_by(), "");
  EXPECT_EQ(run_without({"file", "list", "--sort", "name"}).code, 2);
}

TEST(FileCommands, ListStopsAtItsLimit) {
  StandIn daemon;
  daemon.answer("FileService/ListFiles", {page(0, 2, "more")});
  daemon.answer("FileService/ListFiles", {page(2, 1, "more")});
  const Outcome outcome = run_with(daemon, {"file", "list", "--limit", "3"});
  EXPECT_EQ(lines(outcome.out), 4) << outcome.out;
  EXPECT_EQ(daemon.count("FileService/ListFiles"), 2U);
  EXPECT_EQ(list_request(daemon, 0).page_size(), 3);
  EXPECT_EQ(list_request(daemon, 1).page_size(), 1);
}

TEST(FileCommands, ListTellsThatASortedOneIsCut) {
  StandIn daemon;
  daemon.answer("FileService/ListFiles", {page(0, 1'000, "")});
  const std::string note = "bellhopctl: only the first 1000 are sorted and shown\n";
  EXPECT_EQ(run_with(daemon, {"file", "list", "--sort", "size"}).err, note);
  EXPECT_EQ(run_with(daemon, {"file", "list", "--sort", "size", "--limit", "1000"}).err, "");
  EXPECT_EQ(run_with(daemon, {"file", "list"}).err, "");
}

TEST(FileCommands, ListShowsThePagesBeforeAnError) {
  StandIn daemon;
  daemon.answer("FileService/ListFiles", {page(0, 1, "more")});
  daemon.refuse("FileService/ListFiles",
                detailed_status(grpc::StatusCode::UNAVAILABLE, "there is no store", "unavailable"));
  const Outcome outcome = run_with(daemon, {"file", "list"});
  EXPECT_NE(outcome.code, 0);
  EXPECT_EQ(lines(outcome.out), 2);
  EXPECT_TRUE(has(outcome.err, "there is no store (unavailable)\n")) << outcome.err;
}

void answer_look_up(StandIn& daemon) {
  v1::LookUpLinkResponse response;
  *response.mutable_file() = file();
  daemon.answer("FileService/LookUpLink", {response});
}

TEST(FileCommands, ShowTakesANameWithOrWithoutItsCollection) {
  StandIn daemon;
  v1::GetFileResponse response;
  *response.mutable_file() = file();
  daemon.answer("FileService/GetFile", {response});
  for (const std::string& name : {std::string(kId), std::string("files/") + kId}) {
    const Outcome outcome = run_with(daemon, {"file", "show", name});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(has(outcome.out, "stored at:  2026-03-01 11:56:40 (3m 20s ago)\n")) << outcome.out;
  }
  for (const std::size_t index : {0U, 1U}) {
    EXPECT_EQ(daemon.request<v1::GetFileRequest>("FileService/GetFile", index).name(),
              std::string("files/") + kId);
  }
  EXPECT_EQ(daemon.count("FileService/LookUpLink"), 0U);
  EXPECT_TRUE(has(run_with(daemon, {"file", "show", kId, "-o", "json"}).out,
                  "\"displayName\": \"photo.jpg\""));
}

TEST(FileCommands, ShowTakesALink) {
  StandIn daemon;
  answer_look_up(daemon);
  v1::GetFileResponse response;
  *response.mutable_file() = file();
  daemon.answer("FileService/GetFile", {response});
  EXPECT_EQ(run_with(daemon, {"file", "show", kLink}).code, 0);
  EXPECT_EQ(run_with(daemon, {"file", "show", "f/x/photo.jpg"}).code, 0);
  EXPECT_EQ(run_with(daemon, {"file", "show", "/dav/a@b/c"}).code, 0);
  const std::vector<std::string> wanted{kLink, "/f/x/photo.jpg", "/dav/a@b/c"};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(daemon.request<v1::LookUpLinkRequest>("FileService/LookUpLink", i).link(), wanted[i]);
    EXPECT_EQ(daemon.request<v1::GetFileRequest>("FileService/GetFile", i).name(),
              std::string("files/") + kId);
  }
}

TEST(FileCommands, ShowOfNothingIsNotFound) {
  StandIn daemon;
  daemon.refuse(
      "FileService/LookUpLink",
      detailed_status(grpc::StatusCode::NOT_FOUND, "no file is behind this link", "not-found"));
  daemon.refuse("FileService/GetFile",
                detailed_status(grpc::StatusCode::NOT_FOUND, "there is no such file", "not-found"));
  const Outcome link = run_with(daemon, {"file", "show", kLink});
  EXPECT_EQ(link.code, 3);
  EXPECT_EQ(link.err, "bellhopctl: no file is behind this link (not-found)\n");
  EXPECT_EQ(daemon.count("FileService/GetFile"), 0U);
  EXPECT_EQ(run_with(daemon, {"file", "show", kId}).code, 3);
}

TEST(FileCommands, LinkPrintsNothingElse) {
  StandIn daemon;
  v1::GetFileLinkResponse response;
  response.set_link(kLink);
  daemon.answer("FileService/GetFileLink", {response});
  const Outcome outcome = run_with(daemon, {"file", "link", kId});
  EXPECT_EQ(outcome.out, std::string(kLink) + "\n");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(daemon.request<v1::GetFileLinkRequest>("FileService/GetFileLink").name(),
            std::string("files/") + kId);
  daemon.answer("FileService/GetFileLink", {response});
  EXPECT_TRUE(has(run_with(daemon, {"file", "link", kId, "-o", "json"}).out,
                  std::string("\"link\": \"") + kLink + "\""));
}

TEST(FileCommands, ExpireTakesATimeOrNever) {
  StandIn daemon;
  v1::UpdateFileResponse response;
  *response.mutable_file() = file();
  daemon.answer("FileService/UpdateFile", {response});
  answer_look_up(daemon);
  const Outcome outcome = run_with(daemon, {"file", "expire", kId, "7d"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "goes:       2026-03-01 14:00:00 (in 2h)\n")) << outcome.out;
  const auto dated = daemon.request<v1::UpdateFileRequest>("FileService/UpdateFile", 0);
  EXPECT_EQ(dated.file().name(), std::string("files/") + kId);
  EXPECT_EQ(dated.file().expire_time().seconds(), kNowSeconds + 7 * 86'400);
  ASSERT_EQ(dated.update_mask().paths_size(), 1);
  EXPECT_EQ(dated.update_mask().paths(0), "expire_time");
  EXPECT_EQ(run_with(daemon, {"file", "expire", kLink, "never"}).code, 0);
  const auto never = daemon.request<v1::UpdateFileRequest>("FileService/UpdateFile", 1);
  EXPECT_EQ(never.file().name(), std::string("files/") + kId) << "found by its link";
  EXPECT_FALSE(never.file().has_expire_time());
  EXPECT_EQ(never.update_mask().paths(0), "expire_time");
  for (const char* wrong : {"soon", "", "-1h", "2001-01-01 00:00"}) {
    EXPECT_EQ(run_with(daemon, {"file", "expire", kId, wrong}).code, 2) << wrong;
  }
  EXPECT_EQ(run_without({"file", "expire", kId}).code, 2);
  EXPECT_EQ(daemon.count("FileService/UpdateFile"), 2U);
}

void answer_delete(StandIn& daemon) {
  v1::DeleteFileResponse response;
  *response.mutable_file() = file();
  daemon.answer("FileService/DeleteFile", {response});
}

TEST(FileCommands, DeleteAsksAtATerminal) {
  StandIn daemon;
  answer_delete(daemon);
  const Outcome no =
      run_with(daemon, {"file", "delete", "A", "B"}, {.is_in = true, .typed = "n\n"});
  EXPECT_EQ(no.code, 1);
  EXPECT_EQ(no.err, "Delete 2 files? [y/N] bellhopctl: nothing was done\n");
  EXPECT_EQ(daemon.count("FileService/DeleteFile"), 0U);
  const Outcome yes = run_with(daemon, {"file", "delete", "A"}, {.is_in = true, .typed = "y\n"});
  EXPECT_EQ(yes.code, 0) << yes.err;
  EXPECT_EQ(yes.err, "Delete 1 file? [y/N] ");
  EXPECT_EQ(yes.out, std::string("deleted ") + kId + " alice@example.org 1.5 MiB photo.jpg\n");
  EXPECT_EQ(run_with(daemon, {"file", "delete", "A"}).code, 2) << "nobody to ask";
  EXPECT_EQ(daemon.count("FileService/DeleteFile"), 1U);
}

TEST(FileCommands, DeleteTakesNamesAndLinks) {
  StandIn daemon;
  answer_look_up(daemon);
  answer_delete(daemon);
  const Outcome outcome = run_with(daemon, {"file", "delete", kLink, "files/B", "--yes"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(daemon.request<v1::DeleteFileRequest>("FileService/DeleteFile", 0).name(),
            std::string("files/") + kId);
  EXPECT_EQ(daemon.request<v1::DeleteFileRequest>("FileService/DeleteFile", 1).name(), "files/B");
  EXPECT_EQ(lines(run_with(daemon, {"file", "delete", "A", "B", "-y", "-o", "json"}).out), 2);
}

TEST(FileCommands, DeleteOfSomeOfTheNamedIsPartlyDone) {
  StandIn daemon;
  answer_delete(daemon);
  daemon.refuse("FileService/DeleteFile",
                detailed_status(grpc::StatusCode::NOT_FOUND, "there is no such file", "not-found"));
  EXPECT_EQ(run_with(daemon, {"file", "delete", "A", "B", "-y"}).code, 7);
  EXPECT_EQ(run_with(daemon, {"file", "delete", "A", "B", "-y"}).code, 3);
  EXPECT_EQ(daemon.count("FileService/DeleteFile"), 4U) << "one that is gone does not stop it";
}

TEST(FileCommands, DeleteGivesUpWhereNothingMayBeDeleted) {
  StandIn daemon;
  daemon.refuse("FileService/DeleteFile", detailed_status(grpc::StatusCode::PERMISSION_DENIED,
                                                          "you may read only", "denied"));
  const Outcome outcome = run_with(daemon, {"file", "delete", "A", "B", "C", "-y"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(daemon.count("FileService/DeleteFile"), 1U);
}

v1::DeleteFilesResponse deleted(std::uint64_t count) {
  v1::DeleteFilesResponse response;
  response.set_file_count(count);
  response.set_size_bytes(count << 20);
  return response;
}

v1::DeleteFilesRequest delete_request(const StandIn& daemon, std::size_t index) {
  return daemon.request<v1::DeleteFilesRequest>("FileService/DeleteFiles", index);
}

TEST(FileCommands, DeleteByFilterCountsAsksAndDeletesExactlySoMany) {
  StandIn daemon;
  daemon.answer("FileService/DeleteFiles", {deleted(12)});
  const Outcome outcome =
      run_with(daemon, {"file", "delete", "--owner", "mallory@example.org", "--older-than", "1h"},
               {.is_in = true, .typed = "yes\n"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "Delete 12 files, 12.0 MiB? [y/N] ");
  EXPECT_EQ(outcome.out, "deleted 12 files, 12.0 MiB\n");
  const std::string filter = "owner = \"mallory@example.org\" AND age_seconds > 3600";
  EXPECT_EQ(delete_request(daemon, 0).filter(), filter);
  EXPECT_TRUE(delete_request(daemon, 0).validate_only());
  EXPECT_EQ(delete_request(daemon, 0).expected_count(), 0U);
  EXPECT_EQ(delete_request(daemon, 1).filter(), filter);
  EXPECT_FALSE(delete_request(daemon, 1).validate_only());
  EXPECT_EQ(delete_request(daemon, 1).expected_count(), 12U);
}

TEST(FileCommands, DeleteByFilterThatIsNotConfirmedDeletesNothing) {
  StandIn daemon;
  daemon.answer("FileService/DeleteFiles", {deleted(1)});
  const Outcome no =
      run_with(daemon, {"file", "delete", "--filter", "name:*"}, {.is_in = true, .typed = "\n"});
  EXPECT_EQ(no.code, 1);
  EXPECT_EQ(no.err, "Delete 1 file, 1.0 MiB? [y/N] bellhopctl: nothing was done\n");
  EXPECT_EQ(run_with(daemon, {"file", "delete", "--filter", "name:*"}).code, 2);
  for (const std::size_t index : {0U, 1U}) {
    EXPECT_TRUE(delete_request(daemon, index).validate_only());
  }
  EXPECT_EQ(daemon.count("FileService/DeleteFiles"), 2U);
}

TEST(FileCommands, DeleteByFilterExpectsACount) {
  const grpc::Status changed =
      detailed_status(grpc::StatusCode::FAILED_PRECONDITION, "13 files match", "count-mismatch");
  StandIn daemon;
  daemon.refuse("FileService/DeleteFiles", changed);
  const Outcome outcome =
      run_with(daemon, {"file", "delete", "--owner", "a@b", "--expect", "12", "-y"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(has(outcome.err, "13 files match (count-mismatch)")) << outcome.err;
  EXPECT_EQ(delete_request(daemon, 0).expected_count(), 12U);
  EXPECT_EQ(daemon.count("FileService/DeleteFiles"), 1U);
}

TEST(FileCommands, DeleteByFilterCountsAgainWithYesWhenTheNumberHasChanged) {
  StandIn daemon;
  daemon.answer("FileService/DeleteFiles", {deleted(12)});
  daemon.refuse("FileService/DeleteFiles", detailed_status(grpc::StatusCode::FAILED_PRECONDITION,
                                                           "13 files match", "count-mismatch"));
  daemon.answer("FileService/DeleteFiles", {deleted(13)});
  EXPECT_EQ(run_with(daemon, {"file", "delete", "--larger-than", "1k", "-y"}).code, 0);
  EXPECT_EQ(daemon.count("FileService/DeleteFiles"), 4U);
  EXPECT_EQ(delete_request(daemon, 3).expected_count(), 13U);
}

// Others came first between counting and deleting.
TEST(FileCommands, DeleteByFilterOfFewerThanCountedIsPartlyDone) {
  StandIn daemon;
  daemon.answer("FileService/DeleteFiles", {deleted(12)});
  daemon.answer("FileService/DeleteFiles", {deleted(11)});
  EXPECT_EQ(run_with(daemon, {"file", "delete", "--filter", "name:*", "-y"}).code, 7);
}

TEST(FileCommands, DeleteDryRunOnlyCounts) {
  StandIn daemon;
  daemon.answer("FileService/DeleteFiles", {deleted(3)});
  const Outcome outcome =
      run_with(daemon, {"file", "delete", "--owner", "example.org", "--dry-run"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "would delete 3 files, 3.0 MiB\n");
  EXPECT_EQ(daemon.count("FileService/DeleteFiles"), 1U);
  EXPECT_TRUE(delete_request(daemon, 0).validate_only());
  EXPECT_EQ(delete_request(daemon, 0).filter(), "domain = \"example.org\"");
}

TEST(FileCommands, DeleteOfNoneDeletesNothing) {
  StandIn daemon;
  daemon.answer("FileService/DeleteFiles", {deleted(0)});
  const Outcome outcome = run_with(daemon, {"file", "delete", "--owner", "a@b"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "deleted 0 files, 0 B\n");
  EXPECT_EQ(daemon.count("FileService/DeleteFiles"), 1U);
}

TEST(FileCommands, DeleteNeedsNamesOrAChoiceAndNotBoth) {
  EXPECT_EQ(run_without({"file", "delete", "-y"}).code, 2);
  EXPECT_EQ(run_without({"file", "delete", "A", "--owner", "a@b", "-y"}).code, 2);
  EXPECT_EQ(run_without({"file", "delete", "A", "--filter", "x", "-y"}).code, 2);
  EXPECT_EQ(run_without({"file", "delete", "A", "--dry-run"}).code, 2);
  EXPECT_EQ(run_without({"file", "delete", "A", "--expect", "1", "-y"}).code, 2);
}

// Else a variable that a script has not set would be everybody.
TEST(FileCommands, DeleteTakesNoEmptyChoice) {
  for (const char* option : {"--owner", "--filter"}) {
    const Outcome outcome =
        run_without({"file", "delete", option, "", "--older-than", "30d", "--yes"});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_TRUE(has(outcome.err, "must not be empty")) << outcome.err;
    EXPECT_EQ(run_without({"file", "list", option, ""}).code, 2);
  }
}

v1::GetStorageResponse storage() {
  v1::GetStorageResponse response;
  response.set_is_offered(true);
  response.set_size_bytes(3 << 20);
  response.set_file_count(3);
  response.set_expected_bytes(1 << 20);
  response.set_expected_file_count(1);
  response.set_disk_free_bytes(std::uint64_t{2} << 30);
  response.set_disk_reserve_bytes(std::uint64_t{1} << 30);
  response.set_owner_count(2);
  v1::StorageUse& use = *response.add_largest_owners();
  use.set_owner("alice@example.org");
  use.set_file_count(2);
  use.set_size_bytes(2 << 20);
  return response;
}

TEST(FileCommands, UsageTellsHowFullTheStoreIs) {
  StandIn daemon;
  daemon.answer("FileService/GetStorage", {storage()});
  const Outcome outcome = run_with(daemon, {"file", "usage"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "taken:             3 files, 3.0 MiB\n"
            "not uploaded yet:  1 file, 1.0 MiB\n"
            "disk:              2.0 GiB free, of which 1.0 GiB are kept free\n"
            "owners:            2\n"
            "OWNER              FILES    BYTES\n"
            "alice@example.org      2  2.0 MiB\n");
  EXPECT_EQ(daemon.request<v1::GetStorageRequest>("FileService/GetStorage").owner_count(), 10);
}

TEST(FileCommands, UsageTellsThatThereIsNoStore) {
  StandIn daemon;
  daemon.answer("FileService/GetStorage", {v1::GetStorageResponse()});
  const Outcome outcome = run_with(daemon, {"file", "usage"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "no component offers uploads\n");
}

TEST(FileCommands, UsageMarksADiskThatIsFull) {
  StandIn daemon;
  v1::GetStorageResponse full = storage();
  daemon.answer("FileService/GetStorage", {full});
  full.set_disk_free_bytes(full.disk_reserve_bytes());
  daemon.answer("FileService/GetStorage", {full});
  const Terminal terminal{.is_out = true};
  EXPECT_FALSE(has(run_with(daemon, {"file", "usage"}, terminal).out, "\x1B[31m"));
  EXPECT_TRUE(has(run_with(daemon, {"file", "usage"}, terminal).out, "\x1B[31m"));
}

TEST(FileCommands, UsageTakesANumberOfOwners) {
  StandIn daemon;
  daemon.answer("FileService/GetStorage", {storage()});
  EXPECT_TRUE(has(run_with(daemon, {"file", "usage", "--owners", "20", "-o", "json"}).out,
                  "\"ownerCount\": \"2\""));
  EXPECT_EQ(daemon.request<v1::GetStorageRequest>("FileService/GetStorage").owner_count(), 20);
  for (const char* wrong : {"0", "1001", "-1", "many"}) {
    EXPECT_EQ(run_without({"file", "usage", "--owners", wrong}).code, 2) << wrong;
  }
}

}  // namespace
}  // namespace bellhop::ctl
