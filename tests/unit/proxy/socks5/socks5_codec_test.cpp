// SOCKS5 messages: whole, byte by byte, and cut at every position.
#include "proxy/socks5/socks5_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/errors.hpp"

namespace bellhop::socks5 {
namespace {

namespace errors = proxy::errors;
using namespace std::string_literals;
using namespace std::string_view_literals;

const std::string kDigits = "98b8d688d0f5d895fd41c5e7309a2e9e33ba32ff";
const std::string kRequest = "\x05\x01\x00\x03\x28"s + kDigits + "\0\0"s;

Bytes bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

template <typename Container>
std::string text(const Container& container) {
  std::string result;
  for (const std::byte byte : container) result += static_cast<char>(byte);
  return result;
}

// "more", the name of the error, or how long the message was.
std::string greeting(std::string_view input) {
  const auto decoded = decode_greeting(bytes(input));
  if (!decoded) return std::string(decoded.error().kind().name);
  return *decoded ? std::to_string((*decoded)->bytes) : "more";
}

// "more", "granted", or the name of the error.
std::string request(std::string_view input) {
  const auto decoded = decode_request(bytes(input));
  if (!decoded) return std::string(decoded.error().kind().name);
  return *decoded ? "granted" : "more";
}

// The answer to a request that is refused; "" for none.
std::string refusal(std::string_view input) {
  const auto decoded = decode_request(bytes(input));
  if (decoded) return "not refused";
  const auto code = reply_to(decoded.error());
  return code ? text(encode_refused(*code, bytes(input))) : "";
}

// S5B-20
TEST(Socks5Codec, AcceptsAGreetingThatOffersNoAuthentication) {
  EXPECT_EQ(greeting("\x05\x01\x00"sv), "3");
  EXPECT_EQ(greeting("\x05\x02\x00\x02"sv), "4");
  EXPECT_EQ(greeting("\x05\x02\x02\x00"sv), "4");
  std::string all = "\x05\xff"s;
  for (int method = 254; method >= 0; --method) all += static_cast<char>(method);
  EXPECT_EQ(greeting(all), "257");
  EXPECT_EQ(all.size(), kGreetingBytesMax);
  EXPECT_EQ(text(kNoAuthentication), "\x05\x00"sv);
}

// S5B-20, S5B-38: passwords are not configured, so they alone are not acceptable.
TEST(Socks5Codec, RefusesAGreetingWithoutNoAuthentication) {
  EXPECT_EQ(greeting("\x05\x01\x02"sv), "socks-methods");
  EXPECT_EQ(greeting("\x05\x02\x01\x02"sv), "socks-methods");
  EXPECT_EQ(greeting("\x05\x01\xff\x00"sv), "socks-methods");
  EXPECT_EQ(text(kNoMethod), "\x05\xff"sv);
}

// S5B-21
TEST(Socks5Codec, RefusesAGreetingOfAnotherVersionOrWithoutMethods) {
  EXPECT_EQ(greeting("\x04\x01\x00"sv), "socks-version");
  EXPECT_EQ(greeting("\x04"sv), "socks-version");
  EXPECT_EQ(greeting("GET / HTTP/1.1"), "socks-version");
  EXPECT_EQ(greeting("\x16\x03\x01"sv), "socks-version");
  EXPECT_EQ(greeting("\x05\x00"sv), "socks-methods");
}

// S5B-22
TEST(Socks5Codec, WaitsForTheRestOfAGreetingCutAnywhere) {
  const std::string whole = "\x05\x03\x02\x01\x00"s;
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const std::string_view input = std::string_view(whole).substr(0, cut);
    EXPECT_EQ(greeting(input), "more") << cut;
    const std::size_t missing = greeting_bytes_missing(bytes(input));
    EXPECT_GT(missing, 0U) << cut;
    EXPECT_LE(missing, whole.size() - cut) << cut;
  }
  EXPECT_EQ(greeting(whole), "5");
  EXPECT_EQ(greeting_bytes_missing(bytes(whole)), 0U);
}

// S5B-22: what stands behind the greeting is left where it is.
TEST(Socks5Codec, TakesNothingBehindTheGreeting) {
  const std::string both = "\x05\x01\x00"s + kRequest + "payload";
  const auto decoded = decode_greeting(bytes(both));
  ASSERT_TRUE(decoded && *decoded);
  EXPECT_EQ((*decoded)->bytes, 3U);
  EXPECT_EQ(greeting_bytes_missing(bytes(both)), 0U);
  EXPECT_EQ(request(std::string_view(both).substr(3, kRequest.size())), "granted");
}

// Reads as the session does: never more than is missing.
std::size_t read_as_told(std::string_view stream, std::size_t (*missing)(Bytes)) {
  std::size_t have = 0;
  while (have < stream.size()) {
    const std::size_t wanted = missing(bytes(stream.substr(0, have)));
    if (wanted == 0) break;
    have += std::min(wanted, stream.size() - have);
  }
  return have;
}

// S5B-22, ROOM-02: early payload stays in the kernel.
TEST(Socks5Codec, NeverAsksForMoreThanAGreetingAndARequestThatMayBeGranted) {
  EXPECT_EQ(read_as_told("\x05\x01\x00"s + kRequest, greeting_bytes_missing), 3U);
  EXPECT_EQ(read_as_told("\x05\x05\x00\x01\x02\x03\x04tail"sv, greeting_bytes_missing), 7U);
  EXPECT_EQ(read_as_told(kRequest + "early payload", request_bytes_missing), kRequest.size());
}

// What will be refused has nothing behind it that is worth keeping, but it is bounded.
TEST(Socks5Codec, AsksForABoundedNumberOfBytesWhateverComes) {
  for (const std::string& beginning :
       {"\x05\x01\x00\x01"s, "\x05\x01\x00\x04"s, "\x05\x01\x00\x03\x00"s, "\x05\x01\x00\x03\xff"s,
        "\x05\x01\x00\x09"s, "\x04"s}) {
    const std::string stream = beginning + std::string(1000, 'x');
    EXPECT_LE(read_as_told(stream, request_bytes_missing), kRequestBytesMax) << stream[3];
    EXPECT_EQ(request_bytes_missing(bytes(stream)), 0U) << stream[3];
  }
}

// S5B-23, S5B-24
TEST(Socks5Codec, GrantsTheOneFormOfConnectAndRepeatsTheAddress) {
  const auto decoded = decode_request(bytes(kRequest));
  ASSERT_TRUE(decoded && *decoded);
  EXPECT_EQ((*decoded)->dst_addr.hex(), kDigits);
  EXPECT_EQ(text(encode_granted(**decoded)), "\x05\x00\x00\x03\x28"s + kDigits + "\0\0"s);
  EXPECT_EQ(kRequest.size(), kGrantedBytes);
}

// S5B-25, S5B-24: compared without case, repeated as written.
TEST(Socks5Codec, TakesDigitsOfAnyCaseAndRepeatsThemAsTheyCame) {
  const std::string digits = "98B8D688d0f5d895FD41C5E7309a2e9e33BA32FF";
  const auto decoded = decode_request(bytes("\x05\x01\x00\x03\x28"s + digits + "\0\0"s));
  ASSERT_TRUE(decoded && *decoded);
  EXPECT_EQ((*decoded)->dst_addr.hex(), kDigits);
  EXPECT_EQ(text(encode_granted(**decoded)), "\x05\x00\x00\x03\x28"s + digits + "\0\0"s);
}

// S5B-22
TEST(Socks5Codec, WaitsForTheRestOfARequestCutAnywhere) {
  for (std::size_t cut = 0; cut < kRequest.size(); ++cut) {
    const std::string_view input = std::string_view(kRequest).substr(0, cut);
    EXPECT_EQ(request(input), "more") << cut;
    const std::size_t missing = request_bytes_missing(bytes(input));
    EXPECT_GT(missing, 0U) << cut;
    EXPECT_LE(missing, kRequest.size() - cut) << cut;
  }
  EXPECT_EQ(request(kRequest), "granted");
  EXPECT_EQ(request_bytes_missing(bytes(kRequest)), 0U);
}

// S5B-27: RSV is ignored.
TEST(Socks5Codec, IgnoresTheReservedByte) {
  std::string odd = kRequest;
  odd[2] = '\x7f';
  EXPECT_EQ(request(odd), "granted");
}

// S5B-27, S5B-19: BIND and UDP ASSOCIATE.
TEST(Socks5Codec, RefusesOtherCommands) {
  for (const char command : {'\x00', '\x02', '\x03', '\xff'}) {
    std::string input = kRequest;
    input[1] = command;
    EXPECT_EQ(request(input), "socks-command");
    EXPECT_EQ(refusal(input), "\x05\x07\x00\x03\x28"s + kDigits + "\0\0"s);
  }
}

// S5B-27, ROOM-36: a well-formed refusal that repeats the address.
TEST(Socks5Codec, RefusesAddressesThatAreNoNames) {
  const std::string v4 = "\x05\x01\x00\x01\x7f\x00\x00\x01\x1e\x61"s;
  EXPECT_EQ(request(v4), "socks-address-type");
  EXPECT_EQ(refusal(v4), "\x05\x08\x00\x01\x7f\x00\x00\x01\x1e\x61"sv);
  const std::string v6 = "\x05\x01\x00\x04"s + std::string(15, '\0') + "\x01\x1e\x61";
  EXPECT_EQ(request(v6), "socks-address-type");
  EXPECT_EQ(refusal(v6), "\x05\x08\x00\x04"s + std::string(15, '\0') + "\x01\x1e\x61");
  EXPECT_EQ(refusal("\x05\x01\x00\x09"sv), "\x05\x08\x00\x01\x00\x00\x00\x00\x00\x00"sv);
  EXPECT_EQ(request("\x05\x01\x00\x01\x7f\x00\x00\x01\x1e"sv), "more");
}

// S5B-26
TEST(Socks5Codec, RefusesPortsOtherThanZero) {
  for (const std::string_view port : {"\x00\x01"sv, "\x01\x00"sv, "\x04\x38"sv, "\xff\xff"sv}) {
    const std::string input = kRequest.substr(0, 45) + std::string(port);
    EXPECT_EQ(request(input), "socks-destination");
    EXPECT_EQ(refusal(input), "\x05\x02\x00\x03\x28"s + kDigits + std::string(port));
  }
}

// S5B-25, ROOM-36
TEST(Socks5Codec, RefusesNamesThatAreNoHash) {
  for (const std::size_t length : {0U, 1U, 39U, 41U, 255U}) {
    const std::string name(length, 'a');
    const std::string tail = std::string(1, static_cast<char>(length)) + name + "\0\0"s;
    EXPECT_EQ(request("\x05\x01\x00\x03"s + tail), "socks-destination") << length;
    EXPECT_EQ(refusal("\x05\x01\x00\x03"s + tail), "\x05\x02\x00\x03"s + tail) << length;
  }
  std::string not_hex = kRequest;
  not_hex[5] = 'g';
  EXPECT_EQ(request(not_hex), "socks-destination");
  not_hex[5] = '\0';
  EXPECT_EQ(request(not_hex), "socks-destination");
}

// S5B-21: a request of another version is closed without an answer.
TEST(Socks5Codec, SaysNothingToAnotherVersion) {
  EXPECT_EQ(request("\x04\x01"sv), "socks-version");
  EXPECT_EQ(refusal("\x04\x01"sv), "");
}

// S5B-29: the code of a third connection.
TEST(Socks5Codec, RefusesAsNotAllowedWhatTheTableRefuses) {
  EXPECT_EQ(reply_to(base::Error(errors::hash_taken)), Reply::not_allowed);
  EXPECT_EQ(text(encode_refused(Reply::not_allowed, bytes(kRequest))),
            "\x05\x02\x00\x03\x28"s + kDigits + "\0\0"s);
}

}  // namespace
}  // namespace bellhop::socks5
