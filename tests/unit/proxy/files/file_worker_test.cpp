// Refusals as answers of HTTP.
#include "proxy/files/file_worker.hpp"

#include <gtest/gtest.h>

#include "component/policy/errors.hpp"
#include "proxy/files/errors.hpp"
#include "proxy/http/errors.hpp"

namespace bellhop::files {
namespace {

std::string text_of(const base::ErrorKind& kind) {
  return head_of(kind).text();
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// HUP-24
TEST(FileWorker, AnswersEachRefusalWithItsStatus) {
  for (const errors::StatusRow& row : errors::kAll) {
    const std::string text = text_of(*row.kind);
    EXPECT_TRUE(text.starts_with("HTTP/1.1 " + std::to_string(row.status) + " ")) << text;
    EXPECT_EQ(has(text, "Retry-After: "), row.status == 503U) << text;
  }
  for (const http::errors::StatusRow& row : http::errors::kAll) {
    const std::string text = text_of(*row.kind);
    EXPECT_TRUE(text.starts_with("HTTP/1.1 " + std::to_string(row.status) + " ")) << text;
    EXPECT_EQ(has(text, "WWW-Authenticate: Bearer "), row.status == 401U) << text;
  }
}

TEST(FileWorker, AnswersRefusalsOfThePolicy) {
  EXPECT_TRUE(text_of(policy::errors::user_not_allowed).starts_with("HTTP/1.1 403 "));
  EXPECT_TRUE(text_of(policy::errors::sessions_of_jid).starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(text_of(policy::errors::bytes_of_jid).starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(text_of(policy::errors::bad_subject).starts_with("HTTP/1.1 400 "));
}

// HUP-27
TEST(FileWorker, LetsOtherOriginsReadRefusals) {
  const std::string text = text_of(errors::no_such_file);
  EXPECT_TRUE(has(text, "Access-Control-Allow-Origin: *\r\n"));
  EXPECT_TRUE(has(text, "Upload-Offset"));
  EXPECT_FALSE(has(text, "Access-Control-Allow-Credentials"));
}

// HUP-27
TEST(FileWorker, AllowsWhatItServes) {
  const std::string text = options_head().text();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 204 "));
  EXPECT_TRUE(has(text, "Access-Control-Allow-Methods: " + std::string(kMethods) + "\r\n"));
  EXPECT_TRUE(has(text, "Allow: " + std::string(kMethods) + "\r\n"));
}

}  // namespace
}  // namespace bellhop::files
