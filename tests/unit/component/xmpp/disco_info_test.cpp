// disco#info and its two fingerprints, by the vectors of their specifications.
#include "component/xmpp/disco_info.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

// XEP-0115 §5.3.
constexpr std::string_view kPsi =
    R"xml(<query xmlns='http://jabber.org/protocol/disco#info'
         node='http://psi-im.org#q07IKJEyjvHSyhy//CH0CxmKi8w='>)xml"
    R"xml(<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>)xml"
    R"xml(<identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>)xml"
    R"xml(<feature var='http://jabber.org/protocol/caps'/>)xml"
    R"xml(<feature var='http://jabber.org/protocol/disco#info'/>)xml"
    R"xml(<feature var='http://jabber.org/protocol/disco#items'/>)xml"
    R"xml(<feature var='http://jabber.org/protocol/muc'/>)xml"
    R"xml(<x xmlns='jabber:x:data' type='result'>)xml"
    R"xml(<field var='FORM_TYPE' type='hidden'>)xml"
    R"xml(<value>urn:xmpp:dataforms:softwareinfo</value></field>)xml"
    R"xml(<field var='ip_version' type='text-multi'>)xml"
    R"xml(<value>ipv4</value><value>ipv6</value></field>)xml"
    R"xml(<field var='os'>)xml"
    R"xml(<value>Mac</value></field>)xml"
    R"xml(<field var='os_version'>)xml"
    R"xml(<value>10.5.1</value></field>)xml"
    R"xml(<field var='software'>)xml"
    R"xml(<value>Psi</value></field>)xml"
    R"xml(<field var='software_version'>)xml"
    R"xml(<value>0.11</value></field></x>)xml"
    R"xml(</query>)xml";

// XEP-0390 §4.5.1.
constexpr std::string_view kBombus =
    R"xml(<query xmlns="http://jabber.org/protocol/disco#info">)xml"
    R"xml(<identity category="client" name="BombusMod" type="mobile"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/si"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/bytestreams"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/chatstates"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/disco#info"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/disco#items"/>)xml"
    R"xml(<feature var="urn:xmpp:ping"/>)xml"
    R"xml(<feature var="jabber:iq:time"/>)xml"
    R"xml(<feature var="jabber:iq:privacy"/>)xml"
    R"xml(<feature var="jabber:iq:version"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/rosterx"/>)xml"
    R"xml(<feature var="urn:xmpp:time"/>)xml"
    R"xml(<feature var="jabber:x:oob"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/ibb"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/si/profile/file-transfer"/>)xml"
    R"xml(<feature var="urn:xmpp:receipts"/>)xml"
    R"xml(<feature var="jabber:iq:roster"/>)xml"
    R"xml(<feature var="jabber:iq:last"/>)xml"
    R"xml(</query>)xml";

// XEP-0390 §4.5.2.
constexpr std::string_view kTkabber =
    R"xml(<query xmlns="http://jabber.org/protocol/disco#info">)xml"
    R"xml(<identity category="client" name="Tkabber" type="pc" xml:lang="en"/>)xml"
    R"xml(<identity category="client" name="Ткаббер" type="pc" xml:lang="ru"/>)xml"
    R"xml(<feature var="games:board"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/activity"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/activity+notify"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/bytestreams"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/chatstates"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/commands"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/disco#info"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/disco#items"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/evil"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/feature-neg"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/geoloc"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/geoloc+notify"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/ibb"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/iqibb"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/mood"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/mood+notify"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/rosterx"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/si"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/si/profile/file-transfer"/>)xml"
    R"xml(<feature var="http://jabber.org/protocol/tune"/>)xml"
    R"xml(<feature var="http://www.facebook.com/xmpp/messages"/>)xml"
    R"xml(<feature var="http://www.xmpp.org/extensions/xep-0084.html#ns-metadata+notify"/>)xml"
    R"xml(<feature var="jabber:iq:avatar"/>)xml"
    R"xml(<feature var="jabber:iq:browse"/>)xml"
    R"xml(<feature var="jabber:iq:dtcp"/>)xml"
    R"xml(<feature var="jabber:iq:filexfer"/>)xml"
    R"xml(<feature var="jabber:iq:ibb"/>)xml"
    R"xml(<feature var="jabber:iq:inband"/>)xml"
    R"xml(<feature var="jabber:iq:jidlink"/>)xml"
    R"xml(<feature var="jabber:iq:last"/>)xml"
    R"xml(<feature var="jabber:iq:oob"/>)xml"
    R"xml(<feature var="jabber:iq:privacy"/>)xml"
    R"xml(<feature var="jabber:iq:roster"/>)xml"
    R"xml(<feature var="jabber:iq:time"/>)xml"
    R"xml(<feature var="jabber:iq:version"/>)xml"
    R"xml(<feature var="jabber:x:data"/>)xml"
    R"xml(<feature var="jabber:x:event"/>)xml"
    R"xml(<feature var="jabber:x:oob"/>)xml"
    R"xml(<feature var="urn:xmpp:avatar:metadata+notify"/>)xml"
    R"xml(<feature var="urn:xmpp:ping"/>)xml"
    R"xml(<feature var="urn:xmpp:receipts"/>)xml"
    R"xml(<feature var="urn:xmpp:time"/>)xml"
    R"xml(<x xmlns="jabber:x:data" type="result">)xml"
    R"xml(<field type="hidden" var="FORM_TYPE">)xml"
    R"xml(<value>urn:xmpp:dataforms:softwareinfo</value></field>)xml"
    R"xml(<field var="software">)xml"
    R"xml(<value>Tkabber</value></field>)xml"
    R"xml(<field var="software_version">)xml"
    R"xml(<value>0.11.1-svn-20111216-mod (Tcl/Tk 8.6b2)</value></field>)xml"
    R"xml(<field var="os">)xml"
    R"xml(<value>Windows</value></field>)xml"
    R"xml(<field var="os_version">)xml"
    R"xml(<value>XP</value></field></x>)xml"
    R"xml(</query>)xml";

