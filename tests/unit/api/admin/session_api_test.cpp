// SessionService beside sessions that come, move and go on two shards.
#include "api/admin/session_api.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/api/admin/admin_world.hpp"

namespace bellhop::admin {
namespace {

using runtime::EndReason;
using runtime::LimitScope;
using test::AdminWorld;
using test::kOperator;
using test::Watching;

const std::string kAlice = "alice@example.org/phone";

std::string name_of(const base::Ulid& id) {
  return "sessions/" + id.text();
}

class SessionApiTest : public ::testing::Test {
 protected:
  ApiResult<v1::ListSessionsResponse> list(const v1::ListSessionsRequest& request) {
    return world_.call<v1::ListSessionsResponse>("SessionService/ListSessions", request);
  }
  v1::ListSessionsResponse filtered(const std::string& filter) {
    v1::ListSessionsRequest request;
    request.set_filter(filter);
    return world_.expect_call<v1::ListSessionsResponse>("SessionService/ListSessions", request);
  }
  template <typename Result>
  void expect_refused(const Result& result, const base::ErrorKind& kind, const std::string& field) {
    ASSERT_FALSE(result);
    EXPECT_EQ(&result.error().kind(), &kind) << result.error().kind().name;
    EXPECT_EQ(result.error().field(), field);
  }

