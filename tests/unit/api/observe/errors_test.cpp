// The refusals of observation and of its database.
#include "api/observe/errors.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string_view>
#include <vector>

#include "component/store/errors.hpp"
#include "component/xmpp/errors.hpp"

namespace bellhop::observe {
namespace {

TEST(ObserveErrors, HaveANameOfTheirOwnAConditionAndASentence) {
  std::vector<const base::ErrorKind*> rows(errors::kAll.begin(), errors::kAll.end());
  rows.insert(rows.end(), store::errors::kAll.begin(), store::errors::kAll.end());
  std::set<std::string_view> names;
  for (const base::ErrorKind* row : rows) {
    EXPECT_TRUE(names.insert(row->name).second) << row->name;
    EXPECT_NE(xmpp::errors::find_condition(row->condition), nullptr) << row->name;
    EXPECT_TRUE(row->text.ends_with('.') && std::isupper(static_cast<unsigned char>(row->text[0])))
        << row->name;
  }
}

}  // namespace
}  // namespace bellhop::observe