DiscoInfo read(std::string_view xml) {
  return parse_disco_info(test::parse_element(xml)).value();
}

// XEP-0115 §5.2.
DiscoInfo exodus() {
  DiscoInfo info;
  info.add_identity({.category = "client", .type = "pc", .name = "Exodus 0.9.1"})
      .add_feature("http://jabber.org/protocol/muc")
      .add_feature("http://jabber.org/protocol/disco#items")
      .add_feature("http://jabber.org/protocol/caps")
      .add_feature("http://jabber.org/protocol/disco#info");
  return info;
}

DataForm software_form(std::string_view os) {
  DataForm form = DataForm::with_form_type(FormType::result, "urn:xmpp:dataforms:softwareinfo");
  form.add({.var = "os", .values = {std::string(os)}});
  return form;
}

// DSC-03
TEST(DiscoInfo, HasEachFeatureOnce) {
  DiscoInfo info;
  info.add_feature("urn:xmpp:ping").add_feature("urn:xmpp:time").add_feature("urn:xmpp:ping");
  EXPECT_EQ(info.features.size(), 2u);
  EXPECT_TRUE(info.has_feature("urn:xmpp:ping"));
  EXPECT_FALSE(info.has_feature("urn:xmpp:caps"));
}

// DSC-02
TEST(DiscoInfo, HasEachIdentityOncePerLanguage) {
  DiscoInfo info;
  info.add_identity({.category = "proxy", .type = "bytestreams", .name = "Bellhop"})
      .add_identity({.category = "proxy", .type = "bytestreams", .name = "Other name"})
      .add_identity({.category = "proxy", .type = "bytestreams", .name = "Page", .lang = "de"});
  ASSERT_EQ(info.identities.size(), 2u);
  EXPECT_EQ(info.identities[0].name, "Bellhop");
  EXPECT_TRUE(info.has_identity("proxy", "bytestreams"));
  EXPECT_FALSE(info.has_identity("proxy", "generic"));
}

// DSC-04, DSC-08
TEST(DiscoInfo, IsWrittenWithItsNodeAndForms) {
  DiscoInfo info;
  info.add_identity({.category = "proxy", .type = "bytestreams", .name = "B", .lang = "en"});
  info.add_feature("urn:xmpp:ping");
  info.forms.push_back(software_form("Linux"));
  EXPECT_EQ(to_xml(to_element(info, "n")),
            "<query xmlns='http://jabber.org/protocol/disco#info' node='n'>"
            "<identity category='proxy' type='bytestreams' name='B' xml:lang='en'/>"
            "<feature var='urn:xmpp:ping'/><x xmlns='jabber:x:data' type='result'>"
            "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value>"
            "</field><field var='os'><value>Linux</value></field></x></query>");
  EXPECT_FALSE(to_element(info).has_attribute("node"));
}

TEST(DiscoInfo, IsReadBackAsItWasWritten) {
  DiscoInfo info = exodus();
  info.forms.push_back(software_form("Linux"));
  EXPECT_EQ(parse_disco_info(to_element(info, "n")).value(), info);
}