  AdminWorld world_;
};

TEST_F(SessionApiTest, APageShowsWhatRunsExactly) {
  EXPECT_EQ(filtered("").sessions_size(), 0);
  const base::Ulid id = world_.start(kAlice, 1);
  world_.move(id, {100, 20, 3});
  const auto response = filtered("");
  ASSERT_EQ(response.sessions_size(), 1);
  EXPECT_EQ(response.total_size(), 1U);
  EXPECT_EQ(response.next_page_token(), "");
  const v1::Session& session = response.sessions(0);
  EXPECT_EQ(session.name(), name_of(id));
  EXPECT_EQ(session.requester(), kAlice);
  EXPECT_EQ(session.first_to_second_bytes(), 100U);
  EXPECT_EQ(session.second_to_first_bytes(), 20U);
  EXPECT_EQ(session.dropped_bytes(), 3U);
}

TEST_F(SessionApiTest, PagesMissNothingThatStaysAndShowNothingTwice) {
  std::set<std::string> staying;
  std::vector<base::Ulid> going;
  for (std::size_t i = 0; i < 12; ++i) {
    const base::Ulid id = world_.start(kAlice, i % 2);
    if (i % 3 == 0) {
      going.push_back(id);
    } else {
      staying.insert(name_of(id));
    }
  }
  std::multiset<std::string> seen;
  v1::ListSessionsRequest request;
  request.set_page_size(3);
  do {
    const auto page = list(request);
    ASSERT_TRUE(page);
    EXPECT_LE(page->sessions_size(), 3);
    for (const auto& session : page->sessions()) seen.insert(session.name());
    request.set_page_token(page->next_page_token());
    // The last row of a page may be gone when the next is asked for.
    if (!going.empty()) world_.end(going.back());
    if (!going.empty()) going.pop_back();
    (void)world_.start("bob@example.org/new");
    ASSERT_LT(seen.size(), 50U);
  } while (!request.page_token().empty());
  for (const std::string& name : staying) EXPECT_EQ(seen.count(name), 1U) << name;
  for (const std::string& name : seen) EXPECT_EQ(seen.count(name), 1U) << name;
}

TEST_F(SessionApiTest, AFullLastPageHasNoNext) {
  for (int i = 0; i < 4; ++i) (void)world_.start(kAlice);
  v1::ListSessionsRequest request;
  request.set_page_size(2);
  request.set_page_token(list(request)->next_page_token());
  EXPECT_NE(request.page_token(), "");
  const auto last = list(request);
  EXPECT_EQ(last->sessions_size(), 2);
  EXPECT_EQ(last->next_page_token(), "");
}

TEST_F(SessionApiTest, ATokenIsOfItsFilterOnly) {
  for (int i = 0; i < 3; ++i) (void)world_.start(kAlice);
  v1::ListSessionsRequest request;
  request.set_page_size(1);
  const std::string token = list(request)->next_page_token();
  request.set_page_token(token);
  request.set_filter("kind = socks5");
  expect_refused(list(request), errors::bad_page_token, "page_token");
  request.clear_filter();
  request.set_page_token(token + "A");
  expect_refused(list(request), errors::bad_page_token, "page_token");
  request.set_page_token(world_.core.page_tokens.make("jid:a@b", "quotas"));
  expect_refused(list(request), errors::bad_page_token, "page_token");
}

TEST_F(SessionApiTest, FiltersSeeEveryField) {
  const base::Ulid id = world_.start(kAlice, 1);
  (void)world_.start("bob@other.example.org/desk");
  world_.move(id, {5000, 0, 0});
  const std::string name = name_of(id);
  for (const std::string& filter :
       {std::string("domain = \"example.org\""), "requester = \"" + kAlice + "\"",
        "name = \"" + name + "\"", std::string("bytes > 4999"),
        std::string("kind = socks5 AND bytes = 5000"), std::string("NOT domain : \"other\"")}) {
    const auto response = filtered(filter);
    ASSERT_EQ(response.sessions_size(), 1) << filter;
    EXPECT_EQ(response.sessions(0).name(), name) << filter;
    EXPECT_EQ(response.total_size(), 2U) << "whatever the filter leaves out";
  }
  EXPECT_EQ(filtered("age_seconds >= 0 AND idle_seconds < 1000 AND rate >= 0").sessions_size(), 2);
  EXPECT_EQ(filtered("target : \"bob@example.net\"").sessions_size(), 2);
  EXPECT_EQ(filtered("kind = upload").sessions_size(), 0);
}

TEST_F(SessionApiTest, BadRequestsNameTheirField) {
  v1::ListSessionsRequest request;
  request.set_page_size(-1);
  expect_refused(list(request), errors::bad_argument, "page_size");
  request.set_page_size(0);
  request.set_filter("sise > 1");
  expect_refused(list(request), errors::bad_filter, "filter");
  request.set_filter(std::string(100'000, '('));
  expect_refused(list(request), errors::bad_filter, "filter");
  request.clear_filter();
  for (const char* order : {"bytes", "bytes asc", "BYTES DESC", " "}) {
    request.set_order_by(order);
    expect_refused(list(request), errors::bad_argument, "order_by");
  }
  request.set_order_by("bytes desc");
  request.set_page_token("x");
  expect_refused(list(request), errors::bad_argument, "page_token");
}

TEST_F(SessionApiTest, TheHighestComeFirst) {
  std::vector<base::Ulid> ids;
  for (const std::uint64_t bytes : {50, 10, 40, 20, 30}) {
    ids.push_back(world_.start(kAlice, bytes / 10 % 2));
    world_.move(ids.back(), {bytes, 0, 0});
  }
  v1::ListSessionsRequest request;
  request.set_page_size(3);
  request.set_order_by("bytes desc");
  const auto response = list(request);
  ASSERT_EQ(response->sessions_size(), 3);
  EXPECT_EQ(response->sessions(0).first_to_second_bytes(), 50U);
  EXPECT_EQ(response->sessions(1).first_to_second_bytes(), 40U);
  EXPECT_EQ(response->sessions(2).first_to_second_bytes(), 30U);
  EXPECT_EQ(response->next_page_token(), "");
  request.set_order_by("create_time desc");
  EXPECT_EQ(list(request)->sessions(0).name(), name_of(ids.back()));
}

TEST_F(SessionApiTest, GetSaysWhatOneSessionDoes) {
  const base::Ulid id = world_.start(kAlice);
  v1::GetSessionRequest request;
  request.set_name(name_of(id));
  const auto get = [&] {
    return world_.call<v1::GetSessionResponse>("SessionService/GetSession", request);
  };
  world_.move(id, {7, 0, 0});
  EXPECT_EQ(get()->session().first_to_second_bytes(), 7U);
  world_.end(id);
  expect_refused(get(), errors::not_found, "name");
  request.set_name("sessions/nothing");
  expect_refused(get(), errors::bad_argument, "name");
}

TEST_F(SessionApiTest, ALimitOfOneSessionIsInForceAtOnceAndLifted) {
  const base::Ulid id = world_.start(kAlice, 1);
  v1::UpdateSessionRequest request;
  request.mutable_session()->set_name(name_of(id));
  const auto limit = [&](std::uint64_t rate) {
    request.mutable_session()->set_limit_bytes_per_second(rate);
    return world_.call<v1::UpdateSessionResponse>("SessionService/UpdateSession", request);
  };
  for (const std::uint64_t rate : {std::uint64_t{1024}, std::uint64_t{1} << 40}) {
    EXPECT_EQ(limit(rate)->session().limit_bytes_per_second(), rate);
    EXPECT_EQ(world_.rate_of(id, LimitScope::session), rate);
  }
  for (const std::uint64_t rate :
       {std::uint64_t{1}, std::uint64_t{1023}, (std::uint64_t{1} << 40) + 1, UINT64_MAX}) {
    expect_refused(limit(rate), errors::bad_argument, "session.limit_bytes_per_second");
  }
  EXPECT_EQ(world_.rate_of(id, LimitScope::session), std::uint64_t{1} << 40);
  EXPECT_EQ(limit(0)->session().limit_bytes_per_second(), 0U);
  EXPECT_EQ(world_.rate_of(id, LimitScope::session), 0U);
  request.mutable_update_mask()->add_paths("limit_bytes_per_second");
  EXPECT_TRUE(limit(2048));
  request.mutable_update_mask()->add_paths("requester");
  expect_refused(limit(4096), errors::bad_argument, "update_mask");
  EXPECT_EQ(world_.rate_of(id, LimitScope::session), 2048U);
}

TEST_F(SessionApiTest, AnEndedSessionIsShownAsItEnded) {
  const base::Ulid id = world_.start(kAlice, 1);
  world_.move(id, {100, 0, 0});
  v1::EndSessionRequest request;
  request.set_name(name_of(id));
  const auto ended = world_.call<v1::EndSessionResponse>("SessionService/EndSession", request);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->session().state(), v1::SESSION_STATE_ENDED);
  EXPECT_EQ(ended->session().end_reason(), "ended");
  EXPECT_EQ(ended->session().first_to_second_bytes(), 100U);
  EXPECT_EQ(world_.reason_of(id), EndReason::ended);
  expect_refused(world_.call<v1::EndSessionResponse>("SessionService/EndSession", request),
                 errors::not_found, "name");
}

TEST_F(SessionApiTest, ManyAreEndedOnlyAsExpected) {
  std::vector<base::Ulid> chosen;
  for (std::size_t i = 0; i < 4; ++i) chosen.push_back(world_.start(kAlice, i % 2));
  const base::Ulid other = world_.start("bob@example.org/desk");
  v1::EndSessionsRequest request;
  const auto end = [&] {
    return world_.call<v1::EndSessionsResponse>("SessionService/EndSessions", request);
  };
  expect_refused(end(), errors::bad_argument, "filter");
  request.set_filter("requester : \"alice\"");
  request.set_expected_count(5);
  expect_refused(end(), errors::count_mismatch, "expected_count");
  request.set_expected_count(4);
  request.set_validate_only(true);
  EXPECT_EQ(end()->session_count(), 4U);
  for (const base::Ulid& id : chosen) EXPECT_EQ(world_.reason_of(id), EndReason::none);
  request.set_validate_only(false);
  EXPECT_EQ(end()->session_count(), 4U);
  for (const base::Ulid& id : chosen) EXPECT_EQ(world_.reason_of(id), EndReason::ended);
  EXPECT_EQ(world_.reason_of(other), EndReason::none);
  request.set_expected_count(0);
  EXPECT_EQ(end()->session_count(), 0U);
}

class SessionWatchTest : public SessionApiTest {
 protected:
  auto watch(const std::string& filter = "", std::int64_t seconds = 0) {
    v1::WatchSessionsRequest request;
    request.set_filter(filter);
    request.mutable_interval()->set_seconds(seconds);
    if (seconds == 0) request.mutable_interval()->set_nanos(200'000'000);
    return std::make_unique<Watching<v1::WatchSessionsResponse>>(
        world_, [this, request](Outlet<v1::WatchSessionsResponse>& outlet) {
          return world_.services.sessions.watch(kOperator, request, outlet);
        });
  }
};

TEST_F(SessionWatchTest, TellsWhatRunsThenEachChangeThenTheEnd) {
  const base::Ulid first = world_.start(kAlice);
  const auto watching = watch();
  EXPECT_EQ(watching->next().snapshot().name(), name_of(first));
  EXPECT_TRUE(watching->next().has_snapshot_complete());
  const base::Ulid second = world_.start(kAlice, 1);
  EXPECT_EQ(watching->next().changed().name(), name_of(second));
  world_.move(second, {9, 0, 0});
  EXPECT_EQ(watching->next().changed().first_to_second_bytes(), 9U);
  world_.end(second);
  const auto last = watching->next();
  EXPECT_EQ(last.changed().state(), v1::SESSION_STATE_ENDED);
  EXPECT_EQ(last.changed().first_to_second_bytes(), 9U);
  watching->close();
  EXPECT_TRUE(watching->result);
}

TEST_F(SessionWatchTest, TellsOnlyWhatItsFilterLetsPass) {
  (void)world_.start(kAlice);
  const auto watching = watch("requester : \"bob\"");
  EXPECT_TRUE(watching->next().has_snapshot_complete());
  (void)world_.start(kAlice);
  const base::Ulid bob = world_.start("bob@example.org/desk");
  EXPECT_EQ(watching->next().changed().name(), name_of(bob));
}

TEST_F(SessionWatchTest, ASnapshotLargerThanItsQueueIsWhole) {
  std::set<std::string> running;
  for (std::size_t i = 0; i < kOutletMax + 50; ++i) {
    running.insert(name_of(world_.start(kAlice, i % 2)));
  }
  const auto watching = watch();
  for (;;) {
    const auto message = watching->next();
    if (!message.has_snapshot()) {
      EXPECT_TRUE(message.has_snapshot_complete());
      break;
    }
    EXPECT_EQ(running.erase(message.snapshot().name()), 1U);
  }
  EXPECT_TRUE(running.empty());
  EXPECT_EQ(watching->outlet.take_lost(), 0U);
}

TEST_F(SessionWatchTest, WhoDoesNotReadIsToldHowMuchWasLost) {
  const auto watching = watch();
  EXPECT_TRUE(watching->next().has_snapshot_complete());
  for (std::size_t i = 0; i < kOutletMax + 3; ++i) (void)world_.start(kAlice);
  world_.refresh();
  for (std::size_t i = 0; i < kOutletMax; ++i) EXPECT_TRUE(watching->next().has_changed());
  EXPECT_EQ(watching->next().lost().count(), 3U);
  EXPECT_EQ(world_.core.watch_messages_lost, 3U);
}

TEST_F(SessionWatchTest, RefusesAnIntervalOrFilterThatIsNone) {
  auto watching = watch("sise > 1");
  watching->finish();
  expect_refused(watching->result, errors::bad_filter, "filter");
  watching = watch("", 3601);
  watching->finish();
  expect_refused(watching->result, errors::bad_argument, "interval");
  watching = watch("", -1);
  watching->finish();
  expect_refused(watching->result, errors::bad_argument, "interval");
}

}  // namespace
}  // namespace bellhop::admin
