// Who may be told of changes: who asked and whose presence is known, within bounds.
#include "relay/turn/extdisco_watchers.hpp"

#include <gtest/gtest.h>

namespace bellhop::turn {
namespace {

xmpp::Jid jid(std::string_view text) {
  return xmpp::Jid::parse(text).value();
}

const ServicesRequest kTurn{ExtdiscoVersion::two, "turn"};

// EXD-05
TEST(ExtdiscoWatchers, AreThoseWhoAskedAndAreOnline) {
  ExtdiscoWatchers watchers;
  watchers.note_request(jid("romeo@example.org/a"), kTurn);
  watchers.note_available(jid("juliet@example.org/b"));
  EXPECT_TRUE(watchers.reachable().empty());
  watchers.note_available(jid("romeo@example.org/a"));
  watchers.note_request(jid("juliet@example.org/b"), {ExtdiscoVersion::one, ""});
  const auto reachable = watchers.reachable();
  ASSERT_EQ(reachable.size(), 2U);
  EXPECT_EQ(reachable[0].jid.text(), "romeo@example.org/a");
  EXPECT_EQ(reachable[0].request, kTurn);
  EXPECT_EQ(reachable[1].request, (ServicesRequest{ExtdiscoVersion::one, ""}));
}

TEST(ExtdiscoWatchers, AreForgottenWhenTheyGo) {
  ExtdiscoWatchers watchers;
  for (const char* text : {"romeo@example.org/a", "romeo@example.org/b", "juliet@example.org/a"}) {
    watchers.note_request(jid(text), kTurn);
    watchers.note_available(jid(text));
  }
  watchers.forget(jid("romeo@example.org/a"));
  EXPECT_EQ(watchers.reachable().size(), 2U);
  watchers.note_available(jid("romeo@example.org/a"));
  EXPECT_EQ(watchers.reachable().size(), 2U) << "who comes back has to ask again";
  watchers.forget(jid("romeo@example.org"));
  ASSERT_EQ(watchers.reachable().size(), 1U);
  EXPECT_EQ(watchers.reachable()[0].jid.text(), "juliet@example.org/a");
}

TEST(ExtdiscoWatchers, AreNeverBareJids) {
  ExtdiscoWatchers watchers;
  watchers.note_request(jid("romeo@example.org"), kTurn);
  watchers.note_available(jid("romeo@example.org"));
  EXPECT_EQ(watchers.size(), 0U);
}

TEST(ExtdiscoWatchers, AreAtMostSoMany) {
  ExtdiscoWatchers watchers;
  const auto one = [](std::size_t i) { return jid("u@example.org/" + std::to_string(i)); };
  for (std::size_t i = 0; i < ExtdiscoWatchers::kRowsMax; ++i) {
    watchers.note_request(one(i), kTurn);
    watchers.note_available(one(i));
  }
  EXPECT_EQ(watchers.reachable().size(), ExtdiscoWatchers::kRowsMax);
  watchers.note_available(one(0));  // heard from again, so another one has to go
  watchers.note_request(one(ExtdiscoWatchers::kRowsMax), kTurn);
  EXPECT_EQ(watchers.size(), ExtdiscoWatchers::kRowsMax);
  const auto reachable = watchers.reachable();
  EXPECT_EQ(reachable.size(), ExtdiscoWatchers::kRowsMax - 1);
  EXPECT_EQ(reachable.front().jid, one(2));
  EXPECT_EQ(reachable.back().jid, one(0));
}

}  // namespace
}  // namespace bellhop::turn
