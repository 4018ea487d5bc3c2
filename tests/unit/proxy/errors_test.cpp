// The whole table of refusals: run with --gtest_filter=ErrorTable.* to read it.
#include "proxy/errors.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <iomanip>
#include <iostream>
#include <set>
#include <string_view>
#include <vector>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/stanza_error.hpp"
#include "proxy/counters.hpp"

namespace bellhop::proxy {
namespace {

std::vector<const base::ErrorKind*> all_rows() {
  std::vector<const base::ErrorKind*> rows(xmpp::errors::kStanzaConditions.begin(),
                                           xmpp::errors::kStanzaConditions.end());
  rows.push_back(&xmpp::errors::interrupted);
  rows.insert(rows.end(), xmpp::errors::kReaderErrors.begin(), xmpp::errors::kReaderErrors.end());
  rows.insert(rows.end(), policy::errors::kAll.begin(), policy::errors::kAll.end());
  rows.insert(rows.end(), errors::kAll.begin(), errors::kAll.end());
  // A row that stands in two lists is still one row.
  const std::set<const base::ErrorKind*> once(rows.begin(), rows.end());
  return {once.begin(), once.end()};
}

TEST(ErrorTable, IsPrintedRowByRow) {
  for (const base::ErrorKind* row : all_rows()) {
    std::cout << std::left << std::setw(26) << row->name << std::setw(8)
              << xmpp::to_string(row->type) << std::setw(24) << row->condition << row->text << '\n';
  }
}

TEST(ErrorTable, HasAConditionOfRfc6120AndASentenceInEachRow) {
  for (const base::ErrorKind* row : all_rows()) {
    EXPECT_NE(xmpp::errors::find_condition(row->condition), nullptr) << row->name;
    EXPECT_TRUE(row->text.ends_with('.') && std::isupper(static_cast<unsigned char>(row->text[0])))
        << row->name;
    EXPECT_EQ(row->name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos)
        << row->name;
  }
}

TEST(ErrorTable, UsesEachNameOnce) {
  std::set<std::string_view> names;
  for (const base::ErrorKind* row : all_rows()) {
    EXPECT_TRUE(names.insert(row->name).second) << row->name;
  }
}

// STZ-06, BAS-10: every refusal of the proxy renders, without its detail and without a code.
TEST(ErrorTable, RendersEveryRowOfTheProxy) {
  for (const base::ErrorKind* row : errors::kAll) {
    const xmpp::Element error = xmpp::to_element(base::Error(*row, "secret detail"));
    EXPECT_EQ(error.attribute("type"), xmpp::to_string(row->type));
    EXPECT_FALSE(error.has_attribute("code"));
    ASSERT_EQ(error.children().size(), 2U) << row->name;
    EXPECT_TRUE(error.children()[0].is(row->condition, xmpp::ns::kStanzaErrors)) << row->name;
    EXPECT_EQ(error.children()[1].text(), row->text);
  }
}

// ROOM-01, S5B-05, S5B-08 to S5B-15: what a client is told.
TEST(ErrorTable, SaysWhatTheSpecificationAsksFor) {
  struct Row {
    const base::ErrorKind& kind;
    std::string_view type;
    std::string_view condition;
  };
  const Row rows[] = {
      {errors::user_not_allowed, "auth", "forbidden"},
      {errors::proxy_closed, "cancel", "not-allowed"},
      {errors::no_connection, "cancel", "item-not-found"},
      {errors::one_side_only, "cancel", "not-allowed"},
      {errors::already_active, "cancel", "conflict"},
      {errors::bad_activation, "modify", "bad-request"},
      {errors::bad_target, "modify", "jid-malformed"},
      {errors::sessions_of_jid, "wait", "resource-constraint"},
      {errors::sessions_of_domain, "wait", "resource-constraint"},
      {errors::sessions_total, "wait", "resource-constraint"},
      {errors::bytes_of_jid, "wait", "resource-constraint"},
      {errors::bytes_of_domain, "wait", "resource-constraint"},
      {errors::bytes_total, "wait", "resource-constraint"},
      {errors::relay_failed, "cancel", "internal-server-error"},  // S5B-10
  };
  for (const Row& row : rows) {
    EXPECT_EQ(xmpp::to_string(row.kind.type), row.type) << row.kind.name;
    EXPECT_EQ(row.kind.condition, row.condition) << row.kind.name;
  }
}

TEST(ProxyCounters, CountEachRefusalUnderItsOwnReason) {
  ProxyCounters counters(2);
  base::CounterRegistry registry;
  registry.add(counters.refusals, kProxyRefusalNames);
  for (const base::ErrorKind* row : errors::kAll) counters.count_refusal(*row);
  counters.count_refusal(errors::hash_taken);
  counters.count_refusal(xmpp::errors::bad_request);  // counted elsewhere
  std::set<std::string_view> reasons;
  for (const auto& reading : registry.read()) {
    EXPECT_EQ(reading.name.metric, "bellhop_proxy_refusals_total");
    EXPECT_TRUE(reasons.insert(reading.name.reason).second) << reading.name.reason;
    EXPECT_EQ(reading.value, reading.name.reason == "hash-taken" ? 2U : 1U);
  }
  EXPECT_EQ(reasons.size(), errors::kAll.size());
}

TEST(ProxyCounters, HaveAReasonForEachEndOfASession) {
  std::set<std::string_view> reasons;
  for (const auto& name : kSessionEndNames) EXPECT_TRUE(reasons.insert(name.reason).second);
  EXPECT_TRUE(reasons.contains("idle"));
  EXPECT_TRUE(reasons.contains("failed"));
}

}  // namespace
}  // namespace bellhop::proxy
