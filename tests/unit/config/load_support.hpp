// What several configuration tests need: a good component to start from, and a folder of their own.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "config/loader.hpp"

namespace bellhop::config {

/// Lines 1 to 4 of a good configuration.
inline const std::string kComponent =
    "[[component]]\n"
    "jid = \"bellhop.example.org\"\n"
    "server = \"127.0.0.1:5347\"\n"
    "secret = \"hunter2\"\n";

inline LoadOutcome load(const std::string& text, LoadOptions options = {}) {
  options.path = "bellhop.toml";
  return load_text(text, options);
}

/// All problems, or warnings, as a person would see them.
inline std::string shown(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += to_text(problem);
  return text;
}

/// A folder that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "bellhop-config-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), "mkdtemp");
    }
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string path(std::string_view name) const { return (path_ / name).string(); }

  /// Writes a file and returns its path.
  [[nodiscard]] std::string write(std::string_view name, std::string_view content,
                                  mode_t mode = 0600) const {
    const std::string file = path(name);
    std::ofstream(file, std::ios::binary) << content;
    if (chmod(file.c_str(), mode) != 0) {
      throw std::system_error(errno, std::generic_category(), "chmod");
    }
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace bellhop::config
