// File names on their way to those who save them.
#include "proxy/http/content_disposition.hpp"

#include <gtest/gtest.h>

#include "component/xmpp/utf8.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// HUP-26: RFC 6266 with filename* of RFC 8187.
TEST(ContentDisposition, CarriesTheNameTwice) {
  EXPECT_EQ(content_disposition(Disposition::attachment, "report.pdf"),
            "attachment; filename=\"report.pdf\"; filename*=UTF-8''report.pdf");
  EXPECT_EQ(content_disposition(Disposition::in_place, "na\xC3\xAFve \xE2\x82\xAC.png"),
            "inline; filename=\"na_ve _.png\"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.png");
}

// RFC 6266 appendix D, RFC 8187 §3.2.1.
TEST(ContentDisposition, HasNoEscapesInItsFallbackAndOnlySafeCharactersBehind) {
  EXPECT_EQ(content_disposition(Disposition::attachment, "a\"b%41'c;d*(e).txt"),
            "attachment; filename=\"a_b_41'c;d*(e).txt\"; "
            "filename*=UTF-8''a%22b%2541%27c%3Bd%2A%28e%29.txt");
}

TEST(ContentDisposition, NeverBeginsAnotherLine) {
  std::string name;
  for (int c = 0; c < 256; ++c) name += static_cast<char>(c);
  for (const std::string& each : {name, "a\r\nSet-Cookie: b"s, "\"\r\n\r\n<html>"s}) {
    for (const char c : content_disposition(Disposition::attachment, each)) {
      EXPECT_TRUE(is_visible(c) || c == ' ') << static_cast<int>(c);
    }
  }
}

TEST(SafeFileName, KeepsOrdinaryNames) {
  for (const std::string_view name :
       {"a", "report.pdf", "IMG 0001.jpeg", "\xC3\xBC\xE2\x82\xAC.tar.gz", "a..b", "na'me (1).txt",
        "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9.png", "100%.txt"}) {
    EXPECT_EQ(safe_file_name(name), name);
  }
}

// HUP-30: no path, neither upwards nor to a hidden place.
TEST(SafeFileName, HasNoSeparatorsAndNoDotsInFront) {
  EXPECT_EQ(safe_file_name("../../etc/passwd"), "_._.._etc_passwd");
  EXPECT_EQ(safe_file_name("C:\\autoexec.bat"), "C:_autoexec.bat");
  EXPECT_EQ(safe_file_name(".bashrc"), "_bashrc");
  EXPECT_EQ(safe_file_name("."), "file");
  EXPECT_EQ(safe_file_name(".."), "file");
  EXPECT_EQ(safe_file_name(""), "file");
  EXPECT_EQ(safe_file_name(" . . "), "file");
}

TEST(SafeFileName, LosesBlanksAndDotsAtItsEnds) {
  EXPECT_EQ(safe_file_name("  a.exe. . "), "a.exe");
  EXPECT_EQ(safe_file_name("a b"), "a b");
}

TEST(SafeFileName, LosesCharactersThatHideWhatItSays) {
  EXPECT_EQ(safe_file_name("invoice\xE2\x80\xAE"
                           "fdp.exe"),
            "invoicefdp.exe");
  EXPECT_EQ(safe_file_name("a\xE2\x81\xA6\xE2\x81\xA9\xE2\x80\x8F\xD8\x9C\xEF\xBB\xBF.b"), "a.b");
  EXPECT_EQ(safe_file_name("a\r\n\t\x7F\xC2\x85.b\0c"sv), "a.bc");
  EXPECT_EQ(safe_file_name("\xE2\x80\xAE"), "file");
  EXPECT_EQ(safe_file_name("\xE2\x80\x8B.bashrc"), "_bashrc");  // looked at after the cleaning
}

TEST(SafeFileName, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(safe_file_name("a\xFF.b\xC3"), "a_.b_");
  EXPECT_EQ(safe_file_name("\xC0\xAF\xC0\xAF"), "____");
}

TEST(SafeFileName, IsCutBetweenCharactersAndKeepsItsExtension) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "\xC3\xBC";
  const std::string cut = safe_file_name("a" + name + ".jpeg");
  EXPECT_LE(cut.size(), kFileNameBytesMax);
  EXPECT_GE(cut.size(), kFileNameBytesMax - 1);
  EXPECT_TRUE(cut.ends_with("\xC3\xBC.jpeg"));
  EXPECT_TRUE(xmpp::is_utf8(cut));
  EXPECT_EQ(safe_file_name(std::string(kFileNameBytesMax, 'a')).size(), kFileNameBytesMax);
  EXPECT_EQ(safe_file_name(std::string(1 << 20, 'a')).size(), kFileNameBytesMax);
  // What is longer than an extension is none.
  EXPECT_EQ(safe_file_name("a." + std::string(400, 'b')),
            "a." + std::string(kFileNameBytesMax - 2, 'b'));
}

TEST(SafeFileName, ChangesNothingTheSecondTime) {
  for (const std::string& name :
       {"../a"s, ".b "s, std::string(300, ' ') + "x", std::string(254, 'a') + " .b"s,
        std::string(254, 'a') + " . . b"s, "\xFF\xFE"s, "a."s + std::string(300, '.')}) {
    const std::string once = safe_file_name(name);
    EXPECT_EQ(safe_file_name(once), once);
  }
}

}  // namespace
}  // namespace bellhop::http
