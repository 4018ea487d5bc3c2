// The state behind the full screen: keys, selection, lines.
#include "api/ctl/top_model.hpp"

#include <gtest/gtest.h>

namespace bellhop::ctl {
namespace {

namespace v1 = bellhop::admin::v1;
using Kind = TopKey::Kind;

const Moment kNow(std::chrono::seconds(1'772'366'400));

TopReading reading(int count) {
  TopReading reading;
  reading.node.set_version("0.1.0");
  reading.node.set_state(v1::NODE_STATE_SERVING);
  reading.node.mutable_start_time()->set_seconds(1'772'366'400 - 90);
  reading.node.set_session_count(static_cast<std::uint64_t>(count));
  reading.total.set_total_bytes(1 << 30);
  for (int i = 0; i < count; ++i) {
    v1::Session session;
    session.set_name("sessions/S" + std::to_string(i));
    session.set_kind("socks5");
    session.set_requester("alice@example.org/phone");
    session.set_target("bob@example.org/desk");
    reading.sessions.push_back(session);
  }
  return reading;
}

TopModel model(int count) {
  TopModel model("rate", "", true);
  model.take(reading(count));
  return model;
}

std::optional<TopRequest> type(TopModel& model, const std::string& text) {
  std::optional<TopRequest> request;
  for (const char c : text) {
    request = model.press({.kind = Kind::text, .text = std::string(1, c)});
  }
  return request;
}

std::optional<TopRequest> press(TopModel& model, Kind kind) {
  return model.press({.kind = kind, .text = {}});
}

// The text of the line that is selected; empty if none is.
std::string selected(TopModel& model, std::size_t rows = 24) {
  for (const TopLine& line : model.frame(rows, 80, kNow)) {
    if (line.is_selected) return line.text;
  }
  return "";
}

std::string bottom(TopModel& model) {
  return model.frame(24, 80, kNow).back().text;
}

TEST(TopModel, FillsTheScreenExactly) {
  for (const int count : {0, 1, 10, 200}) {
    for (const std::size_t rows : {1U, 5U, 6U, 24U, 60U}) {
      for (const std::size_t columns : {1U, 20U, 80U, 200U}) {
        TopModel top = model(count);
        const auto lines = top.frame(rows, columns, kNow);
        EXPECT_EQ(lines.size(), rows);
        for (const TopLine& line : lines) {
          EXPECT_LE(display_width(line.text), columns) << line.text;
        }
      }
    }
  }
}

TEST(TopModel, ShowsTheProcessTheTotalAndTheSessions) {
  TopModel top = model(2);
  const auto lines = top.frame(8, 80, kNow);
  EXPECT_EQ(lines[0].text, "Bellhop 0.1.0 serving, up 1m 30s, 2 sessions");
  EXPECT_EQ(lines[1].text, "- now, - over 10 s, - over 1 min, 1.0 GiB since start");
  EXPECT_EQ(lines[2].text, "by rate");
  EXPECT_TRUE(lines[3].text.starts_with("SESSION"));
  EXPECT_TRUE(lines[4].text.starts_with("S0"));
  EXPECT_TRUE(lines[4].is_selected);
  EXPECT_TRUE(lines[7].text.starts_with("q quit"));
}

TEST(TopModel, Cuts80ColumnsAtTheIdBeforeTheJids) {
  TopModel top("rate", "", true);
  TopReading full = reading(1);
  full.sessions[0].set_name("sessions/01JDXQ4T9V7M2K8Z3N5P6R7S8T");
  full.sessions[0].mutable_create_time()->set_seconds(1'772'366'400 - 90);
  full.sessions[0].set_first_to_second_bytes(100 << 20);
  full.sessions[0].mutable_rates()->set_ten_seconds_bytes_per_second(999 << 10);
  full.sessions[0].set_limit_bytes_per_second(1 << 20);
  top.take(std::move(full));
  EXPECT_EQ(top.frame(24, 80, kNow)[4].text,
            "01JDXQ4…  socks5  alice@exa…  bob@examp…  999.0 KiB/s  100.0 MiB   1m  1.0 MiB/s");
}

TEST(TopModel, MovesTheSelectionAndScrolls) {
  TopModel top = model(50);
  EXPECT_TRUE(selected(top, 10).starts_with("S0 "));
  press(top, Kind::up);
  EXPECT_TRUE(selected(top, 10).starts_with("S0 "));
  press(top, Kind::down);
  type(top, "j");
  EXPECT_TRUE(selected(top, 10).starts_with("S2 "));
  press(top, Kind::page_down);  // 10 lines hold 5 sessions
  EXPECT_TRUE(selected(top, 10).starts_with("S7 "));
  press(top, Kind::end);
  press(top, Kind::down);
  EXPECT_TRUE(selected(top, 10).starts_with("S49 "));
  press(top, Kind::page_up);
  type(top, "k");
  EXPECT_TRUE(selected(top, 10).starts_with("S43 "));
  press(top, Kind::home);
  EXPECT_TRUE(selected(top, 10).starts_with("S0 "));
}

TEST(TopModel, SelectionStaysWithItsSession) {
  TopModel top = model(5);
  press(top, Kind::down);
  TopReading next = reading(5);
  std::swap(next.sessions[1], next.sessions[4]);
  top.take(std::move(next));
  EXPECT_TRUE(selected(top).starts_with("S1 "));
  top.take(reading(1));
  EXPECT_TRUE(selected(top).starts_with("S0 "));
  top.take(reading(0));
  EXPECT_EQ(selected(top), "");
}

TEST(TopModel, KeysSortAndQuit) {
  TopModel top = model(2);
  for (const auto& [key, sort] :
       {std::pair("b", "bytes"), {"a", "age"}, {"n", "newest"}, {"r", "rate"}}) {
    const auto request = type(top, key);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->kind, TopRequest::Kind::read);
    EXPECT_EQ(top.sort(), sort);
  }
  EXPECT_EQ(type(top, "q")->kind, TopRequest::Kind::quit);
  EXPECT_FALSE(type(top, "z"));
  EXPECT_FALSE(top.press({.kind = Kind::text, .text = "é"}));
}

TEST(TopModel, EndsASessionOnlyAfterAYes) {
  TopModel top = model(2);
  press(top, Kind::down);
  type(top, "e");
  EXPECT_EQ(bottom(top), "end S1? y, Enter: ");
  top.take(reading(1));  // it has gone meanwhile; the question is still about it
  type(top, "y");
  const auto request = press(top, Kind::enter);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->kind, TopRequest::Kind::end_session);
  EXPECT_EQ(request->session, "sessions/S1");
  type(top, "e");
  EXPECT_FALSE(press(top, Kind::enter));
  EXPECT_EQ(bottom(top), "nothing was done");
  type(top, "e");
  EXPECT_FALSE(press(top, Kind::escape));
  EXPECT_TRUE(bottom(top).starts_with("q quit"));
}

TEST(TopModel, LimitsASession) {
  TopModel top = model(1);
  type(top, "l500k");
  const auto limit = press(top, Kind::enter);
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit->rate, 500'000U);
  type(top, "lnone");
  EXPECT_EQ(press(top, Kind::enter)->rate, 0U);
  type(top, "lfast");
  EXPECT_FALSE(press(top, Kind::enter));
  EXPECT_NE(bottom(top).find("\"fast\" is no rate"), std::string::npos);
  type(top, "l0");
  EXPECT_FALSE(press(top, Kind::enter));
}

TEST(TopModel, NeedsASessionToEndOrLimit) {
  TopModel top = model(0);
  type(top, "e");
  EXPECT_EQ(bottom(top), "there is no session to choose");
  type(top, "l");
  EXPECT_EQ(bottom(top), "there is no session to choose");
}

TEST(TopModel, EditsTheFilterByCharacters) {
  TopModel top = model(1);
  type(top, "/a");
  (void)top.press({.kind = Kind::text, .text = "é"});
  press(top, Kind::backspace);
  type(top, "b");
  EXPECT_EQ(bottom(top), "filter: ab");
  EXPECT_EQ(press(top, Kind::enter)->kind, TopRequest::Kind::read);
  EXPECT_EQ(top.filter(), "ab");
  type(top, "f");
  EXPECT_EQ(bottom(top), "filter: ab");
  for (int i = 0; i < 5; ++i) press(top, Kind::backspace);
  press(top, Kind::enter);
  EXPECT_EQ(top.filter(), "");
}

TEST(TopModel, InputIsBoundedAndItsEndIsSeen) {
  TopModel top = model(1);
  type(top, "/" + std::string(kTopInputBytesMax, 'x') + "y");
  press(top, Kind::enter);
  EXPECT_EQ(top.filter(), std::string(kTopInputBytesMax, 'x'));
  press(top, Kind::escape);
  type(top, "f");
  press(top, Kind::backspace);
  type(top, "z");
  EXPECT_TRUE(bottom(top).ends_with("xz"));
  EXPECT_EQ(display_width(bottom(top)), 80U);
}

TEST(TopModel, KeepsTheLastReadingWhenOneFails) {
  TopModel top = model(2);
  TopReading failed;
  failed.error = "there is no socket\x1B";
  top.take(std::move(failed));
  const auto lines = top.frame(24, 80, kNow);
  EXPECT_EQ(lines[2].text, "there is no socket�");
  EXPECT_EQ(lines[2].tone, Tone::bad);
  EXPECT_TRUE(lines[4].text.starts_with("S0"));
  top.take(reading(2));
  EXPECT_EQ(top.frame(24, 80, kNow)[2].text, "by rate");
}

}  // namespace
}  // namespace bellhop::ctl
