// Accounting records: their sums are what sessions moved.
#include "api/admin/accounting.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using test::AdminWorld;

const std::string kAlice = "alice@example.org/phone";

class AccountingTest : public ::testing::Test {
 protected:
  AccountingTest() {
    world_.core.parts.settings.monitoring.accounting_interval = std::chrono::milliseconds(1);
    accounting_.emplace(world_.core);
  }
  std::vector<boost::json::object> records() {
    world_.refresh();
    world_.run(accounting_->save());
    std::vector<boost::json::object> rows;
    std::istringstream lines(store::text_of(world_.file("state/accounting.jsonl")));
    for (std::string line; std::getline(lines, line);) {
      rows.push_back(boost::json::parse(line).as_object());
    }
    return rows;
  }
  // Saves until the file has `count` records: an interim record is due within a millisecond.
  void expect_records(std::size_t count) {
    world_.expect([&] { return records().size() == count; });
  }

  AdminWorld world_{{.config = "", .has_store = true}};
  std::optional<Accounting> accounting_;
};

TEST_F(AccountingTest, ASessionHasRecordsWhoseSumIsWhatItMoved) {
  world_.core.parts.settings.monitoring.accounting_interval = std::chrono::hours(1);
  const base::Ulid id = world_.start(kAlice, 1);
  world_.move(id, {100, 20, 3});
  EXPECT_TRUE(records().empty()) << "its interval is not over";
  world_.end(id, runtime::EndReason::idle);
  const auto rows = records();
  ASSERT_EQ(rows.size(), 1U);
  const auto& row = rows.front();
  EXPECT_EQ(row.at("session").as_string(), id.text());
  EXPECT_EQ(row.at("sequence").to_number<int>(), 1);
  EXPECT_EQ(row.at("requester").as_string(), kAlice);
  EXPECT_EQ(row.at("domain").as_string(), "example.org");
  EXPECT_EQ(row.at("reason").as_string(), "idle");
  EXPECT_EQ(row.at("first_to_second_bytes").to_number<int>(), 100);
  EXPECT_EQ(row.at("second_to_first_bytes").to_number<int>(), 20);
  EXPECT_EQ(row.at("dropped_bytes").to_number<int>(), 3);
  EXPECT_EQ(records().size(), 1U) << "once";
}

TEST_F(AccountingTest, AnInterimRecordHasWhatCameSinceTheOneBefore) {
  const base::Ulid id = world_.start(kAlice);
  std::uint64_t moved = 0;
  for (std::uint64_t bytes = 1; bytes <= 5; ++bytes) {
    world_.move(id, {bytes, 0, 0});
    moved += bytes;
    expect_records(bytes);
  }
  world_.move(id, {1000, 0, 0});
  world_.end(id);
  const auto rows = records();
  std::uint64_t sum = 0;
  std::int64_t sequence = 0;
  for (const auto& row : rows) {
    EXPECT_EQ(row.at("sequence").to_number<std::int64_t>(), ++sequence);
    sum += row.at("first_to_second_bytes").to_number<std::uint64_t>();
  }
  EXPECT_EQ(sum, moved + 1000);
  EXPECT_EQ(rows.size(), 6U);
}

TEST_F(AccountingTest, RecordsWaitWhileTheDiskRefusesAndComeInOrder) {
  std::unique_ptr<api::State> kept;
  auto take = [this, &kept](api::State&) -> base::Result<void> {
    kept = std::move(world_.core.state);
    return {};
  };
  const base::Ulid first = world_.start(kAlice);
  world_.end(first);
  ASSERT_TRUE(world_.run(world_.core.on_store(take)));
  EXPECT_TRUE(records().empty());
  const base::Ulid second = world_.start(kAlice);
  world_.end(second);
  EXPECT_TRUE(records().empty());
  EXPECT_GT(world_.core.storage_failures, 0U);
  world_.core.state = std::move(kept);
  const auto rows = records();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("session").as_string(), first.text());
  EXPECT_EQ(rows[1].at("session").as_string(), second.text());
}

}  // namespace
}  // namespace bellhop::admin
