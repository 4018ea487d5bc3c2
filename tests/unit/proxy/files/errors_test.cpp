// The refusals of the file store: each has a status, a condition and a sentence.
#include "proxy/files/errors.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <set>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/stanza_error.hpp"
#include "proxy/errors.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/http/response_head.hpp"

namespace bellhop::files {
namespace {

TEST(FileErrors, HaveAStatusWithAPhraseAndASentenceInEachRow) {
  for (const errors::StatusRow& row : errors::kAll) {
    EXPECT_GE(row.status, 400U) << row.kind->name;
    EXPECT_FALSE(http::reason_phrase(row.status).empty()) << row.kind->name;
    EXPECT_EQ(errors::status_of(*row.kind), row.status);
    EXPECT_NE(xmpp::errors::find_condition(row.kind->condition), nullptr) << row.kind->name;
    EXPECT_TRUE(row.kind->text.ends_with('.')) << row.kind->name;
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(row.kind->text[0]))) << row.kind->name;
  }
  EXPECT_EQ(errors::status_of(xmpp::errors::bad_request), 0U) << "a row of another folder";
}

TEST(FileErrors, UseEachNameOnce) {
  std::set<std::string_view> names;
  for (const base::ErrorKind* kind : proxy::errors::kAll) names.insert(kind->name);
  for (const auto& row : http::errors::kAll) names.insert(row.kind->name);
  for (const errors::StatusRow& row : errors::kAll) {
    EXPECT_TRUE(names.insert(row.kind->name).second) << row.kind->name;
  }
}

// STZ-06: without its detail.
TEST(FileErrors, RenderEveryRowAsAStanzaError) {
  for (const errors::StatusRow& row : errors::kAll) {
    const xmpp::Element error = xmpp::to_element(base::Error(*row.kind, "secret detail"));
    EXPECT_EQ(error.attribute("type"), xmpp::to_string(row.kind->type));
    ASSERT_EQ(error.children().size(), 2U) << row.kind->name;
    EXPECT_TRUE(error.children()[0].is(row.kind->condition, xmpp::ns::kStanzaErrors));
    EXPECT_EQ(error.children()[1].text(), row.kind->text);
  }
}

// HUP-04, HUP-05, HUP-12
TEST(FileErrors, SayWhatTheSpecificationAsksFor) {
  struct Row {
    const base::ErrorKind& kind;
    std::string_view type;
    std::string_view condition;
    unsigned status;
  };
  const Row rows[] = {
      {errors::file_too_large, "modify", "not-acceptable", 413},
      {errors::file_empty, "modify", "bad-request", 400},
      {errors::expired_before, "modify", "bad-request", 400},
      {errors::stored_of_jid, "wait", "resource-constraint", 507},
      {errors::stored_of_domain, "wait", "resource-constraint", 507},
      {errors::stored_total, "wait", "resource-constraint", 507},
      {errors::disk_full, "wait", "resource-constraint", 507},
      {errors::bad_slot, "auth", "forbidden", 403},
      {errors::slot_used, "cancel", "conflict", 409},
      {errors::no_such_file, "cancel", "item-not-found", 404},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(xmpp::to_string(row.kind.type), row.type) << row.kind.name;
    EXPECT_EQ(row.kind.condition, row.condition) << row.kind.name;
    EXPECT_EQ(errors::status_of(row.kind), row.status) << row.kind.name;
  }
}

}  // namespace
}  // namespace bellhop::files
