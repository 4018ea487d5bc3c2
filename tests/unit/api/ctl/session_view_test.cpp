// Sessions as text, with hostile names.
#include "api/ctl/session_view.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace bellhop::ctl {
namespace {

using bellhop::admin::v1::Session;

TEST(SessionView, AddsBothDirectionsWithoutOverflow) {
  Session session;
  session.set_first_to_second_bytes(std::numeric_limits<std::uint64_t>::max());
  session.set_second_to_first_bytes(1);
  EXPECT_EQ(delivered_bytes(session), std::numeric_limits<std::uint64_t>::max());
}

TEST(SessionView, LineIsCleanWhateverTheNamesHold) {
  Session session;
  session.set_name("sessions/1");
  session.set_kind("socks5");
  session.set_requester("a\x1B]0;title\x07@b/c");
  session.set_target("b@c");
  EXPECT_EQ(session_line(session), "1 socks5 a�]0;title�@b > b@c - 0 B");
}

TEST(SessionView, FieldsTellWhyASessionEnded) {
  Session session;
  session.set_state(bellhop::admin::v1::SESSION_STATE_ENDED);
  session.set_end_reason("quota");
  session.set_dropped_bytes(5);
  std::ostringstream out;
  session_fields(session, Moment{}).print(out, {});
  EXPECT_NE(out.str().find("state:      ended: quota\n"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("dropped:    5 B\n"), std::string::npos);
}

}  // namespace
}  // namespace bellhop::ctl
