// The JSON mapping that scripts rely on.
#include "api/ctl/json_output.hpp"

#include <gtest/gtest.h>

#include "bellhop/admin/v1/session_service.pb.h"

namespace bellhop::ctl {
namespace {

TEST(JsonOutput, IsTheMappingOfProtobufWithEveryField) {
  bellhop::admin::v1::ListSessionsResponse response;
  response.set_total_size(1ULL << 60U);
  EXPECT_EQ(to_json(response, JsonLayout::line),
            "{\"sessions\":[],\"nextPageToken\":\"\",\"totalSize\":\"1152921504606846976\"}\n");
}

TEST(JsonOutput, EndsInOneNewlineInBothLayouts) {
  bellhop::admin::v1::Session session;
  session.set_requester("a\n\"b\"");
  for (const JsonLayout layout : {JsonLayout::pretty, JsonLayout::line}) {
    const std::string text = to_json(session, layout);
    EXPECT_TRUE(text.ends_with("}\n"));
    EXPECT_NE(text.find("a\\n\\\"b\\\""), std::string::npos) << text;
  }
  const std::string line = to_json(session, JsonLayout::line);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(JsonOutput, OfATimeThatHasNoTextIsNull) {
  bellhop::admin::v1::Session session;
  session.mutable_create_time()->set_seconds(INT64_MAX);
  EXPECT_EQ(to_json(session, JsonLayout::line), "null\n");
}

}  // namespace
}  // namespace bellhop::ctl
