// The table of HTTP refusals: each row has a status, a condition and a sentence.
#include "proxy/http/errors.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <set>

#include "component/xmpp/errors.hpp"
#include "proxy/errors.hpp"
#include "proxy/http/response_head.hpp"

namespace bellhop::http {
namespace {

TEST(HttpErrors, HaveAStatusWithAPhraseAndASentenceInEachRow) {
  for (const errors::StatusRow& row : errors::kAll) {
    EXPECT_GE(row.status, 400U) << row.kind->name;
    EXPECT_FALSE(reason_phrase(row.status).empty()) << row.kind->name;
    EXPECT_EQ(errors::status_of(*row.kind), row.status);
    EXPECT_NE(xmpp::errors::find_condition(row.kind->condition), nullptr) << row.kind->name;
    EXPECT_TRUE(row.kind->text.ends_with('.')) << row.kind->name;
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(row.kind->text[0]))) << row.kind->name;
  }
}

TEST(HttpErrors, UseEachNameOnceAndNoneOfTheProxy) {
  std::set<std::string_view> names;
  for (const base::ErrorKind* kind : proxy::errors::kAll) names.insert(kind->name);
  for (const errors::StatusRow& row : errors::kAll) {
    EXPECT_TRUE(names.insert(row.kind->name).second) << row.kind->name;
  }
}

TEST(HttpErrors, HaveNoStatusForRowsOfOthers) {
  EXPECT_EQ(errors::status_of(xmpp::errors::bad_request), 0U);
}

}  // namespace
}  // namespace bellhop::http
