// The digest by which a component proves that it knows the secret.
#include "component/xmpp/handshake.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/xml_reader.hpp"

namespace bellhop::xmpp {
namespace {

// CMP-02
TEST(Handshake, MatchesTheVectorOfTheSpecification) {
  EXPECT_EQ(handshake_digest("3BF96D32", "test"), "aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e");
}

// CMP-02
TEST(Handshake, HashesTheStreamIdAsItIsAfterXmlUnescaping) {
  XmlReader reader{XmlLimits{}};
  ASSERT_TRUE(
      reader.feed("<stream:stream xmlns='jabber:component:accept' "
                  "xmlns:stream='http://etherx.jabber.org/streams' id='a&amp;b&#x21;'>"));
  const auto opened = std::get<StreamOpened>(*reader.next());
  EXPECT_EQ(opened.id, "a&b!");
  // printf 'a&b!secret' | sha1sum
  EXPECT_EQ(handshake_digest(opened.id, "secret"), "e2978e046e7d34b61ab49f3ef35719bb3221bb91");
}

}  // namespace
}  // namespace bellhop::xmpp
