// The table of refusals of WebDAV.
#include "proxy/webdav/errors.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string_view>

#include "component/xmpp/errors.hpp"

namespace bellhop::webdav {
namespace {

TEST(WebdavErrors, HaveAStatusWithAPhraseAndASentenceInEachRow) {
  std::set<std::string_view> names;
  for (const errors::HttpRow& row : errors::kAll) {
    EXPECT_TRUE(names.insert(row.kind->name).second) << row.kind->name;
    EXPECT_TRUE(row.kind->name.starts_with("dav-")) << row.kind->name;
    EXPECT_NE(reason_phrase(static_cast<unsigned>(row.status)), "") << row.kind->name;
    EXPECT_NE(xmpp::errors::find_condition(row.kind->condition), nullptr) << row.kind->name;
    EXPECT_TRUE(row.kind->text.ends_with('.') &&
                std::isupper(static_cast<unsigned char>(row.kind->text[0])))
        << row.kind->name;
    EXPECT_EQ(errors::find_row(*row.kind), &row);
  }
  EXPECT_EQ(errors::find_row(xmpp::errors::bad_request), nullptr);
}

// DAV-03, DAV-10, DAV-20, DAV-23, DAV-29, DAV-41, DAV-42, DAV-44, DAV-45: the statuses that the
// specification asks for.
TEST(WebdavErrors, SayWhatTheSpecificationAsksFor) {
  struct Row {
    const base::ErrorKind& kind;
    int status;
    Condition condition;
  };
  const Row rows[] = {
      {errors::xml_not_well_formed, 400, Condition::none},
      {errors::xml_document_type, 400, Condition::none},
      {errors::xml_external_entity, 403, Condition::no_external_entities},
      {errors::bad_depth, 400, Condition::none},
      {errors::bad_if, 400, Condition::none},
      {errors::if_failed, 412, Condition::none},
      {errors::bad_lock_token, 400, Condition::none},
      {errors::finite_depth, 403, Condition::propfind_finite_depth},
      {errors::protected_property, 403, Condition::cannot_modify_protected_property},
      {errors::bad_jid_list, 409, Condition::none},
      {errors::failed_dependency, 424, Condition::none},
      {errors::locked, 423, Condition::lock_token_submitted},
      {errors::lock_conflict, 423, Condition::no_conflicting_lock},
      {errors::refresh_mismatch, 412, Condition::lock_token_matches_request_uri},
      {errors::unlock_mismatch, 409, Condition::lock_token_matches_request_uri},
      {errors::not_lock_creator, 403, Condition::none},
      {errors::foreign_destination, 502, Condition::none},
      {errors::same_resource, 403, Condition::none},
      {errors::parent_missing, 409, Condition::none},
      {errors::destination_exists, 412, Condition::none},
  };
  for (const Row& row : rows) {
    const errors::HttpRow* found = errors::find_row(row.kind);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->status, row.status) << row.kind.name;
    EXPECT_EQ(found->condition, row.condition) << row.kind.name;
  }
}

}  // namespace
}  // namespace bellhop::webdav
