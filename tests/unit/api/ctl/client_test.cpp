// Options of the connection that do not go together; the question before a deed.
#include "api/ctl/client.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "component/base/unique_fd.hpp"
#include "tests/unit/api/ctl/stand_in.hpp"

namespace bellhop::ctl {
namespace {

struct Place {
  std::stringstream in;
  std::stringstream out;
  std::stringstream err;
  Io io{.in = in, .out = out, .err = err};
};

// Why the options are refused; empty if they are taken.
std::string refusal(GlobalOptions options) {
  Place place;
  const auto client = Client::create(place.io, std::move(options));
  return client ? "" : client.error().detail();
}

TEST(Client, TakesPlaintextForLoopbackOnly) {
  EXPECT_EQ(refusal({.address = "127.0.0.1:5280", .is_plaintext = true}), "");
  EXPECT_EQ(refusal({.address = "[::1]:5280", .is_plaintext = true}), "");
  EXPECT_NE(refusal({.address = "192.0.2.1:5280", .is_plaintext = true}).find("loopback"),
            std::string::npos);
  EXPECT_NE(refusal({.address = "example.org:5280", .is_plaintext = true}), "");
}

TEST(Client, RefusesOptionsThatDoNotGoTogether) {
  EXPECT_NE(refusal({.address = "unix:/x", .is_plaintext = true}), "");
  EXPECT_NE(refusal({.address = "unix:/x", .tls_name = "y"}), "");
  EXPECT_NE(refusal({.address = "a.example:1", .tls_cert = "c"}), "");
  EXPECT_NE(refusal({.address = "a.example:1", .tls_key = "k"}), "");
  EXPECT_NE(refusal({.address = "127.0.0.1:1", .tls_name = "y", .is_plaintext = true}), "");
}

TEST(Client, NamesTheFileThatItCannotRead) {
  EXPECT_EQ(refusal({.address = "a.example:1", .tls_ca = "/nowhere/ca.pem"}),
            "cannot read /nowhere/ca.pem");
  EXPECT_EQ(refusal({.address = "a.example:1", .tls_ca = "/"}), "cannot read /");
  const auto path =
      std::filesystem::temp_directory_path() / ("bellhopctl-pem-" + std::to_string(::getpid()));
  std::ofstream(path) << std::string((1U << 20U) + 1, 'x');
  EXPECT_NE(refusal({.address = "a.example:1", .tls_ca = path}).find("more than 1 MiB"),
            std::string::npos);
  std::filesystem::remove(path);
}

TEST(Client, ReachesNobodyWhereNobodyListens) {
  const Outcome tcp = run_without({"--address", "127.0.0.1:1", "--plaintext", "node"});
  EXPECT_EQ(tcp.code, 5);
  EXPECT_NE(tcp.err.find("cannot reach bellhopd at 127.0.0.1:1"), std::string::npos) << tcp.err;
  for (const char* command : {"node", "events"}) {  // a call, and a watch
    const Outcome socket = run_without({"--address", "unix:/nowhere/s", command});
    EXPECT_EQ(socket.code, 5);
    EXPECT_TRUE(socket.err.starts_with("bellhopctl: there is no socket /nowhere/s\n"))
        << socket.err;
    EXPECT_EQ(socket.out, "");
  }
}

// A socket that takes connections and never says a word.
class Mute {
 public:
  Mute() : path_(std::filesystem::temp_directory_path() / ("bellhopctl-mute-" + id())) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path_.c_str(), path_.native().size());
    EXPECT_EQ(::bind(fd_.value(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    EXPECT_EQ(::listen(fd_.value(), 8), 0);
  }
  ~Mute() { std::filesystem::remove(path_); }
  Mute(const Mute&) = delete;
  Mute& operator=(const Mute&) = delete;
  [[nodiscard]] std::string address() const { return "unix:" + path_.string(); }

 private:
  static std::string id() { return std::to_string(::getpid()); }

  std::filesystem::path path_;
  base::UniqueFd fd_{::socket(AF_UNIX, SOCK_STREAM, 0)};
};

TEST(Client, WaitsForADaemonThatSaysNothingNoLongerThanItsTimeout) {
  const Mute mute;
  for (const char* command : {"node", "events"}) {  // a call, and a watch
    const Outcome outcome =
        run_without({"--address", mute.address(), "--timeout", "50ms", command});
    EXPECT_EQ(outcome.code, 5) << outcome.err;
    EXPECT_NE(outcome.err.find("--timeout 30s waits longer"), std::string::npos) << outcome.err;
  }
}

TEST(Client, AsksWithTheQuestionAndTakesOnlyAYes) {
  const std::vector<std::pair<std::string, ExitCode>> answers{{"y\n", ExitCode::ok},
                                                              {"YES\n", ExitCode::ok},
                                                              {"\n", ExitCode::failed},
                                                              {"yeah\n", ExitCode::failed},
                                                              {"", ExitCode::failed}};
  for (const auto& [typed, code] : answers) {
    Place place;
    place.in << typed;
    place.io.is_in_terminal = true;
    const auto client = Client::create(place.io, {});
    ASSERT_TRUE(client);
    EXPECT_EQ(client->confirm("End all?"), code) << typed;
    EXPECT_TRUE(place.err.str().starts_with("End all? [y/N] "));
    EXPECT_EQ(place.out.str(), "");
  }
}

}  // namespace
}  // namespace bellhop::ctl
