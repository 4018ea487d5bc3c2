// Upload slots on the wire: requests in both syntaxes, slots, refusals, discovery.
#include "component/xmpp/upload_slot.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/errors.hpp"
#include "component/xmpp/namespaces.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "tests/unit/component/xmpp/parse_element.hpp"

namespace bellhop::xmpp {
namespace {

constexpr UploadPurposes kMessageOnly{};

UploadPurposes all_purposes() {
  return UploadPurposes()
      .add(UploadPurpose::profile)
      .add(UploadPurpose::ephemeral)
      .add(UploadPurpose::permanent);
}

Decision<UploadRequest> read(std::string_view attributes, std::string_view children = "",
                             const UploadPurposes& offered = all_purposes()) {
  std::string xml = "<request xmlns='urn:xmpp:http:upload:0' ";
  xml.append(attributes).append(">").append(children).append("</request>");
  return parse_upload_request(test::parse_element(xml), offered);
}

Decision<UploadRequest> read_old(std::string_view children) {
  return parse_upload_request(test::parse_element("<request xmlns='urn:xmpp:http:upload'>" +
                                                  std::string(children) + "</request>"),
                              all_purposes());
}

// The request of `read()`, or the text of its refusal, which must be bad-request.
std::string refusal_of(const Decision<UploadRequest>& decision) {
  if (decision) return "accepted";
  EXPECT_TRUE(decision.error().is(errors::bad_request));
  return decision.error().extras().text;
}

std::string purpose(std::string_view name, std::string_view attributes = "") {
  std::string xml = "<";
  xml.append(name).append(" xmlns='urn:xmpp:http:upload:purpose:0' ").append(attributes);
  return xml.append("/>");
}

// HUP-02
TEST(UploadRequest, IsReadFromAttributes) {
  const auto request =
      read("filename='tr\xC3\xA8s cool.jpg' size='23456' content-type='image/JPEG'");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->syntax, UploadSyntax::attributes);
  EXPECT_EQ(request->name, "tr\xC3\xA8s cool.jpg");
  EXPECT_EQ(request->size, 23456U);
  EXPECT_EQ(request->media_type, "image/jpeg");
  EXPECT_EQ(request->purpose, UploadPurpose::message);
  EXPECT_FALSE(request->expire_before);
}

// HUP-14: old clients are answered in the words they know.
TEST(UploadRequest, IsReadFromElementsInTheOldNamespace) {
  const auto request = read_old(
      "<filename>my juliet.png</filename><size> 23456 </size>"
      "<content-type>image/png</content-type>");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->syntax, UploadSyntax::elements);
  EXPECT_EQ(request->name, "my juliet.png");
  EXPECT_EQ(request->size, 23456U);
  EXPECT_EQ(request->media_type, "image/png");
  EXPECT_EQ(refusal_of(read_old("<size>1</size>")), "The name of the file is missing.");
  EXPECT_EQ(refusal_of(read_old("<filename>a</filename>")), "The size of the file is missing.");
}

TEST(UploadRequest, MixesNoSyntaxes) {
  EXPECT_FALSE(read("", "<filename>a</filename><size>1</size>"));
  EXPECT_FALSE(parse_upload_request(
      test::parse_element("<request xmlns='urn:xmpp:http:upload' filename='a' size='1'/>"),
      kMessageOnly));
  EXPECT_FALSE(parse_upload_request(
      test::parse_element("<slot xmlns='urn:xmpp:http:upload:0' filename='a' size='1'/>"),
      kMessageOnly));
}

// HUP-03
TEST(UploadRequest, NeedsAName) {
  EXPECT_EQ(refusal_of(read("size='1'")), "The name of the file is missing.");
  for (const std::string name : {"", "  ", "folder/"}) {
    EXPECT_EQ(refusal_of(read("filename='" + name + "' size='1'")),
              "The name of the file is missing.");
  }
  const std::string longest(kUploadNameBytesMax, 'x');
  EXPECT_EQ(refusal_of(read("filename='" + longest + "' size='1'")), "accepted");
  EXPECT_EQ(refusal_of(read("filename='" + longest + "x' size='1'")), "The name is too long.");
}

