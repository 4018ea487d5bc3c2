// Checksums of single requests: each algorithm, right and wrong.
#include "proxy/files/piece_digest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace bellhop::files {
namespace {

// As a client writes them for "abc": base64 of the examples of RFC 1321, RFC 3174 and FIPS 180-2.
constexpr std::string_view kHeaders[] = {
    "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
    "md5 kAFQmDzST7DWlj99KOF/cg==",
    "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
};

bool matches(std::string_view header, std::string_view first, std::string_view second) {
  const auto wanted = http::parse_upload_checksum(header);
  EXPECT_TRUE(wanted) << header;
  if (!wanted) return false;
  PieceDigest digest(*wanted);
  digest.update(first);
  digest.update(second);
  return digest.matches();
}

TEST(PieceDigest, MatchesWhatWasAnnounced) {
  for (const std::string_view header : kHeaders) {
    EXPECT_TRUE(matches(header, "abc", "")) << header;
    EXPECT_TRUE(matches(header, "a", "bc")) << header;
  }
}

TEST(PieceDigest, DiffersWhenABitOrAByteDoes) {
  for (const std::string_view header : kHeaders) {
    EXPECT_FALSE(matches(header, "abb", "")) << header;
    EXPECT_FALSE(matches(header, "ab", "")) << header;
    EXPECT_FALSE(matches(header, "abc", "d")) << header;
    EXPECT_FALSE(matches(header, "", "")) << header;
  }
}

TEST(PieceDigest, MatchesAnythingWhenNothingWasAnnounced) {
  PieceDigest digest(std::nullopt);
  digest.update(std::string_view("abc"));
  EXPECT_TRUE(digest.matches());
}

// A digest of another length is no match, whatever it begins with.
TEST(PieceDigest, ComparesTheWholeDigest) {
  http::UploadChecksum empty{http::ChecksumAlgorithm::sha256, ""};
  EXPECT_FALSE(PieceDigest(empty).matches());
}

}  // namespace
}  // namespace bellhop::files
