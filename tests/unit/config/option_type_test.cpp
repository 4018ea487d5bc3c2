// Each codec at its limits, just inside and just outside.
#include "config/option_type.hpp"

#include <gtest/gtest.h>

namespace bellhop::config {
namespace {

using namespace std::string_literals;

Value text_value(std::string text) {
  Value value;
  value.kind = Value::Kind::text;
  value.text = std::move(text);
  return value;
}

Value number(std::int64_t integer) {
  Value value;
  value.kind = Value::Kind::integer;
  value.integer = integer;
  return value;
}

Value list(std::vector<Value> items) {
  Value value;
  value.kind = Value::Kind::array;
  value.items = std::move(items);
  return value;
}

// What a codec makes of a value: its printed form, or the message of the first fault.
template <typename T>
std::string outcome(const Codec<T>& codec, const Value& value) {
  T target{};
  const Faults faults = codec.read(value, target);
  return faults.empty() ? codec.show(target) : faults.front().refusal.message;
}

TEST(OptionType, HoldsIntegersToTheirRange) {
  const auto codec = integer_codec<std::uint16_t>({10, 65535});
  EXPECT_EQ(outcome(codec, number(10)), "10");
  EXPECT_EQ(outcome(codec, number(65535)), "65535");
  EXPECT_EQ(outcome(codec, number(9)), "9 is out of range");
  EXPECT_EQ(outcome(codec, number(65536)), "65536 is out of range");
  EXPECT_EQ(outcome(codec, number(65546)), "65546 is out of range");  // 10 modulo 2^16
  EXPECT_EQ(outcome(codec, number(-1)), "-1 is out of range");
  EXPECT_EQ(outcome(codec, text_value("11")), "expected an integer, found a string \"11\"");
}

TEST(OptionType, HoldsDurationsToTheirRange) {
  const auto codec = duration_codec({100ms, 1h});
  EXPECT_EQ(outcome(codec, text_value("100ms")), "\"100ms\"");
  EXPECT_EQ(outcome(codec, number(3600)), "\"1h\"");
  EXPECT_EQ(outcome(codec, text_value("99ms")), "\"99ms\" is out of range");
  EXPECT_EQ(outcome(codec, number(3601)), "3601 is out of range");
  EXPECT_NE(outcome(codec, number(-1)).find("is not a duration"), std::string::npos);
  EXPECT_NE(outcome(codec, list({})).find("found a list"), std::string::npos);
}

TEST(OptionType, HoldsByteSizesToTheirRange) {
  const auto codec = byte_codec({10000, 1024 * 1024});
  EXPECT_EQ(outcome(codec, number(10000)), "\"10000 B\"");
  EXPECT_EQ(outcome(codec, text_value("1 MiB")), "\"1 MiB\"");
  EXPECT_EQ(outcome(codec, number(9999)), "9999 is out of range");
  EXPECT_EQ(outcome(codec, number(1024 * 1024 + 1)), "1048577 is out of range");
}

TEST(OptionType, TakesARateOfZeroForNoLimit) {
  const auto codec = rate_codec({1024, 4096});
  EXPECT_EQ(outcome(codec, number(0)), "0");
  EXPECT_EQ(outcome(codec, text_value("0")), "0");
  EXPECT_EQ(outcome(codec, text_value("1 KiB/s")), "\"1 KiB/s\"");
  EXPECT_EQ(outcome(codec, number(1023)), "1023 is out of range");
  EXPECT_EQ(outcome(codec, number(4097)), "4097 is out of range");
}

TEST(OptionType, RefusesPortZeroAndNamesWhereAnAddressIsNeeded) {
  const auto any = host_port_codec(HostForm::name_or_literal);
  EXPECT_EQ(outcome(any, text_value("Example.org:1")), "\"example.org:1\"");
  EXPECT_EQ(outcome(any, text_value("a:0")), "\"a:0\" has port 0");
  EXPECT_EQ(outcome(any, text_value("a b:1")), "\"a b\" is neither a host name nor an IP address");
  const auto literal = host_port_codec(HostForm::literal);
  EXPECT_EQ(outcome(literal, text_value("[0::0]:1")), "\"[::]:1\"");
  EXPECT_EQ(outcome(literal, text_value("localhost:1")), "\"localhost\" is not an IP address");
}

TEST(OptionType, TakesAnEmptyStringForUnsetOnlyWhereThatIsMeant) {
  const TextForm form{.allowed = "x", .accepts = [](std::string_view t) { return t == "x"; }};
  TextForm optional = form;
  optional.may_be_empty = true;
  EXPECT_EQ(outcome(text_codec(form), text_value("")), "\"\" is not accepted");
  EXPECT_EQ(outcome(text_codec(optional), text_value("")), "\"\"");
  EXPECT_EQ(outcome(text_codec(optional), text_value("y")), "\"y\" is not accepted");
}

TEST(OptionType, SuggestsTheNearestChoice) {
  enum class Colour : std::uint8_t { red, green };
  const auto codec = choice_codec<Colour>(std::array<std::string_view, 2>{"red", "green"});
  EXPECT_EQ(outcome(codec, text_value("green")), "\"green\"");
  Colour colour{};
  const Faults faults = codec.read(text_value("grene"), colour);
  EXPECT_EQ(faults.at(0).refusal.hint, "did you mean \"green\"? allowed: \"red\", \"green\"");
  EXPECT_EQ(codec.read(text_value("x"), colour).at(0).refusal.hint, "allowed: \"red\", \"green\"");
}

TEST(OptionType, FindsEveryWrongItemOfAListAndChangesNothing) {
  const auto codec = list_codec(integer_codec<std::uint16_t>({1, 5}), {0, 4});
  std::vector<std::uint16_t> target = {3};
  EXPECT_EQ(codec.read(list({number(1), number(6), number(0), number(1)}), target).size(), 3U);
  EXPECT_EQ(target, std::vector<std::uint16_t>{3});
  EXPECT_TRUE(codec.read(list({number(2), number(1)}), target).empty());
  EXPECT_EQ(codec.show(target), "[2, 1]");
}

TEST(OptionType, HoldsListsToTheirLength) {
  const auto codec = list_codec(integer_codec<std::uint16_t>({1, 5}), {1, 2});
  EXPECT_EQ(outcome(codec, list({number(1), number(2)})), "[1, 2]");
  EXPECT_EQ(outcome(codec, list({})), "0 values in this list");
  EXPECT_EQ(outcome(codec, list({number(1), number(2), number(3)})), "3 values in this list");
  EXPECT_EQ(outcome(codec, number(1)), "expected a list, found an integer");
}

TEST(OptionType, NeverQuotesASecret) {
  const auto codec = secret_codec();
  EXPECT_EQ(outcome(codec, text_value("hunter2")), "");
  EXPECT_EQ(outcome(codec, number(12345)), "expected a string, found an integer");
  EXPECT_EQ(outcome(codec, text_value("")), "the secret has 0 bytes");
  EXPECT_EQ(outcome(codec, text_value(std::string(4097, 's'))), "the secret has 4097 bytes");
}

}  // namespace
}  // namespace bellhop::config