TEST(DiscoInfo, IsRefusedIfMalformed) {
  for (const std::string_view bad :
       {"<query xmlns='http://jabber.org/protocol/disco#items'/>",
        "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='a'/></query>",
        "<query xmlns='http://jabber.org/protocol/disco#info'><identity type='a'/></query>",
        "<query xmlns='http://jabber.org/protocol/disco#info'><feature/></query>",
        "<query xmlns='http://jabber.org/protocol/disco#info'><x "
        "xmlns='jabber:x:data'/></query>"}) {
    const auto info = parse_disco_info(test::parse_element(bad));
    ASSERT_FALSE(info) << bad;
    EXPECT_TRUE(info.error().is(errors::bad_request));
  }
}

// CAP-01
TEST(Caps, MatchTheSimpleVector) {
  EXPECT_EQ(caps_ver(exodus()), "QgayPKawpkPSDYmwT/WM94uAlu0=");
}

// CAP-01
TEST(Caps, MatchTheComplexVector) {
  EXPECT_EQ(caps_ver(read(kPsi)), "q07IKJEyjvHSyhy//CH0CxmKi8w=");
}

// CAP-01
TEST(Caps, AreWrittenForPresence) {
  EXPECT_EQ(to_xml(make_caps(exodus(), "https://bellhop.example")),
            "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
            "node='https://bellhop.example' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>");
}

// CAP-01
TEST(Caps, DoNotDependOnTheOrderOfAnything) {
  DiscoInfo info = read(kPsi);
  std::ranges::reverse(info.identities);
  std::ranges::reverse(info.features);
  std::ranges::reverse(info.forms[0].fields);
  std::ranges::reverse(info.forms[0].fields[3].values);
  EXPECT_EQ(caps_ver(info), "q07IKJEyjvHSyhy//CH0CxmKi8w=");
}

// CAP-03: XEP-0115 §5.4 step 3.6.
TEST(Caps, IgnoreFormsWithoutAHiddenFormType) {
  DiscoInfo info = exodus();
  DataForm form{.type = FormType::result};
  form.add({.var = "os", .values = {"Linux"}});
  info.forms.push_back(form);
  form.add({.var = "FORM_TYPE", .values = {"urn:x"}});
  info.forms.push_back(form);
  EXPECT_TRUE(is_well_formed(info));
  EXPECT_EQ(caps_ver(info), caps_ver(exodus()));
}

// CAP-03
TEST(Caps, AreKeptOnlyIfTheyAreWhatTheyClaim) {
  const DiscoInfo psi = read(kPsi);
  EXPECT_TRUE(verify_caps(psi, "sha-1", "q07IKJEyjvHSyhy//CH0CxmKi8w="));
  EXPECT_FALSE(verify_caps(psi, "sha-1", "QgayPKawpkPSDYmwT/WM94uAlu0="));
  EXPECT_FALSE(verify_caps(psi, "sha-1", ""));
  EXPECT_FALSE(verify_caps(psi, "", "q07IKJEyjvHSyhy//CH0CxmKi8w="));
  EXPECT_FALSE(verify_caps(psi, "md5", "q07IKJEyjvHSyhy//CH0CxmKi8w="));
  DiscoInfo more = psi;
  more.add_feature("urn:xmpp:evil");
  EXPECT_FALSE(verify_caps(more, "sha-1", "q07IKJEyjvHSyhy//CH0CxmKi8w="));
}

// CAP-03
TEST(Caps, AreIllFormedWithDuplicates) {
  const DiscoInfo good = read(kPsi);
  EXPECT_TRUE(is_well_formed(good));
  DiscoInfo twice = good;
  twice.features.push_back(twice.features.front());
  EXPECT_FALSE(is_well_formed(twice));
  EXPECT_FALSE(verify_caps(twice, "sha-1", caps_ver(twice)));
  twice = good;
  twice.identities.push_back(twice.identities.front());
  EXPECT_FALSE(is_well_formed(twice));
  twice = good;
  twice.forms.push_back(software_form("Plan 9"));
  EXPECT_FALSE(is_well_formed(twice));
}

// CAP-03
TEST(Caps, AreIllFormedWithTwoDifferentFormTypesInOneForm) {
  DiscoInfo info = exodus();
  info.forms.push_back(software_form("Linux"));
  std::vector<std::string>& form_type = info.forms[0].fields[0].values;
  form_type.push_back(form_type[0]);
  EXPECT_TRUE(is_well_formed(info));
  form_type.push_back("urn:x");
  EXPECT_FALSE(is_well_formed(info));
}

