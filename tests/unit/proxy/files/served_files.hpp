// The file service on loopback with a folder of its own, and what tests need to know of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "proxy/files/counters.hpp"
#include "proxy/files/file_facts.hpp"
#include "tests/support/http_client.hpp"

namespace bellhop::files::test {

using bellhop::test::chunked;
using bellhop::test::eventually;
using bellhop::test::http_request;
using bellhop::test::HttpAnswer;
using bellhop::test::HttpClient;
using bellhop::test::length_line;

inline constexpr std::string_view kOwner = "alice@example.org";

/// A permission to upload, as a client has it.
struct Slot {
  FileFacts facts;
  std::string path;
  std::string authorization;  ///< the line of the field
};

/// A session as operators see it.
struct ShownSession {
  std::string kind;
  std::string requester;
  std::string first;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
};

/// Control shard and one that serves, each on a thread. Users of example.org may upload.
class ServedFiles {
 public:
  using Change = std::function<void(config::Settings& settings)>;

  explicit ServedFiles(const Change& change = {});
  ~ServedFiles();
  ServedFiles(const ServedFiles&) = delete;
  ServedFiles& operator=(const ServedFiles&) = delete;

  [[nodiscard]] HttpClient connect() const;
  /// On a connection of its own.
  [[nodiscard]] HttpAnswer ask(std::string_view request) const { return connect().ask(request); }

  [[nodiscard]] Slot grant(std::string_view name, std::uint64_t size, std::string_view type = "",
                           std::string_view owner = kOwner);
  [[nodiscard]] HttpAnswer put(const Slot& slot, std::string_view body,
                               std::string_view fields = "") const;
  /// Granted and uploaded.
  [[nodiscard]] Slot stored(std::string_view name, std::string_view content,
                            std::string_view type = "");
  [[nodiscard]] HttpAnswer get(const Slot& slot, std::string_view fields = "") const {
    return ask(http_request("GET", slot.path, fields));
  }

  [[nodiscard]] std::vector<ShownSession> sessions();
  /// As an operator ends them.
  void end_sessions();
  /// Sessions that limits and quotas count.
  [[nodiscard]] std::uint32_t running();
  [[nodiscard]] std::uint64_t count(FileCounter counter) const;
  /// As an operator removes it; whether it was there.
  bool remove(const Slot& slot);
  /// Bytes of what is stored and of what is expected.
  [[nodiscard]] std::uint64_t bytes_taken() const;
  [[nodiscard]] std::string log_text() const;

  /// The answer to an IQ of this type from alice's phone, as text.
  [[nodiscard]] std::string ask_stanza(std::string_view type, std::string_view payload,
                                       std::string_view from = "alice@example.org/phone");
  /// What discovery tells of uploads, as text.
  [[nodiscard]] std::string discovered() const;
  void set_open(bool is_open);
  /// Files below the folder, other than those of the index, with their sizes.
  [[nodiscard]] std::vector<std::string> files_on_disk() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// So many bytes, each made of its position.
[[nodiscard]] std::string content_of(std::size_t bytes);

}  // namespace bellhop::files::test
