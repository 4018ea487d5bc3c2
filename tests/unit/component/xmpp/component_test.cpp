// What features are told of presence, beside its answer. The rest of a component shows on the wire:
// tests/scenario.
#include "component/xmpp/component.hpp"

#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/scripted_server.hpp"
#include "tests/unit/component/runtime/loopback.hpp"

namespace bellhop::xmpp {
namespace {

config::Settings settings_for(std::uint16_t port) {
  config::Settings settings;
  settings.components.emplace_back();
  settings.components[0].jid = "bellhop.example.org";
  settings.components[0].parent_domain = "example.org";
  settings.components[0].server = {"127.0.0.1", port};
  settings.components[0].secret = config::Secret("s3cret");
  return settings;
}

std::string presence(std::string_view attributes) {
  std::string xml = "<presence from='romeo@example.org/orchard' ";
  return xml.append(attributes).append("/>");
}

// EXD-05
TEST(Component, TellsFeaturesOfPresenceThatReachesIt) {
  bellhop::test::ScriptedServer server;
  const config::Settings settings = settings_for(server.port());
  runtime::test::TempLog log;
  boost::asio::io_context context(1);
  XmppCounters counters{};
  Component component({.executor = context.get_executor(),
                       .log = log.log(),
                       .counters = counters,
                       .settings = settings,
                       .started = base::Clock::now(),
                       .may_subscribe = [](const Jid&) { return true; }},
                      settings.components[0]);
  std::vector<std::string> seen;
  component.watch_presence([&seen](const Element& stanza, const Addresses& addresses) {
    seen.push_back(std::string(stanza.attribute("type")) + ' ' + addresses.from.text());
  });
  const auto running = runtime::test::start(context, component.run());
  std::jthread thread([&context] { context.run(); });
  server.attach();
  server.send(presence("to='bellhop.example.org'"));
  server.send(presence("to='nobody@bellhop.example.org'"));
  server.send(presence("to='elsewhere.example.org'"));
  server.send(presence("to='bellhop.example.org' type='probe'"));
  EXPECT_EQ(server.next().attribute("to"), "romeo@example.org/orchard");
  auto stopped = boost::asio::co_spawn(context, component.stop(), boost::asio::use_future);
  EXPECT_TRUE(server.sees_orderly_end());
  stopped.get();
  thread.join();
  EXPECT_TRUE(running->is_done);
  EXPECT_EQ(seen, (std::vector<std::string>{" romeo@example.org/orchard",
                                            "probe romeo@example.org/orchard"}));
}

}  // namespace
}  // namespace bellhop::xmpp
