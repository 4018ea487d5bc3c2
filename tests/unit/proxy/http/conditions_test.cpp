// Conditional requests, one rule after the other.
#include "proxy/http/conditions.hpp"

#include <gtest/gtest.h>

#include "proxy/http/http_date.hpp"

namespace bellhop::http {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year;

constexpr sys_seconds kChanged = sys_days(year(2026) / 5 / 1);
constexpr sys_seconds kNow = kChanged + days(10);

const Validators kFile{.entity_tag = EntityTag{.opaque = "v2"}, .last_modified = kChanged};
const std::string kBefore = format_http_date(kChanged - seconds(1));
const std::string kExactly = format_http_date(kChanged);
const std::string kAfter = format_http_date(kChanged + seconds(1));

Verdict of_get(const ConditionFields& fields, const Validators* current = &kFile) {
  return evaluate_conditions(MethodKind::retrieval, fields, current, kNow);
}

Verdict of_put(const ConditionFields& fields, const Validators* current = &kFile) {
  return evaluate_conditions(MethodKind::other, fields, current, kNow);
}

TEST(Conditions, LetARequestWithoutThemPass) {
  EXPECT_EQ(of_get({}), Verdict::go_on);
  EXPECT_EQ(of_put({}), Verdict::go_on);
  EXPECT_EQ(of_put({}, nullptr), Verdict::go_on);
}

// DAV-32, RFC 9110 §13.1.1.
TEST(Conditions, IfMatchNeedsOneOfItsTags) {
  EXPECT_EQ(of_put({.if_match = "\"v1\", \"v2\""}), Verdict::go_on);
  EXPECT_EQ(of_put({.if_match = "\"v1\""}), Verdict::precondition_failed);
  EXPECT_EQ(of_get({.if_match = "\"v1\""}), Verdict::precondition_failed);
  EXPECT_EQ(of_put({.if_match = "W/\"v2\""}), Verdict::precondition_failed);  // compared strongly
  EXPECT_EQ(of_put({.if_match = "\"v2\""}, nullptr), Verdict::precondition_failed);
}

TEST(Conditions, IfMatchOfAnyNeedsSomethingToExist) {
  const Validators untagged{.last_modified = kChanged};
  EXPECT_EQ(of_put({.if_match = "*"}), Verdict::go_on);
  EXPECT_EQ(of_put({.if_match = "*"}, &untagged), Verdict::go_on);
  EXPECT_EQ(of_put({.if_match = "\"v2\""}, &untagged), Verdict::precondition_failed);
  EXPECT_EQ(of_put({.if_match = "*"}, nullptr), Verdict::precondition_failed);
}

TEST(Conditions, IfMatchThatIsNotUnderstoodFails) {
  for (const std::string_view bad : {"", "v2", "\"v2", "*, \"v2\""}) {
    EXPECT_EQ(of_put({.if_match = bad}), Verdict::precondition_failed) << bad;
    EXPECT_EQ(of_get({.if_match = bad}), Verdict::precondition_failed) << bad;
  }
}

// RFC 9110 §13.1.4.
TEST(Conditions, IfUnmodifiedSinceNeedsAnOlderDate) {
  EXPECT_EQ(of_put({.if_unmodified_since = kBefore}), Verdict::precondition_failed);
  EXPECT_EQ(of_put({.if_unmodified_since = kExactly}), Verdict::go_on);
  EXPECT_EQ(of_put({.if_unmodified_since = kAfter}), Verdict::go_on);
  EXPECT_EQ(of_get({.if_unmodified_since = kBefore}), Verdict::precondition_failed);
}

TEST(Conditions, IfUnmodifiedSinceIsIgnoredWithoutADate) {
  const Validators undated{.entity_tag = EntityTag{.opaque = "v2"}};
  EXPECT_EQ(of_put({.if_unmodified_since = "yesterday"}), Verdict::go_on);
  EXPECT_EQ(of_put({.if_unmodified_since = kBefore}, &undated), Verdict::go_on);
  EXPECT_EQ(of_put({.if_unmodified_since = kBefore}, nullptr), Verdict::go_on);
}

TEST(Conditions, IfUnmodifiedSinceIsIgnoredBesideIfMatch) {
  EXPECT_EQ(of_put({.if_match = "\"v2\"", .if_unmodified_since = kBefore}), Verdict::go_on);
  EXPECT_EQ(of_put({.if_match = "\"v1\"", .if_unmodified_since = kAfter}),
            Verdict::precondition_failed);
}

// HUP-28, RFC 9110 §13.1.2.
TEST(Conditions, IfNoneMatchSpareAReaderWhatItHas) {
  EXPECT_EQ(of_get({.if_none_match = "\"v1\""}), Verdict::go_on);
  EXPECT_EQ(of_get({.if_none_match = "\"v1\", \"v2\""}), Verdict::not_modified);
  EXPECT_EQ(of_get({.if_none_match = "W/\"v2\""}), Verdict::not_modified);  // compared weakly
  EXPECT_EQ(of_get({.if_none_match = "*"}), Verdict::not_modified);
  EXPECT_EQ(of_get({.if_none_match = "v2"}), Verdict::go_on);  // not understood: sent once more
}

// DAV-32: `If-None-Match: *` is how a client creates without overwriting.
TEST(Conditions, IfNoneMatchKeepsAWriterFromOverwriting) {
  EXPECT_EQ(of_put({.if_none_match = "*"}), Verdict::precondition_failed);
  EXPECT_EQ(of_put({.if_none_match = "*"}, nullptr), Verdict::go_on);
  EXPECT_EQ(of_put({.if_none_match = "\"v2\""}), Verdict::precondition_failed);
  EXPECT_EQ(of_put({.if_none_match = "\"v1\""}), Verdict::go_on);
  EXPECT_EQ(of_put({.if_none_match = "v1"}), Verdict::precondition_failed);  // not understood
  EXPECT_EQ(of_put({.if_none_match = "v1"}, nullptr), Verdict::precondition_failed);
}

// HUP-28, RFC 9110 §13.1.3.
TEST(Conditions, IfModifiedSinceSparesAReaderWhatIsOld) {
  EXPECT_EQ(of_get({.if_modified_since = kBefore}), Verdict::go_on);
  EXPECT_EQ(of_get({.if_modified_since = kExactly}), Verdict::not_modified);
  EXPECT_EQ(of_get({.if_modified_since = kAfter}), Verdict::not_modified);
  EXPECT_EQ(of_get({.if_modified_since = "Friday, 01-May-26 00:00:00 GMT"}), Verdict::not_modified);
  EXPECT_EQ(of_get({.if_modified_since = "soon"}), Verdict::go_on);
  EXPECT_EQ(of_get({.if_modified_since = kAfter}, nullptr), Verdict::go_on);
  EXPECT_EQ(of_put({.if_modified_since = kAfter}), Verdict::go_on);
}

TEST(Conditions, IfModifiedSinceIsIgnoredBesideIfNoneMatch) {
  EXPECT_EQ(of_get({.if_none_match = "\"v1\"", .if_modified_since = kAfter}), Verdict::go_on);
  EXPECT_EQ(of_get({.if_none_match = "\"v2\"", .if_modified_since = kBefore}),
            Verdict::not_modified);
}

// RFC 9110 §13.2.2: If-Match is looked at first, and passing it does not skip the others.
TEST(Conditions, AreLookedAtInTheirOrder) {
  EXPECT_EQ(of_get({.if_match = "\"v1\"", .if_none_match = "\"v2\""}),
            Verdict::precondition_failed);
  EXPECT_EQ(of_get({.if_match = "\"v2\"", .if_none_match = "\"v2\""}), Verdict::not_modified);
  EXPECT_EQ(of_get({.if_match = "\"v2\"", .if_modified_since = kAfter}), Verdict::not_modified);
  EXPECT_EQ(of_get({.if_unmodified_since = kBefore, .if_none_match = "\"v2\""}),
            Verdict::precondition_failed);
  EXPECT_EQ(of_get({.if_unmodified_since = kAfter, .if_modified_since = kAfter}),
            Verdict::not_modified);
}

// HUP-28, RFC 9110 §13.1.5: how a download goes on only if the file is still the same.
TEST(Conditions, IfRangeNeedsTheSameStrongTag) {
  EXPECT_TRUE(may_send_range(std::nullopt, kFile, kNow));
  EXPECT_TRUE(may_send_range("\"v2\"", kFile, kNow));
  EXPECT_TRUE(may_send_range(" \"v2\" ", kFile, kNow));
  EXPECT_FALSE(may_send_range("W/\"v2\"", kFile, kNow));
  EXPECT_FALSE(may_send_range("\"v1\"", kFile, kNow));
  EXPECT_FALSE(may_send_range("\"v1\", \"v2\"", kFile, kNow));
  EXPECT_FALSE(may_send_range("*", kFile, kNow));
  EXPECT_FALSE(may_send_range("", kFile, kNow));
  EXPECT_FALSE(may_send_range("\"v2\"", Validators{}, kNow));
  EXPECT_FALSE(may_send_range("\"v2\"", Validators{.entity_tag = EntityTag{"v2", true}}, kNow));
}

TEST(Conditions, IfRangeNeedsExactlyTheSameStrongDate) {
  Validators file = kFile;
  EXPECT_FALSE(may_send_range(kExactly, file, kNow));  // could have changed within the second
  file.is_date_strong = true;
  EXPECT_TRUE(may_send_range(kExactly, file, kNow));
  EXPECT_FALSE(may_send_range(kBefore, file, kNow));
  EXPECT_FALSE(may_send_range(kAfter, file, kNow));
  EXPECT_FALSE(may_send_range(kExactly, Validators{.is_date_strong = true}, kNow));
}

}  // namespace
}  // namespace bellhop::http
