// Labels of packets, which of them count, and when they are due.
#include "tests/bench/turn_packet.hpp"

#include <gtest/gtest.h>

#include <array>

namespace bellhop::bench {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;

TEST(PacketLabel, ComesBackAsItWasWritten) {
  PacketLabel label;
  label.run = 0xDEADBEEF;
  label.flow = 7;
  label.sequence = 0xFFFFFFFF;
  label.sent_at = 0x0123456789ABCDEF;
  std::array<std::uint8_t, PacketLabel::bytes> bytes{};
  write_label(bytes.data(), label);
  const auto read = read_label(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->run, label.run);
  EXPECT_EQ(read->flow, label.flow);
  EXPECT_EQ(read->sequence, label.sequence);
  EXPECT_EQ(read->sent_at, label.sent_at);
  EXPECT_FALSE(read_label(std::span(bytes).first(PacketLabel::bytes - 1)));
}

TEST(SequenceWindow, CountsEachPacketOnceHoweverOftenItComes) {
  SequenceWindow window;
  for (const std::uint32_t sequence : {100U, 101U, 101U, 100U, 103U}) window.accept(sequence);
  EXPECT_EQ(window.fresh(), 3U);
  EXPECT_EQ(window.repeated(), 2U);
  EXPECT_EQ(window.late(), 0U);
}

TEST(SequenceWindow, CountsALatePacketAsReceived) {
  SequenceWindow window;
  for (const std::uint32_t sequence : {0U, 2U, 1U, 3U}) EXPECT_TRUE(window.accept(sequence));
  EXPECT_EQ(window.fresh(), 4U);
  EXPECT_EQ(window.late(), 1U);
}

TEST(SequenceWindow, KnowsAPacketUpToItsWidthAndOneBeyondNoMore) {
  SequenceWindow window;
  window.accept(SequenceWindow::width);
  EXPECT_TRUE(window.accept(1)) << "as far behind as may be";
  EXPECT_FALSE(window.accept(0)) << "too far to be known";
  EXPECT_FALSE(window.accept(1));
  EXPECT_EQ(window.fresh(), 2U);
}

TEST(SequenceWindow, ForgetsAllAfterAJump) {
  SequenceWindow window;
  window.accept(0);
  EXPECT_TRUE(window.accept(1'000'000));
  EXPECT_TRUE(window.accept(999'999));
  EXPECT_EQ(window.fresh(), 3U);
}

TEST(Pacer, LetsExactlyItsRatePass) {
  Pacer pacer(20'000, 0);
  std::uint64_t sent = 0;
  for (std::uint64_t now = 0; now < second_ns; now += 10'000) {
    const std::uint64_t due = pacer.due(now);
    EXPECT_LE(due, 1U);
    pacer.sent(due);
    sent += due;
  }
  EXPECT_EQ(sent, 20'000U);
  EXPECT_EQ(pacer.moved_ns(), 0U);
}

TEST(Pacer, SaysHowLongToWait) {
  Pacer pacer(1'000, 0);
  EXPECT_EQ(pacer.wait_ns(0), 0U);
  pacer.sent(pacer.due(0));
  EXPECT_EQ(pacer.wait_ns(0), 1'000'000U);
  EXPECT_EQ(pacer.due(999'999), 0U);
  EXPECT_EQ(pacer.due(1'000'000), 1U);
}

TEST(Pacer, MakesUpForAShortPauseAndNotForALongOne) {
  Pacer pacer(10'000, 0);
  EXPECT_EQ(pacer.due(1'000'000), 11U) << "1 ms late: what is due meanwhile";
  pacer.sent(11);
  const std::uint64_t late = 1'100'000 + Pacer::behind_max_ns + 1;
  EXPECT_EQ(pacer.due(late), 1U) << "the plan is moved";
  EXPECT_EQ(pacer.moved_ns(), Pacer::behind_max_ns + 1);
}

}  // namespace
}  // namespace bellhop::bench
