// Batches of shards against a reference that adds up the slow way.
#include "api/observe/observer.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace bellhop::observe {
namespace {

using policy::Subject;
using runtime::EndReason;
using runtime::SessionBatch;
using runtime::SessionBytes;

constexpr Second kNoon = 1'700'049'600;  // 2023-11-15 12:00 UTC
constexpr Second kDay = 86'400;

SystemTime at(Second second) {
  return SystemTime(std::chrono::seconds(second));
}

base::Ulid id_of(unsigned number) {
  base::Ulid id;
  for (std::size_t i = 0; i < 4; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return id;
}

runtime::SessionFacts facts_of(unsigned number, std::string requester, Second started = kNoon,
                               std::string_view kind = "socks5") {
  return {id_of(number),    kind,           std::move(requester), "bob@example.net/desk",
          "192.0.2.1:4711", "192.0.2.2:80", at(started)};
}

SessionBatch started(unsigned number, const std::string& requester, Second time = kNoon) {
  SessionBatch batch;
  batch.started.push_back(facts_of(number, requester, time));
  return batch;
}

SessionBatch moved(unsigned number, const SessionBytes& bytes, Second time = kNoon) {
  SessionBatch batch;
  batch.moved.push_back({id_of(number), bytes, at(time), 0});
  return batch;
}

SessionBatch ended(unsigned number, const SessionBytes& bytes, Second time = kNoon) {
  SessionBatch batch;
  batch.ended.push_back({id_of(number), bytes, at(time), EndReason::completed});
  return batch;
}

policy::PolicyPtr with_quotas(std::vector<policy::Quota> quotas) {
  policy::Rules rules;
  rules.quotas = std::move(quotas);
  return std::make_shared<policy::Policy>(policy::Rules{}, std::move(rules), true);
}

policy::Quota daily(Subject subject, std::uint64_t bytes) {
  return {std::move(subject), bytes, 0, 0, {}};
}

policy::Quota monthly(Subject subject, std::uint64_t bytes) {
  return {std::move(subject), 0, bytes, 0, {}};
}

using Texts = std::unordered_set<std::string>;

// Adds everything up by itself.
struct Reference {
  struct Row {
    std::string jid;
    std::string domain;
    std::string kind;
    SessionBytes bytes;
    bool is_running = true;
  };
  std::map<unsigned, Row> rows;

  [[nodiscard]] std::uint64_t sum(const std::function<bool(const Row&)>& is_wanted) const {
    return std::accumulate(
        rows.begin(), rows.end(), std::uint64_t{0}, [&](std::uint64_t sum, const auto& row) {
          return sum + (is_wanted(row.second) ? row.second.bytes.delivered() : 0);
        });
  }
  [[nodiscard]] std::uint64_t dropped() const {
    std::uint64_t sum = 0;
    for (const auto& [number, row] : rows) sum += row.bytes.dropped;
    return sum;
  }
};

// A few hundred batches of three shards, with times that stand still or go on by seconds.
class RandomTraffic {
 public:
  explicit RandomTraffic(unsigned seed) : random_(seed) {}

  void run(Observer& observer, int batches) {
    for (int i = 0; i < batches; ++i) {
      now_ += static_cast<Second>(below(3));
      const std::size_t shard = below(3);
      observer.take(shard, batch_of(shard));
      if (below(4) == 0) observer.tick(now_);
    }
  }
  [[nodiscard]] const Reference& reference() const { return reference_; }
  [[nodiscard]] Second now() const { return now_; }
  [[nodiscard]] static std::string kind_of(unsigned number) {
    return number % 4 == 0 ? "upload" : "socks5";
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  SessionBatch batch_of(std::size_t shard) {
    SessionBatch batch;
    for (std::size_t i = below(4); i > 0; --i) start(shard, batch);
    for (auto& [number, row] : reference_.rows) {
      if (!row.is_running || number % 3 != shard) continue;
      const std::size_t choice = below(6);
      if (choice < 3) {
        move(row);
        batch.moved.push_back({id_of(number), row.bytes, at(now_), 0});
      }
      if (choice == 2) {  // some move in the batch they end in, some after it was last told
        if (below(2) == 0) move(row);
        row.is_running = false;
        batch.ended.push_back({id_of(number), row.bytes, at(now_), EndReason::completed});
      }
    }
    return batch;
  }
  void start(std::size_t shard, SessionBatch& batch) {
    const unsigned number = ++count_ * 3 + static_cast<unsigned>(shard);
    const std::string domain = "d" + std::to_string(below(5)) + ".example";
    const std::string jid = "u" + std::to_string(below(20)) + "@" + domain;
    const std::string_view kind = number % 4 == 0 ? "upload" : "socks5";
    reference_.rows[number] = {jid, domain, std::string(kind), {}, true};
    batch.started.push_back(facts_of(number, jid + "/r", now_, kind));
  }
  void move(Reference::Row& row) {
    row.bytes.first_to_second += below(1'000'000);
    row.bytes.second_to_first += below(1000);
    row.bytes.dropped += below(10);
  }

  std::mt19937 random_;
  Reference reference_;
  unsigned count_ = 0;
  Second now_ = kNoon;
};

std::uint64_t sum_of(const Observer::Groups& groups) {
  std::uint64_t sum = 0;
  for (const auto& [key, group] : groups) sum += group.bytes;
  return sum;
}

std::uint64_t sum_of(const std::vector<HistorySlot>& slots) {
  std::uint64_t sum = 0;
  for (const HistorySlot& slot : slots) {
    for (const HistoryCell& cell : slot.cells) sum += cell.bytes;
  }
  return sum;
}

class ObserverSums : public ::testing::TestWithParam<unsigned> {};

TEST_P(ObserverSums, AreTheSameByWhateverTheyAreAskedFor) {
  Observer observer;
  RandomTraffic traffic(GetParam());
  traffic.run(observer, 250);
  const Reference& reference = traffic.reference();
  const auto all = [](const Reference::Row&) { return true; };
  const std::uint64_t total = reference.sum(all);
  ASSERT_GT(total, 0U);
  EXPECT_EQ(observer.total().bytes, total);
  EXPECT_EQ(observer.total().dropped, reference.dropped());
  EXPECT_EQ(sum_of(observer.kinds()), total);
  EXPECT_EQ(sum_of(observer.domains()), total);
  EXPECT_EQ(sum_of(observer.jids()), total);
  std::uint64_t cells = 0;
  for (const auto& [key, bytes] : observer.bytes_by_domain_and_kind()) cells += bytes;
  EXPECT_EQ(cells, total);
  const Second end = traffic.now() + 1;
  EXPECT_EQ(sum_of(observer.history().slots(Tier::second, kNoon, end)), total);
  EXPECT_EQ(observer.ledger().of("total", traffic.now()).day_bytes, total);
  EXPECT_EQ(observer.talkers(false).top(TalkerWindow::day, traffic.now(), 1).total, total);
  EXPECT_EQ(observer.talkers(true).top(TalkerWindow::day, traffic.now(), 1).total, total);
  std::uint64_t finished = 0;
  for (const auto& [kind, totals] : observer.kind_totals()) finished += totals.bytes_sum;
  EXPECT_EQ(finished, reference.sum([](const Reference::Row& row) { return !row.is_running; }));
}

TEST_P(ObserverSums, AreThoseOfEachSessionKindDomainAndUser) {
  Observer observer;
  RandomTraffic traffic(GetParam() + 1000);
  traffic.run(observer, 250);
  std::size_t running = 0;
  for (const auto& [number, row] : traffic.reference().rows) {
    const SessionRow* seen = observer.find(id_of(number));
    ASSERT_EQ(seen != nullptr, row.is_running);
    if (seen == nullptr) continue;
    ++running;
    EXPECT_EQ(seen->bytes, row.bytes);
    EXPECT_EQ(seen->shard, number % 3);
    EXPECT_EQ(seen->bare_jid, row.jid);
    EXPECT_EQ(seen->domain(), row.domain);
  }
  EXPECT_EQ(observer.sessions().size(), running);
  EXPECT_EQ(observer.total().sessions, running);
  const auto& ledger = observer.ledger();
  for (const auto& [jid, group] : observer.jids()) {
    const auto bytes = traffic.reference().sum([&](const auto& row) { return row.jid == jid; });
    EXPECT_EQ(group.bytes, bytes);
    EXPECT_EQ(ledger.of("jid:" + jid, traffic.now()).day_bytes, bytes);
  }
  for (const auto& [domain, group] : observer.domains()) {
    const auto bytes =
        traffic.reference().sum([&](const auto& row) { return row.domain == domain; });
    EXPECT_EQ(group.bytes, bytes);
    EXPECT_EQ(ledger.of("domain:" + domain, traffic.now()).day_bytes, bytes);
  }
  for (const auto& [kind, group] : observer.kinds()) {
    EXPECT_EQ(group.bytes,
              traffic.reference().sum([&](const auto& row) { return row.kind == kind; }));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ObserverSums, ::testing::Range(1U, 9U));

TEST(Observer, KnowsASessionFromItsStartToItsEnd) {
  Observer observer;
  observer.take(2, started(1, "alice@example.org/phone"));
  const SessionRow* row = observer.find(id_of(1));
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->shard, 2U);
  EXPECT_EQ(row->bare_jid, "alice@example.org");
  EXPECT_EQ(row->last_progress, at(kNoon));
  EXPECT_EQ(row->window, nullptr);
  EXPECT_EQ(row->rates(kNoon), ByteRates{});
  observer.take(2, moved(1, {100, 20, 3}, kNoon + 5));
  EXPECT_EQ(row->last_progress, at(kNoon + 5));
  EXPECT_EQ(row->rates(kNoon + 6), (ByteRates{120, 12, 2}));
  observer.take(2, ended(1, {100, 21, 4}, kNoon + 7));
  EXPECT_EQ(observer.find(id_of(1)), nullptr);
  EXPECT_EQ(observer.total().bytes, 121U);
  EXPECT_EQ(observer.total().dropped, 4U);
  EXPECT_EQ(observer.total().sessions, 0U);
}

TEST(Observer, ABatchThatMovesNothingIsNoProgress) {
  Observer observer;
  observer.take(0, started(1, "alice@example.org/phone"));
  SessionBatch limited;
  limited.moved.push_back({id_of(1), {}, at(kNoon + 5), 4096});
  observer.take(0, std::move(limited));
  const SessionRow* row = observer.find(id_of(1));
  EXPECT_EQ(row->rate_limit, 4096U);
  EXPECT_EQ(row->last_progress, at(kNoon));
  EXPECT_EQ(row->window, nullptr);
}

TEST(Observer, WhatEndedBeforeItWasFollowedIsNotKnown) {
  Observer observer;
  observer.take(0, moved(7, {100, 0, 0}));
  observer.take(0, ended(7, {100, 0, 0}));
  EXPECT_TRUE(observer.sessions().empty());
  EXPECT_EQ(observer.total().bytes, 0U);
  EXPECT_TRUE(observer.kind_totals().empty());
}

TEST(Observer, TotalsOfAKindFillTheBucketsOfTheirBounds) {
  Observer observer;
  const auto run = [&observer](unsigned number, std::uint64_t bytes, Second seconds) {
    observer.take(0, started(number, "alice@example.org/phone"));
    observer.take(0, ended(number, {bytes, 0, 0}, kNoon + seconds));
  };
  run(1, 4096, 10);  // bounds belong to their bucket
  run(2, 4097, 11);
  run(3, 200'000'000'000, 100'000);
  const KindTotals& totals = observer.kind_totals().at("socks5");
  EXPECT_EQ(totals.started, 3U);
  EXPECT_EQ(totals.ended, (std::map<EndReason, std::uint64_t>{{EndReason::completed, 3}}));
  EXPECT_EQ(totals.bytes_buckets, (std::vector<std::uint64_t>{1, 1, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(totals.duration_buckets, (std::vector<std::uint64_t>{0, 0, 1, 1, 0, 0, 0, 0, 1}));
  EXPECT_EQ(totals.bytes_sum, 200'000'008'193U);
  EXPECT_EQ(totals.duration_sum, 100'021);
}

struct QuotaCase {
  std::string name;
  policy::Quota quota;
  std::string exhausted;
};

class ObserverQuota : public ::testing::TestWithParam<QuotaCase> {};

// Every quota below is of 1,000 bytes.
TEST_P(ObserverQuota, IsExhaustedAtItsLastByteAndNotBefore) {
  Observer observer;
  observer.set_policy(with_quotas({GetParam().quota}), kNoon);
  EXPECT_FALSE(observer.take_exhausted_changed());
  observer.take(0, started(1, "alice@example.org/phone"));
  observer.take(0, started(2, "alice@example.org/desk"));
  observer.take(0, moved(1, {500, 0, 77'000}));  // what is dropped costs nothing
  observer.take(0, moved(2, {0, 499, 0}));
  EXPECT_TRUE(observer.exhausted().empty());
  EXPECT_FALSE(observer.has_exhausted_changed());
  observer.take(0, moved(2, {0, 500, 0}));
  EXPECT_EQ(observer.exhausted(), Texts{GetParam().exhausted});
  EXPECT_TRUE(observer.take_exhausted_changed());
  observer.take(0, moved(2, {0, 600, 0}));
  EXPECT_FALSE(observer.take_exhausted_changed()) << "nothing new";
}

INSTANTIATE_TEST_SUITE_P(
    Subjects, ObserverQuota,
    ::testing::Values(
        QuotaCase{"jid", daily(Subject::of_jid("alice@example.org"), 1000),
                  "jid:alice@example.org"},
        QuotaCase{"each_jid", daily({Subject::Type::each_jid, {}}, 1000), "jid:alice@example.org"},
        QuotaCase{"domain", daily(Subject::of_domain("example.org"), 1000), "domain:example.org"},
        QuotaCase{"each_domain", monthly({Subject::Type::each_domain, {}}, 1000),
                  "domain:example.org"},
        QuotaCase{"month", monthly(Subject::of_jid("alice@example.org"), 1000),
                  "jid:alice@example.org"},
        QuotaCase{"total", daily(Subject{}, 1000), "total"}),
    [](const auto& each) { return each.param.name; });

TEST(Observer, TheBytesOfOneUserAreNotAnotherOnes) {
  Observer observer;
  observer.set_policy(with_quotas({daily(Subject::of_jid("alice@example.org"), 1000)}), kNoon);
  observer.take(0, started(1, "bob@example.org/desk"));
  observer.take(0, moved(1, {5000, 0, 0}));
  EXPECT_TRUE(observer.exhausted().empty());
}

TEST(Observer, AnotherPolicyExhaustsAndFrees) {
  Observer observer;
  const Subject alice = Subject::of_jid("alice@example.org");
  observer.take(0, started(1, "alice@example.org/phone"));
  observer.take(0, moved(1, {1000, 0, 0}));
  observer.set_policy(with_quotas({daily(alice, 1001)}), kNoon);
  EXPECT_FALSE(observer.take_exhausted_changed());
  observer.set_policy(with_quotas({daily(alice, 1000)}), kNoon);
  EXPECT_TRUE(observer.take_exhausted_changed());
  EXPECT_EQ(observer.exhausted(), Texts{"jid:alice@example.org"});
  observer.set_policy(with_quotas({daily(alice, 999)}), kNoon);
  EXPECT_FALSE(observer.take_exhausted_changed());
  observer.set_policy(with_quotas({daily(alice, 0)}), kNoon);  // 0: no limit
  EXPECT_TRUE(observer.take_exhausted_changed());
  EXPECT_TRUE(observer.exhausted().empty());
}

TEST(Observer, ANewDayFreesWhoHadUsedUpADay) {
  Observer observer;
  observer.set_policy(with_quotas({daily(Subject::of_jid("alice@example.org"), 1000),
                                   monthly(Subject::of_domain("example.org"), 1000)}),
                      kNoon);
  observer.take(0, started(1, "alice@example.org/phone"));
  observer.take(0, moved(1, {1000, 0, 0}));
  EXPECT_EQ(observer.exhausted(), (Texts{"jid:alice@example.org", "domain:example.org"}));
  (void)observer.take_exhausted_changed();
  observer.tick(kNoon + kDay / 2 - 1);
  EXPECT_FALSE(observer.has_exhausted_changed());
  observer.tick(kNoon + kDay / 2);
  EXPECT_TRUE(observer.take_exhausted_changed());
  EXPECT_EQ(observer.exhausted(), Texts{"domain:example.org"});
  observer.tick(kNoon + 16 * kDay);  // December
  EXPECT_TRUE(observer.take_exhausted_changed());
  EXPECT_TRUE(observer.exhausted().empty());
}

// The first bytes of a day mostly come before the first tick does.
TEST(Observer, ANewDayThatBeginsWithBytesFreesToo) {
  Observer observer;
  observer.set_policy(with_quotas({daily({Subject::Type::each_jid, {}}, 1000)}), kNoon);
  observer.take(0, started(1, "alice@example.org/phone"));
  observer.take(0, started(2, "bob@example.org/desk"));
  observer.take(0, moved(1, {1000, 0, 0}));
  (void)observer.take_exhausted_changed();
  const Second midnight = kNoon + kDay / 2;
  observer.take(0, moved(2, {1, 0, 0}, midnight));
  observer.tick(midnight + 1);
  EXPECT_TRUE(observer.exhausted().empty());
  EXPECT_TRUE(observer.take_exhausted_changed());
  observer.take(0, moved(2, {1000, 0, 0}, midnight + 1));
  EXPECT_EQ(observer.exhausted(), Texts{"jid:bob@example.org"});
}

TEST(Observer, DomainsBeyondTheMaximumCountAsOther) {
  Observer observer;
  const auto jid = [](unsigned i) { return "u@d" + std::to_string(i) + ".example/r"; };
  const unsigned domains = kDomainGroupsMax + 2;
  for (unsigned i = 0; i < domains; ++i) {
    observer.take(0, started(i, jid(i)));
    observer.take(0, moved(i, {10, 0, 0}));
  }
  EXPECT_EQ(observer.domains().size(), kDomainGroupsMax + 1);
  const Group& other = observer.domains().at(std::string(kOtherName));
  EXPECT_EQ(other.bytes, 20U);
  EXPECT_EQ(other.sessions, 2U);
  EXPECT_EQ(observer.domains().at("d999.example").bytes, 10U);
  EXPECT_EQ(sum_of(observer.domains()), 10U * domains);
  // Its usage is told apart all the same.
  EXPECT_EQ(observer.ledger().of("domain:d1001.example", kNoon).day_bytes, 10U);
  for (unsigned i = 0; i < domains; ++i) observer.take(0, ended(i, {10, 0, 0}));
  EXPECT_EQ(other.sessions, 0U);
  EXPECT_EQ(observer.total().sessions, 0U);
}

TEST(Observer, UsersWithoutSessionsMakeRoomAndThoseWithSessionsStay) {
  Observer observer;
  const auto jid = [](unsigned i) { return "u" + std::to_string(i) + "@example.org/r"; };
  const unsigned users = kJidGroupsMax;
  for (unsigned i = 0; i < users; ++i) {
    observer.take(0, started(i, jid(i)));
    if (i != 0) observer.take(0, ended(i, {}));
  }
  observer.tick(kNoon);
  EXPECT_EQ(observer.jids().size(), kJidGroupsMax);
  observer.take(0, started(users, jid(users)));
  observer.tick(kNoon);
  EXPECT_EQ(observer.jids().size(), 2U);
  EXPECT_TRUE(observer.jids().contains("u0@example.org"));
}

TEST(Observer, IdleWindowsAreForgottenAndBytesAreNot) {
  Observer observer;
  observer.take(0, started(1, "alice@example.org/phone"));
  observer.take(0, moved(1, {600, 0, 0}));
  observer.tick(kNoon + 60);
  EXPECT_NE(observer.find(id_of(1))->window, nullptr);
  observer.tick(kNoon + 61);
  EXPECT_EQ(observer.find(id_of(1))->window, nullptr);
  EXPECT_EQ(observer.total().window, nullptr);
  EXPECT_EQ(observer.jids().at("alice@example.org").window, nullptr);
  EXPECT_EQ(observer.kinds().at("socks5").window, nullptr);
  EXPECT_EQ(observer.total().bytes, 600U);
  observer.take(0, moved(1, {700, 0, 0}, kNoon + 70));
  EXPECT_EQ(observer.total().rates(kNoon + 71).second, 100U);
}

// Writes down what it is told.
class Notes final : public SessionListener {
 public:
  void on_started(const SessionRow& row) override { add("started", row); }
  void on_moved(const SessionRow& row) override { add("moved", row); }
  void on_ended(const SessionRow& row) override {
    EXPECT_EQ(row.reason, EndReason::completed);
    add("ended", row);
  }
  std::vector<std::string> lines;

 private:
  void add(const char* word, const SessionRow& row) {
    lines.push_back(std::string(word) + " " + std::to_string(row.bytes.delivered()));
  }
};

TEST(Observer, TellsListenersInOrderUntilTheyAreRemoved) {
  Observer observer;
  Notes notes;
  Notes other;
  observer.add(notes);
  observer.add(other);
  SessionBatch batch = started(1, "alice@example.org/phone");
  batch.moved.push_back({id_of(1), {5, 0, 0}, at(kNoon), 0});
  batch.ended.push_back({id_of(1), {5, 2, 0}, at(kNoon), EndReason::completed});
  observer.take(0, std::move(batch));
  const std::vector<std::string> expected{"started 0", "moved 5", "ended 7"};
  EXPECT_EQ(notes.lines, expected);
  EXPECT_EQ(other.lines, expected);
  observer.remove(notes);
  observer.take(0, started(2, "alice@example.org/phone"));
  EXPECT_EQ(notes.lines, expected);
  EXPECT_EQ(other.lines.size(), 4U);
  observer.remove(other);
}

TEST(Observer, TellsNobodyOfSessionsItDoesNotKnow) {
  Observer observer;
  Notes notes;
  observer.add(notes);
  observer.take(0, moved(1, {5, 0, 0}));
  observer.take(0, ended(1, {5, 0, 0}));
  EXPECT_TRUE(notes.lines.empty());
  observer.remove(notes);
}

TEST(SecondOf, RoundsDownAlsoBefore1970) {
  using std::chrono::milliseconds;
  EXPECT_EQ(second_of(SystemTime(milliseconds(1999))), 1);
  EXPECT_EQ(second_of(SystemTime(milliseconds(-1))), -1);
}

}  // namespace
}  // namespace bellhop::observe