// CAP-03: an identity that contains features by its name has the hash of honest ones.
TEST(Caps, AreIllFormedIfOnePartCouldBeReadAsSeveral) {
  DiscoInfo honest;
  honest.add_identity({.category = "client", .type = "pc", .name = "A"}).add_feature("urn:b");
  DiscoInfo forged;
  forged.add_identity({.category = "client", .type = "pc", .name = "A<urn:b"});
  EXPECT_EQ(caps_ver(honest), caps_ver(forged));
  EXPECT_TRUE(is_well_formed(honest));
  EXPECT_FALSE(is_well_formed(forged));
  DiscoInfo feature = honest;
  feature.add_feature("urn:c<urn:d");
  EXPECT_FALSE(is_well_formed(feature));
  DiscoInfo form = honest;
  form.forms.push_back(software_form("Linux<x<y"));
  EXPECT_FALSE(is_well_formed(form));
}

// CAP-04
TEST(Caps2, MatchTheSimpleVector) {
  const DiscoInfo info = read(kBombus);
  EXPECT_EQ(caps2_hash(info, CapsHash::sha_256).value(),
            "kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=");
  EXPECT_EQ(caps2_hash(info, CapsHash::sha3_256).value(),
            "79mdYAfU9rEdTOcWDO7UEAt6E56SUzk/g6TnqUeuD9Q=");
}

// CAP-04
TEST(Caps2, MatchTheComplexVector) {
  const DiscoInfo info = read(kTkabber);
  EXPECT_EQ(caps2_hash(info, CapsHash::sha_256).value(),
            "u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=");
  EXPECT_EQ(caps2_hash(info, CapsHash::sha3_256).value(),
            "XpUJzLAc93258sMECZ3FJpebkzuyNXDzRNwQog8eycg=");
}

// CAP-04
TEST(Caps2, HashTheOctetsOfTheAlgorithm) {
  DiscoInfo info;
  info.add_feature("b").add_feature("a");
  info.add_identity({.category = "c", .type = "t", .name = "n", .lang = "l"});
  info.forms.push_back(DataForm::with_form_type(FormType::result, "F"));
  info.forms[0].add({.var = "v", .values = {"2", "1"}});
  EXPECT_EQ(caps2_input(info).value(),
            "a\x1f"
            "b\x1f\x1c"
            "c\x1ft\x1fl\x1fn\x1f\x1e\x1c"
            "FORM_TYPE\x1f"
            "F\x1f\x1ev\x1f"
            "1\x1f"
            "2\x1f\x1e\x1d\x1c");
  EXPECT_EQ(caps2_input(DiscoInfo{}).value(), "\x1c\x1c\x1c");
}

// CAP-04: XEP-0390 §4.1 steps 1 to 3.
TEST(Caps2, RefuseWhatTheAlgorithmDoesNotCover) {
  const std::string open = "<query xmlns='http://jabber.org/protocol/disco#info'>";
  const std::string form = "<x xmlns='jabber:x:data' type='result'>";
  const std::string type = "<field var='FORM_TYPE' type='hidden'><value>f</value></field>";
  EXPECT_TRUE(caps2_input(read(open + form + type + "</x></query>")));
  for (const std::string& bad :
       {std::string("<y xmlns='urn:y'/>"), form + "</x>", form + type + "<reported/></x>",
        form + type + "<item/></x>", form + type + type + "</x>",
        form + "<field var='FORM_TYPE'><value>f</value></field></x>",
        form + "<field var='FORM_TYPE' type='hidden'/></x>",
        form +
            "<field var='FORM_TYPE' type='hidden'><value>f</value><value>g</value></field></x>"}) {
    const auto input = caps2_input(read(open + bad + "</query>"));
    ASSERT_FALSE(input) << bad;
    EXPECT_TRUE(input.error().is(errors::bad_request));
  }
}

// CAP-04
TEST(Caps2, AreWrittenAsAHashSetAndAsNodes) {
  EXPECT_EQ(to_xml(make_caps2(read(kBombus)).value()),
            "<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>"
            "kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=</hash>"
            "<hash xmlns='urn:xmpp:hashes:2' algo='sha3-256'>"
            "79mdYAfU9rEdTOcWDO7UEAt6E56SUzk/g6TnqUeuD9Q=</hash></c>");
  EXPECT_EQ(caps2_node(CapsHash::sha3_256, "79md="), "urn:xmpp:caps#sha3-256.79md=");
}

}  // namespace
}  // namespace bellhop::xmpp
