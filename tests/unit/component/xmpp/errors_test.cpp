// The error table of the XMPP layer against RFC 6120.
#include "component/xmpp/errors.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace bellhop::xmpp {
namespace {

using base::StanzaErrorType;

// RFC 6120 §8.3.3, in its order, with the types of its examples.
TEST(XmppErrors, HaveEveryStanzaConditionWithItsUsualType) {
  struct Row {
    std::string_view condition;
    StanzaErrorType type;
  };
  constexpr Row kRows[] = {
      {"bad-request", StanzaErrorType::modify},
      {"conflict", StanzaErrorType::cancel},
      {"feature-not-implemented", StanzaErrorType::cancel},
      {"forbidden", StanzaErrorType::auth},
      {"gone", StanzaErrorType::cancel},
      {"internal-server-error", StanzaErrorType::cancel},
      {"item-not-found", StanzaErrorType::cancel},
      {"jid-malformed", StanzaErrorType::modify},
      {"not-acceptable", StanzaErrorType::modify},
      {"not-allowed", StanzaErrorType::cancel},
      {"not-authorized", StanzaErrorType::auth},
      {"policy-violation", StanzaErrorType::modify},
      {"recipient-unavailable", StanzaErrorType::wait},
      {"redirect", StanzaErrorType::modify},
      {"registration-required", StanzaErrorType::auth},
      {"remote-server-not-found", StanzaErrorType::cancel},
      {"remote-server-timeout", StanzaErrorType::wait},
      {"resource-constraint", StanzaErrorType::wait},
      {"service-unavailable", StanzaErrorType::cancel},
      {"subscription-required", StanzaErrorType::auth},
      {"undefined-condition", StanzaErrorType::cancel},
      {"unexpected-request", StanzaErrorType::wait},
  };
  EXPECT_EQ(std::size(kRows), errors::kStanzaConditions.size());
  for (const Row& row : kRows) {
    const base::ErrorKind* kind = errors::find_condition(row.condition);
    ASSERT_NE(kind, nullptr) << row.condition;
    EXPECT_EQ(kind->type, row.type) << row.condition;
    EXPECT_EQ(kind->name, row.condition);
  }
  EXPECT_EQ(errors::find_condition("payment-required"), nullptr);
  EXPECT_EQ(errors::find_condition(""), nullptr);
}

TEST(XmppErrors, AreCompleteAndUnique) {
  std::set<const base::ErrorKind*> rows(errors::kStanzaConditions.begin(),
                                        errors::kStanzaConditions.end());
  rows.insert(errors::kReaderErrors.begin(), errors::kReaderErrors.end());
  rows.insert(&errors::interrupted);
  std::set<std::string_view> names;
  for (const base::ErrorKind* kind : rows) {
    EXPECT_TRUE(names.insert(kind->name).second) << kind->name;
    EXPECT_NE(errors::find_condition(kind->condition), nullptr) << kind->name;
    EXPECT_TRUE(kind->text.ends_with('.')) << kind->name;
  }
}

}  // namespace
}  // namespace bellhop::xmpp
