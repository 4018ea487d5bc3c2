// The page's files as the program has them, against the files themselves.
#include "api/web/assets.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "tests/unit/component/store/temporary_folder.hpp"

namespace bellhop::web {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(BELLHOP_SOURCE_FOLDER) / "api/dashboard";

std::map<std::string, Asset> by_path() {
  std::map<std::string, Asset> result;
  for (const Asset& asset : assets()) {
    EXPECT_TRUE(result.emplace(asset.path, asset).second) << asset.path << " is there twice";
  }
  return result;
}

TEST(Assets, EveryFileOfThePageIsThereToTheByte) {
  const auto compiled = by_path();
  std::set<std::string> found{"/"};
  for (const auto& entry : fs::recursive_directory_iterator(kFolder)) {
    if (!entry.is_regular_file() || entry.path().extension() == ".md") continue;
    const std::string path = "/" + fs::relative(entry.path(), kFolder).generic_string();
    ASSERT_TRUE(compiled.contains(path)) << path;
    EXPECT_EQ(compiled.at(path).body, store::text_of(entry.path())) << path;
    found.insert(path);
  }
  EXPECT_EQ(compiled.size(), found.size());
  EXPECT_GT(found.size(), 5U);
}

TEST(Assets, TheRootIsThePage) {
  const auto compiled = by_path();
  EXPECT_EQ(compiled.at("/").body, compiled.at("/index.html").body);
  EXPECT_EQ(compiled.at("/").content_type, "text/html; charset=utf-8");
}

// With nosniff a browser obeys a script or a style only if it has its type.
TEST(Assets, HaveTheTypesOfTheirNames) {
  const std::map<std::string, std::string> types{{".html", "text/html; charset=utf-8"},
                                                 {".js", "text/javascript; charset=utf-8"},
                                                 {".css", "text/css; charset=utf-8"}};
  for (const auto& [path, asset] : by_path()) {
    if (path == "/") continue;
    const auto type = types.find(fs::path(path).extension().string());
    EXPECT_EQ(asset.content_type, type == types.end() ? "text/plain; charset=utf-8" : type->second)
        << path;
  }
}

TEST(Assets, TheLicenceOfWhatIsNotOursGoesWithIt) {
  EXPECT_TRUE(by_path().contains("/vendor/LICENSE-uPlot"));
}

}  // namespace
}  // namespace bellhop::web
