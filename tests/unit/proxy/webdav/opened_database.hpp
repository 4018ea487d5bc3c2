// The tables of the store in a file of their own.
#pragma once

#include <string>
#include <vector>

#include "component/store/database.hpp"
#include "proxy/files/file_index.hpp"
#include "proxy/files/schema.hpp"
#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::webdav::test {

class OpenedDatabase {
 public:
  /// A stored file of WebDAV; its digest is made of `mark`.
  files::FileId add_file(char mark, std::uint64_t size = 3) {
    files::FileFacts facts;
    facts.id = files::FileId::random();
    facts.owner = "alice@example.org";
    facts.origin = files::FileOrigin::webdav;
    facts.state = files::FileState::stored;
    facts.size = size;
    facts.type = "text/plain";
    facts.created = 1'000;
    facts.sha256 = std::string(64, mark);
    files::FileIndex index(database);
    EXPECT_TRUE(index.insert(facts));
    return facts.id;
  }

  store::TemporaryFolder folder;
  store::Database database = store::Database::open(folder.file("index.db"), files::kMigrations);
};

}  // namespace bellhop::webdav::test
