// External services on the wire: requests in both namespaces, lists, credentials, pushes.
#include "relay/turn/extdisco_codec.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::turn {
namespace {

using Type = ExternalService::Type;
using Transport = ExternalService::Transport;
using xmpp::test::parse_element;

const std::vector<ExternalService> kServices{
    {Type::stun, "192.0.2.1", 3478, Transport::udp},
    {Type::turn, "192.0.2.1", 3478, Transport::udp},
    {Type::turn, "192.0.2.1", 3478, Transport::tcp},
    {Type::turns, "turn.example.org", 5349, Transport::tcp},
};

const IssuedCredentials kCredentials{"1700000000:token", "secret",
                                     SystemTime(std::chrono::seconds(1700000000))};

ServicesRequest for_type(std::string_view type) {
  return {ExtdiscoVersion::two, std::string(type)};
}

// `type|host|port` or the text of the refusal, which must be bad-request.
std::string read_credentials(std::string_view children) {
  std::string xml = "<credentials xmlns='urn:xmpp:extdisco:2'>";
  const auto request =
      parse_credentials_request(parse_element(xml.append(children).append("</credentials>")));
  if (!request) {
    EXPECT_TRUE(request.error().is(xmpp::errors::bad_request));
    return request.error().extras().text;
  }
  return request->type + '|' + request->host + '|' +
         (request->port ? std::to_string(*request->port) : "-");
}

std::string written(const xmpp::Element& element) {
  return xmpp::to_xml(element, xmpp::ns::kComponentAccept);
}

// EXD-01, EXD-07
TEST(ServicesRequest, IsReadInBothNamespaces) {
  EXPECT_EQ(*parse_services_request(parse_element("<services xmlns='urn:xmpp:extdisco:2'/>")),
            (ServicesRequest{ExtdiscoVersion::two, ""}));
  EXPECT_EQ(
      *parse_services_request(parse_element("<services xmlns='urn:xmpp:extdisco:1' type='turn'/>")),
      (ServicesRequest{ExtdiscoVersion::one, "turn"}));
  for (const char* other : {"<services xmlns='urn:xmpp:extdisco:3'/>",
                            "<service xmlns='urn:xmpp:extdisco:2'/>", "<services/>"}) {
    EXPECT_FALSE(parse_services_request(parse_element(other))) << other;
  }
}

TEST(ServicesRequest, MayHaveALongTypeAndNotOneByteMore) {
  const auto read = [](std::size_t bytes) {
    return parse_services_request(parse_element("<services xmlns='urn:xmpp:extdisco:2' type='" +
                                                std::string(bytes, 't') + "'/>"));
  };
  EXPECT_EQ(read(kServiceTypeBytesMax)->type.size(), kServiceTypeBytesMax);
  EXPECT_TRUE(read(kServiceTypeBytesMax + 1).error().is(xmpp::errors::bad_request));
}

// EXD-01, EXD-02: example 2 of the XEP, with what Dino and Monal need.
TEST(ServicesAnswer, HasEveryServiceWithItsCredentials) {
  EXPECT_EQ(written(services_element(for_type(""), std::span(kServices).first(2), kCredentials)),
            "<services xmlns='urn:xmpp:extdisco:2'>"
            "<service type='stun' host='192.0.2.1' port='3478' transport='udp'/>"
            "<service type='turn' host='192.0.2.1' port='3478' transport='udp' restricted='1' "
            "username='1700000000:token' password='secret' expires='2023-11-14T22:13:20Z'/>"
            "</services>");
}

// EXD-01: the type of the request is echoed and filters.
TEST(ServicesAnswer, IsFilteredByTheTypeAndEchoesIt) {
  const xmpp::Element answer = services_element(for_type("turns"), kServices, kCredentials);
  EXPECT_EQ(answer.attribute("type"), "turns");
  ASSERT_EQ(answer.children().size(), 1U);
  EXPECT_EQ(answer.children()[0].attribute("host"), "turn.example.org");
  const xmpp::Element none = services_element(for_type("f<tp'"), kServices, kCredentials);
  EXPECT_TRUE(none.children().empty());
  EXPECT_EQ(none.attribute("type"), "f<tp'");
  EXPECT_FALSE(services_element(for_type(""), kServices, kCredentials).has_attribute("type"));
}

// EXD-02: a turn entry without user and password stalls the calls of Monal.
TEST(ServicesAnswer, HasNoRestrictedServiceWithoutCredentials) {
  for (const char* type : {"", "stun", "turn", "turns"}) {
    for (const auto action : {PushAction::none, PushAction::add, PushAction::modify}) {
      const auto answer = services_element(for_type(type), kServices, kCredentials, action);
      for (const xmpp::Element& each : answer.children()) {
        const bool is_restricted = each.attribute("type").starts_with("turn");
        for (const char* name : {"username", "password", "expires", "restricted"}) {
          EXPECT_EQ(each.has_attribute(name), is_restricted) << name;
        }
      }
    }
  }
}

// EXD-05
TEST(ServicesPush, SaysWhatHasHappened) {
  const auto first = [](PushAction action) {
    return services_element(for_type("turn"), kServices, kCredentials, action).children().at(0);
  };
  EXPECT_EQ(first(PushAction::add).attribute("action"), "add");
  EXPECT_EQ(first(PushAction::modify).attribute("action"), "modify");
  EXPECT_EQ(first(PushAction::modify).attribute("password"), "secret");
  EXPECT_EQ(first(PushAction::remove).attribute("action"), "delete");
  EXPECT_FALSE(first(PushAction::remove).has_attribute("password"));
  EXPECT_FALSE(first(PushAction::none).has_attribute("action"));
}

// EXD-04
TEST(CredentialsRequest, NamesOneServiceByHostAndType) {
  EXPECT_EQ(read_credentials("<service host='a.org' type='turn'/>"), "turn|a.org|-");
  EXPECT_EQ(read_credentials("<service host='::1' type='turns' port='5349'/>"), "turns|::1|5349");
  for (const char* bad :
       {"", "<service host='a.org'/>", "<service type='turn'/>", "<service host='' type='turn'/>",
        "<service host='a.org' type='turn' port=''/>",
        "<service host='a.org' type='turn' port='0'/>",
        "<service host='a.org' type='turn' port='65536'/>",
        "<service host='a.org' type='turn' port='-1'/>",
        "<service host='a.org' type='turn' port='1 '/>",
        "<service host='a.org' type='turn'/><service host='b.org' type='turn'/>",
        "<service xmlns='urn:other' host='a.org' type='turn'/>"}) {
    EXPECT_EQ(read_credentials(bad).find('|'), std::string::npos) << bad;
  }
}

TEST(CredentialsRequest, MayHaveALongHostAndNotOneByteMore) {
  const auto read = [](std::size_t bytes) {
    return read_credentials("<service type='turn' host='" + std::string(bytes, 'h') + "'/>");
  };
  EXPECT_EQ(read(kServiceHostBytesMax), "turn|" + std::string(kServiceHostBytesMax, 'h') + "|-");
  EXPECT_EQ(read(kServiceHostBytesMax + 1), "The host or the type is too long.");
}

// EXD-04: there may be several, and a port chooses among them.
TEST(CredentialsAnswer, HasTheServicesThatMatch) {
  const auto count = [](const CredentialsRequest& request) -> std::size_t {
    const auto answer = credentials_element(request, kServices, kCredentials);
    if (!answer) {
      EXPECT_TRUE(answer.error().is(xmpp::errors::item_not_found));
      return 0;
    }
    for (const xmpp::Element& each : answer->children()) {
      EXPECT_EQ(each.attribute("username"), "1700000000:token");
    }
    return answer->children().size();
  };
  EXPECT_EQ(count({ExtdiscoVersion::two, "turn", "192.0.2.1", {}}), 2U);
  EXPECT_EQ(count({ExtdiscoVersion::two, "turn", "192.0.2.1", 3478}), 2U);
  EXPECT_EQ(count({ExtdiscoVersion::two, "turns", "TURN.Example.Org", {}}), 1U);
  EXPECT_EQ(count({ExtdiscoVersion::two, "turn", "192.0.2.1", 3479}), 0U);
  EXPECT_EQ(count({ExtdiscoVersion::two, "turn", "192.0.2.2", {}}), 0U);
  EXPECT_EQ(count({ExtdiscoVersion::two, "ftp", "192.0.2.1", {}}), 0U);
}

// Monal asks for each service it was told of; a STUN server needs no credentials and has none.
TEST(CredentialsAnswer, HasAStunServiceAsItIs) {
  const auto answer =
      credentials_element({ExtdiscoVersion::one, "stun", "192.0.2.1", {}}, kServices, kCredentials);
  ASSERT_TRUE(answer);
  EXPECT_EQ(written(*answer),
            "<credentials xmlns='urn:xmpp:extdisco:1'>"
            "<service type='stun' host='192.0.2.1' port='3478' transport='udp'/></credentials>");
}

// EXD-06: Movim takes the first of a type, Dino only UDP.
TEST(ExternalServices, AreSortedForClientsThatTakeTheFirst) {
  std::vector<ExternalService> services(kServices.rbegin(), kServices.rend());
  sort_for_clients(services);
  EXPECT_EQ(services, kServices);
  std::vector<ExternalService> families{{Type::turn, "192.0.2.1", 1, Transport::udp},
                                        {Type::turn, "2001:db8::1", 1, Transport::udp}};
  const auto before = families;
  sort_for_clients(families);
  EXPECT_EQ(families, before);
}

}  // namespace
}  // namespace bellhop::turn
