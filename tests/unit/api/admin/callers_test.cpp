// Who is behind a connection, and who is not.
#include "api/admin/callers.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>

namespace bellhop::admin {
namespace {

using config::AdminRole;

TEST(Callers, AreFoundByTheNameOfTheirConnection) {
  Callers callers;
  const std::string root = callers.add({{"uid:0", AdminRole::full}, false});
  const std::string tls = callers.add({{"192.0.2.1:4711", AdminRole::read}, true});
  EXPECT_EQ(callers.count(), 2U);
  const auto found = callers.find("unix-abstract:" + root);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->caller.identity, "uid:0");
  EXPECT_EQ(found->caller.role, AdminRole::full);
  EXPECT_FALSE(found->is_tls);
  EXPECT_TRUE(callers.find("unix-abstract:" + tls)->is_tls);
  callers.remove(root);
  EXPECT_FALSE(callers.find("unix-abstract:" + root));
  EXPECT_TRUE(callers.find("unix-abstract:" + tls));
  callers.remove(root);  // once more: nothing
  EXPECT_EQ(callers.count(), 1U);
}

TEST(Callers, OtherPeersAreNobody) {
  Callers callers;
  const std::string name = callers.add({{"uid:0", AdminRole::full}, false});
  for (const std::string& peer :
       {name, "unix:" + name, "unix-abstract:" + name + "0", "unix-abstract:" + name.substr(1),
        "unix-abstract:" + name.substr(0, name.size() - 1), " unix-abstract:" + name,
        std::string("unix-abstract:"), std::string("unix-abstract:bellhop-admin-"), std::string(),
        std::string("ipv4:127.0.0.1:80")}) {
    EXPECT_FALSE(callers.find(peer)) << peer;
  }
}

TEST(Callers, NamesCannotBeGuessed) {
  Callers callers;
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) names.insert(callers.add({}));
  EXPECT_EQ(names.size(), 100U);
  for (const std::string& name : names) {
    EXPECT_EQ(name.size(), std::string("bellhop-admin-").size() + 32);
  }
}

TEST(Callers, MayBeLookedUpWhileOthersComeAndGo) {
  Callers callers;
  const std::string name = callers.add({{"uid:0", AdminRole::full}, false});
  std::jthread looking([&callers, peer = "unix-abstract:" + name] {
    for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(callers.find(peer));
  });
  for (int i = 0; i < 1000; ++i) callers.remove(callers.add({}));
  looking.join();
  EXPECT_EQ(callers.count(), 1U);
}

class CertificateRole : public ::testing::Test {
 protected:
  void expect_role(const std::vector<std::string>& names, const std::string& identity,
                   AdminRole role) const {
    const auto caller = caller_of_certificate(names, settings_);
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->identity, "certificate " + identity);
    EXPECT_EQ(caller->role, role);
  }
  config::AdminSettings settings_;
};

TEST_F(CertificateRole, IsThatOfAListedName) {
  settings_.full_clients = {"ops", "root"};
  settings_.read_clients = {"monitor"};
  expect_role({"root"}, "root", AdminRole::full);
  expect_role({"monitor"}, "monitor", AdminRole::read);
  EXPECT_FALSE(caller_of_certificate({"stranger"}, settings_));
  EXPECT_FALSE(caller_of_certificate({"ROOT"}, settings_));
  EXPECT_FALSE(caller_of_certificate({""}, settings_));
  EXPECT_FALSE(caller_of_certificate({}, settings_));
}

TEST_F(CertificateRole, TheFullOneWinsWhereACertificateHasBoth) {
  settings_.full_clients = {"ops"};
  settings_.read_clients = {"monitor", "*"};
  expect_role({"monitor", "ops"}, "ops", AdminRole::full);
}

TEST_F(CertificateRole, AStarLetsEveryNamedCertificateLook) {
  settings_.read_clients = {"*"};
  expect_role({"stranger", "other"}, "stranger", AdminRole::read);
  EXPECT_FALSE(caller_of_certificate({}, settings_));
}

TEST_F(CertificateRole, AStarIsNoNameOfTheFullRole) {
  settings_.full_clients = {"*"};
  EXPECT_FALSE(caller_of_certificate({"stranger"}, settings_));
}

TEST_F(CertificateRole, WithoutListsNobodyHasOne) {
  EXPECT_FALSE(caller_of_certificate({"ops", "*"}, settings_));
}

}  // namespace
}  // namespace bellhop::admin
