// The table of checks, and what several outcomes come to. The checks themselves need a daemon.
#include "api/admin/checks.hpp"

#include <gtest/gtest.h>

#include <set>

namespace bellhop::admin {
namespace {

TEST(WorstOf, IsTheOnlyOne) {
  const CheckOutcome outcome = worst_of({failed("Broken.", "Mend it.")});
  EXPECT_EQ(outcome.status, v1::CHECK_STATUS_FAILED);
  EXPECT_EQ(outcome.summary, "Broken.");
  EXPECT_EQ(outcome.fix, "Mend it.");
}

TEST(WorstOf, OrdersFailedWarningSkippedPassed) {
  const std::vector<CheckOutcome> rising{passed("p."), skipped("s."), warning("w.", "x."),
                                         failed("f.", "y.")};
  std::vector<CheckOutcome> so_far;
  for (const CheckOutcome& each : rising) {
    so_far.insert(so_far.begin(), each);
    EXPECT_EQ(worst_of(so_far).status, each.status);
    EXPECT_EQ(worst_of(so_far).summary, each.summary);
    const std::vector<CheckOutcome> reversed(so_far.rbegin(), so_far.rend());
    EXPECT_EQ(worst_of(reversed).summary, each.summary);
  }
}

TEST(WorstOf, JoinsWhatIsEquallyBad) {
  const CheckOutcome outcome = worst_of(
      {failed("A is broken.", "Mend A."), passed("B works."), failed("C is broken.", "Mend C.")});
  EXPECT_EQ(outcome.summary, "A is broken. C is broken.");
  EXPECT_EQ(outcome.fix, "Mend A. Mend C.");
}

TEST(WorstOf, GivesTheSameAdviceOnce) {
  const CheckOutcome outcome =
      worst_of({warning("A is slow.", "Mend it."), warning("B is slow.", "Mend that."),
                warning("C is slow.", "Mend that.")});
  EXPECT_EQ(outcome.summary, "A is slow. B is slow. C is slow.");
  EXPECT_EQ(outcome.fix, "Mend it. Mend that.");
}

TEST(ShareOf, IsAnEqualPartOfWhatIsLeft) {
  const base::TimePoint before = base::Clock::now();
  const base::Deadline deadline(before + std::chrono::hours(3));
  const base::TimePoint share = share_of(deadline, 3).at();
  const base::TimePoint after = base::Clock::now();
  EXPECT_GE(share, before + std::chrono::hours(1));
  EXPECT_LE(share, after + std::chrono::hours(1));
  EXPECT_EQ(share_of(deadline, 1).at(), deadline.at());
}

TEST(AllChecks, HaveAStableIdEach) {
  std::set<std::string_view> ids;
  for (const Check& check : all_checks()) {
    EXPECT_TRUE(ids.insert(check.id).second) << check.id;
    EXPECT_NE(check.id.find('.'), std::string_view::npos) << check.id;
    EXPECT_NE(check.run, nullptr);
  }
  EXPECT_EQ(all_checks().front().id, "upstream.attached") << "it explains the others";
}

}  // namespace
}  // namespace bellhop::admin
