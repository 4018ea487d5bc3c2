// Messages as JSON and back, with texts that are none.
#include "api/admin/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "bellhop/admin/v1/policy_service.pb.h"
#include "bellhop/admin/v1/session_service.pb.h"
#include "component/xmpp/utf8.hpp"

namespace bellhop::admin {
namespace {

TEST(Json, SaysWhatIsSetOrEverything) {
  v1::ListSessionsRequest request;
  request.set_filter("kind = socks5");
  EXPECT_EQ(to_json(request), R"({"filter":"kind = socks5"})");
  EXPECT_EQ(to_json(request, true),
            R"({"pageSize":0,"pageToken":"","filter":"kind = socks5","orderBy":""})");
}

TEST(Json, KeepsAll64BitsOfANumber) {
  v1::Quota quota;
  quota.set_daily_bytes(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(to_json(quota), R"({"dailyBytes":"18446744073709551615"})");
  v1::Quota read;
  ASSERT_TRUE(from_json(to_json(quota), read));
  EXPECT_EQ(read.daily_bytes(), quota.daily_bytes());
}

TEST(Json, ReadsBothSpellingsOfAName) {
  v1::Quota quota;
  ASSERT_TRUE(from_json(R"({"dailyBytes": 5, "monthly_bytes": "6"})", quota));
  EXPECT_EQ(quota.daily_bytes(), 5U);
  EXPECT_EQ(quota.monthly_bytes(), 6U);
}

TEST(Json, RefusesWhatIsNoRequest) {
  for (const std::string& text :
       {std::string("{"), std::string("[]"), std::string("{} x"), std::string(R"({"sise": 1})"),
        std::string(R"({"dailyBytes": -1})"), std::string(R"({"dailyBytes": 1e30})"),
        std::string(R"({"subject": 5})"), std::string("\0\xFF", 2), std::string("{\"subject\":")}) {
    v1::Quota quota;
    const auto read = from_json(text, quota);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(&read.error().kind(), &errors::bad_argument);
    EXPECT_FALSE(read.error().message().empty());
    EXPECT_TRUE(xmpp::is_utf8(read.error().message()));
  }
}

TEST(Json, RefusesDepthThatWouldExhaustTheStack) {
  v1::Quota quota;
  const std::string deep = "{\"usage\":" + std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_FALSE(from_json(deep + "}", quota));
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "{\"usage\":";
  EXPECT_FALSE(from_json(nested, quota));
}

}  // namespace
}  // namespace bellhop::admin
