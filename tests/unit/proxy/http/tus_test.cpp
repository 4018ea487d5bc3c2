// The fields of tus 1.0.0.
#include "proxy/http/tus.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/digest.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using Pair = UploadMetadata::Pair;

TEST(Tus, SpeaksOneVersion) {
  EXPECT_TRUE(check_tus_version("1.0.0"));
  for (const std::optional<std::string_view> other :
       {std::optional<std::string_view>(), std::optional("1.0.1"sv), std::optional("0.2.2"sv),
        std::optional(""sv), std::optional("1.0.0, 1.0.0"sv)}) {
    const auto checked = check_tus_version(other);
    ASSERT_FALSE(checked);
    EXPECT_EQ(errors::status_of(checked.error().kind()), 412U);
  }
}

TEST(Tus, ReadsLengthAndOffset) {
  EXPECT_EQ(parse_upload_length("100").value(), 100U);
  EXPECT_EQ(parse_upload_offset(" 0 ").value(), 0U);
  EXPECT_EQ(parse_upload_length("9223372036854775807").value(), kFileBytesMax);
  for (const std::string_view bad : {"", "-1", "+1", "1.5", "1e3", "0x10", "1 2", "1,2",
                                     "9223372036854775808", "18446744073709551617"}) {
    EXPECT_TRUE(parse_upload_length(bad).error().is(errors::bad_tus_header)) << bad;
    EXPECT_TRUE(parse_upload_offset(bad).error().is(errors::bad_tus_header)) << bad;
  }
}

TEST(Tus, TakesOneAsTheOnlyDeferredLength) {
  EXPECT_TRUE(check_upload_defer_length("1"));
  for (const std::string_view bad : {"", "0", "2", "01", "true"}) {
    EXPECT_FALSE(check_upload_defer_length(bad)) << bad;
  }
}

// The example of the specification.
TEST(UploadMetadata, ReadsPairsInTheirOrder) {
  const auto metadata =
      parse_upload_metadata("filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential");
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->pairs, (std::vector<Pair>{{"filename", "world_domination_plan.pdf"},
                                                {"is_confidential", ""}}));
  ASSERT_NE(metadata->find("filename"), nullptr);
  EXPECT_EQ(*metadata->find("filename"), "world_domination_plan.pdf");
  EXPECT_EQ(metadata->find("Filename"), nullptr);
}

TEST(UploadMetadata, ReadsWhatClientsMakeOfEmptyValuesAndBlanks) {
  EXPECT_EQ(parse_upload_metadata("")->pairs, std::vector<Pair>());
  EXPECT_EQ(parse_upload_metadata(" a , b Yg== ")->pairs,
            (std::vector<Pair>{{"a", ""}, {"b", "b"}}));
  EXPECT_EQ(parse_upload_metadata("a ,b")->pairs, (std::vector<Pair>{{"a", ""}, {"b", ""}}));
}

TEST(UploadMetadata, IsReadAgainAsItIsWritten) {
  const UploadMetadata metadata{
      .pairs = {{"filename", "\xC3\xBC.txt"}, {"empty", ""}, {"x", "\0\xFF"s}}};
  EXPECT_EQ(parse_upload_metadata(format_upload_metadata(metadata)).value(), metadata);
  EXPECT_EQ(format_upload_metadata(UploadMetadata{.pairs = {{"a", ""}, {"b", "b"}}}), "a,b Yg==");
}

TEST(UploadMetadata, RefusesWhatBreaksItsRules) {
  for (const std::string_view bad :
       {","sv, "a,,b"sv, "a,a"sv, "a YQ==,a Yg=="sv, "a YQ"sv, "a Y Q=="sv, "a YQ== b"sv,
        "a \xFF"sv, "\xC3\xBC YQ=="sv, "a\tYQ=="sv, "a\0 YQ=="sv, "a YR=="sv}) {
    const auto metadata = parse_upload_metadata(bad);
    ASSERT_FALSE(metadata) << bad;
    EXPECT_TRUE(metadata.error().is(errors::bad_tus_header)) << bad;
  }
}

TEST(UploadMetadata, HasMaxima) {
  std::string many;
  for (std::size_t i = 0; i < kMetadataPairsMax; ++i)
    many += (i > 0 ? ",k" : "k") + std::to_string(i);
  EXPECT_TRUE(parse_upload_metadata(many));
  EXPECT_FALSE(parse_upload_metadata(many + ",k"));
  EXPECT_TRUE(parse_upload_metadata(std::string(kMetadataKeyBytesMax, 'k')));
  EXPECT_FALSE(parse_upload_metadata(std::string(kMetadataKeyBytesMax + 1, 'k')));
  const std::string value(kMetadataValueBytesMax, 'v');
  EXPECT_TRUE(parse_upload_metadata("k " + xmpp::to_base64(value)));
  EXPECT_FALSE(parse_upload_metadata("k " + xmpp::to_base64(value + 'v')));
  EXPECT_FALSE(parse_upload_metadata("k " + std::string(kFieldValueBytesMax, 'A')));
}

// The example of the specification.
TEST(UploadChecksum, ReadsAlgorithmAndDigest) {
  const auto checksum = parse_upload_checksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
  ASSERT_TRUE(checksum);
  EXPECT_EQ(checksum->algorithm, ChecksumAlgorithm::sha1);
  EXPECT_EQ(checksum->digest, xmpp::digest(EVP_sha1(), "hello world"));
  EXPECT_EQ(format_upload_checksum(*checksum), "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
}

TEST(UploadChecksum, IsReadAgainAsItIsWrittenForEachAlgorithm) {
  const UploadChecksum all[] = {
      {ChecksumAlgorithm::sha1, xmpp::digest(EVP_sha1(), "x")},
      {ChecksumAlgorithm::sha256, xmpp::digest(EVP_sha256(), "x")},
      {ChecksumAlgorithm::md5, xmpp::digest(EVP_md5(), "x")},
  };
  std::string names;
  for (const UploadChecksum& checksum : all) {
    const std::string text = format_upload_checksum(checksum);
    EXPECT_EQ(parse_upload_checksum(text).value(), checksum);
    names += (names.empty() ? "" : ",") + text.substr(0, text.find(' '));
  }
  EXPECT_EQ(names, kTusChecksumAlgorithms);
}

TEST(UploadChecksum, TellsUnknownAlgorithmsFromBadDigests) {
  for (const std::string_view unknown :
       {"", "sha512 AAAA", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "crc32", "sha"}) {
    EXPECT_TRUE(parse_upload_checksum(unknown).error().is(errors::unknown_checksum)) << unknown;
  }
  const std::string long_digest = "sha1 " + std::string(100000, 'A');
  for (const std::string_view bad :
       {"sha1"sv, "sha1 "sv, "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0"sv,
        "md5 Kq5sNclPz7QV2+lfQIuc6R7oRu0="sv, "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0="sv,
        "sha1 \xFF\xFF\xFF\xFF"sv, std::string_view(long_digest)}) {
    EXPECT_TRUE(parse_upload_checksum(bad).error().is(errors::bad_tus_header)) << bad.substr(0, 60);
  }
}

TEST(Tus, FormatsTheEndOfAnUploadAsADate) {
  EXPECT_EQ(format_upload_expires(std::chrono::sys_seconds(std::chrono::seconds(1435265940))),
            "Thu, 25 Jun 2015 20:59:00 GMT");
}

}  // namespace
}  // namespace bellhop::http
