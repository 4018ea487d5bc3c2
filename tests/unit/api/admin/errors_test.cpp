// The refusals of the admin API: complete rows, whose names no other table uses.
#include "api/admin/errors.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string_view>

#include "component/xmpp/errors.hpp"
#include "proxy/errors.hpp"

namespace bellhop::admin {
namespace {

TEST(AdminErrors, AreRowsWithACodeAConditionAndASentence) {
  for (const base::ErrorKind* row : errors::kAll) {
    EXPECT_NE(xmpp::errors::find_condition(row->condition), nullptr) << row->name;
    EXPECT_TRUE(row->text.ends_with('.') && std::isupper(static_cast<unsigned char>(row->text[0])))
        << row->name;
    EXPECT_EQ(row->name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos)
        << row->name;
  }
}

TEST(AdminErrors, HaveNamesThatNoOtherTableUses) {
  std::set<std::string_view> names;
  for (const base::ErrorKind* row : xmpp::errors::kStanzaConditions) names.insert(row->name);
  for (const base::ErrorKind* row : xmpp::errors::kReaderErrors) names.insert(row->name);
  for (const base::ErrorKind* row : proxy::errors::kAll) names.insert(row->name);
  for (const base::ErrorKind* row : errors::kAll) {
    EXPECT_TRUE(names.insert(row->name).second) << row->name;
  }
}

TEST(AdminErrors, AnswerWithTheCodesThatCallersActUpon) {
  using base::GrpcCode;
  EXPECT_EQ(errors::bad_filter.grpc_code, GrpcCode::invalid_argument);
  EXPECT_EQ(errors::bad_page_token.grpc_code, GrpcCode::invalid_argument);
  EXPECT_EQ(errors::bad_argument.grpc_code, GrpcCode::invalid_argument);
  EXPECT_EQ(errors::not_found.grpc_code, GrpcCode::not_found);
  EXPECT_EQ(errors::permission_denied.grpc_code, GrpcCode::permission_denied);
  EXPECT_EQ(errors::failed_precondition.grpc_code, GrpcCode::failed_precondition);
  EXPECT_EQ(errors::count_mismatch.grpc_code, GrpcCode::failed_precondition);
  EXPECT_EQ(errors::too_many_watchers.grpc_code, GrpcCode::resource_exhausted);
  EXPECT_EQ(errors::storage_failed.grpc_code, GrpcCode::internal);
  EXPECT_EQ(errors::unavailable.grpc_code, GrpcCode::unavailable);
}

}  // namespace
}  // namespace bellhop::admin
