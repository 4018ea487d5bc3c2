// Requests to alice's folder, answered on the spot.
#pragma once

#include <map>

#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/folder.hpp"
#include "tests/unit/proxy/webdav/opened_database.hpp"

namespace bellhop::webdav::test {

using List = std::vector<std::string>;
using Headers = std::map<std::string, std::string>;

class FolderTest : public ::testing::Test {
 protected:
  FolderRequest request(std::string method, List names, const Headers& headers = {},
                        std::string body = {}) {
    FolderRequest made{.method = std::move(method),
                       .owner = "alice@example.org",
                       .names = std::move(names),
                       .body = std::move(body)};
    made.now = 2'000;
    made.steady_now = base::Clock::now();
    made.host = http::Authority::parse("files.example.org", 443).value();
    const auto put = [&headers](FolderRequest::Header& field, const char* name) {
      if (const auto found = headers.find(name); found != headers.end()) field = found->second;
    };
    put(made.depth, "Depth");
    put(made.destination, "Destination");
    put(made.overwrite, "Overwrite");
    put(made.if_header, "If");
    put(made.timeout, "Timeout");
    put(made.lock_token, "Lock-Token");
    put(made.if_match, "If-Match");
    put(made.if_none_match, "If-None-Match");
    return made;
  }
  base::Result<FolderReply> ask(std::string method, List names, const Headers& headers = {},
                                std::string body = {}) {
    return folders.answer(opened.database,
                          request(std::move(method), std::move(names), headers, std::move(body)));
  }
  /// The status, of a refusal too.
  int status(std::string method, List names, const Headers& headers = {}, std::string body = {}) {
    const auto reply = ask(std::move(method), std::move(names), headers, std::move(body));
    if (reply) return reply->status;
    const auto* row = errors::find_row(reply.error().kind());
    return row == nullptr ? 0 : row->status;
  }
  /// Puts a file with a digest made of `mark`.
  int put(List names, char mark, const Headers& headers = {}) {
    FolderRequest made = request("PUT", std::move(names), headers);
    made.file = opened.add_file(mark);
    const auto reply = folders.answer(opened.database, made);
    if (reply) return reply->status;
    return errors::find_row(reply.error().kind())->status;
  }
  /// The token of a new lock.
  std::string lock(List names, const Headers& headers = {}, std::string_view scope = "exclusive") {
    const auto reply = ask("LOCK", std::move(names), headers, lock_body(scope));
    EXPECT_TRUE(reply && !reply->fields.empty());
    if (!reply || reply->fields.empty()) return {};
    const std::string& coded = reply->fields.front().second;
    return coded.substr(1, coded.size() - 2);
  }
  static std::string lock_body(std::string_view scope = "exclusive") {
    return "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:" + std::string(scope) +
           "/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>";
  }
  static bool contains(const base::Result<FolderReply>& reply, std::string_view text) {
    return reply && reply->body.find(text) != std::string::npos;
  }

  OpenedDatabase opened;
  Folders folders;
};

}  // namespace bellhop::webdav::test