TEST(UploadRequest, KeepsTheLastPartOfAPathAndNoTraps) {
  EXPECT_EQ(read("filename='/media/romeo/a.jpg' size='1'")->name, "a.jpg");
  EXPECT_EQ(read("filename='C:\\Pictures\\a.jpg' size='1'")->name, "a.jpg");
  EXPECT_EQ(read("filename='../../etc/passwd' size='1'")->name, "passwd");
  for (const std::string name : {".", "..", "a/..", "a&#9;b", "a&#10;b", "a&#127;b"}) {
    EXPECT_EQ(refusal_of(read("filename='" + name + "' size='1'")),
              "This is not a name for a file.")
        << name;
  }
}

// HUP-03
TEST(UploadRequest, NeedsAPositiveSize) {
  EXPECT_EQ(refusal_of(read("filename='a'")), "The size of the file is missing.");
  for (const std::string size :
       {"0", "-1", "+1", "1.5", "1e3", "0x10", "1 2", "ten", "9223372036854775808",
        "18446744073709551616", "99999999999999999999999"}) {
    EXPECT_EQ(refusal_of(read("filename='a' size='" + size + "'")),
              "The size must be a positive number of bytes.")
        << size;
  }
  EXPECT_EQ(read("filename='a' size='9223372036854775807'")->size, kUploadSizeMax);
  EXPECT_EQ(read("filename='a' size=' 007 '")->size, 7U);
}

// HUP-16
TEST(UploadRequest, HasAMediaType) {
  EXPECT_EQ(read("filename='a' size='1'")->media_type, "application/octet-stream");
  EXPECT_EQ(read("filename='a' size='1' content-type=' '")->media_type, "application/octet-stream");
  EXPECT_EQ(read("filename='a' size='1' content-type='text/plain;charset=utf-8'")->media_type,
            "text/plain; charset=utf-8");
  EXPECT_EQ(refusal_of(read("filename='a' size='1' content-type='text'")),
            "The content type is malformed.");
}

// HUP-11
TEST(UploadRequest, HasOneOfTheOfferedPurposes) {
  const auto of = [](std::string_view child, const UploadPurposes& offered) {
    return read("filename='a' size='1'", child, offered)->purpose;
  };
  EXPECT_EQ(of(purpose("message"), all_purposes()), UploadPurpose::message);
  EXPECT_EQ(of(purpose("profile"), all_purposes()), UploadPurpose::profile);
  EXPECT_EQ(of(purpose("permanent"), all_purposes()), UploadPurpose::permanent);
  EXPECT_EQ(of("<profile xmlns='urn:other'/>", all_purposes()), UploadPurpose::message);
  EXPECT_EQ(of("<profile xmlns='urn:other'/>" + purpose("permanent"), all_purposes()),
            UploadPurpose::permanent);
}

// HUP-11, ROOM-14
TEST(UploadRequest, WithAnUnknownPurposeCountsAsMessage) {
  const auto of = [](std::string_view child) {
    return read("filename='a' size='1'", child, kMessageOnly)->purpose;
  };
  EXPECT_EQ(of(purpose("story")), UploadPurpose::message);
  EXPECT_EQ(of(purpose("profile")), UploadPurpose::message);
  EXPECT_EQ(of(purpose("permanent")), UploadPurpose::message);
  const auto ephemeral =
      read("filename='a' size='1'", purpose("ephemeral", "expire-before='2025-09-10T23:08:25Z'"),
           kMessageOnly);
  ASSERT_TRUE(ephemeral);
  EXPECT_EQ(ephemeral->purpose, UploadPurpose::message);
  EXPECT_FALSE(ephemeral->expire_before);
}

// HUP-12
TEST(UploadRequest, ThatIsEphemeralNeedsADate) {
  const auto request = read("filename='a' size='1'",
                            purpose("ephemeral", "expire-before='2025-09-11T01:08:25+02:00'"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->purpose, UploadPurpose::ephemeral);
  ASSERT_TRUE(request->expire_before);
  EXPECT_EQ(format_date_time(*request->expire_before), "2025-09-10T23:08:25Z");
  for (const UploadPurposes& offered : {all_purposes(), kMessageOnly}) {
    for (const std::string_view bad :
         {"", "expire-before=''", "expire-before='tomorrow'", "expire-before='2025-09-10'"}) {
      EXPECT_EQ(refusal_of(read("filename='a' size='1'", purpose("ephemeral", bad), offered)),
                "The date in expire-before is not valid.");
    }
  }
}

UploadSlot slot() {
  return {.put_url = "https://up.example.org/a/tr%C3%A8s%20cool.jpg?t=1",
          .get_url = "https://down.example.org/a/tr%C3%A8s%20cool.jpg"};
}

// HUP-02, HUP-08
TEST(UploadSlot, IsWrittenWithItsHeaders) {
  UploadSlot granted = slot();
  granted.headers = {{"Authorization", "Bearer x=="}, {"Cookie", "a=b; c=d"}, {"Expires", "0"}};
  const auto element = to_element(granted, UploadSyntax::attributes);
  ASSERT_TRUE(element);
  EXPECT_EQ(to_xml(*element),
            "<slot xmlns='urn:xmpp:http:upload:0'>"
            "<put url='https://up.example.org/a/tr%C3%A8s%20cool.jpg?t=1'>"
            "<header name='Authorization'>Bearer x==</header>"
            "<header name='Cookie'>a=b; c=d</header><header name='Expires'>0</header></put>"
            "<get url='https://down.example.org/a/tr%C3%A8s%20cool.jpg'/></slot>");
}

// HUP-14
TEST(UploadSlot, IsWrittenAsTextInTheOldNamespace) {
  const auto element = to_element(slot(), UploadSyntax::elements);
  ASSERT_TRUE(element);
  EXPECT_EQ(to_xml(*element),
            "<slot xmlns='urn:xmpp:http:upload'>"
            "<put>https://up.example.org/a/tr%C3%A8s%20cool.jpg?t=1</put>"
            "<get>https://down.example.org/a/tr%C3%A8s%20cool.jpg</get></slot>");
  UploadSlot granted = slot();
  granted.headers = {{"Authorization", "x"}};
  EXPECT_FALSE(to_element(granted, UploadSyntax::elements));
}

// HUP-08, ROOM-33
TEST(UploadSlot, HasOnlyHeadersThatClientsTake) {
  const auto with = [](std::string name, std::string value) {
    UploadSlot granted = slot();
    granted.headers.push_back({std::move(name), std::move(value)});
    return to_element(granted, UploadSyntax::attributes).has_value();
  };
  EXPECT_TRUE(with("Authorization", std::string(kSlotHeaderBytesMax, 'x')));
  EXPECT_FALSE(with("Authorization", std::string(kSlotHeaderBytesMax + 1, 'x')));
  EXPECT_FALSE(with("authorization", "x"));
  EXPECT_FALSE(with("X-Token", "x"));
  EXPECT_FALSE(with("Cookie", ""));
  for (const std::string bad : {"a\r\nb", "a\nb", "a\rb", "a\tb", "\xC3\xA4"}) {
    EXPECT_FALSE(with("Cookie", bad)) << bad;
  }
  UploadSlot granted = slot();
  granted.headers.assign(kSlotHeadersMax + 1, {"Cookie", "x"});
  EXPECT_FALSE(to_element(granted, UploadSyntax::attributes));
}

TEST(UploadSlot, HasOnlyAddressesThatClientsTake) {
  for (const std::string bad :
       {"", "https://", "http://a/b", "HTTPS://a/b", "https://a/b c", "https://a/\xC3\xA4",
        "https://a/<b>", "https://a/b\n", "ftp://a/b"}) {
    UploadSlot granted = slot();
    granted.put_url = bad;
    EXPECT_FALSE(to_element(granted, UploadSyntax::attributes)) << bad;
    granted = slot();
    granted.get_url = bad;
    EXPECT_FALSE(to_element(granted, UploadSyntax::elements)) << bad;
  }
  UploadSlot granted = slot();
  granted.put_url = "https://a/" + std::string(kSlotUrlBytesMax, 'x');
  EXPECT_FALSE(to_element(granted, UploadSyntax::attributes));
}

// HUP-04
TEST(UploadRefusal, TellsTheMaximumInTheNamespaceOfTheRequest) {
  const Refusal refusal = file_too_large(UploadSyntax::attributes, 20000);
  EXPECT_EQ(to_xml(to_element(refusal, refusal.extras()), ns::kComponentAccept),
            "<error type='modify'>"
            "<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>"
            "The file is too large. A file may have 20000 bytes.</text>"
            "<file-too-large xmlns='urn:xmpp:http:upload:0'>"
            "<max-file-size>20000</max-file-size></file-too-large></error>");
  const Refusal old = file_too_large(UploadSyntax::elements, 1);
  EXPECT_EQ(to_xml(*old.extras().application),
            "<file-too-large xmlns='urn:xmpp:http:upload'><max-file-size>1</max-file-size>"
            "</file-too-large>");
}

// HUP-05
TEST(UploadRefusal, TellsWhenToComeAgain) {
  const Timestamp at = *parse_date_time("2017-12-03T23:42:05Z");
  const Refusal refusal = upload_not_now(UploadSyntax::attributes, "Quota reached.", at);
  EXPECT_TRUE(refusal.is(errors::resource_constraint));
  EXPECT_EQ(refusal.extras().text, "Quota reached.");
  EXPECT_EQ(to_xml(*refusal.extras().application),
            "<retry xmlns='urn:xmpp:http:upload:0' stamp='2017-12-03T23:42:05Z'/>");
  EXPECT_EQ(upload_not_now(UploadSyntax::elements, "", at).extras().application->xmlns(),
            "urn:xmpp:http:upload");
  EXPECT_FALSE(upload_not_now(UploadSyntax::attributes, "", std::nullopt).extras().application);
}

// HUP-01, HUP-11, DSC-10
TEST(UploadDiscovery, TellsTheMaximumInBothNamespaces) {
  DiscoInfo info;
  announce_uploads(
      info, {.file_bytes_max = 5242880, .purposes = UploadPurposes().add(UploadPurpose::profile)});
  EXPECT_TRUE(info.has_identity("store", "file"));
  EXPECT_EQ(info.features, (std::vector<std::string>{
                               "urn:xmpp:http:upload:0", "urn:xmpp:http:upload:purpose:0#message",
                               "urn:xmpp:http:upload:purpose:0#profile", "urn:xmpp:http:upload"}));
  ASSERT_EQ(info.forms.size(), 2U);
  EXPECT_EQ(info.forms[0].form_type(), "urn:xmpp:http:upload:0");
  EXPECT_EQ(info.forms[1].form_type(), "urn:xmpp:http:upload");
  for (const DataForm& form : info.forms) {
    EXPECT_EQ(form.field("max-file-size")->value(), "5242880");
  }
  EXPECT_TRUE(is_well_formed(info));
}

TEST(UploadDiscovery, MayLeaveTheOldNamespaceOut) {
  DiscoInfo info;
  announce_uploads(info, {.file_bytes_max = 1, .has_old_syntax = false});
  EXPECT_FALSE(info.has_feature(ns::kUploadOld));
  EXPECT_EQ(info.forms.size(), 1U);
}

}  // namespace
}  // namespace bellhop::xmpp
